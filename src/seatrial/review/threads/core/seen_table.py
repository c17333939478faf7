"""Who has seen what as a table for a spreadsheet (RFC 4180)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from seatrial.kernel.clock import iso
from seatrial.kernel.text import harmless
from seatrial.review.threads.types import SightingView

HEADINGS = ("what", "id", "title", "person", "organisation", "first seen (UTC)", "last seen (UTC)", "separate hours")


def seen_table(sightings: Iterable[SightingView]) -> str:
    """A row for each, under ``HEADINGS``. A text that a spreadsheet would compute begins with an apostrophe."""
    made = io.StringIO()
    table = csv.writer(made)
    table.writerow(HEADINGS)
    for row in sightings:
        who = (row.kind, row.object, row.title, row.person, row.organisation)
        table.writerow([*map(harmless, who), iso(row.first_at), iso(row.last_at), row.times])
    return made.getvalue()
