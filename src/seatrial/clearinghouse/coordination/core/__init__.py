"""The rules of coordination. Pure."""
