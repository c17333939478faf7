"""The door to conversations on a case."""

from __future__ import annotations

from .actions import answer, ask, open_thread, post, take_back
from .queries import thread, threads

__all__ = ["answer", "ask", "open_thread", "post", "take_back", "thread", "threads"]
