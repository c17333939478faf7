"""The door to oversight: reads only. Nothing here, and nothing that it calls, moves a review."""

from __future__ import annotations

from .core.lexicon import PHRASES
from .queries import LARGEST_SAMPLE, bodies, inspection, reviews, sample

__all__ = ["LARGEST_SAMPLE", "PHRASES", "bodies", "inspection", "reviews", "sample"]
