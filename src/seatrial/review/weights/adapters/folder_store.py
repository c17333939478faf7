"""Sealed parts in a folder for each transfer. A part gets its name by one rename, once it is whole and flushed."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from seatrial.kernel.digests import Digest
from seatrial.kernel.errors import Misuse, Unavailable
from seatrial.kernel.folders import flush, make_lasting

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class FolderStore:
    """See ``ports.Store``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, transfer: str, number: int, digest: Digest, pieces: Iterable[bytes], *, limit: int) -> int:
        home = self._folder / transfer
        hashed, size = hashlib.sha256(), 0
        draft = home / f"{number}.{os.urandom(8).hex()}.draft"
        try:
            make_lasting(home, under=self._folder.parent)
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                for piece in pieces:
                    size += len(piece)
                    if size > limit:
                        raise Misuse("part-too-large", f"A sealed part of this transfer has {limit:,} bytes at most.")
                    hashed.update(piece)
                    file.write(piece)
                if f"sha256:{hashed.hexdigest()}" != digest:
                    raise Misuse(
                        "part-damaged", f"Part {number} came to other bytes than were announced; send it again."
                    )
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self._place(transfer, number, digest))
            flush(home)
        except OSError as error:
            if error.errno in _FULL:
                raise Unavailable(
                    "store-full", "There is no room left for this part; tell the operator, and send it again."
                ) from error
            raise
        finally:
            draft.unlink(missing_ok=True)
        return size

    def open(self, transfer: str, number: int, digest: Digest) -> BinaryIO:
        try:
            return self._place(transfer, number, digest).open("rb")
        except OSError as error:
            raise Unavailable(
                "part-missing", f"Part {number} of {transfer} cannot be read ({error.strerror}); tell the operator."
            ) from error

    def remove(self, transfer: str) -> None:
        home = self._folder / transfer
        if home.exists():
            shutil.rmtree(home)
            flush(self._folder)

    def _place(self, transfer: str, number: int, digest: Digest) -> Path:
        """Two that send one part at once each keep their own; the record says which one counts."""
        return self._folder / transfer / f"{number}.{digest.removeprefix('sha256:')[:32]}"
