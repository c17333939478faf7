"""SPDX 3.0 as JSON-LD: one document is one system; its packages are found by their type, links are not followed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seatrial.clearinghouse.exposure.core.affects.reading import line, maps, texts
from seatrial.clearinghouse.exposure.types import Component, Reading, System
from seatrial.kernel.errors import Misuse

from .naming import component


def read(document: Mapping[str, Any], name: str) -> Reading:
    """Raises ``Misuse`` (``unknown-version``, ``not-an-inventory``)."""
    graph = document.get("@graph")
    if not isinstance(graph, list):
        raise Misuse("not-an-inventory", f"{name}: /@graph is no list; write the document again.")
    elements = maps(graph)
    versions = {line(one.get("specVersion"), 20) for one in elements if one.get("type") == "CreationInfo"} - {""}
    other = sorted(one for one in versions if not one.startswith("3.0"))
    if other or not versions:
        said = other[0] if other else "unknown"
        raise Misuse("unknown-version", f"{name} is SPDX {said!r}; 2.3 and 3.0 are read. Convert it.")
    agents = {line(one.get("spdxId"), 400): line(one.get("name"), 200) for one in elements if _kind(one) in _AGENTS}
    found: dict[Component, None] = {}
    nameless, shown = 0, ""
    for one in elements:
        if _kind(one) == "SpdxDocument":
            shown = shown or line(one.get("name"), 200)
        if _kind(one) != "Package":
            continue
        made = _component(one, agents)
        if made is None:
            nameless += 1
        else:
            found[made] = None
    notes = (f"{name}: {nameless} packages have no name; they are not matched.",) if nameless else ()
    return Reading(f"SPDX {min(versions)}", (System(shown or line(name, 200), tuple(found)),), notes)


_AGENTS = frozenset({"Organization", "Person", "Agent"})


def _kind(one: Mapping[str, Any]) -> str:
    """``software_Package``, ``software:Package`` and the full address are one thing."""
    word = line(one.get("type") or one.get("@type"), 200)
    return word.rsplit("/", 1)[-1].rsplit(":", 1)[-1].rsplit("_", 1)[-1]


def _component(one: Mapping[str, Any], agents: Mapping[str, str]) -> Component | None:
    purls = [line(one.get("software_packageUrl"), 600)] if one.get("software_packageUrl") else []
    cpes = []
    for identifier in maps(one.get("externalIdentifier")):
        kind, word = line(identifier.get("externalIdentifierType"), 60), line(identifier.get("identifier"), 600)
        if kind == "packageUrl":
            purls.append(word)
        elif kind in {"cpe23", "cpe22"}:
            cpes.append(word)
    suppliers = [one.get("suppliedBy"), *texts(one.get("originatedBy"))]
    vendor = next((agents[word] for word in suppliers if isinstance(word, str) and word in agents), "")
    return component(
        line(one.get("name"), 300),
        line(one.get("software_packageVersion"), 200),
        purls=list(dict.fromkeys(purls)),
        cpes=cpes,
        vendor="" if purls or cpes else vendor,
    )
