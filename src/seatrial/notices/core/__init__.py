"""The rules of notices: who is told when, what a notice says, how it is signed, where it may be sent."""
