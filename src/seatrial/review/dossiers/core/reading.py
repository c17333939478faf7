"""From a file or a form to a dossier, or to everything that is wrong with it, each fault with its line and field.

A fault is one sentence. All of them come in one answer, so that nobody mends a file ten times.
"""

from __future__ import annotations

import json
import math
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches
from typing import Any
from urllib.parse import urlsplit

from seatrial.kernel.errors import Misuse
from seatrial.review.dossiers.types import LEFT_OUT, Category, Dossier, FieldMark, Gap, Marking, Paragraph, Part, Text

from .positions import Path, Positions, TooDeep, Twice, of_json, of_toml
from .shape import Field, Kind, at, fields_of, is_empty
from .writing import FORMAT

LARGEST_FILE = 2_000_000  # bytes
LONGEST_PARAGRAPH = 20_000  # characters
MOST_PARAGRAPHS = 200  # of one text
MOST_ITEMS = 300  # of one list
MOST_FAULTS = 100  # told at once
LARGEST_NUMBER = 2**53 - 1  # what every reader of JSON keeps exactly

_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing to mend. ``path`` leads to it, ``line`` is where it stands in the file, if it came from one."""

    path: Path
    said: str  # what is wrong, without its place
    line: int | None = None

    @property
    def place(self) -> str:
        return spoken(self.path)

    def __str__(self) -> str:
        where = f"line {self.line}, " if self.line is not None else ""
        return f"{where}{self.place}: {self.said}" if self.path else f"{where}{self.said}"


class Faulty(Misuse):
    """A dossier that cannot be kept yet, and all that is wrong with it."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = tuple(faults)
        told = [str(fault) for fault in faults[:MOST_FAULTS]]
        if len(faults) > MOST_FAULTS:
            told.append(f"and {len(faults) - MOST_FAULTS} more of the kind")
        super().__init__("dossier-invalid", f"This dossier cannot be kept yet: {'; '.join(told)}.", faults=told)


def spoken(path: Path) -> str:
    """A path as people read it, items counted from 1: ``evaluations[2].title``."""
    said = ""
    for step in path:
        step = step if isinstance(step, int) else step[:60]
        said += f"[{step + 1}]" if isinstance(step, int) else f".{step}" if said else step
    return said or "the document"


def from_bytes(data: bytes, kind: str) -> Dossier:
    """A dossier from a file of ``kind`` ``toml`` or ``json``. Raises ``Faulty`` (``dossier-invalid``)."""
    if not data.strip():
        raise Faulty([Fault((), "the file is empty; start from the blank one, or from the form")])
    if len(data) > LARGEST_FILE:
        raise Faulty(
            [Fault((), f"the file has {len(data):,} bytes, more than {LARGEST_FILE:,}; refer to what is long")]
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Faulty([Fault((), "the file is not text in UTF-8; it may be of another type", line)]) from error
    return from_toml(text) if kind == "toml" else from_json_text(text)


def from_toml(text: str) -> Dossier:
    """A dossier from TOML. Raises ``Faulty`` (``dossier-invalid``)."""
    text = text.replace("\r\n", "\n")
    try:
        raw = tomllib.loads(text)
        positions = of_toml(text)
    except tomllib.TOMLDecodeError as error:
        raise Faulty([Fault((), f"the file is not valid TOML: {error}")]) from error
    except TooDeep as error:
        raise Faulty([Fault((), str(error))]) from error
    except RecursionError as error:
        raise Faulty([Fault((), "the file nests deeper than any dossier")]) from error
    return from_plain(raw, positions)


def from_json_text(text: str) -> Dossier:
    """A dossier from JSON. Raises ``Faulty`` (``dossier-invalid``)."""
    try:
        raw = json.loads(text)
        positions = of_json(text)
    except json.JSONDecodeError as error:
        said = f"the file is not valid JSON: {error.msg} (column {error.colno})"
        raise Faulty([Fault((), said, error.lineno)]) from error
    except (TooDeep, Twice) as error:
        raise Faulty([Fault((), str(error))]) from error
    except (RecursionError, ValueError) as error:
        raise Faulty([Fault((), "the file nests deeper, or holds longer numbers, than any dossier")]) from error
    return from_plain(raw, positions)


def from_plain(raw: object, positions: Positions | None = None) -> Dossier:
    """A dossier from the plain form of ``writing.as_json``. Raises ``Faulty`` (``dossier-invalid``)."""
    reader = _Reader(positions or {})
    document = reader.document(raw)
    reader.references(document)
    reader.finish()
    return document


def kept(data: bytes | str) -> Dossier:
    """A dossier, or one derived from it, from canonical JSON that this room wrote itself."""
    reader = _Reader({}, derived=True)
    document = reader.document(json.loads(data))
    reader.finish()
    return document


class _Reader:
    """Walks a plain value beside the shape it should have, and collects faults."""

    def __init__(self, positions: Positions, *, derived: bool = False) -> None:
        self._positions = positions
        self._derived = derived
        self._faults: list[Fault] = []

    def finish(self) -> None:
        if self._faults:
            raise Faulty(sorted(self._faults, key=lambda fault: fault.line or 0))

    def fault(self, path: Path, said: str) -> None:
        near = path
        while near and near not in self._positions:
            near = near[:-1]
        line = self._positions[near][0] if near in self._positions else None
        self._faults.append(Fault(path, said, line))

    def document(self, raw: object) -> Dossier:
        if not isinstance(raw, Mapping):
            self.fault((), "a dossier is a table of sections")
            return Dossier()
        named = raw.get("format", FORMAT)
        if named != FORMAT:
            self.fault(("format",), f"this is no format known here; write {FORMAT!r}, or leave it out")
        found: Dossier = self.part(Dossier, {name: one for name, one in raw.items() if name != "format"}, ())
        if found.marking is not None:
            self.fault(("marking",), "the whole document cannot be marked; mark its sections under 'marked'")
        return found

    def part(self, kind: type[Any], raw: object, path: Path) -> Any:
        if not isinstance(raw, Mapping):
            self.fault(path, f"this must be a table of fields, not {_a(raw)}")
            return kind()
        shape = {field.name: field for field in fields_of(kind)}
        marks = ("marking", "marked", "withheld") if self._derived else ("marking", "marked")
        values: dict[str, Any] = {}
        for name, value in raw.items():
            here = (*path, str(name))
            if name == "marking":
                values[name] = self.marking(value, here)
            elif name == "marked" and "marked" in marks:
                values[name] = self.marked(kind, value, here)
            elif name == "withheld" and "withheld" in marks:
                values[name] = tuple(Gap(field, Category(why)) for field, why in value.items())
            elif name not in shape:
                self.fault(here, _unknown(str(name), (*shape, *marks)))
            elif value is None:
                continue  # JSON's null says nothing, as a missing field does
            else:
                values[name] = self.value(shape[name], value, here)
        self.missing(shape, raw, path)
        return kind(**values)

    def missing(self, shape: Mapping[str, Field], raw: Mapping[str, Any], path: Path) -> None:
        if self._derived:
            return
        for field in shape.values():
            if field.required and not str(raw.get(field.name) or "").strip():
                self.fault((*path, field.name), "this field is needed and missing")
            elif field.name == "model" and field.kind is Kind.PART and not path and raw.get("model") is None:
                self.missing({f.name: f for f in fields_of(field.inner)}, {}, ("model",))

    def value(self, field: Field, raw: Any, path: Path) -> Any:
        if field.kind is Kind.TEXT:
            return self.text(raw, path)
        if field.kind is Kind.PART:
            return self.part(field.inner, raw, path)
        if field.kind in (Kind.PARTS, Kind.LINES):
            if not isinstance(raw, list):
                self.fault(path, f"this must be a list, not {_a(raw)}")
                return ()
            if len(raw) > MOST_ITEMS:
                self.fault(path, f"these are {len(raw)} items, more than {MOST_ITEMS}")
                return ()
            if field.kind is Kind.LINES:
                return tuple(self.line(field, one, (*path, place)) for place, one in enumerate(raw))
            made = tuple(self.part(field.inner, one, (*path, place)) for place, one in enumerate(raw))
            self.keys(made, path)
            return made
        if field.kind is Kind.CHOICE:
            words = [word.value for word in field.inner]
            if raw not in words:
                self.fault(path, f"this must be one of {', '.join(words)}")
                return field.empty
            return field.inner(raw)
        if field.kind is Kind.FLAG:
            if not isinstance(raw, bool):
                self.fault(path, f"this must be true or false, not {_a(raw)}")
                return field.empty
            return raw
        if field.kind in (Kind.NUMBER, Kind.WHOLE_NUMBER):
            return self.number(field, raw, path)
        return self.line(field, raw, path)

    def number(self, field: Field, raw: Any, path: Path) -> Any:
        whole = field.kind is Kind.WHOLE_NUMBER
        if isinstance(raw, bool) or not isinstance(raw, int if whole else (int, float)):
            self.fault(path, f"this must be a {'whole number' if whole else 'number'}, not {_a(raw)}")
            return field.empty
        if whole and abs(raw) > LARGEST_NUMBER:
            self.fault(path, f"whole numbers end at {LARGEST_NUMBER} here")
            return field.empty
        try:
            value = raw if whole else float(raw)
        except OverflowError:
            value = math.inf
        least, most = field.facts["least"], field.facts["most"]
        if not math.isfinite(value):
            self.fault(path, "this must be a finite number")
            return field.empty
        if (least is not None and value < least) or (most is not None and value > most):
            self.fault(path, f"this must be {_bounds(least, most)}")
        return value + 0.0 if not whole else value  # no negative zero: JSON has no canonical word for it

    def line(self, field: Field, raw: Any, path: Path) -> str:
        if field.facts.get("form") == "date" and isinstance(raw, date) and not isinstance(raw, datetime):
            raw = raw.isoformat()
        if not isinstance(raw, str):
            self.fault(path, f"this must be text in quotes, not {_a(raw)}")
            return ""
        said = raw.strip()
        if self._derived or not said:
            if not said and field.kind is Kind.LINES and not self._derived:
                self.fault(path, "this line is empty; leave it out")
            return said
        if _UNPRINTABLE.search(said) or "\n" in said:
            self.fault(path, "this holds a line break or a control character; keep to one line of text")
        if len(said) > field.facts["longest"]:
            self.fault(path, f"this has {len(said):,} characters, more than {field.facts['longest']}")
        fault = _FORMS[field.facts["form"]](said) if "form" in field.facts else None
        if fault is not None:
            self.fault(path, fault)
        return said

    def text(self, raw: Any, path: Path) -> Text:
        if isinstance(raw, str):  # a single paragraph may stand without its list
            raw = [raw]
        if not isinstance(raw, list):
            self.fault(path, f"this must be a list of paragraphs, not {_a(raw)}")
            return ()
        if len(raw) > MOST_PARAGRAPHS:
            self.fault(path, f"these are {len(raw)} paragraphs, more than {MOST_PARAGRAPHS}")
            return ()
        return tuple(self.paragraph(one, (*path, place)) for place, one in enumerate(raw))

    def paragraph(self, raw: Any, path: Path) -> Paragraph:
        marking: Marking | None = None
        if isinstance(raw, Mapping):
            if self._derived and "withheld" in raw:
                return Paragraph("", withheld=Category(raw["withheld"]))
            for name in raw:
                if name not in ("text", "marking"):
                    self.fault((*path, str(name)), "there is no such field; a paragraph has text and marking")
            marking = self.marking(raw["marking"], (*path, "marking")) if "marking" in raw else None
            if "text" not in raw:
                self.fault((*path, "text"), "this field is needed and missing")
                return Paragraph("", marking)
            raw, path = raw["text"], (*path, "text")
        if not isinstance(raw, str):
            self.fault(path, f"a paragraph must be text in quotes, not {_a(raw)}")
            return Paragraph("", marking)
        said = raw.replace("\r\n", "\n").replace("\r", "\n").strip()
        if not self._derived:
            if not said:
                self.fault(path, "this paragraph is empty; leave it out")
            if _UNPRINTABLE.search(said):
                self.fault(path, "this holds a control character; keep to text and line breaks")
            if len(said) > LONGEST_PARAGRAPH:
                self.fault(path, f"this has {len(said):,} characters, more than {LONGEST_PARAGRAPH:,}; make it several")
        return Paragraph(said, marking)

    def marking(self, raw: Any, path: Path) -> Marking | None:
        if isinstance(raw, str) and len(raw) <= 1000:
            try:
                return Marking.parse(raw)
            except Misuse as error:
                self.fault(path, f"write trade-secret, foia-4, privileged or a label; {error.message.rstrip('.')}")
                return None
        self.fault(path, "write trade-secret, foia-4, privileged or a label, in quotes")
        return None

    def marked(self, kind: type[Part], raw: Any, path: Path) -> tuple[FieldMark, ...]:
        if not isinstance(raw, Mapping):
            self.fault(path, "this must be a table of field names and their markings")
            return ()
        names = {field.name for field in fields_of(kind)}
        found = []
        for name, value in sorted(raw.items(), key=lambda pair: str(pair[0])):
            if name not in names:
                self.fault((*path, str(name)), "no such field can be marked here")
                continue
            marking = self.marking(value, (*path, name))
            if marking is not None:
                found.append(FieldMark(name, marking))
        return tuple(found)

    def keys(self, made: tuple[Any, ...], path: Path) -> None:
        seen: dict[str, int] = {}
        for place, item in enumerate(made):
            if is_empty(item) and not item.withheld:
                self.fault((*path, place), "this item is empty; leave it out")
            name = getattr(item, "key", "")
            if name and name in seen and not self._derived:
                self.fault((*path, place, "key"), f"{name!r} is the key of item {seen[name] + 1} already")
            seen.setdefault(name, place)

    def references(self, document: Dossier) -> None:
        """Every key that is named must be there."""
        for path, field, named in _naming(document, ()):
            if named not in {item.key for item in at(document, field.refs)}:
                self.fault(path, f"{named!r} is named here, and {field.refs} has no item of that key")


def _naming(part: Part, path: Path) -> Any:
    for field in fields_of(type(part)):
        value, here = getattr(part, field.name), (*path, field.name)
        if field.refs:
            for place, named in enumerate(value if isinstance(value, tuple) else (value,) if value else ()):
                yield ((*here, place) if isinstance(value, tuple) else here), field, named
        elif field.kind is Kind.PART:
            yield from _naming(value, here)
        elif field.kind is Kind.PARTS:
            for place, item in enumerate(value):
                yield from _naming(item, (*here, place))


def _key(said: str) -> str | None:
    if not _KEY.fullmatch(said):
        return "a key has letters a to z, digits, dots, underscores and hyphens only"
    return f"a key cannot begin with {LEFT_OUT}; derived documents use that" if said.startswith(LEFT_OUT) else None


def _date(said: str) -> str | None:
    match = _DATE.fullmatch(said)
    try:
        if match is not None:
            date(int(match[1]), int(match[2] or 1), int(match[3] or 1))
            return None
    except ValueError:
        pass
    return "this is no date; write 2026-03-31, 2026-03 or 2026"


def _url(said: str) -> str | None:
    try:
        parts = urlsplit(said)
        if parts.scheme in ("http", "https") and parts.hostname and not parts.username:
            return None
    except ValueError:
        pass
    return "this is no web address; begin with https:// and leave out names and passwords"


_FORMS: Mapping[str, Callable[[str], str | None]] = {
    "date": _date,
    "url": _url,
    "key": _key,
    "digest": lambda said: (
        None if _DIGEST.fullmatch(said) else "write a digest as sha256: and 64 lower-case hex digits"
    ),
}


def _unknown(name: str, known: tuple[str, ...]) -> str:
    near = get_close_matches(name, known, n=1)
    return f"there is no such field; {f'do you mean {near[0]}' if near else 'there are ' + ', '.join(known)}"


def _bounds(least: float | None, most: float | None) -> str:
    if most is None:
        return f"at least {least:g}"
    return f"from {least:g} to {most:g}" if least is not None else f"at most {most:g}"


def _a(raw: object) -> str:
    for kind, word in (
        (bool, "true or false"),
        (int, "a number"),
        (float, "a number"),
        (str, "text"),
        (list, "a list"),
        (Mapping, "a table"),
        (datetime, "a moment"),
        (date, "a date"),
    ):
        if isinstance(raw, kind):
            return word
    return "this"
