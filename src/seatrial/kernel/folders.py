"""Folders whose names outlast a loss of power: a file that was flushed is still lost with a name that was not."""

from __future__ import annotations

import os
from pathlib import Path


def flush(folder: Path) -> None:
    """The names in ``folder`` are durable when this returns. Raises ``OSError``."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def make_lasting(folder: Path, *, under: Path) -> None:
    """``folder`` is there, and its name and those of the folders that lead to it, from ``under`` on, are durable.

    That one is there already does not say so: another process may have made it a moment ago. What is made below
    ``under`` is its owner's alone (0700). Raises ``OSError``.
    """
    under.mkdir(parents=True, exist_ok=True)
    below = [*reversed([one for one in folder.parents if one.is_relative_to(under) and one != under]), folder]
    for made in below:
        made.mkdir(mode=0o700, exist_ok=True)
    for made in (under, *below):
        flush(made.parent)
