"""A case file as a ZIP: stored, sorted by name, with one fixed time, so that the same files give the same bytes.

Writing spools each file to a folder of its own first; nothing is kept whole in memory. Reading trusts nothing: what is
compressed, encrypted or not written as this module writes it is said to be a fault.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, BinaryIO

from seatrial.kernel.errors import Misuse
from seatrial.review.casefiles.core.layout import is_path
from seatrial.review.casefiles.types import FileEntry

_PIECE = 1024 * 1024
_TIME = (1980, 1, 1, 0, 0, 0)
_REGULAR = 0o100644 << 16


class ZipCrate:
    """``ports.Crate`` over a folder, until ``close`` writes it as a ZIP."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._names: list[str] = []

    def put(self, path: str, media: str, pieces: Iterable[bytes]) -> FileEntry:
        if not is_path(path) or path in self._names:
            raise RuntimeError(f"{path!r} cannot be a new path in a case file")
        found, size = hashlib.sha256(), 0
        with (self._folder / str(len(self._names))).open("xb") as file:
            for piece in pieces:
                found.update(piece)
                size += len(piece)
                file.write(piece)
        self._names.append(path)
        return FileEntry(path, media, size, found.hexdigest())

    def close(self, to: BinaryIO) -> None:
        """Write the ZIP."""
        places = {name: self._folder / str(number) for number, name in enumerate(self._names)}
        _write(to, ((name, places[name]) for name in sorted(places)))


class ZipOpened:
    """A ZIP that somebody hands in. Raises ``Misuse`` (``not-a-casefile``, ``cannot-read``) if it is none."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._zip = zipfile.ZipFile(path)
        except OSError as error:
            raise Misuse("cannot-read", f"{path} cannot be read ({error.strerror}); name a case file.") from error
        except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
            raise Misuse("not-a-casefile", f"{path} is not a case file: it is no whole ZIP file.") from error

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(info.filename for info in self._zip.infolist())

    def pieces(self, path: str) -> Iterator[bytes]:
        try:
            with self._open(path) as file:
                while piece := file.read(_PIECE):
                    yield piece
        except (zipfile.BadZipFile, OSError, EOFError, ValueError, KeyError, NotImplementedError) as error:
            raise Misuse("casefile-damaged", f"{path[:80]} cannot be read: it was altered.") from error

    def fault(self) -> str | None:
        """Written again from its files, it must come out the same, byte by byte."""
        infos = self._zip.infolist()
        if any(info.compress_type != zipfile.ZIP_STORED or not is_path(info.filename) for info in infos):
            return "The container holds something that Seatrial never writes."
        with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as again:
            crate = ZipCrate(Path(folder))
            try:
                for name in self.names:
                    crate.put(name, "", self.pieces(name))
            except (Misuse, RuntimeError):
                return "The container cannot be read whole."
            crate.close(again)
            again.seek(0)
            with self._path.open("rb") as file:
                if not _same(file, again):
                    return "The container was altered: it is not the one that Seatrial writes around these files."
        return None

    def close(self) -> None:
        self._zip.close()

    def _open(self, path: str) -> IO[bytes]:
        info = self._zip.getinfo(path)
        if info.compress_type != zipfile.ZIP_STORED:
            raise ValueError("compressed")
        return self._zip.open(info)


def _write(to: BinaryIO, files: Iterable[tuple[str, Path]]) -> None:
    with zipfile.ZipFile(to, "w", zipfile.ZIP_STORED) as made:
        for name, place in files:
            info = zipfile.ZipInfo(name, _TIME)
            info.create_system, info.external_attr, info.file_size = 3, _REGULAR, place.stat().st_size
            with made.open(info, "w") as target, place.open("rb") as source:
                shutil.copyfileobj(source, target, _PIECE)


def _same(one: IO[bytes], other: IO[bytes]) -> bool:
    while True:
        first, second = one.read(_PIECE), other.read(_PIECE)
        if first != second:
            return False
        if not first:
            return True
