"""The rules of advisories: what one must say, when it may be published, and how each form is written. Pure."""
