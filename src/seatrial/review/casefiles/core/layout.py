"""How a case file is laid out: the form of its paths, its tables, its manifest."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from seatrial.kernel.canonical import from_json, plain
from seatrial.kernel.errors import Misuse
from seatrial.kernel.text import harmless
from seatrial.review.casefiles.types import FORMAT, MANIFEST, RECEIPT, FileEntry, Withheld

JSON, LINES, CSV, HTML = "application/json", "application/jsonl", "text/csv; charset=utf-8", "text/html; charset=utf-8"

_PATH = re.compile(r"(?:[a-z0-9][a-z0-9-]{0,30}/){0,2}[A-Za-z0-9][A-Za-z0-9._-]{0,90}")
_EXTENSION = re.compile(r"\.[a-z0-9]{1,8}")
_ENTRY = {"path": str, "media": str, "bytes": int, "sha256": str}
_MANIFEST = {"format": str, "review": str, "at": str, "origin": str, "for": str, "files": list, "withheld": list}


def is_path(text: str) -> bool:
    """True for what may be a path inside: letters every system keeps, no way out of a folder."""
    return bool(_PATH.fullmatch(text)) and ".." not in text


def named_after(identifier: str, name: str) -> str:
    """A file's name inside, from its id and the extension of the name that its owner gave it."""
    _, dot, extension = name.rpartition(".")
    kept = f".{extension.lower()}" if dot else ""
    return identifier + (kept if _EXTENSION.fullmatch(kept) else "")


def moment(at: datetime) -> str:
    """A moment for people, in UTC to the second; the data beside it has all of it."""
    return f"{at:%-d %b %Y, %H:%M:%S} UTC"


def as_json(value: object) -> bytes:
    """JSON for people and programs: indented, every script as it is, always the same bytes for the same value."""
    return (json.dumps(plain(value), ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def from_canonical(text: str) -> object:
    """A signed statement's text as values."""
    return from_json(text, "A signed statement")


def as_line(value: object) -> bytes:
    """One line of a file of many."""
    return (json.dumps(plain(value), ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n").encode()


def as_table(rows: Iterable[Sequence[object]]) -> bytes:
    """Rows as CSV in which no cell is a formula."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\r\n")
    for row in rows:
        table.writerow(["" if cell is None else harmless(str(plain(cell))) for cell in row])
    return text.getvalue().encode()


def manifest(
    *, review: str, at: datetime, origin: str, reader: str, files: Sequence[FileEntry], withheld: Sequence[Withheld]
) -> bytes:
    """What the whole file holds, by digest. ``reader`` is the organisation for whose eyes it was made."""
    return as_json(
        {
            "format": FORMAT,
            "review": review,
            "at": at,
            "origin": origin,
            "for": reader,
            "files": sorted(files, key=lambda one: one.path),
            "withheld": withheld,
        }
    )


def read_manifest(data: bytes) -> tuple[Mapping[str, Any], tuple[FileEntry, ...]]:
    """A manifest and its entries. Raises ``Misuse`` (``casefile-damaged``) with what is wrong with it."""
    found = from_json(data, MANIFEST)
    if not isinstance(found, dict) or set(found) != set(_MANIFEST) or found["format"] != FORMAT:
        raise _damaged(f"it is not of the format {FORMAT}")
    if any(not isinstance(found[name], kind) for name, kind in _MANIFEST.items()):
        raise _damaged("one of its fields is of another type")
    entries = []
    for one in found["files"]:
        fits = isinstance(one, dict) and set(one) == set(_ENTRY)
        if not fits or any(type(one[name]) is not kind for name, kind in _ENTRY.items()) or not is_path(one["path"]):
            raise _damaged("one of the files it lists is not said in full")
        entries.append(FileEntry(**one))
    paths = [one.path for one in entries]
    if len(set(paths)) != len(paths) or {MANIFEST, RECEIPT} & set(paths):
        raise _damaged("it lists a file twice, or itself")
    return found, tuple(entries)


def _damaged(why: str) -> Misuse:
    return Misuse("casefile-damaged", f"{MANIFEST} cannot be used: {why}.")
