"""The door to dossiers."""

from __future__ import annotations

from .actions import compose, share
from .core.outline import OUTLINE, blank, from_toml
from .queries import dossier

__all__ = ["OUTLINE", "blank", "compose", "dossier", "from_toml", "share"]
