"""The calendar file, parsed back by the library that made it and looked at byte by byte."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from seatrial.review.planning.core.calendar_file import ics
from seatrial.review.planning.core.scheduling import schedule
from seatrial.review.planning.types import CalendarView, ReleasePlan
from simulators.release_plans import EARLY, PARTNER, PUBLIC, bare, milestone, usual

NAMES = (
    "Ọlá; Ade, Jr.",
    "Σωκράτης \\n",
    "李小龙" * 40,
    "محمد",
    "नेपाल",
    "👩‍🚀 " * 30,
    'a\u0301 "quoted"',
    "BEGIN:VEVENT",
)
words = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp", "Cn")), min_size=1, max_size=200)


def view(plan: ReleasePlan, revision: int = 1, **changes: Any) -> CalendarView:
    revisions = tuple((m.key, 1) for m in plan.milestones)
    made = CalendarView("plan-1", plan, schedule(plan, EARLY), revision, revisions, EARLY)
    return replace(made, **changes)


def events(data: bytes) -> dict[str, Any]:
    found = Calendar.from_ical(data).walk("VEVENT")
    assert len({str(event["UID"]) for event in found}) == len(found)
    return {str(event["UID"]).split(".")[0]: event for event in found}


def test_releases_and_window_are_moments_in_utc_and_milestones_whole_local_days() -> None:
    found = events(ics(view(usual())))
    assert found["partner-release"]["DTSTART"].dt == PARTNER
    assert found["public-release"]["DTSTART"].dt == PUBLIC
    assert found["window"]["DTEND"].dt - found["window"]["DTSTART"].dt == timedelta(hours=720)
    for item in schedule(usual(), EARLY).items:
        event = found[f"m-{item.milestone.key}"]
        starts, ends = event["DTSTART"].dt, event["DTEND"].dt
        assert (type(starts), starts, ends) == (date, item.starts, item.due + timedelta(days=1))
        assert event["DTSTAMP"].dt == EARLY


def test_a_milestone_late_in_the_day_of_a_far_zone_stays_on_its_local_day() -> None:
    late = datetime(2026, 11, 12, 10, 30, tzinfo=UTC)  # 23:30 on the 12th in Apia
    plan = replace(bare(milestone("x", days=0), zone="Pacific/Apia"), partner_release=late)
    assert events(ics(view(plan)))["m-x"]["DTSTART"].dt == date(2026, 11, 12)


@pytest.mark.parametrize("name", NAMES)
def test_names_in_every_script_come_back_as_they_were_and_lines_stay_short(name: str) -> None:
    data = ics(view(replace(bare(milestone("x", title=name, owner=name)), title=name)))
    event = events(data)["m-x"]
    assert str(event["SUMMARY"]) == name
    assert str(event["DESCRIPTION"]) == f"Owner: {name}\nTrack: product"
    assert str(Calendar.from_ical(data)["X-WR-CALNAME"]) == name
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))
    for line in data.split(b"\r\n"):
        line.decode()  # folded between characters, never inside one


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(words, words)
def test_no_text_leaves_its_place(title: str, owner: str) -> None:
    data = ics(view(bare(milestone("x", title=title, owner=owner))))
    found = events(data)
    assert len(found) == 3
    assert str(found["m-x"]["SUMMARY"]) == title
    assert str(found["m-x"]["DESCRIPTION"]) == f"Owner: {owner}\nTrack: product"


def test_the_same_revision_gives_the_same_bytes_and_a_change_raises_the_sequence_of_what_changed() -> None:
    plan = usual()
    assert ics(view(plan)) == ics(view(plan))
    key = plan.milestones[0].key
    changed = view(plan, 2, revisions=tuple((m.key, 2 if m.key == key else 1) for m in plan.milestones))
    before, after = events(ics(view(plan))), events(ics(changed))
    assert before.keys() == after.keys()
    grown = {uid for uid in after if after[uid]["SEQUENCE"] > before[uid]["SEQUENCE"]}
    assert grown == {f"m-{key}", "partner-release", "public-release", "window"}


def test_alarms_are_for_those_who_ask_and_not_for_what_is_done() -> None:
    plan = bare(milestone("x"), milestone("y", done_at=EARLY))
    assert b"VALARM" not in ics(view(plan))
    found = events(ics(view(plan), alarm_days=2))
    (alarm,) = found["m-x"].walk("VALARM")
    assert alarm["TRIGGER"].dt == timedelta(days=-2)
    assert not found["m-y"].walk("VALARM")
    assert str(found["m-y"]["SUMMARY"]) == "Done: Y"
