"""ZIP archives that would do harm when opened are refused: by their directory, then by a bounded look inside.

Nothing is ever unpacked to disk. The directory is measured before it is parsed; then every entry is inflated in
pieces that are counted and let go. An archive inside an archive is looked into once, in memory and only if it is
small; one inside that is refused.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from dataclasses import dataclass
from typing import BinaryIO

from seatrial.kernel.errors import Misuse

MOST_ENTRIES = 10_000
MOST_EXPANDED = 1024**3  # bytes, of everything inside together
MOST_RATIO = 100  # expanded to packed, of an entry and of the whole
LARGEST_INNER = 16 * 1024**2  # bytes of an archive inside the archive, which is held in memory
SMALL = 1024**2  # whatever expands to no more than this harms nobody
_PIECE = 64 * 1024
_END, _END_SIZE, _LONGEST_COMMENT = b"PK\x05\x06", 22, 65_535
_LOCATOR, _LOCATOR_SIZE = b"PK\x06\x07", 20
_LONGEST_DIRECTORY = 4 * 1024**2  # 10,000 entries of 400 bytes; no honest archive of so few needs more
_STARTS = (b"PK\x03\x04", b"PK\x05\x06")


@dataclass(slots=True)
class _Seen:
    """What was found so far, in the archive and in those inside it."""

    entries: int = 0
    expanded: int = 0


def check_archive(file: BinaryIO, size: int) -> tuple[str, ...]:
    """The names of its entries. Raises ``Misuse`` (``attachment-archive``) with the reason."""
    return _checked(file, size, _Seen(), inner=False)


def _checked(file: BinaryIO, size: int, seen: _Seen, *, inner: bool) -> tuple[str, ...]:
    _measure_directory(file, size)
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            _check_directory(entries, size, seen)
            for entry in entries:
                _look_inside(archive, entry, size, seen, inner=inner)
            return tuple(entry.filename for entry in entries)
    except (zipfile.BadZipFile, zlib.error, EOFError, struct.error, ValueError, NotImplementedError, OSError):
        raise _refusal("it is damaged; pack it again") from None


def _measure_directory(file: BinaryIO, size: int) -> None:
    """Before anything is parsed: the end record, what it says of the directory, and no second one that says more."""
    tail_size = min(size, _END_SIZE + _LONGEST_COMMENT + _LOCATOR_SIZE)
    file.seek(size - tail_size)
    tail = file.read(tail_size)
    place = tail.rfind(_END)
    if place < 0 or len(tail) - place < _END_SIZE:
        raise _refusal("it has no directory; pack it again")
    if place >= _LOCATOR_SIZE and tail[place - _LOCATOR_SIZE :].startswith(_LOCATOR):
        raise _refusal("it is in the form for archives of more than 4 GiB; pack it again without that")
    entries, directory = struct.unpack("<HI", tail[place + 10 : place + 16])
    if entries > MOST_ENTRIES:
        raise _refusal(f"it holds {entries:,} files, and {MOST_ENTRIES:,} is the most")
    if directory > _LONGEST_DIRECTORY:
        raise _refusal("its directory is too large to be one")


def _check_directory(entries: list[zipfile.ZipInfo], size: int, seen: _Seen) -> None:
    seen.entries += len(entries)
    if seen.entries > MOST_ENTRIES:
        raise _refusal(
            f"it holds {seen.entries:,} files, those of inner archives too, and {MOST_ENTRIES:,} is the most"
        )
    declared = sum(entry.file_size for entry in entries)
    _check_growth(declared, size, seen.expanded + declared)
    for entry in entries:
        if entry.flag_bits & 0x1:
            raise _refusal("it is encrypted, so that nobody here can look inside; the channel is protected already")
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise _refusal("it is packed in an unusual way; pack it with the ordinary method (deflate)")
        _check_growth(entry.file_size, entry.compress_size, seen.expanded + entry.file_size)


def _check_growth(expanded: int, packed: int, whole: int) -> None:
    if whole > MOST_EXPANDED:
        raise _refusal("unpacked it would come to more than 1 GiB")
    if expanded > SMALL and expanded > MOST_RATIO * max(packed, 1):
        raise _refusal(f"unpacked it would grow to more than {MOST_RATIO} times its size")


def _look_inside(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, size: int, seen: _Seen, *, inner: bool) -> None:
    """Inflate an entry in pieces. What it really comes to counts, whatever the directory says."""
    with archive.open(entry) as stream:
        head = stream.read(len(_STARTS[0]))
        nested = head in _STARTS
        if nested and inner:
            raise _refusal("it holds an archive in an archive in an archive; attach them side by side")
        if nested and entry.file_size > LARGEST_INNER:
            raise _refusal(f"it holds an archive of more than {LARGEST_INNER // 1024**2} MiB; attach that by itself")
        kept, counted = io.BytesIO(), 0
        piece = head
        while piece:
            counted += len(piece)
            seen.expanded += len(piece)
            _check_growth(counted, entry.compress_size, seen.expanded)
            if nested:
                kept.write(piece)
            piece = stream.read(_PIECE)
    if nested:
        _checked(kept, counted, seen, inner=True)


def _refusal(why: str) -> Misuse:
    return Misuse("attachment-archive", f"This archive is not taken: {why}.")
