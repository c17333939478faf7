"""Whose own dates are near."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta

from seatrial.clearinghouse.remediation.models import ExposureRow, PaceRow, Reminded


def due_soon(today: date) -> Mapping[str, list[str]]:
    """By operator, what it wants to be reminded of and was not yet; for the house itself."""
    found: dict[str, list[str]] = defaultdict(list)
    for pace in PaceRow.objects.exclude(remind=None):
        until = today + timedelta(days=pace.remind or 0)
        rows = ExposureRow.objects.filter(organisation=pace.organisation_id, over="", due__lte=until)
        told = set(Reminded.objects.filter(exposure__in=rows).values_list("exposure_id", "due"))
        found[pace.organisation_id] += [
            exposure for exposure, due in rows.values_list("id", "due") if (exposure, due) not in told
        ]
    return {organisation: ids for organisation, ids in found.items() if ids}
