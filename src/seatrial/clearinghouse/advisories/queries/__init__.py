"""Every read of advisories: what is published, and what is being written."""

from .published import changes, document, numbered, numbers, parts, published

__all__ = ["changes", "document", "numbered", "numbers", "parts", "published"]
