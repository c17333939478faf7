"""Whether a file is what its name says: a small table of types, each known by its first bytes or its text.

Files are read in pieces from an open handle, never whole.
"""

from __future__ import annotations

import codecs
import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from seatrial.kernel.errors import Misuse

from .archives import check_archive
from .filenames import extension

PIECE = 64 * 1024  # bytes read at once
_READ_WHOLE = 1024 * 1024  # JSON and TOML up to this many bytes are parsed as well

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Kind:
    """What a type is called, how it is served, and what a file of that type fulfils (raises ``_Unfit`` if not)."""

    word: str
    media: str
    fits: Callable[[BinaryIO, int], None]


class _Unfit(Exception):
    """A file is not of its type; the text ends "… but"."""


def check(name: str, file: BinaryIO, size: int) -> Kind:
    """The kind of ``file`` as its name says. ``file`` is at any place and is left at any place.

    Raises ``Misuse``: ``attachment-empty``, ``attachment-type`` (unknown, or not what it says, with what it looks
    like), ``attachment-archive`` (see ``archives``).
    """
    if size == 0:
        raise Misuse("attachment-empty", f"{name!r} has no bytes at all; attach the file itself.")
    kind = KINDS.get(extension(name))
    if kind is None:
        raise Misuse(
            "attachment-type",
            f"{name!r} is of no type that can be attached here; these can: {', '.join(KINDS)}.",
        )
    file.seek(0)
    try:
        kind.fits(file, size)
    except _Unfit as unfit:
        file.seek(0)
        raise Misuse(
            "attachment-type",
            f"{name!r} says that it is {kind.word}, but {unfit}; it looks like {looks_like(file.read(PIECE))}.",
        ) from None
    return kind


def looks_like(head: bytes) -> str:
    """What a file seems to be by its first bytes, for a sentence."""
    for start, word in _LOOKS:
        if head.startswith(start):
            return word
    if re.match(rb"\s*(<!doctype html|<html)", head, re.IGNORECASE):
        return "a web page"
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return "data of a kind unknown here"
    return "data of a kind unknown here" if _CONTROLS.search(text) else "plain text"


def _starts_with(start: bytes) -> Callable[[BinaryIO, int], None]:
    def fits(file: BinaryIO, size: int) -> None:
        if file.read(len(start)) != start:
            raise _Unfit("it does not begin as one does")

    return fits


def _text(file: BinaryIO, size: int) -> None:
    for _ in _pieces(file):
        pass


def _json(file: BinaryIO, size: int) -> None:
    _structured(file, size, json.loads, "JSON")


def _notebook(file: BinaryIO, size: int) -> None:
    _json(file, size)
    file.seek(0)
    before = ""
    for piece in _pieces(file):
        if '"nbformat"' in before + piece:
            return
        before = piece[-16:]
    raise _Unfit("it names no notebook format")


def _toml(file: BinaryIO, size: int) -> None:
    _structured(file, size, tomllib.loads, "TOML")


def _structured(file: BinaryIO, size: int, parse: Callable[[str], object], word: str) -> None:
    """Text that parses; beyond the size that is parsed, text."""
    if size > _READ_WHOLE:
        return _text(file, size)
    whole = "".join(_pieces(file)).removeprefix("\ufeff")
    try:
        parse(whole)
    except (ValueError, RecursionError) as error:
        raise _Unfit(f"it is not valid {word} ({str(error)[:120] or 'too deeply nested'})") from None
    return None


def _pieces(file: BinaryIO) -> Iterator[str]:
    """The text of a file, piece by piece. Raises ``_Unfit`` unless it is UTF-8 without control characters."""
    decoder, line = codecs.getincrementaldecoder("utf-8")(), 1
    while True:
        read = file.read(PIECE)
        try:
            text = decoder.decode(read, final=not read)
        except UnicodeDecodeError:
            raise _Unfit(f"it is not UTF-8 text (from line {line} on)") from None
        if (found := _CONTROLS.search(text)) is not None:
            line += text.count("\n", 0, found.start())
            raise _Unfit(f"it holds a control character in line {line}")
        line += text.count("\n")
        yield text
        if not read:
            return


def _archive(file: BinaryIO, size: int) -> None:
    if file.read(4) not in (b"PK\x03\x04", b"PK\x05\x06"):
        raise _Unfit("it does not begin as one does")
    check_archive(file, size)


def _office(folder: str) -> Callable[[BinaryIO, int], None]:
    def fits(file: BinaryIO, size: int) -> None:
        if file.read(4) != b"PK\x03\x04":
            raise _Unfit("it does not begin as one does")
        names = check_archive(file, size)
        if "[Content_Types].xml" not in names or not any(name.startswith(f"{folder}/") for name in names):
            raise _Unfit(f"it holds no {folder}/ document")

    return fits


_JPEG = Kind("a JPEG image", "image/jpeg", _starts_with(b"\xff\xd8\xff"))
_OFFICE = "application/vnd.openxmlformats-officedocument"

# By extension: what it is called, how it is served, what it must fulfil.
KINDS: Mapping[str, Kind] = {
    "pdf": Kind("a PDF document", "application/pdf", _starts_with(b"%PDF-")),
    "png": Kind("a PNG image", "image/png", _starts_with(b"\x89PNG\r\n\x1a\n")),
    "jpg": _JPEG,
    "jpeg": _JPEG,
    "csv": Kind("a CSV table", "text/csv; charset=utf-8", _text),
    "txt": Kind("plain text", "text/plain; charset=utf-8", _text),
    "md": Kind("Markdown text", "text/markdown; charset=utf-8", _text),
    "json": Kind("JSON", "application/json", _json),
    "toml": Kind("TOML", "application/toml", _toml),
    "ipynb": Kind("a notebook", "application/x-ipynb+json", _notebook),
    "zip": Kind("a ZIP archive", "application/zip", _archive),
    "docx": Kind("a Word document", f"{_OFFICE}.wordprocessingml.document", _office("word")),
    "xlsx": Kind("an Excel workbook", f"{_OFFICE}.spreadsheetml.sheet", _office("xl")),
}

_LOOKS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "a PDF document"),
    (b"\x89PNG\r\n\x1a\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"\x1f\x8b", "a gzip file"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"\xfd7zXZ", "an xz file"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard file"),
    (b"\x7fELF", "a program for Linux"),
    (b"MZ", "a program for Windows"),
    (b"\xcf\xfa\xed\xfe", "a program for macOS"),
    (b"SQLite format 3", "a database"),
    (b"{\\rtf", "an RTF document"),
    (b"\xd0\xcf\x11\xe0", "an old Office document"),
)
