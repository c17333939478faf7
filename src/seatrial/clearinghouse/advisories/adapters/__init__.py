"""What advisories use of the outside."""
