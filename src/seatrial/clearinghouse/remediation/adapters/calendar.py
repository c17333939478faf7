"""An operator's own dates as a calendar (RFC 5545)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from icalendar import Calendar, Event

from seatrial.clearinghouse.remediation.types import ExposureView


def calendar(exposures: Iterable[ExposureView]) -> bytes:
    """An all-day event for each exposure with a date, named by its own id, so that a reader updates what it has.

    The same exposures give the same bytes.
    """
    found = Calendar()
    found.add("prodid", "-//Seatrial//Exposures//EN")
    found.add("version", "2.0")
    for one in exposures:
        if one.due is None:
            continue
        event = Event()
        event.add("uid", f"{one.id}@seatrial")
        event.add("dtstamp", one.since)
        event.add("dtstart", one.due)
        event.add("dtend", one.due + timedelta(days=1))
        event.add("summary", f"{one.system}: {one.component} {one.version}")
        event.add("description", f"{one.title} ({one.advisory}). {one.action}".strip())
        event.add("transp", "TRANSPARENT")
        found.add_component(event)
    made: bytes = found.to_ical()
    return made
