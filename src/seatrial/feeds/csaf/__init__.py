"""A CSAF trusted provider (section 7 of CSAF 2.0 and 2.1): documents by marking and year, feeds, hashes, signatures."""

from __future__ import annotations

from .answers import answer, error, forget, provider

__all__ = ["answer", "error", "forget", "provider"]
