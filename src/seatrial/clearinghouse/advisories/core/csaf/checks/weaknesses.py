"""CWE: the weakness exists in the version named, is called as it is called there, and may be mapped."""

import json
from datetime import UTC, date, datetime
from functools import lru_cache
from importlib.resources import files
from typing import Any

from seatrial.clearinghouse.advisories.core.csaf.reading import Reading, text
from seatrial.clearinghouse.advisories.core.csaf.table import NEW, OLD, Hits, Table
from seatrial.clearinghouse.advisories.core.csaf.values import moment

TABLE = Table()


@lru_cache(maxsize=1)
def _catalogue() -> tuple[dict[str, int], list[tuple[str, date]], dict[str, list[list[Any]]]]:
    """Versions by number, their dates, and each weakness's states: [first version, name ("" when it was not there),
    deprecated, mapping]."""
    data = json.loads((files("seatrial.clearinghouse.advisories.core.csaf") / "data" / "cwe.json").read_bytes())
    versions = [(number, date.fromisoformat(day)) for number, day in data["versions"]]
    return {number: n for n, (number, _) in enumerate(versions)}, versions, data["weaknesses"]


def _state(cwe: str, version: str) -> list[Any] | None:
    """The state of a weakness in a version; versions newer than all known ones are judged by the newest known."""
    index, versions, weaknesses = _catalogue()
    n = index.get(version)
    if n is None:
        if not _newer(version):
            return None
        n = len(versions) - 1
    states = [state for state in weaknesses.get(cwe.removeprefix("CWE-"), []) if state[0] <= n]
    return states[-1] if states and states[-1][1] else None


def _newer(version: str) -> bool:
    last = _catalogue()[1][-1][0]
    try:
        return tuple(map(int, version.split("."))) > tuple(map(int, last.split(".")))
    except ValueError:
        return False


def version_naming(cwe: str, name: str, before: datetime | None) -> str | None:
    """The newest version of CWE before a moment that has the weakness under that name; the first one after it when
    none has; None when no version has it."""
    fitting = [
        (number, day)
        for number, day in _catalogue()[1]
        if (state := _state(cwe, number)) is not None and state[1] == name
    ]
    earlier = [number for number, day in fitting if before is None or day < before.date()]
    return earlier[-1] if earlier else fitting[0][0] if fitting else None


def _listed(r: Reading) -> list[tuple[str, str, str, str]]:
    """Pointer, id, name, version of each CWE (2.1)."""
    return [
        (at, text(item.get("id")), text(item.get("name")), text(item.get("version")))
        for flaw in r.flaws
        for at, item in flaw.each("cwes")
    ]


@TABLE.test("6.1.11", OLD)
def weakness(r: Reading) -> Hits:
    """The weakness exists and has that name, in some version of CWE."""
    for flaw in r.flaws:
        item = flaw.node.get("cwe")
        if isinstance(item, dict):
            states = _catalogue()[2].get(text(item.get("id")).removeprefix("CWE-"), [])
            if not any(state[1] and state[1] == item.get("name") for state in states):
                yield (
                    f"{flaw.pointer}/cwe",
                    f"No version of CWE has {item.get('id')} under the name {item.get('name')}.",
                )


@TABLE.test("6.1.11", NEW)
def weakness_of_version(r: Reading) -> Hits:
    """The weakness exists and has that name in the version named."""
    for at, cwe, name, version in _listed(r):
        state = _state(cwe, version)
        if state is None:
            if not _newer(version):
                yield at, f"CWE {version} has no weakness {cwe}."
        elif state[1] != name and not _newer(version):
            yield at, f"CWE {version} calls {cwe} by another name: {state[1]}."


@TABLE.test("6.2.23", NEW)
def deprecated(r: Reading) -> Hits:
    """The weakness is not deprecated."""
    for at, cwe, _, version in _listed(r):
        state = _state(cwe, version)
        if state and state[2]:
            yield at, f"{cwe} is deprecated in CWE {version}."


@TABLE.test("6.2.24", NEW)
def latest_catalogue(r: Reading) -> Hits:
    """The newest CWE at the time of the last revision was used."""
    dates = [when for _, item in r.revisions if (when := moment(text(item.get("date"))))]
    if not dates:
        return
    latest = _latest(max(dates))
    for at, _, _, version in _listed(r):
        if version != latest and not (_newer(version) and latest == _catalogue()[1][-1][0]):
            yield f"{at}/version", f"CWE {version} is named, but {latest} was the newest at the last revision."


def _latest(when: datetime) -> str:
    known = [number for number, day in _catalogue()[1] if datetime(day.year, day.month, day.day, tzinfo=UTC) <= when]
    return known[-1] if known else ""


@TABLE.test("6.2.25", NEW)
def unmappable(r: Reading) -> Hits:
    """Vulnerabilities may be mapped to the weakness."""
    for at, cwe, _, version in _listed(r):
        state = _state(cwe, version)
        if state and state[3] and not state[3].startswith("Allowed"):
            yield at, f"CWE {version} says of mapping to {cwe}: {state[3].lower()}."


@TABLE.test("6.2.26", NEW)
def mappable_with_review(r: Reading) -> Hits:
    """Vulnerabilities may be mapped to the weakness without a review."""
    for at, cwe, _, version in _listed(r):
        state = _state(cwe, version)
        if state and state[3] == "Allowed-with-Review":
            yield at, f"CWE {version} lets vulnerabilities be mapped to {cwe} only with a review."
