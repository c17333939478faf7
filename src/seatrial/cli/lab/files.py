"""Files that a command reads and writes: each fault is one sentence that names the file."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any

from seatrial.cli.files import write as write
from seatrial.cli.output import show
from seatrial.kernel.canonical import from_json
from seatrial.kernel.errors import Misuse

MOST_TEXT = 20_000_000  # bytes


def read_bytes(file: Path) -> bytes:
    """Raises ``Misuse`` (``cannot-read``, ``file-too-large``)."""
    try:
        if file.stat().st_size > MOST_TEXT:
            raise Misuse("file-too-large", f"{file} has more than {MOST_TEXT:,} bytes; name another file.")
        return file.read_bytes()
    except OSError as error:
        raise Misuse("cannot-read", f"{file} cannot be read ({error.strerror}); name another file.") from error


def read_text(file: Path) -> str:
    """Raises ``Misuse`` (``cannot-read``)."""
    try:
        return read_bytes(file).decode("utf-8")
    except UnicodeDecodeError as error:
        raise Misuse("cannot-read", f"{file} is not UTF-8 text (byte {error.start}); name another file.") from error


def read_object(file: Path) -> dict[str, Any]:
    """A JSON object. Raises ``Misuse`` (``cannot-read``, ``not-json``)."""
    found = from_json(read_bytes(file), str(file))
    if not isinstance(found, dict):
        raise Misuse("not-json", f"{file} must hold a JSON object.")
    return found


@contextmanager
def opened(files: Sequence[Path]) -> Iterator[list[tuple[str, IO[bytes]]]]:
    """Each file's name and the file, open for reading. Raises ``Misuse`` (``cannot-read``)."""
    with ExitStack() as held:
        found: list[tuple[str, IO[bytes]]] = []
        for file in files:
            try:
                found.append((file.name, held.enter_context(file.open("rb"))))
            except OSError as error:
                raise Misuse("cannot-read", f"{file} cannot be read ({error.strerror}); name another file.") from error
        yield found


@contextmanager
def arriving(file: Path) -> Iterator[IO[bytes]]:
    """Open for writing under another name beside it; it becomes ``file`` once it is whole, and else goes away.

    Raises ``Misuse`` (``cannot-write``).
    """
    part = ""
    try:
        with tempfile.NamedTemporaryFile(dir=file.parent, prefix=f".{file.name}.", delete=False) as into:
            part = into.name
            yield into
        Path(part).replace(file)
        part = ""
    except OSError as error:
        raise Misuse("cannot-write", f"{file} cannot be written ({error.strerror}); name another file.") from error
    finally:
        if part:
            Path(part).unlink(missing_ok=True)


def hand_over(data: bytes, to: Path | None) -> None:
    """Written to ``to``, or printed. Raises ``Misuse`` (``cannot-write``)."""
    if to is None:
        sys.stdout.write(data.decode())
        return
    write(to, data)
    show({"file": str(to)}, lines=[f"Wrote {to}."])


def write_json(file: Path, value: object) -> None:
    """Raises ``Misuse`` (``cannot-write``)."""
    write(file, (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode())
