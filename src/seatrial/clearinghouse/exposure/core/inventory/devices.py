"""Lists of devices in CSV: a line a device, headings in the first line, in any order and with further columns.

Known headings (case does not matter): ``name`` (or asset, hostname, serial), ``vendor`` (manufacturer), ``product``,
``model`` (an order number), ``version``, ``firmware``, ``cpe``, ``purl``. Lines of one name are one system.
"""

from __future__ import annotations

import csv
import io

from seatrial.clearinghouse.exposure.core.affects.reading import line
from seatrial.clearinghouse.exposure.types import Component, Reading, System
from seatrial.kernel.errors import Misuse

from .naming import component

_HEADINGS = {
    "name": ("name", "asset", "asset name", "hostname", "host", "device", "system", "serial", "serial number", "id"),
    "vendor": ("vendor", "manufacturer", "maker", "supplier"),
    "product": ("product", "product name"),
    "model": ("model", "model number", "order number", "part number", "mlfb"),
    "version": ("version", "software version", "product version"),
    "firmware": ("firmware", "firmware version", "fw", "fw version"),
    "cpe": ("cpe", "cpe23", "cpe 2.3"),
    "purl": ("purl", "package url"),
}
_NAMING = ("product", "model", "cpe", "purl")
_LONGEST_FIELD = 2_000
_MOST_NOTES = 20


def read(text: str, name: str) -> Reading:
    """Raises ``Misuse`` (``bad-csv``) with the line."""
    if "\0" in text:
        raise Misuse("bad-csv", f"{name} holds NUL characters; save the list as CSV in UTF-8 and try again.")
    first = text.split("\n", 1)[0]
    separator = max(",;\t", key=first.count)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    columns: dict[str, int] = {}
    systems: dict[str, dict[Component, None]] = {}
    notes: list[str] = []
    try:
        columns = _columns(next(lines, []), name)
        for row in lines:
            if any(field.strip() for field in row):
                _take(row, columns, systems, notes, f"{name}, line {lines.line_num}")
    except csv.Error as error:
        raise Misuse("bad-csv", f"{name}, line {lines.line_num}: {error}; mend that line and try again.") from error
    if len(notes) > _MOST_NOTES:
        notes = [*notes[:_MOST_NOTES], f"{name}: and {len(notes) - _MOST_NOTES} lines more."]
    return Reading("CSV", tuple(System(one, tuple(found)) for one, found in systems.items()), tuple(notes))


def _take(
    row: list[str], columns: dict[str, int], systems: dict[str, dict[Component, None]], notes: list[str], where: str
) -> None:
    if max(map(len, row)) > _LONGEST_FIELD:
        raise Misuse("bad-csv", f"{where} has a field of more than {_LONGEST_FIELD:,} characters; mend that line.")

    def of(column: str) -> str:
        place = columns.get(column, len(row))
        return line(row[place], 600) if place < len(row) else ""

    version = of("firmware") or of("version")
    made = component(
        of("product") or of("model"),
        version,
        purls=[of("purl")] if of("purl") else [],
        cpes=[of("cpe")] if of("cpe") else [],
        vendor=of("vendor"),
        models=[of("model")] if of("model") else [],
    )
    if made is None:
        notes.append(f"{where} names no product; it is not matched.")
        return
    system = of("name") or " ".join(filter(None, (of("vendor"), made.name, version)))
    found = systems.setdefault(system[:200], {})
    found[made] = None
    if of("firmware") and of("version") and of("firmware") != of("version"):
        software = component(of("product") or of("model"), of("version"), vendor=of("vendor"))
        if software is not None:
            found[software] = None


def _columns(headings: list[str], name: str) -> dict[str, int]:
    words = [line(one, 60).lower().replace("_", " ") for one in headings]
    columns = {
        column: place
        for column, known in _HEADINGS.items()
        for place in (next((words.index(one) for one in known if one in words), None),)
        if place is not None
    }
    if not any(one in columns for one in _NAMING):
        raise Misuse(
            "bad-csv",
            f"{name}, line 1: none of the headings {', '.join(_NAMING)} is there; is it a list of devices in CSV?",
        )
    return columns
