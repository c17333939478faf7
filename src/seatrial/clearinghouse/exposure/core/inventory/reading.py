"""Which of the forms a file is, and its systems; all or nothing, one sentence otherwise."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Mapping
from typing import Any

from seatrial.clearinghouse.exposure.core.affects.reading import mapping
from seatrial.clearinghouse.exposure.types import Component, Reading, System
from seatrial.kernel.canonical import from_json
from seatrial.kernel.errors import Misuse

from . import cyclonedx, devices, spdx2, spdx3

LARGEST = 64 * 1024**2  # bytes of one file
MOST_SYSTEMS = 65_535
MOST_COMPONENTS = 1_000_000  # rows of one inventory
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def read(data: bytes, name: str) -> Reading:
    """The systems of one file; ``name`` is the file's, and its system's where the file gives none.

    Raises ``Misuse``: ``inventory-too-large``, ``not-an-inventory``, ``unknown-version``, ``not-json``, ``bad-csv``.
    """
    if len(data) > LARGEST:
        raise Misuse(
            "inventory-too-large",
            f"{name} is larger than {LARGEST // 1024**2} MiB; give each system a file of its own.",
        )
    text = _text(data, name)
    if text.lstrip()[:1] not in {"{", "["}:
        return _bounded(devices.read(text, name), name)
    found = from_json(text, name)
    if not isinstance(found, Mapping):
        raise _unknown(name)
    return _bounded(_of_json(found, name), name)


def merged(readings: Iterable[Reading]) -> Reading:
    """Several files as one inventory; systems of one name are one system."""
    systems: dict[str, dict[Component, None]] = {}
    forms: dict[str, None] = {}
    notes: list[str] = []
    for one in readings:
        forms[one.form] = None
        notes += one.notes
        for system in one.systems:
            systems.setdefault(system.name, {}).update(dict.fromkeys(system.components))
    whole = tuple(System(name, tuple(components)) for name, components in systems.items())
    return _bounded(Reading(", ".join(forms), whole, tuple(notes)), "This inventory")


def _of_json(found: Mapping[str, Any], name: str) -> Reading:
    if found.get("bomFormat") == "CycloneDX":
        return cyclonedx.read(found, name)
    if "spdxVersion" in found:
        return spdx2.read(found, name)
    if "@graph" in found or "spdx.org/rdf/3" in str(mapping(found).get("@context", "")):
        return spdx3.read(found, name)
    raise _unknown(name)


def _text(data: bytes, name: str) -> str:
    encoding = next((word for mark, word in _MARKS if data.startswith(mark)), "utf-8")
    if encoding == "utf-8" and data[:2] in {b"{\0", b"[\0", b"\0{", b"\0["}:
        encoding = "utf-16-le" if data[1:2] == b"\0" else "utf-16-be"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise Misuse(
            "not-an-inventory",
            f"{name} is not text in {encoding.upper()} (byte {error.start}); save it as UTF-8 and try again.",
        ) from error


def _bounded(reading: Reading, name: str) -> Reading:
    rows = sum(len(system.components) for system in reading.systems)
    if len(reading.systems) > MOST_SYSTEMS or rows > MOST_COMPONENTS:
        raise Misuse(
            "inventory-too-large",
            f"{name} names {len(reading.systems):,} systems and {rows:,} components; an inventory holds "
            f"{MOST_SYSTEMS:,} and {MOST_COMPONENTS:,}. Divide it.",
        )
    return reading


def _unknown(name: str) -> Misuse:
    return Misuse(
        "not-an-inventory",
        f"{name} is neither CycloneDX 1.4 to 1.7 nor SPDX 2.3 or 3.0 in JSON nor a list of devices in CSV.",
    )
