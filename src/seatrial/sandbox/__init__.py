"""Running programs that nobody trusts: one small isolation API over bubblewrap."""
