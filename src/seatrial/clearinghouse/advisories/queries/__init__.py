"""Every read of advisories: what is published, and what is being written."""

from .published import changes, document, parts, published

__all__ = ["changes", "document", "parts", "published"]
