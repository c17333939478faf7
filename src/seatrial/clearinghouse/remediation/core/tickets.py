"""Exposures as rows for a ticket system: CSV that no spreadsheet runs, and the same as JSON."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from seatrial.clearinghouse.remediation.types import ExposureView
from seatrial.kernel.text import harmless

COLUMNS = (
    "id",
    "system",
    "component",
    "version",
    "advisory",
    "title",
    "urgency",
    "since",
    "due",
    "status",
    "over",
    "action",
    "why",
)


def row(one: ExposureView) -> dict[str, str]:
    """By column; moments and dates as ISO 8601, what is not there empty."""
    found = {
        "id": one.id,
        "system": one.system,
        "component": one.component,
        "version": one.version,
        "advisory": one.advisory,
        "title": one.title,
        "urgency": one.urgency,
        "since": one.since.isoformat(),
        "due": one.due.isoformat() if one.due else "",
        "status": one.status or "",
        "over": one.over or "",
        "action": one.action,
        "why": one.why,
    }
    return {name: str(found[name]) for name in COLUMNS}


def as_csv(exposures: Iterable[ExposureView]) -> str:
    """With a heading (RFC 4180). A value that would be taken for a formula begins with an apostrophe."""
    made = io.StringIO()
    writer = csv.DictWriter(made, COLUMNS)
    writer.writeheader()
    for one in exposures:
        writer.writerow({name: harmless(value) for name, value in row(one).items()})
    return made.getvalue()
