"""The memo drawn: figures and pages."""
