"""A file as an answer: streamed in pieces, whole or in part, always to be kept and never to be shown by the browser."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import BinaryIO
from urllib.parse import quote

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from seatrial.kernel.ranges import part_of

_PIECE = 64 * 1024


class _Pieces:
    """``length`` bytes of a file from ``start`` on, piece by piece; closing it closes the file."""

    def __init__(self, file: BinaryIO, start: int, length: int) -> None:
        file.seek(start)
        self._file, self._left = file, length

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if piece := self.read():
            return piece
        raise StopIteration

    def read(self) -> bytes:
        """The next piece; empty at the end."""
        piece = self._file.read(min(_PIECE, self._left)) if self._left > 0 else b""
        self._left -= len(piece)
        return piece

    def close(self) -> None:
        self._file.close()


class _FileResponse(StreamingHttpResponse):
    """Django would read a plain iterator whole before it sends it over ASGI; this one is read as it is sent."""

    def __init__(self, pieces: _Pieces, status: int, headers: dict[str, str]) -> None:
        super().__init__(pieces, status=status, headers=headers)
        self._pieces = pieces

    async def __aiter__(self) -> AsyncIterator[bytes]:
        read = sync_to_async(self._pieces.read)
        while piece := await read():
            yield piece


def file_answer(
    request: HttpRequest, file: BinaryIO, *, name: str, media: str, size: int, digest: str
) -> HttpResponseBase:
    """``file`` (which is closed with the answer) under its own name; 206 for a ``Range``, 416 for one behind its end.

    ``name`` may be in any script; ``digest`` is its entity tag, under which ``If-Range`` holds.
    """
    tag = f'"{digest}"'
    asked = request.headers.get("Range") if request.headers.get("If-Range", tag) == tag else None
    part = part_of(asked, size)
    if part is not None and part.length == 0:
        file.close()
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    start, length = (part.start, part.length) if part else (0, size)
    headers = {
        "Content-Type": media,
        "Content-Length": str(length),
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
        "X-Content-Type-Options": "nosniff",
        "Accept-Ranges": "bytes",
        "ETag": tag,
        "Cache-Control": "private, no-store",
    }
    if part:
        headers["Content-Range"] = part.content_range
    return _FileResponse(_Pieces(file, start, length), 206 if part else 200, headers)
