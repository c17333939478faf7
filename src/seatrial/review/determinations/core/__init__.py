"""The rules of determinations, pure."""
