"""Folders of weights: read as they were weighed, written so that no half file ever has its name."""

from __future__ import annotations

import hashlib
import io
import json
import os
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import IO, TYPE_CHECKING, BinaryIO, Self

from seatrial.kernel.digests import digest
from seatrial.kernel.errors import Misuse
from seatrial.review.weights.types import Span, WeightsManifest

if TYPE_CHECKING:  # what seals and opens is imported where it is used: most calls need none of it
    from _typeshed import WriteableBuffer

    from seatrial.kernel.recipients import PrivateKey, RecipientKey

NOTES = ".seatrial-transfer"  # in the folder, while a transfer comes into it
_PIECE = 2**20


class Source:
    """A model's files, each as it was when this was made. ``sizes`` are those of the manifest, by path."""

    def __init__(self, folder: Path, sizes: Mapping[str, int]) -> None:
        """Raises ``Misuse`` (``file-changed``, ``cannot-read``)."""
        self._folder = folder if folder.is_dir() else folder.parent
        self._seen = {path: self._look(path) for path in sizes}
        for path, size in sizes.items():
            if self._seen[path][0] != size:
                raise _changed(path)

    def read(self, span: Span) -> BinaryIO:
        """The bytes of one part, open for reading."""
        return io.BufferedReader(_Slice(self._place(span.path).open("rb"), span.offset, span.length), _PIECE)

    def check(self, path: str) -> None:
        """Raises ``Misuse`` (``file-changed``) if the file is not as it was."""
        if self._look(path) != self._seen[path]:
            raise _changed(path)

    def _look(self, path: str) -> tuple[int, int, int]:
        try:
            found = os.lstat(self._place(path))
        except OSError as error:
            raise Misuse("cannot-read", f"{path} cannot be read ({error.strerror}); is this the folder?") from error
        return found.st_size, found.st_mtime_ns, found.st_ino

    def _place(self, path: str) -> Path:
        return self._folder / path


def sealed(source: Source, span: Span, to: IO[bytes], context: Mapping[str, str], keys: Sequence[RecipientKey]) -> None:
    """Write one part, sealed, to ``to``. Raises ``Misuse`` (``file-changed``)."""
    from seatrial.kernel.envelope import seal

    with source.read(span) as part:
        _, length = seal(part, to, context=context, recipients=keys)
    source.check(span.path)
    if length != span.length:
        raise _changed(span.path)


def opened(file: IO[bytes], key: PrivateKey, context: Mapping[str, str]) -> Iterator[memoryview]:
    """The plain text of a sealed part, piece by piece; that it is all of it is known at its end."""
    from seatrial.kernel.envelope import open_stream

    return open_stream(file, key=key, context=context)  # type: ignore[arg-type]


def temporary() -> IO[bytes]:
    """A place without a name for one sealed part."""
    return tempfile.TemporaryFile()


class Destination:
    """A folder into which weights come. Until a file is whole and as pinned it has another name.

    ``written`` are the numbers of the parts that were written before, by this run or an earlier one.
    """

    def __init__(self, folder: Path, transfer: str, manifest: WeightsManifest) -> None:
        """Raises ``Misuse`` (``folder-in-use``, ``cannot-write``, ``weights-altered``)."""
        for file in manifest.files:
            _check_path(file.path)
        self._folder, self._manifest = folder, manifest
        self._lock = threading.Lock()
        self._notes = folder / NOTES
        first = json.dumps({"transfer": transfer, "manifest": manifest.digest})
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self._notes.exists():
                said, *lines = self._notes.read_text(encoding="utf-8").split("\n")
                if said != first:
                    raise _in_use(folder)
                self.written = {int(line) for line in lines[:-1] if line.isdigit()}
            elif any(folder.iterdir()):
                raise _in_use(folder)
            else:
                self.written = set()
                self._notes.write_text(first + "\n", encoding="utf-8")
            self._log = self._notes.open("a", encoding="utf-8")
        except OSError as error:
            raise Misuse("cannot-write", f"{folder} cannot be used ({error.strerror}); name another folder.") from error
        self._log.write("-\n")  # whatever was cut before it counts for nothing

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._log.close()

    def write(self, span: Span, pieces: Iterator[memoryview]) -> None:
        """Put one part in its place; it counts once it is durable there."""
        handle = os.open(self._draft(span.path), os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        try:
            place = span.offset
            for piece in pieces:
                view = piece
                while view:
                    count = os.pwrite(handle, view, place)
                    view, place = view[count:], place + count
            if place != span.offset + span.length:
                raise Misuse("weights-altered", f"Part {span.number} has another length than the manifest says.")
            os.fsync(handle)
        finally:
            os.close(handle)
        with self._lock:
            self.written.add(span.number)
            self._log.write(f"{span.number}\n")
            self._log.flush()

    def finish(self) -> None:
        """Name every file that is as pinned. Raises ``Misuse`` (``weights-altered``) for one that is not."""
        for file in self._manifest.files:
            draft, final = self._draft(file.path), self._final(file.path)
            here = draft if draft.exists() else final  # named by an earlier run
            if _digest(here) != file.digest:
                raise Misuse(
                    "weights-altered",
                    f"{file.path} is not what its digest says; tell the developer, and fetch it anew.",
                )
            here.replace(final)
        self._notes.unlink()

    def _draft(self, path: str) -> Path:
        """Where a file is until it is whole: beside the notes, under a name that no file of a model has."""
        return self._folder / f"{NOTES}-{digest(path.encode()).removeprefix('sha256:')[:32]}"

    def _final(self, path: str) -> Path:
        """Its own place, with the folders above it. Raises ``Misuse`` (``folder-in-use``) where a link stands."""
        folder = self._folder
        for name in PurePosixPath(path).parts[:-1]:
            folder /= name
            if folder.is_symlink():
                raise _in_use(self._folder)
            folder.mkdir(mode=0o700, exist_ok=True)
        return folder / PurePosixPath(path).name


class _Slice(io.RawIOBase):
    """``length`` bytes of a file from ``offset`` on."""

    def __init__(self, file: BinaryIO, offset: int, length: int) -> None:
        file.seek(offset)
        self._file, self._left = file, length

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")[: self._left]
        piece = self._file.read(len(view)) if len(view) else b""
        view[: len(piece)] = piece
        self._left -= len(piece)
        return len(piece)

    def close(self) -> None:
        self._file.close()
        super().close()


def _check_path(path: str) -> None:
    """The instance has checked it too; but it is here that a file would be written."""
    parsed = PurePosixPath(path)
    if (
        not path
        or parsed.is_absolute()
        or ".." in parsed.parts
        or str(parsed) != path
        or "\0" in path
        or path.startswith(NOTES)
    ):
        raise Misuse("weights-altered", f"The manifest names {path[:80]!r}, which does not lie inside a model.")


def _digest(file: Path) -> str:
    try:
        with file.open("rb") as handle:
            return f"sha256:{hashlib.file_digest(handle, 'sha256').hexdigest()}"
    except OSError as error:
        raise Misuse("cannot-read", f"{file} cannot be read ({error.strerror}).") from error


def _in_use(folder: Path) -> Misuse:
    return Misuse("folder-in-use", f"{folder} holds something else; name a folder that is new or empty.")


def _changed(path: str) -> Misuse:
    return Misuse("file-changed", f"{path} is not as it was weighed; cancel this transfer, and offer the files anew.")
