"""The plain way, by ``univers`` alone: one record, one version, every range built anew. What the engine must equal."""

from __future__ import annotations

from typing import Any

from univers.versions import InvalidVersion, PypiVersion

AFFECTED, CANNOT_TELL, SILENT = "affected", "cannot_tell", ""


def evaluated(record: dict[str, Any], package: str, version: str) -> str:
    """What an OSV record says of one version, by the schema's algorithm."""
    if record.get("withdrawn"):
        return SILENT
    verdict = SILENT
    for affected in record["affected"]:
        if affected["package"]["purl"] != package:
            continue
        if version in affected.get("versions", ()):
            return AFFECTED
        ranges = [one for one in affected.get("ranges", ()) if one["type"] == "ECOSYSTEM"]
        if any(one["events"] == [{"introduced": "0"}] for one in ranges):
            return AFFECTED  # whatever the version, in any order
        try:
            own = PypiVersion(version)
        except InvalidVersion:
            verdict = CANNOT_TELL
            continue
        if any(_equal(one, own) for one in affected.get("versions", ())):
            return AFFECTED
        said = [_holds(one["events"], own) for one in ranges]
        if AFFECTED in said:
            return AFFECTED
        if CANNOT_TELL in said:
            verdict = CANNOT_TELL
        if not ranges and not affected.get("versions"):
            verdict = CANNOT_TELL  # only commits are named
    return verdict


def _equal(named: str, own: PypiVersion) -> bool:
    try:
        return PypiVersion(named) == own
    except InvalidVersion:
        return False


def _holds(events: list[dict[str, str]], own: PypiVersion) -> str:
    """The schema's algorithm: events in the order of versions, the last that is reached counts. ``introduced: 0`` is no
    version: it comes before every one. (``VersionRange`` refuses some of the real ranges, which name two fixes.)"""
    said = [(kind, version) for event in events for kind, version in event.items()]
    try:
        bounds = [(None if version == "0" else PypiVersion(version), kind) for kind, version in said]
    except InvalidVersion:
        return _as_far_as_read(said, own)
    bounds.sort(key=lambda one: (one[0] is not None, one[0] or own))
    within = False
    for bound, kind in bounds:
        if kind == "introduced":
            within = within or bound is None or own >= bound
        elif within and (own >= bound if kind == "fixed" else own > bound):
            within = False
    return AFFECTED if within else SILENT


def _as_far_as_read(said: list[tuple[str, str]], own: PypiVersion) -> str:
    """A bound cannot be read: what lies beyond the other bound of its pair is told, the rest is not."""
    within = False
    for kind, version in said:
        try:
            bound = None if version == "0" else PypiVersion(version)
        except InvalidVersion:
            within = True if kind == "introduced" else within
            if kind != "introduced" and within:
                return CANNOT_TELL
            continue
        if kind == "introduced":
            within = bound is None or own >= bound
        elif within and (own < bound if kind == "fixed" else own <= bound):
            return CANNOT_TELL
    return CANNOT_TELL if within and said[-1][0] == "introduced" else SILENT
