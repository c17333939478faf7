"""The rules of access, pure: what one call may do, and what it is charged to."""
