"""The rules of a review, pure: what a case is, what may happen to it, and what follows."""
