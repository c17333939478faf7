"""The rules of keys: pure."""
