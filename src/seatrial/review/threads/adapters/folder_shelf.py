"""Attachments in a folder, each under its digest.

A file comes to be under a draft name, is flushed, and gets its final name by one rename, so that a final name never
stands for half a file. Renaming and sweeping exclude each other by a lock, and a file that is put again is made
young again: what a row is about to refer to is never swept away.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from seatrial.kernel.digests import Digest
from seatrial.kernel.errors import Misuse, Unavailable
from seatrial.kernel.folders import flush

_BATCH = 500
_MIB = 1024 * 1024


class FolderShelf:
    """See ``ports.Shelf``."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._drafts = folder, folder / "incoming"

    def put(self, pieces: Iterable[bytes], *, limit: int, check: Callable[[BinaryIO, int], None]) -> tuple[Digest, int]:
        self._drafts.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = self._drafts / os.urandom(16).hex()
        hashed, size = hashlib.sha256(), 0
        try:
            with os.fdopen(os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as file:
                for piece in pieces:
                    size += len(piece)
                    if size > limit:
                        raise too_large(limit)
                    hashed.update(piece)
                    file.write(piece)
                file.flush()
                check(file, size)
                os.fsync(file.fileno())
            name = hashed.hexdigest()
            self._name(draft, self._place(name))
            return Digest(f"sha256:{name}"), size
        finally:
            draft.unlink(missing_ok=True)

    def open(self, digest: Digest) -> BinaryIO:
        try:
            return self._place(digest.removeprefix("sha256:")).open("rb")
        except OSError as error:
            raise Unavailable(
                "attachment-missing",
                f"The attachment {digest} cannot be read ({error.strerror}); restore the folder {self._folder.name}.",
            ) from error

    def sweep(self, kept: Callable[[Collection[Digest]], Collection[Digest]], *, older_than: datetime) -> int:
        gone, oldest = 0, older_than.timestamp()
        for draft in self._drafts.glob("*"):
            gone += _removed(draft, oldest)
        files = self._folder.glob("??/*")
        while batch := list(islice(files, _BATCH)):
            with self._locked():
                old = {Digest(f"sha256:{path.name}"): path for path in batch if _age(path, oldest)}
                for digest in old.keys() - set(kept(old.keys())):
                    gone += _removed(old[digest], oldest)
        return gone

    def _name(self, draft: Path, final: Path) -> None:
        with self._locked():
            final.parent.mkdir(mode=0o700, exist_ok=True)
            draft.replace(final)  # of the same bytes, should it stand there already; and young again
            flush(final.parent)
        flush(self._folder)

    def _place(self, name: str) -> Path:
        return self._folder / name[:2] / name

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with (self._folder / "lock").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def too_large(limit: int) -> Misuse:
    """The refusal of a file beyond ``limit`` bytes."""
    return Misuse(
        "attachment-too-large", f"A file may have {limit / _MIB:g} MiB at most; split it, or hand it over another way."
    )


def _age(path: Path, oldest: float) -> bool:
    try:
        return path.stat().st_mtime < oldest
    except FileNotFoundError:
        return False


def _removed(path: Path, oldest: float) -> int:
    if not _age(path, oldest):
        return 0
    path.unlink(missing_ok=True)
    return 1
