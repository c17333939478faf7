"""TAXII 2.1 (OASIS, 2021): discovery, one API root, a collection for each shelf that the asker may go to."""

from __future__ import annotations

from .answers import answer, forget

__all__ = ["answer", "forget"]
