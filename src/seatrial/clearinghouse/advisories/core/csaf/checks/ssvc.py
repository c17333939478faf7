"""SSVC: decision points exist in their namespace, and namespaces are registered.

Vulnerability ids of registered systems, too.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from seatrial.clearinghouse.advisories.core.csaf.reading import Flaw, Metric, Reading, mapping, objects, text, texts
from seatrial.clearinghouse.advisories.core.csaf.schemas import ssvc_faults
from seatrial.clearinghouse.advisories.core.csaf.table import NEW, Hits, Table
from seatrial.clearinghouse.advisories.core.csaf.values import moment, precedence

TABLE = Table()
_BASES = frozenset({"ssvc", "cvss", "cisa", "basic", "nist"})
_SPECIAL = frozenset({"example", "test"})
_TRANSLATED = re.compile(r"[/$](?!en\b)[a-z]{2,3}(-[A-Za-z0-9]+)*(?=$|/)")


@lru_cache(maxsize=1)
def _points() -> dict[str, dict[str, dict[str, dict[str, Any]]]]:
    """Decision points by namespace, key and version: the day since when, and values as [key, name] in order."""
    found: dict[str, dict[str, dict[str, dict[str, Any]]]] = json.loads(
        (files("seatrial.clearinghouse.advisories.core.csaf") / "data" / "ssvc.json").read_bytes()
    )
    return found


@lru_cache(maxsize=1)
def _systems() -> dict[str, str]:
    """Registered vulnerability id systems and the pattern of their ids."""
    found: dict[str, str] = json.loads(
        (files("seatrial.clearinghouse.advisories.core.csaf") / "data" / "id-systems.json").read_bytes()
    )
    return found


@dataclass(frozen=True, slots=True)
class Namespace:
    """The namespace of a decision point: whole, its base, and the base's first part."""

    whole: str

    @property
    def base(self) -> str:
        """What comes before extensions."""
        return self.whole.split("/", 1)[0]

    @property
    def root(self) -> str:
        """What comes before a fragment."""
        return self.base.split("#", 1)[0]

    @property
    def special(self) -> bool:
        """Whether it is reserved for examples and tests."""
        return self.root in _SPECIAL

    @property
    def registered(self) -> bool:
        """Whether its base is registered, or reserved for examples and tests."""
        return self.root in _BASES or self.special

    @property
    def extended(self) -> bool:
        """Whether it has an extension."""
        return "/" in self.whole


def _selections(r: Reading) -> Iterator[tuple[Flaw, Metric, dict[str, Any], list[tuple[str, dict[str, Any]]]]]:
    for flaw in r.flaws:
        for metric in flaw.metrics:
            ssvc = metric.content.get("ssvc_v2")
            if isinstance(ssvc, dict):
                yield (
                    flaw,
                    metric,
                    ssvc,
                    objects(ssvc.get("selections"), f"{metric.content_pointer}/ssvc_v2/selections"),
                )


def _spaces(r: Reading) -> Iterator[tuple[str, dict[str, Any], Namespace, dict[str, Any]]]:
    for _, _, ssvc, selections in _selections(r):
        for at, selection in selections:
            yield at, selection, Namespace(text(selection.get("namespace"))), ssvc


@TABLE.test("6.1.46", NEW)
def ssvc_schema(r: Reading) -> Hits:
    """An SSVC object follows its own schema."""
    for _, metric, ssvc, _ in _selections(r):
        for pointer, sentence in ssvc_faults(ssvc):
            yield f"{metric.content_pointer}/ssvc_v2{pointer}", sentence


@TABLE.test("6.1.47", NEW)
def targets(r: Reading) -> Hits:
    """SSVC decides on the vulnerability that it is given in."""
    for flaw, metric, ssvc, _ in _selections(r):
        known = {text(flaw.node.get("cve"))} | {text(item.get("text")) for _, item in flaw.each("ids")}
        for at, target in texts(ssvc.get("target_ids"), f"{metric.content_pointer}/ssvc_v2/target_ids"):
            whole = target == r.tracking.get("id")
            if (whole and len(r.flaws) > 1) or target not in known:
                yield at, f"The target {target} is not an id of this vulnerability alone."


@TABLE.test("6.1.48", NEW)
def decision_points(r: Reading) -> Hits:
    """A registered decision point exists, with those values, in that order."""
    for at, selection, space, _ in _spaces(r):
        if space.root == "invalid":
            yield f"{at}/namespace", "The namespace invalid is reserved for what is not valid."
        if not space.registered or space.special:
            continue
        key, version = text(selection.get("key")), text(selection.get("version"))
        known = _points().get(space.base, {}).get(key, {})
        point = known.get(version)
        if point is None and known and _newer(version, known):
            point = known[max(known, key=lambda name: precedence(name) or (0, 0, 0, ()))]
        if point is None:
            yield at, f"The namespace {space.base} has no decision point {key} in version {version}."
            continue
        order = [value[0] for value in point["values"]]
        given = [text(value.get("key")) for _, value in objects(selection.get("values"), "")]
        names = {value[0]: value[1] for value in point["values"]}
        for value in given:
            if value not in order:
                yield f"{at}/values", f"The decision point {key} {version} has no value {value}."
        places = [order.index(value) for value in given if value in order]
        translated = bool(_TRANSLATED.search(space.whole.replace("/", "$", 1)))
        if places != sorted(places) and not translated:
            yield f"{at}/values", f"The values of the decision point {key} are not in their order."
        yield from _misnamed(at, selection, space, names)


def _newer(version: str, known: dict[str, Any]) -> bool:
    """Whether a version came after all that are known here, so that it is judged by the newest of them."""
    rank = precedence(version)
    return rank is not None and all(rank > other for name in known if (other := precedence(name)))


def _misnamed(at: str, selection: dict[str, Any], space: Namespace, names: dict[str, str]) -> Hits:
    for place, value in objects(selection.get("values"), f"{at}/values"):
        key, name = text(value.get("key")), text(value.get("name"))
        if name and key in names and not space.extended and name != names[key]:
            yield f"{place}/name", f"The value {key} is called {names[key]}."


@TABLE.test("6.2.34", NEW)
def unknown_base(r: Reading) -> Hits:
    """The base namespace is registered."""
    for at, _, space, _ in _spaces(r):
        if not space.registered:
            yield f"{at}/namespace", f"The namespace {space.base} is not registered."


def _unregistered(r: Reading, *, clear: bool) -> Hits:
    if r.clear == clear:
        for at, _, space, _ in _spaces(r):
            if not space.registered:
                yield (
                    f"{at}/namespace",
                    f"The namespace {space.base} is not registered, so readers may not know its decision points.",
                )


def _extended(r: Reading, *, clear: bool) -> Hits:
    if r.clear == clear:
        for at, _, space, _ in _spaces(r):
            if space.extended and not space.special:
                yield f"{at}/namespace", f"The namespace {space.whole} has an extension, which readers may not know."


@TABLE.test("6.2.35", NEW)
def unregistered_clear(r: Reading) -> Hits:
    """What everybody reads uses registered namespaces."""
    return _unregistered(r, clear=True)


@TABLE.test("6.3.14", NEW)
def unregistered_shared(r: Reading) -> Hits:
    """What some read uses registered namespaces."""
    return _unregistered(r, clear=False)


@TABLE.test("6.2.36", NEW)
def extended_clear(r: Reading) -> Hits:
    """What everybody reads uses no extended namespaces."""
    return _extended(r, clear=True)


@TABLE.test("6.3.15", NEW)
def extended_shared(r: Reading) -> Hits:
    """What some read uses no extended namespaces."""
    return _extended(r, clear=False)


@TABLE.test("6.2.37", NEW)
def no_resource(r: Reading) -> Hits:
    """A namespace of one's own is explained somewhere."""
    for at, _, space, ssvc in _spaces(r):
        summaries = [text(item.get("summary")) for _, item in objects(ssvc.get("decision_point_resources"), "")]
        plain = space.registered and not space.extended
        if not plain and not space.special and not any(space.whole in summary for summary in summaries):
            yield f"{at}/namespace", f"No decision point resource explains the namespace {space.whole}."


@TABLE.test("6.3.13", NEW)
def latest_point(r: Reading) -> Hits:
    """The newest version of a decision point at its time is used."""
    for at, selection, space, ssvc in _spaces(r):
        versions = _points().get(space.base, {}).get(text(selection.get("key")), {})
        when = moment(text(mapping(ssvc).get("timestamp")))
        if space.special or not versions or not when:
            continue
        there = [version for version, point in versions.items() if point["since"] <= when.date().isoformat()]
        latest = max(there, key=lambda version: precedence(version) or (0, 0, 0, ()), default="")
        if latest and selection.get("version") != latest:
            yield f"{at}/version", f"At that time version {latest} of the decision point was the newest."


@TABLE.test("6.2.53", NEW)
def id_pattern(r: Reading) -> Hits:
    """An id of a registered system looks like one."""
    for flaw in r.flaws:
        for at, item in flaw.each("ids"):
            pattern = _systems().get(text(item.get("system_name")))
            if pattern and not re.search(pattern, text(item.get("text"))):
                yield f"{at}/text", f"The id does not look like one of {item['system_name']}."


@TABLE.test("6.3.20", NEW)
def unregistered_system(r: Reading) -> Hits:
    """An id system is registered."""
    for flaw in r.flaws:
        for at, item in flaw.each("ids"):
            if text(item.get("system_name")) not in _systems():
                yield f"{at}/system_name", f"The id system {item.get('system_name')} is not registered."
