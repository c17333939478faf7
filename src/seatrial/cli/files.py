"""Files that a command names: read whole, written whole, and one sentence when that cannot be."""

from __future__ import annotations

from pathlib import Path

from seatrial.kernel.errors import Misuse


def read_text(file: Path) -> str:
    """The text of ``file``. Raises ``Misuse`` (``cannot-read``)."""
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise Misuse("cannot-read", f"{file} cannot be read ({error.strerror}); name another file.") from error
    except UnicodeDecodeError as error:
        raise Misuse("cannot-read", f"{file} is not text in UTF-8 (byte {error.start}); name another file.") from error


def read(file: Path) -> bytes:
    """The bytes of ``file``. Raises ``Misuse`` (``cannot-read``)."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise Misuse("cannot-read", f"{file} cannot be read ({error.strerror}); name another file.") from error


def write(file: Path, data: bytes) -> None:
    """Raises ``Misuse`` (``cannot-write``)."""
    try:
        file.write_bytes(data)
    except OSError as error:
        raise Misuse("cannot-write", f"{file} cannot be written ({error.strerror}); name another file.") from error
