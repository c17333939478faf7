"""The rules of a transfer. Pure."""
