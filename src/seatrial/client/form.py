"""A form with files (multipart/form-data) as one readable body: never whole in memory, the same bytes each time.

Its boundary is the digest of what it holds. So no content can end a part early, and a step that runs again sends the
very same request.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping, Sequence
from typing import IO, TYPE_CHECKING
from urllib.parse import quote

from seatrial.kernel.digests import digest, digest_of

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

Piece = bytes | IO[bytes]


def form(fields: Mapping[str, str], field: str, files: Sequence[tuple[str, IO[bytes]]]) -> tuple[IO[bytes], str]:
    """The body and its content type: ``fields`` by name, and under the name ``field`` each file as (name, file).

    A file must be open for reading from any place; it is sent from its start.
    """
    said = {name: value.encode(errors="replace") for name, value in fields.items()}
    named = [(quote(name, safe="", errors="replace"), file) for name, file in files]
    held = [{name: digest(value) for name, value in said.items()}, field, [[n, _digest(file)] for n, file in named]]
    boundary = digest_of(held).rpartition(":")[2]
    pieces: list[Piece] = []
    for name, value in said.items():
        pieces.append(_head(boundary, f'name="{name}"') + value + b"\r\n")
    for name, file in named:
        head = _head(boundary, f"name=\"{field}\"; filename*=UTF-8''{name}", "application/octet-stream")
        pieces += [head, file, b"\r\n"]
    pieces.append(f"--{boundary}--\r\n".encode())
    return io.BufferedReader(_Joined(pieces), 1 << 16), f"multipart/form-data; boundary={boundary}"


class _Joined(io.RawIOBase):
    """Pieces read one after the other."""

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self._pieces = [(piece, _size(piece)) for piece in pieces]
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        size = sum(size for _, size in self._pieces)
        self._at = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: size}[whence] + offset
        return self._at

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Reads at most to the end of a piece; 0 at the end of all."""
        room = memoryview(buffer)
        begin = 0
        for piece, size in self._pieces:
            if self._at < begin + size:
                found = _part(piece, self._at - begin, min(len(room), begin + size - self._at))
                room[: len(found)] = found
                self._at += len(found)
                return len(found)
            begin += size
        return 0


def _head(boundary: str, disposition: str, media: str = "") -> bytes:
    kind = f"Content-Type: {media}\r\n" if media else ""
    return f"--{boundary}\r\nContent-Disposition: form-data; {disposition}\r\n{kind}\r\n".encode()


def _part(piece: Piece, start: int, length: int) -> bytes:
    if isinstance(piece, bytes):
        return piece[start : start + length]
    piece.seek(start)
    return piece.read(length)


def _size(piece: Piece) -> int:
    return len(piece) if isinstance(piece, bytes) else piece.seek(0, io.SEEK_END)


def _digest(file: IO[bytes]) -> str:
    file.seek(0)
    return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
