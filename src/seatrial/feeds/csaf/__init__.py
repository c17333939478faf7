"""A CSAF trusted provider (CSAF 2.0 and 2.1, section 7): documents by marking and year, ROLIE feeds, hashes, signatures."""

from __future__ import annotations

from .answers import answer, error, forget

__all__ = ["answer", "error", "forget"]
