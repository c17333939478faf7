"""The door to advisories: what is published, in every form."""

from __future__ import annotations

from .queries import changes, document, parts, published

__all__ = ["changes", "document", "parts", "published"]
