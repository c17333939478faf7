"""Inventories as operators have them: CycloneDX, SPDX, lists of devices."""

from __future__ import annotations

from .reading import LARGEST, MOST_COMPONENTS, MOST_SYSTEMS, merged, read

__all__ = ["LARGEST", "MOST_COMPONENTS", "MOST_SYSTEMS", "merged", "read"]
