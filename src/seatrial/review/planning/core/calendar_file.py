"""A release plan as an iCalendar file (RFC 5545), for whoever keeps a calendar.

Milestones are whole days of the plan's zone; the two releases and the window are moments in UTC, so that every
calendar shows them right wherever it is. A UID stays with its milestone for ever; SEQUENCE grows when it changes.
The text is what the lab typed and nothing else.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from icalendar import Alarm, Calendar, Event

from seatrial.review.planning.types import CalendarView, Item, Progress

_DAY = timedelta(days=1)
_DOMAIN = "seatrial"  # of UIDs; they name no machine
_MOMENT = timedelta(hours=1)  # what a release takes up in a calendar


def ics(view: CalendarView, *, alarm_days: int | None = None) -> bytes:
    """The calendar file; with ``alarm_days`` each open milestone reminds that many days before it begins.

    The same plan in the same revision gives the same bytes.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Seatrial//Release plan//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("name", view.plan.title)
    calendar.add("x-wr-calname", view.plan.title)
    calendar.add("x-wr-timezone", view.plan.zone)
    calendar.add("refresh-interval", timedelta(hours=1), parameters={"VALUE": "DURATION"})
    plan = view.plan
    ends = (
        ("partner-release", f"{plan.model}: release to trusted partners", plan.partner_release),
        ("public-release", f"{plan.model}: public release", plan.public_release),
    )
    for key, summary, at in ends:
        calendar.add_component(_event(view, key, summary, at, at + _MOMENT, view.revision))
    if view.schedule.window is not None:
        window = view.schedule.window
        summary = f"{plan.model}: review window (planned)"
        calendar.add_component(_event(view, "window", summary, window.opens, window.closes, view.revision))
    revisions = dict(view.revisions)
    for item in view.schedule.items:
        calendar.add_component(_milestone(view, item, revisions.get(item.milestone.key, view.revision), alarm_days))
    return bytes(calendar.to_ical())


def _milestone(view: CalendarView, item: Item, revision: int, alarm_days: int | None) -> Event:
    milestone = item.milestone
    done = milestone.progress is Progress.DONE
    summary = f"{'Done: ' if done else ''}{milestone.title}"
    event = _event(view, f"m-{milestone.key}", summary, item.starts, item.due + _DAY, revision)
    needs = f"\nNeeds: {', '.join(milestone.needs)}" if milestone.needs else ""
    event.add("description", f"Owner: {milestone.owner}\nTrack: {milestone.track.value}{needs}")
    event.add("categories", [milestone.track.value])
    event.add("transp", "TRANSPARENT")
    if alarm_days is not None and not done:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", milestone.title)
        alarm.add("trigger", -alarm_days * _DAY)
        event.add_component(alarm)
    return event


def _event(
    view: CalendarView, key: str, summary: str, starts: date | datetime, ends: date | datetime, revision: int
) -> Event:
    event = Event()
    event.add("uid", f"{key}.{view.id}@{_DOMAIN}")
    event.add("dtstamp", view.changed_at)
    event.add("sequence", revision - 1)
    event.add("summary", summary)
    event.add("dtstart", starts)
    event.add("dtend", ends)
    return event
