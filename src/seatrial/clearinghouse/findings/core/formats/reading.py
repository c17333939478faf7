"""A file of any known format as reports: what it is, is seen from what it says; each item is taken or refused alone.

    one report in the own format, or the short form    one item
    SARIF, CSAF                                        an item for each result or vulnerability
    an OSV record                                      one item
    a JSON array, or JSON lines, of any of these       their items in turn

JSON may be in UTF-8, UTF-16 or UTF-32, with a byte order mark or without. What cannot be parsed at all is refused as a
whole; in JSON lines only the line.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

from seatrial.clearinghouse.findings.core.document import checked, of_short
from seatrial.clearinghouse.findings.core.intake import check
from seatrial.clearinghouse.findings.types import FORMAT, NewReport
from seatrial.kernel.canonical import from_json
from seatrial.kernel.errors import Misuse, SeatrialError

from . import csaf, osv, sarif

MOST_ITEMS = 10_000
_SHORT = frozenset(field.name for field in fields(NewReport))


@dataclass(frozen=True, slots=True)
class Item:
    """``document`` is a report in the own format that was checked; else ``refused`` says why not.

    ``pointer`` says where it stood (RFC 6901; ``line 7`` first for JSON lines).
    """

    pointer: str
    document: Mapping[str, Any] | None = None
    refused: SeatrialError | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """What whoever imports says for every item that does not say it itself: SARIF names no product."""

    product: str = ""
    version: str = ""
    tlp: str = ""
    purl: str = ""


def read(data: bytes, given: Given = Given()) -> list[Item]:
    """Every item of a file. Raises ``Misuse`` (``not-json``, ``unknown-format``, ``unknown-version``,
    ``not-a-finding``, ``too-many-items``) if there is none to be had."""
    found: list[Item] = []
    for item in _items(_text(data), given):
        found.append(item)
        if len(found) > MOST_ITEMS:
            raise Misuse("too-many-items", f"This holds more than {MOST_ITEMS:,} reports; send them in parts.")
    if not found:
        raise Misuse("not-a-finding", "There is no report in this file.")
    return found


def _text(data: bytes) -> str:
    try:
        return data.decode(json.detect_encoding(data), "surrogatepass").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise Misuse(
            "not-json", f"This is no text in UTF-8, UTF-16 or UTF-32 (byte {error.start}); export it again as UTF-8."
        ) from error


def _items(text: str, given: Given) -> Iterator[Item]:
    first, _, rest = text.lstrip().partition("\n")
    if first.startswith("{") and first.rstrip().endswith("}") and rest.strip():
        yield from _lines(text, given)
        return
    value = from_json(text, "This file")
    if isinstance(value, list):
        for place, item in enumerate(value):
            yield from _each(item, f"/{place}", given)
    else:
        yield from _one(value, "", given)


def _lines(text: str, given: Given) -> Iterator[Item]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            at = f"line {number}"
            try:
                value = from_json(line, f"Line {number}")
            except Misuse as error:
                yield Item(at, refused=error)
            else:
                yield from _each(value, at, given)


def _each(value: object, at: str, given: Given) -> Iterator[Item]:
    """The items of one among several: what is wrong with it is its own."""
    try:
        yield from _one(value, at, given)
    except SeatrialError as error:
        yield Item(at, refused=error)


def _one(value: object, at: str, given: Given) -> Iterator[Item]:
    if not isinstance(value, dict):
        raise Misuse("unknown-format", f"A report is a JSON object, and this is a {type(value).__name__}.")
    if sarif.is_sarif(value):
        yield from _many(sarif.documents(value), at, given)
    elif csaf.is_csaf(value):
        yield from _many(csaf.documents(value), at, given)
    elif "format" in value:
        yield _item(at, lambda: checked(_filled(value, given)))
    elif osv.is_osv(value):
        yield _item(at, lambda: checked(_filled(osv.document(value, at), given)))
    elif isinstance(value.get("product", given.product or None), str):
        yield _item(at, lambda: checked(_filled(_short(value, given), given)))
    else:
        raise Misuse(
            "unknown-format",
            f'This is none of the formats known here: a report ("format": "{FORMAT}"), SARIF, OSV or CSAF.',
        )


def _many(found: Iterator[tuple[str, dict[str, Any] | Misuse]], at: str, given: Given) -> Iterator[Item]:
    for pointer, document in found:
        if isinstance(document, Misuse):
            yield Item(at + pointer, refused=document)
        else:
            yield _item(at + pointer, _checking(document, given))


def _checking(document: dict[str, Any], given: Given) -> Callable[[], Mapping[str, Any]]:
    return lambda: checked(_filled(document, given))


def _item(at: str, make: Callable[[], Mapping[str, Any]]) -> Item:
    try:
        return Item(at, make())
    except SeatrialError as error:
        return Item(at, refused=error)


def _short(value: dict[str, Any], given: Given) -> dict[str, Any]:
    strange = sorted(value.keys() - _SHORT)
    if strange or not all(isinstance(said, str) for said in value.values()):
        named = f" ({', '.join(strange[:5])} is not)" if strange else ""
        raise Misuse(
            "report-invalid",
            f"The short form of a report has the texts {', '.join(sorted(_SHORT))} and nothing else{named[:200]}; "
            f'for more write "format": "{FORMAT}".',
        )
    unsaid = {"title": "", "description": "", "product": given.product, **({"tlp": given.tlp} if given.tlp else {})}
    report = NewReport(**{**unsaid, **value})
    check(report)
    return of_short(report)


def _filled(document: dict[str, Any], given: Given) -> dict[str, Any]:
    """With what was given for what it leaves out."""
    made = dict(document)
    if given.product and not made.get("product"):
        made["product"] = {"name": given.product, **({"purl": given.purl} if given.purl else {})}
    if given.version and not made.get("versions"):
        made["versions"] = [given.version]
    if given.tlp and not made.get("tlp"):
        made["tlp"] = given.tlp.upper().removeprefix("TLP:")
    return made
