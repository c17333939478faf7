"""Secrets in files of their own: made once, mode 0600, durable before they are used."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from .folders import flush


def kept(path: Path, make: Callable[[], bytes]) -> bytes:
    """The secret in ``path``, made by ``make`` at first use.

    Processes that start at once end with the same one: the file comes to be whole, by a link, or not at
    all. Raises ``OSError`` if the folder cannot be used.
    """
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
        try:
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(make())
                file.flush()
                os.fsync(file.fileno())
            os.link(draft, path)
        except FileExistsError:
            pass  # another process was first, and its secret stands
        finally:
            draft.unlink(missing_ok=True)
        flush(path.parent)
    return path.read_bytes()
