"""What every importer needs: texts made fit for a report, and a record built up without empty fields.

Importers are lenient in what they leave aside (fields of another type than their format says are as good as absent) and
strict in what they claim: what they could not read stays in ``origin``, which holds the whole item as it came.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from seatrial.clearinghouse.findings.core.document import cut, is_moment
from seatrial.clearinghouse.findings.types import FORMAT
from seatrial.kernel.text import UNPRINTABLE

MOST_ORIGIN = 4_000_000
_CWE = re.compile(r"CWE[-: ]?0*([1-9][0-9]{0,5})", re.IGNORECASE)


def mapping(value: object) -> Mapping[str, Any]:
    """``value`` if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def items(value: object) -> list[Mapping[str, Any]]:
    """The objects in a list; an empty one if it is none."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def texts(value: object) -> list[str]:
    """The texts in a list."""
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def text(value: object, longest: int = 50_000) -> str:
    """``value`` if it is a text, without what cannot be shown, cut at its end."""
    if not isinstance(value, str):
        return ""
    shown = UNPRINTABLE.sub("\ufffd", value.replace("\r\n", "\n")).strip()
    return shown if len(shown) <= longest else shown[: longest - 1] + "…"


def line(value: object, longest: int) -> str:
    """The same in one line."""
    return cut(value, longest) if isinstance(value, str) else ""


def first_line(value: str) -> str:
    """What a title can be taken from: the first line that says something, without Markdown's marks."""
    return next((found for part in value.splitlines() if (found := part.strip(" #*_\t`"))), "")


def titled(*parts: str) -> str:
    """A title of at least eight characters from what there is."""
    said = line(": ".join(part for part in parts if part), 200)
    return said if len(said) >= 8 else line(f"Report of {said or 'a flaw'}", 200)


def described(*parts: str) -> str:
    """A description of at least twenty characters from what there is, a paragraph each."""
    said = text("\n\n".join(part for part in parts if part))
    return said if len(said) >= 20 else f"{said or 'No description came.'} (Nothing more was said.)"


def weaknesses(*said: str) -> list[str]:
    """Every CWE in the words, each once, in their order."""
    found = [f"CWE-{number}" for words in said for number in _CWE.findall(words)]
    return list(dict.fromkeys(found))[:50]


def distinct(entries: Iterable[Mapping[str, Any]], most: int) -> list[Mapping[str, Any]]:
    """Each once, in their order."""
    seen: dict[str, Mapping[str, Any]] = {}
    for entry in entries:
        seen.setdefault(json.dumps(entry, sort_keys=True), entry)
    return list(seen.values())[:most]


def references(found: Iterable[tuple[str, object]]) -> list[Mapping[str, Any]]:
    """(type, address) as references; what is no address in one line is left out."""

    def usable() -> Iterator[Mapping[str, Any]]:
        for kind, address in found:
            url = address.strip() if isinstance(address, str) else ""
            if url and len(url) <= 2_000 and not UNPRINTABLE.search(url) and "\n" not in url:
                yield {"type": kind, "url": url} if kind else {"url": url}

    return distinct(usable(), 500)


def handling(found: Iterable[tuple[object, object]]) -> list[Mapping[str, Any]]:
    """(organisation, identifier) as handling identifiers."""
    named = ((line(organisation, 300), line(identifier, 200)) for organisation, identifier in found)
    return distinct(({"organisation": one, "identifier": other} for one, other in named if one and other), 100)


def origin(kind: str, version: str, pointer: str, item: object) -> dict[str, Any]:
    """The item as it came, as text: it may hold numbers and characters that canonical JSON cannot."""
    data = json.dumps(item, separators=(",", ":"))
    said = {"format": kind, "version": line(version, 40), "pointer": line(pointer, 500)}
    return {**said, "data": data} if len(data) <= MOST_ORIGIN else said


def report(**fields: Any) -> dict[str, Any]:
    """A document of the own format, without what is empty."""
    return {"format": FORMAT, **{name: value for name, value in fields.items() if value not in ("", [], {}, None)}}


def moment(value: object) -> str:
    """``value``, verbatim, if it is a date or a time with its zone; else nothing."""
    return value if isinstance(value, str) and len(value) <= 64 and is_moment(value) else ""
