"""Reading JSON objects strictly: every field has a name, a form and a size, and what is left over is a fault."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any

from seatrial.kernel.digests import Digest, digest, parse_digest
from seatrial.kernel.errors import Misuse

MOST_TEXT = 32_768  # characters of one text, and of all words of a command line
INLINE = 1024**2  # bytes of one file that stands in a recipe


class Fields:
    """The fields of one JSON object. ``what`` names it in sentences; files in it go to ``attached``."""

    def __init__(self, found: object, what: str, attached: dict[Digest, bytes]) -> None:
        if not isinstance(found, Mapping):
            raise Misuse("bad-recipe", f"{what} must be a JSON object.")
        self._found: Mapping[str, Any] = found
        self._what = what
        self._read: set[str] = set()
        self._attached = attached

    def names(self) -> set[str]:
        """The names that stand in it."""
        return set(self._found)

    def done(self) -> None:
        """Raises ``Misuse`` (``bad-recipe``) where a field was not asked for."""
        for name in self._found:
            if name not in self._read:
                raise Misuse("bad-recipe", f"{self._what} has a field {str(name)[:40]!r} that nothing reads.")

    def fault(self, name: str, said: str) -> Misuse:
        """The error that says so of field ``name``."""
        return Misuse("bad-recipe", f"{self._what}: {name} {said}.")

    def text(
        self, name: str, *, default: str | None = None, least: int = 0, most: int = MOST_TEXT, lines: bool = False
    ) -> str:
        """A text of ``least`` to ``most`` characters that a program can be given."""
        found = self._get(name, default)
        return found if name not in self._found else self._text(name, found, least, most, lines=lines)

    def choice(self, name: str, words: Sequence[str], *, default: str | None = None) -> str:
        """One of ``words``."""
        found = self._get(name, default)
        if found not in words:
            raise self.fault(name, f"must be one of {', '.join(filter(None, words))}")
        return str(found)

    def whole(self, name: str, *, default: int, least: int, most: int) -> int:
        """A whole number."""
        found = self._get(name, default)
        if isinstance(found, bool) or not isinstance(found, int) or not least <= found <= most:
            raise self.fault(name, f"must be a whole number from {least} to {most}")
        return found

    def number(self, name: str, *, default: float, most: float) -> float:
        """A number above nothing."""
        found = self._get(name, default)
        if isinstance(found, bool) or not isinstance(found, int | float) or not 0 < found <= most:
            raise self.fault(name, f"must be a number above 0 and at most {most:g}")
        return float(found)

    def digest(self, name: str) -> Digest:
        """A digest."""
        try:
            return parse_digest(self.text(name, most=100))
        except Misuse as error:
            raise self.fault(name, "must be a digest: sha256: and 64 lower-case hex digits") from error

    def path(self, name: str, *, default: str | None = None, empty: bool = False) -> str:
        """A path in the work folder; ``empty`` says that it may be the folder itself."""
        found = self.text(name, default=default, most=1000)
        return found if name not in self._found or (empty and not found) else self._path(name, found)

    def words(self, name: str, *, most: int) -> tuple[str, ...]:
        """At least one text, the first of which is not empty."""
        found = self._get(name, None)
        if not isinstance(found, Sequence) or isinstance(found, str) or not 1 <= len(found) <= most or not found[0]:
            raise self.fault(name, f"must be a list of 1 to {most} words, the first of which names a program")
        words = tuple(self._text(name, word, 0, MOST_TEXT, lines=True) for word in found)
        if sum(map(len, words)) > MOST_TEXT:
            raise self.fault(name, f"holds more than {MOST_TEXT} characters; attach a file")
        return words

    def mapping(self, name: str, *, most: int) -> dict[str, str]:
        """Texts by name; none where there is none."""
        found = self._get(name, {})
        if not isinstance(found, Mapping) or len(found) > most:
            raise self.fault(name, f"must be an object of at most {most} texts")
        return {
            self._text(name, key, 0, 256, lines=False): self._text(name, value, 0, MOST_TEXT, lines=True)
            for key, value in found.items()
        }

    def fields(self, name: str) -> Fields:
        """An object that must be there."""
        return Fields(self._get(name, None), f"{self._what}'s {name}", self._attached)

    def optional(self, name: str) -> Fields | None:
        """An object that may be there."""
        return self.fields(name) if name in self._found else None

    def several(self, name: str, *, most: int) -> list[Fields]:
        """A list of objects; none where there is none."""
        found = self._get(name, [])
        if not isinstance(found, Sequence) or isinstance(found, str) or len(found) > most:
            raise self.fault(name, f"must be a list of at most {most} objects")
        return [Fields(one, f"{self._what}'s {name}[{place}]", self._attached) for place, one in enumerate(found)]

    def files(self, name: str, *, most: int) -> dict[str, Digest]:
        """Files by path; none where there is none."""
        found = self._get(name, {})
        if not isinstance(found, Mapping) or len(found) > most:
            raise self.fault(name, f"must be an object of at most {most} files")
        return {
            self._path(name, self._text(name, path, 0, 1000, lines=False)): self._file(name, file)
            for path, file in found.items()
        }

    def file(self, name: str) -> Digest | None:
        """A file that may be there."""
        return self._file(name, self._get(name, None)) if name in self._found else None

    def content(self, name: str) -> bytes | None:
        """Bytes that stand here and are not attached."""
        return self._inline(name, self._get(name, None)) if name in self._found else None

    def _get(self, name: str, default: object) -> Any:
        self._read.add(name)
        if name in self._found:
            return self._found[name]
        if default is None:
            raise self.fault(name, "is missing")
        return default

    def _text(self, name: str, found: object, least: int, most: int, *, lines: bool) -> str:
        if not isinstance(found, str):
            raise self.fault(name, "must be text")
        if not least <= len(found) <= most:
            raise self.fault(name, f"must have {least} to {most} characters, not {len(found)}")
        if any(char == "\0" or "\ud800" <= char <= "\udfff" for char in found):
            raise self.fault(name, "holds a character that no program can be given")
        if not lines and any(char < " " or char == "\x7f" for char in found):
            raise self.fault(name, "holds a control character")
        return found

    def _path(self, name: str, found: str) -> str:
        if (said := path_fault(found)) is not None:
            raise self.fault(name, said)
        return found

    def _file(self, name: str, found: object) -> Digest:
        if isinstance(found, str):
            try:
                return parse_digest(found)
            except Misuse as error:
                raise self.fault(name, f"names a file by {found[:40]!r}, which is no digest") from error
        data = self._inline(name, found)
        named = digest(data)
        self._attached[named] = data
        return named

    def _inline(self, name: str, found: object) -> bytes:
        data = bytes_of(found)
        if data is None:
            raise self.fault(name, 'holds a file that is neither a digest nor {"text": …} nor {"base64": …}')
        if len(data) > INLINE:
            raise self.fault(name, f"holds a file of {len(data):,} bytes; attach those above {INLINE:,}")
        return data


def bytes_of(found: object) -> bytes | None:
    """What ``{"text": …}`` or ``{"base64": …}`` holds; None for anything else."""
    if not isinstance(found, Mapping) or len(found) != 1:
        return None
    [(form, said)] = found.items()
    if not isinstance(said, str):
        return None
    try:
        if form == "text":
            return said.encode()
        return base64.b64decode(said, validate=True) if form == "base64" else None
    except (UnicodeEncodeError, binascii.Error, ValueError):
        return None


def base64_of(data: bytes) -> str:
    """``data`` as ``{"base64": …}`` holds it."""
    return base64.b64encode(data).decode("ascii")


def path_fault(path: str) -> str | None:
    """What is wrong with ``path`` as one of a file in a work folder; None if nothing is."""
    parts = path.split("/")
    if path.startswith("/"):
        return f"holds the absolute path {path[:80]!r}; write it from the work folder on"
    if ".." in parts:
        return f"holds a path that leads out of the work folder ({path[:80]!r})"
    if not path or "" in parts or "." in parts:
        return f"holds the path {path[:80]!r}; write the plain name, e.g. input/crash.bin"
    if "\\" in path or any(char < " " or char == "\x7f" or "\ud800" <= char <= "\udfff" for char in path):
        return f"holds a path with a character that is not used here ({path[:80]!r})"
    if any(len(part.encode()) > 255 for part in parts) or len(path.encode()) > 1000 or len(parts) > 40:
        return f"holds a path that is too long ({path[:80]!r}…)"
    return None
