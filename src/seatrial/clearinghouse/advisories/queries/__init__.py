"""Every read of advisories: what is published, and what is being written."""

from .cases import advisories_of
from .following import published_since
from .published import changes, document, no_such_advisory, numbered, numbers, parts, published
from .written import advisories, advisory

__all__ = [
    "advisories",
    "advisories_of",
    "advisory",
    "changes",
    "document",
    "no_such_advisory",
    "numbered",
    "numbers",
    "parts",
    "published",
    "published_since",
]
