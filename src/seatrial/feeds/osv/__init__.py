"""OSV's API (osv.dev, version 1): which advisories speak of a version of a package. Matching is the house's own."""

from __future__ import annotations

from .answers import answer, error, forget

__all__ = ["answer", "error", "forget"]
