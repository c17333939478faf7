"""The rules of parties, pure."""
