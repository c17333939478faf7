"""CycloneDX 1.4 to 1.7 in JSON: one bill of materials is one system; components within components count, too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seatrial.clearinghouse.exposure.core.affects.reading import line, mapping, maps
from seatrial.clearinghouse.exposure.types import Component, Reading, System
from seatrial.kernel.errors import Misuse

from .naming import component

VERSIONS = ("1.4", "1.5", "1.6", "1.7")
_PASSED_OVER = frozenset({"file", "data", "cryptographic-asset"})  # have no version that an advisory speaks of


def read(bom: Mapping[str, Any], name: str) -> Reading:
    """Raises ``Misuse`` (``unknown-version``, ``not-an-inventory``)."""
    version = bom.get("specVersion")
    if version not in VERSIONS:
        raise Misuse(
            "unknown-version",
            f"{name} is CycloneDX {line(str(version), 20)!r}; {VERSIONS[0]} to {VERSIONS[-1]} are read. Convert it.",
        )
    if not isinstance(bom.get("components", []), list):
        raise Misuse("not-an-inventory", f"{name}: /components is no list; write the bill of materials again.")
    found: dict[Component, None] = {}
    nameless = 0
    root = mapping(mapping(bom.get("metadata")).get("component"))
    waiting = [*maps(bom.get("components"))[::-1], *([root] if root else [])]
    while waiting:
        one = waiting.pop()
        waiting += maps(one.get("components"))[::-1]
        if one.get("type") in _PASSED_OVER:
            continue
        made = _component(one)
        if made is None:
            nameless += 1
        else:
            found[made] = None
    notes = (f"{name}: {nameless} components have no name; they are not matched.",) if nameless else ()
    return Reading(f"CycloneDX {version}", (System(_name(root, name), tuple(found)),), notes)


def _name(root: Mapping[str, Any], name: str) -> str:
    words = [line(root.get("name"), 150), line(root.get("version"), 40)]
    return " ".join(filter(None, words)) if words[0] else line(name, 200)


def _component(one: Mapping[str, Any]) -> Component | None:
    purl, cpe = line(one.get("purl"), 600), line(one.get("cpe"), 600)
    name = "/".join(filter(None, (line(one.get("group"), 200), line(one.get("name"), 300))))
    maker = mapping(one.get("manufacturer")) or mapping(one.get("supplier"))
    vendor = line(maker.get("name"), 200) or line(one.get("publisher"), 200)
    device = one.get("type") in {"device", "firmware"}
    return component(
        name,
        line(one.get("version"), 200),
        purls=[purl] if purl else [],
        cpes=[cpe] if cpe else [],
        vendor=vendor if device or not (purl or cpe) else "",
    )
