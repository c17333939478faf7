"""The rules of the intake, pure."""
