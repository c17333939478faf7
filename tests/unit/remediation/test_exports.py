"""What an operator takes out: tickets that no spreadsheet runs, VEX, a calendar."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from seatrial.clearinghouse.remediation.adapters.calendar import calendar
from seatrial.clearinghouse.remediation.core.tickets import COLUMNS, as_csv
from seatrial.clearinghouse.remediation.core.vex import openvex
from seatrial.clearinghouse.remediation.types import AnswerView, ExposureView, Justification, Said, Status
from seatrial.kernel.text import harmless

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
ONE = ExposureView(
    id="exposure-1",
    organisation="brackwater",
    advisory="SEA-2026-0001",
    title="A long line",
    urgency="act",
    system="pump 7",
    component="pkg:pypi/curd",
    version="1.2",
    why="1.2 is before 1.3",
    action="Update to 1.3.",
    since=NOW,
    due=date(2026, 11, 4),
    status=None,
    over=None,
    over_at=None,
)


@pytest.mark.parametrize("hostile", ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "|x"])
def test_a_spreadsheet_runs_nothing(hostile):
    [row] = csv.DictReader(io.StringIO(as_csv([replace(ONE, system=hostile)]), newline=""))
    assert row["system"] == f"'{hostile}"


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\r\n\0"), max_size=30))
def test_other_values_come_through_as_they_are(text):
    [row] = csv.DictReader(io.StringIO(as_csv([replace(ONE, title=text)]), newline=""))
    assert row["title"] == harmless(text)
    assert list(row) == list(COLUMNS)


def test_vex_says_what_was_said_last():
    said = (
        AnswerView(Said(Status.NOT_AFFECTED, Justification.CODE_NOT_PRESENT), NOW, "person-1"),
        AnswerView(Said(Status.AFFECTED), NOW, "person-1"),
    )
    made = openvex("Brackwater", [replace(ONE, answers=said), ONE], NOW)
    [statement] = made["statements"]
    assert statement["status"] == "not_affected"
    assert statement["justification"] == "vulnerable_code_not_present"
    assert statement["products"] == [{"@id": "pump 7", "subcomponents": [{"@id": "pkg:pypi/curd@1.2"}]}]
    [affected] = openvex("Brackwater", [replace(ONE, answers=said[1:])], NOW)["statements"]
    assert affected["action_statement"] == "Update to 1.3."


def test_the_calendar_holds_what_has_a_date_and_no_line_breaks_out():
    hostile = replace(ONE, system="pump\r\nATTENDEE:mailto:x@example.com")
    events = Calendar.from_ical(calendar([hostile, replace(ONE, id="exposure-2", due=None)])).walk("VEVENT")
    assert len(events) == 1
    assert events[0]["uid"] == "exposure-1@seatrial"
    assert events[0].decoded("dtstart") == date(2026, 11, 4)
    assert "attendee" not in events[0]
