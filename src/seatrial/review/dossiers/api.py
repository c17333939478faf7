"""The door to dossiers."""

from __future__ import annotations

from .actions import compose, share
from .core.outline import OUTLINE, from_toml
from .queries import dossier

__all__ = ["OUTLINE", "compose", "dossier", "from_toml", "share"]
