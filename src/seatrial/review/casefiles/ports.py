"""What a case file is put into."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from .types import FileEntry

Progress = Callable[[int, int], None]  # what is done, and of how much


class Crate(Protocol):
    """Takes files one after the other, whatever their size, and never keeps one whole in memory."""

    def put(self, path: str, media: str, pieces: Iterable[bytes]) -> FileEntry:
        """Keep a file. ``path`` is new, of ``core.layout.is_path``'s form."""
