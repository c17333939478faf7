"""The door to advisories: what is published, in every form."""

from __future__ import annotations

from .adapters.proofreading import grammar, spelling
from .core.csaf import Aids, Extension, Finding, Group, Report, Unreadable, parse, validate, written
from .queries import advisories_of, changes, document, numbered, numbers, parts, published, published_since

__all__ = [
    "Aids",
    "Extension",
    "Finding",
    "Group",
    "Report",
    "Unreadable",
    "advisories_of",
    "changes",
    "document",
    "grammar",
    "numbered",
    "numbers",
    "parse",
    "parts",
    "published",
    "published_since",
    "spelling",
    "validate",
    "written",
]
