"""What Inspect finds of ours by its entry-point group ``inspect_ai``: the sandbox provider ``seatrial``."""

from __future__ import annotations

from .bubblewrap_sandbox import BubblewrapSandbox

__all__ = ["BubblewrapSandbox"]
