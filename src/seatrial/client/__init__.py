"""The typed client of the HTTP API: what a lab's pipeline imports. Knows no Django."""
