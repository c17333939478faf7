"""Which reports are one flaw, worked out from links alone.

Links that join are taken strongest first: what a person says, then what one patch stops, then the same crash of the
same target. None is followed that would put together two reports which a person put apart. So the clusters depend on
the links that stand and on nothing else: not on the order in which they came, and a link that is undone is as if it had
never been.

A cluster is named after its first report, so that undoing a link also brings the name back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from seatrial.clearinghouse.triage.types import LinkKind

_STRENGTH = {LinkKind.SAME: 0, LinkKind.PATCH: 1, LinkKind.EXACT: 2}


@dataclass(frozen=True, slots=True, order=True)
class Tie:
    """A link that stands, its ends in order."""

    one: str
    other: str
    kind: LinkKind


@dataclass(frozen=True, slots=True)
class Clusters:
    """The name of each report's cluster, and the links that were not followed because somebody put reports apart."""

    of: Mapping[str, str]
    held_apart: frozenset[Tie]


def cluster_name(report: str) -> str:
    """The cluster that has ``report`` as its first."""
    return f"cluster-{report.removeprefix('report-')}"


def first_report(cluster: str) -> str:
    """The report that ``cluster`` is named after; it may have moved to another since."""
    return f"report-{cluster.removeprefix('cluster-')}"


def clusters(reports: Iterable[str], ties: Iterable[Tie]) -> Clusters:
    """Ids of reports sort by the time they came in; ties to others than ``reports`` are passed over."""
    groups = {report: {report} for report in sorted(reports)}
    known = [tie for tie in ties if tie.one in groups and tie.other in groups]
    apart: dict[str, set[str]] = defaultdict(set)
    for tie in known:
        if tie.kind is LinkKind.APART:
            apart[tie.one].add(tie.other)
            apart[tie.other].add(tie.one)
    held = set()
    for tie in sorted((tie for tie in known if tie.kind in _STRENGTH), key=lambda tie: (_STRENGTH[tie.kind], tie)):
        one, other = groups[tie.one], groups[tie.other]
        if one is other:
            continue
        smaller, larger = sorted((one, other), key=len)
        if any(apart[report] & larger for report in smaller):
            held.add(tie)
            continue
        larger |= smaller
        for report in smaller:
            groups[report] = larger
    names = {id(group): cluster_name(min(group)) for group in groups.values()}
    return Clusters({report: names[id(group)] for report, group in groups.items()}, frozenset(held))
