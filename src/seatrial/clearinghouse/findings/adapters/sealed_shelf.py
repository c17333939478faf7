"""Files of reports in a folder, each under the digest of its bytes and sealed for the instance's own key.

A file comes to be under a draft name, is flushed, and gets its final name by one rename, so that a final name never
stands for half a file. Whoever puts files holds the shelf together with others until their rows stand; whoever removes
holds it alone, asks the rows, and only then unlinks. What a crash leaves between the two is swept once it is old.
"""

from __future__ import annotations

import fcntl
import hashlib
import io
import os
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, cast

from seatrial.kernel.digests import Digest
from seatrial.kernel.envelope import CHUNK, Sealing
from seatrial.kernel.envelope import SealedFile as Sealed
from seatrial.kernel.errors import Misuse, Unavailable
from seatrial.kernel.folders import flush
from seatrial.kernel.recipients import PrivateKey

CONTEXT = {"what": "attachment of a report"}
_BATCH = 500
_MIB = 1024 * 1024


class SealedShelf:
    """See ``ports.Shelf``. ``key`` is asked for when it is first needed."""

    def __init__(self, folder: Path, key: Callable[[], PrivateKey]) -> None:
        self._folder, self._drafts, self._key = folder, folder / "incoming", key

    def put(self, pieces: Iterable[bytes], *, limit: int) -> tuple[Digest, int]:
        self._drafts.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = self._drafts / os.urandom(16).hex()
        hashed, size = hashlib.sha256(), 0
        try:
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                sealing = Sealing(file, context=CONTEXT, recipients=[self._key().public])
                for piece in pieces:
                    size += len(piece)
                    if size > limit:
                        raise too_large(limit)
                    hashed.update(piece)
                    sealing.add(piece)
                sealing.end()
                file.flush()
                os.fsync(file.fileno())
            final = self._place(hashed.hexdigest())
            final.parent.mkdir(mode=0o700, exist_ok=True)
            draft.replace(final)  # of the same bytes, should it stand there already; and young again
            flush(final.parent)
            flush(self._folder)
            return Digest(f"sha256:{hashed.hexdigest()}"), size
        finally:
            draft.unlink(missing_ok=True)

    def open(self, digest: Digest) -> BinaryIO:
        try:
            file = self._place(digest.removeprefix("sha256:")).open("rb")
        except OSError as error:
            raise Unavailable(
                "attachment-missing",
                f"The attachment {digest} cannot be read ({error.strerror}); restore the folder {self._folder.name}.",
            ) from error
        try:
            return cast(BinaryIO, io.BufferedReader(_Opened(file, self._key()), CHUNK))
        except BaseException:
            file.close()
            raise

    @contextmanager
    def held(self) -> Iterator[None]:
        with self._locked(fcntl.LOCK_SH):
            yield

    def remove(self, digests: Collection[Digest], kept: Callable[[Collection[Digest]], Collection[Digest]]) -> int:
        if not digests:
            return 0
        with self._locked(fcntl.LOCK_EX):
            gone = [digest for digest in set(digests) - set(kept(digests)) if self._place_of(digest).exists()]
            for digest in gone:
                self._place_of(digest).unlink(missing_ok=True)
        return len(gone)

    def sweep(self, kept: Callable[[Collection[Digest]], Collection[Digest]], *, older_than: datetime) -> int:
        gone, oldest = 0, older_than.timestamp()
        for draft in self._drafts.glob("*"):
            gone += _removed(draft, oldest)
        files = self._folder.glob("??/*")
        while batch := list(islice(files, _BATCH)):
            with self._locked(fcntl.LOCK_EX):
                old = {Digest(f"sha256:{path.name}"): path for path in batch if _is_old(path, oldest)}
                for digest in old.keys() - set(kept(old.keys())):
                    gone += _removed(old[digest], oldest)
        return gone

    def _place_of(self, digest: Digest) -> Path:
        return self._place(digest.removeprefix("sha256:"))

    def _place(self, name: str) -> Path:
        return self._folder / name[:2] / name

    @contextmanager
    def _locked(self, how: int) -> Iterator[None]:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self._folder / "lock").open("ab") as lock:
            fcntl.flock(lock, how)
            yield


class _Opened(io.RawIOBase):
    """The bytes in a sealed file, chunk by chunk; each was checked before any of it is given out."""

    def __init__(self, file: BinaryIO, key: PrivateKey) -> None:
        self._file, self._at, self._number, self._chunk = file, 0, -1, b""
        self._sealed = Sealed(file, key=key, context=CONTEXT)

    def readinto(self, buffer: Any) -> int:
        if self._at >= self._sealed.size:
            return 0
        number, offset = divmod(self._at, CHUNK)
        if number != self._number:
            self._number, self._chunk = number, self._sealed.chunk(number)
        piece = self._chunk[offset : offset + len(buffer)]
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._sealed.size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def close(self) -> None:
        self._file.close()
        super().close()


def too_large(limit: int) -> Misuse:
    """The refusal of a file beyond ``limit`` bytes."""
    return Misuse(
        "attachment-too-large", f"A file may have {limit / _MIB:g} MiB at most; split it, or hand it over another way."
    )


def _is_old(path: Path, oldest: float) -> bool:
    try:
        return path.stat().st_mtime < oldest
    except FileNotFoundError:
        return False


def _removed(path: Path, oldest: float) -> int:
    if not _is_old(path, oldest):
        return 0
    path.unlink(missing_ok=True)
    return 1
