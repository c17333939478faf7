"""Groups of what may be one flaw, for people to look at: suggestions gathered by average linkage.

Two groups are joined while the mean score over all pairs between them reaches what is asked; the pair of groups with
the highest mean goes first. A pair without a score counts as 0, so that a group does not grow along a chain of single
likenesses, and the larger the groups, the more of their pairs must be alike.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping


def groups(names: Iterable[str], scores: Mapping[tuple[str, str], float], least: float) -> tuple[tuple[str, ...], ...]:
    """Every name in exactly one group; groups and their names sorted, whatever the order they came in."""
    members = {name: [name] for name in sorted(set(names))}
    sums: dict[str, dict[str, float]] = {name: {} for name in members}
    for (a, b), value in scores.items():
        if a in members and b in members and a != b and value > 0:
            sums[a][b] = sums[b][a] = value
    heap = [(-value, a, b, 1, 1) for a, row in sums.items() for b, value in row.items() if a < b and value >= least]
    heapq.heapify(heap)
    while heap:
        _, a, b, size_a, size_b = heapq.heappop(heap)
        if len(members.get(a, ())) != size_a or len(members.get(b, ())) != size_b:
            continue  # one of them has grown or gone
        members[a] += members.pop(b)
        _gather(sums, a, b)
        for other, value in sums[a].items():
            mean = value / (len(members[a]) * len(members[other]))
            if mean >= least:
                one, two = min(a, other), max(a, other)
                heapq.heappush(heap, (-mean, one, two, len(members[one]), len(members[two])))
    return tuple(sorted(tuple(sorted(each)) for each in members.values()))


def _gather(sums: dict[str, dict[str, float]], a: str, b: str) -> None:
    """What was between ``b`` and others is now between ``a`` and them."""
    for other, value in sums.pop(b).items():
        del sums[other][b]
        if other != a:
            sums[a][other] = sums[other][a] = sums[a].get(other, 0.0) + value
