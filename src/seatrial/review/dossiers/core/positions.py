"""Where each field stands in a file: line and column of every key and item, for a sentence that names them.

Both scanners run after the real parser has taken the text, so that they may trust its grammar; they keep positions
and no values. What they cannot follow they leave out, and a fault then names the field alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

Path = tuple[str | int, ...]
Positions = Mapping[Path, tuple[int, int]]  # line and column, from 1

DEEPEST = 12  # of nesting; a dossier needs six


class TooDeep(ValueError):
    """A file nests deeper than any dossier; ``line`` says where."""

    def __init__(self, line: int) -> None:
        super().__init__(f"line {line} nests deeper than {DEEPEST} levels")
        self.line = line


class Twice(ValueError):
    """A JSON object holds a key twice."""

    def __init__(self, key: str, line: int) -> None:
        super().__init__(f"line {line}: the key {key!r} stands twice in one object")


class _Scan:
    """A place in a text, and what was found so far."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.found: dict[Path, tuple[int, int]] = {}
        self._line, self._start, self._seen = 1, 0, 0

    def peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def skip(self, pattern: re.Pattern[str]) -> str:
        """Pass over what fits here, possibly nothing."""
        match = pattern.match(self.text, self.at)
        if match is None:
            return ""
        self.at = match.end()
        return match.group()

    def take(self, sign: str) -> bool:
        if self.text.startswith(sign, self.at):
            self.at += len(sign)
            return True
        return False

    def position(self) -> tuple[int, int]:
        """Line and column here; counted onwards from the last one asked for."""
        self._line += self.text.count("\n", self._seen, self.at)
        newest = self.text.rfind("\n", self._seen, self.at)
        self._start = newest + 1 if newest >= 0 else self._start
        self._seen = self.at
        return self._line, self.at - self._start + 1

    def mark(self, path: Path) -> None:
        self.found.setdefault(path, self.position())

    def descend(self, depth: int) -> None:
        if depth > DEEPEST:
            raise TooDeep(self.position()[0])


# JSON -------------------------------------------------------------------------------------------------------------

_SPACE = re.compile(r"[ \t\r\n]*")
_JSON_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
_JSON_WORD = re.compile(r"[^\s,\]}]+")


def of_json(text: str) -> Positions:
    """Positions in valid JSON. Raises ``Twice`` or ``TooDeep``."""
    scan = _Scan(text)
    scan.skip(_SPACE)
    _json_value(scan, (), 0)
    return scan.found


def _json_value(scan: _Scan, path: Path, depth: int) -> None:
    scan.descend(depth)
    if scan.take("{"):
        keys: set[str] = set()
        scan.skip(_SPACE)
        while scan.peek() == '"':
            line = scan.position()
            name = _unescaped(scan.skip(_JSON_STRING)[1:-1])
            if name in keys:
                raise Twice(name, line[0])
            keys.add(name)
            scan.found[(*path, name)] = line
            scan.skip(_SPACE)
            scan.take(":")
            scan.skip(_SPACE)
            _json_value(scan, (*path, name), depth + 1)
            scan.skip(_SPACE)
            scan.take(",")
            scan.skip(_SPACE)
        scan.take("}")
    elif scan.take("["):
        scan.skip(_SPACE)
        place = 0
        while scan.peek() not in ("]", ""):
            scan.mark((*path, place))
            _json_value(scan, (*path, place), depth + 1)
            scan.skip(_SPACE)
            scan.take(",")
            scan.skip(_SPACE)
            place += 1
        scan.take("]")
    elif not scan.skip(_JSON_STRING):
        scan.skip(_JSON_WORD)


_UNICODE = re.compile(r"\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})|\\(.)")
_SHORT = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}


def _unescaped(text: str) -> str:
    def one(match: re.Match[str]) -> str:
        code = match[1] or match[2]
        return chr(int(code, 16)) if code else _SHORT.get(match[3], match[3])

    return _UNICODE.sub(one, text)


# TOML -------------------------------------------------------------------------------------------------------------

_BLANK = re.compile(r"[ \t]*")
_LINES = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_BASIC = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
_LITERAL = re.compile(r"'([^'\n]*)'")
_LONG_BASIC = re.compile(r'"""(?:[^"\\]|\\.|"(?!""))*"""(?:"{0,2})', re.DOTALL)
_LONG_LITERAL = re.compile(r"'''(?:[^']|'(?!''))*'''(?:'{0,2})", re.DOTALL)
_TOML_WORD = re.compile(r"[^,\]}\n#]+")


def of_toml(text: str) -> Positions:
    """Positions in valid TOML. Raises ``TooDeep``."""
    scan = _Scan(text)
    arrays: dict[Path, int] = {}  # of tables: the newest item
    prefix: Path = ()
    while True:
        scan.skip(_LINES)
        if scan.at >= len(scan.text):
            return scan.found
        start = scan.at
        if scan.peek() == "[":
            begun = scan.position()
            double = scan.text.startswith("[[", scan.at)
            scan.at += 2 if double else 1
            names = _names(scan)
            prefix = _resolved(names, arrays, double)
            for end in range(1, len(prefix) + 1):
                scan.found.setdefault(prefix[:end], begun)
            scan.skip(_BLANK)
            scan.take("]]" if double else "]")
        else:
            _pair(scan, prefix, 0)
        if scan.at == start:  # cannot be followed; a valid file never comes here
            return scan.found


def _resolved(names: tuple[str, ...], arrays: dict[Path, int], double: bool) -> Path:
    """The path that a heading means: each array of tables by its newest item."""
    path: Path = ()
    for place, name in enumerate(names):
        path = (*path, name)
        if double and place == len(names) - 1:
            arrays[path] = arrays.get(path, -1) + 1
        if path in arrays:
            path = (*path, arrays[path])
    return path


def _names(scan: _Scan) -> tuple[str, ...]:
    found: list[str] = []
    while True:
        scan.skip(_BLANK)
        if scan.peek() == '"':
            found.append(_unescaped(scan.skip(_BASIC)[1:-1]))
        elif scan.peek() == "'":
            found.append(scan.skip(_LITERAL)[1:-1])
        else:
            found.append(scan.skip(_BARE))
        scan.skip(_BLANK)
        if not scan.take("."):
            return tuple(found)


def _pair(scan: _Scan, prefix: Path, depth: int) -> None:
    scan.skip(_BLANK)
    begun = scan.position()
    path = (*prefix, *_names(scan))
    for end in range(len(prefix) + 1, len(path) + 1):
        scan.found.setdefault(path[:end], begun)
    scan.take("=")
    scan.skip(_BLANK)
    _toml_value(scan, path, depth)


def _toml_value(scan: _Scan, path: Path, depth: int) -> None:
    scan.descend(depth)
    if scan.take("["):
        place = 0
        scan.skip(_LINES)
        while scan.peek() not in ("]", ""):
            scan.mark((*path, place))
            _toml_value(scan, (*path, place), depth + 1)
            scan.skip(_LINES)
            scan.take(",")
            scan.skip(_LINES)
            place += 1
        scan.take("]")
    elif scan.take("{"):
        scan.skip(_LINES)
        while scan.peek() not in ("}", ""):
            start = scan.at
            _pair(scan, path, depth + 1)
            scan.skip(_LINES)
            scan.take(",")
            scan.skip(_LINES)
            if scan.at == start:
                return
        scan.take("}")
    elif not any(scan.skip(string) for string in (_LONG_BASIC, _LONG_LITERAL, _BASIC, _LITERAL)):
        scan.skip(_TOML_WORD)
