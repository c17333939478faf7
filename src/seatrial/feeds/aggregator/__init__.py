"""A CSAF aggregator (section 7.2.5 of CSAF 2.1): who is listed here, and what is mirrored of whom."""

from __future__ import annotations

from .answers import answer, forget

__all__ = ["answer", "forget"]
