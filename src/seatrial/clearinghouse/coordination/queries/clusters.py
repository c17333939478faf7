"""Which reports a case should be about: those of its cluster as it is now. For the house itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from seatrial.clearinghouse.coordination.models import SubjectRow
from seatrial.clearinghouse.triage import api as triage


def behind_their_clusters() -> tuple[str, ...]:
    """Open cases of a cluster that reports have joined or left since, by id."""
    clusters = SubjectRow.objects.filter(subject__startswith="cluster-", case__closed_at=None)
    cases = set(clusters.values_list("case_id", flat=True))
    return tuple(sorted(case for case, (came, left) in moved(cases).items() if came or left))


def moved(cases: Iterable[str]) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    """For each case the reports that joined its cluster and those that left it again.

    What was named at the opening stays; what is the subject of another case is that one's.
    """
    named: dict[str, set[str]] = defaultdict(set)
    followed: dict[str, set[str]] = defaultdict(set)
    for row in SubjectRow.objects.filter(case__in=list(cases)):
        (followed if row.followed_at else named)[row.case_id].add(row.subject)
    clusters = {case: {one for one in several if one.startswith("cluster-")} for case, several in named.items()}
    members = triage.members(set().union(*clusters.values()))
    now = {case: {one for name in names for one in members.get(name, ())} for case, names in clusters.items()}
    every = set().union(*now.values()) if now else set()
    taken = set(SubjectRow.objects.filter(subject__in=every).values_list("subject", flat=True))
    return {
        case: (tuple(sorted(here - taken)), tuple(sorted(followed[case] - here - named[case])))
        for case, here in now.items()
    }
