"""The door to idempotency."""

from __future__ import annotations

from .actions import once
from .core.keys import fingerprint, parse_key, upload_fingerprint

__all__ = ["fingerprint", "once", "parse_key", "upload_fingerprint"]
