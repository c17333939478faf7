"""Which advisories came out of a case: for the house itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from seatrial.clearinghouse.advisories.models import Advisory


def advisories_of(cases: Collection[str]) -> dict[str, tuple[str, ...]]:
    """By case, the names of those that were published, withdrawn ones too."""
    found: dict[str, list[str]] = defaultdict(list)
    rows = Advisory.objects.filter(case__in=cases, revision__gt=0).order_by("tracking")
    for case, name in rows.values_list("case_id", "tracking"):
        found[case].append(name)
    return {case: tuple(names) for case, names in found.items()}
