"""The rules of remediation, pure."""
