"""Suites as files in one folder, named by digest. Written beside and renamed into place, mode 0600."""

from __future__ import annotations

import os
from pathlib import Path

from seatrial.kernel.errors import Unavailable


class FolderShelf:
    """See ``ports.Shelf``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, digest: str, data: bytes) -> None:
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            draft = self._path(digest).with_suffix(f".{os.getpid()}")
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self._path(digest))
        except OSError as error:
            raise Unavailable(
                "suite-not-kept", f"The suite cannot be written to {self._folder} ({error.strerror}); free or mend it."
            ) from error

    def get(self, digest: str) -> bytes:
        try:
            return self._path(digest).read_bytes()
        except OSError as error:
            raise Unavailable(
                "suite-file-missing",
                f"The file of suite {digest} cannot be read ({error.strerror}); restore it from a backup.",
            ) from error

    def _path(self, digest: str) -> Path:
        return self._folder / f"{digest.replace(':', '-')}.json"
