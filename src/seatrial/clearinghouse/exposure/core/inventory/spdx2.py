"""SPDX 2.3 in JSON: one document is one system, named after what it describes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seatrial.clearinghouse.exposure.core.affects.reading import line, maps
from seatrial.clearinghouse.exposure.types import Component, Reading, System
from seatrial.kernel.errors import Misuse

from .naming import component

VERSIONS = ("SPDX-2.2", "SPDX-2.3")
_NOTHING = frozenset({"", "NOASSERTION", "NONE"})


def read(document: Mapping[str, Any], name: str) -> Reading:
    """Raises ``Misuse`` (``unknown-version``, ``not-an-inventory``)."""
    version = document.get("spdxVersion")
    if version not in VERSIONS:
        raise Misuse("unknown-version", f"{name} is {line(str(version), 20)!r}; SPDX 2.3 and 3.0 are read. Convert it.")
    if not isinstance(document.get("packages", []), list):
        raise Misuse("not-an-inventory", f"{name}: /packages is no list; write the document again.")
    found: dict[Component, None] = {}
    nameless = 0
    for package in maps(document.get("packages")):
        made = _component(package)
        if made is None:
            nameless += 1
        else:
            found[made] = None
    notes = (f"{name}: {nameless} packages have no name; they are not matched.",) if nameless else ()
    shown = line(document.get("name"), 200) or line(name, 200)
    return Reading(f"SPDX {str(version)[5:]}", (System(shown, tuple(found)),), notes)


def _component(package: Mapping[str, Any]) -> Component | None:
    named: dict[str, list[str]] = {"purl": [], "cpe": []}
    for reference in maps(package.get("externalRefs")):
        kind, place = line(reference.get("referenceType"), 60), line(reference.get("referenceLocator"), 600)
        if kind == "purl":
            named["purl"].append(place)
        elif kind in {"cpe23Type", "cpe22Type"}:
            named["cpe"].append(place)
    vendor = line(package.get("supplier"), 200).partition(":")[2].strip()
    version = line(package.get("versionInfo"), 200)
    return component(
        line(package.get("name"), 300),
        "" if version in _NOTHING else version,
        purls=named["purl"],
        cpes=named["cpe"],
        vendor="" if named["purl"] or named["cpe"] else vendor,
    )
