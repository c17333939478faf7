"""What an operator may say, and whose dates there are."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from seatrial.clearinghouse.remediation.core.answers import check, over_after
from seatrial.clearinghouse.remediation.core.dates import OVER, check_pace, due, rank
from seatrial.clearinghouse.remediation.core.sectors import LEAST, check_sector, hidden
from seatrial.clearinghouse.remediation.core.undertakings import CLEARINGHOUSE, MOVES, OPERATOR, move, moves
from seatrial.clearinghouse.remediation.core.urgency import urgency
from seatrial.clearinghouse.remediation.types import (
    URGENCIES,
    Justification,
    Over,
    PaceView,
    Said,
    Status,
    UndertakingState,
)
from seatrial.kernel.errors import Misuse, Refused

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("justification", [None, *Justification])
@pytest.mark.parametrize("note", ["", " ", "because"])
@pytest.mark.parametrize("until", [None, date(2026, 12, 1)])
def test_every_answer_is_taken_or_refused_as_vex_wants(status, justification, note, until):
    reason = bool(justification or note.strip())
    fits = (
        (status is not Status.NOT_AFFECTED or reason)
        and (justification is None or status is Status.NOT_AFFECTED)
        and (until is None or status not in OVER)
    )
    said = Said(status, justification, note, "", until)
    if fits:
        assert check(said, NOW).note == note.strip()
    else:
        with pytest.raises(Misuse):
            check(said, NOW)


@pytest.mark.parametrize("days", [-1, 3651])
def test_a_date_lies_ahead_and_within_ten_years(days):
    with pytest.raises(Misuse, match="within ten years"):
        check(Said(Status.AFFECTED, until=(NOW + timedelta(days=days)).date()), NOW)


@pytest.mark.parametrize("note", ["x" * 4001, "\x1b[2J", "\u202etxt"])
def test_a_note_that_cannot_be_shown_is_refused(note):
    with pytest.raises(Misuse):
        check(Said(Status.FIXED, note=note), NOW)


@pytest.mark.parametrize("over", [None, *Over])
@pytest.mark.parametrize("status", Status)
def test_an_answer_ends_and_reopens_only_what_an_answer_ended(over, status):
    after = over_after(over, Said(status))
    if over is Over.GONE:
        assert after is over
    else:
        assert after is (Over.ANSWER if status in OVER else None)


def test_nobody_sets_a_date_but_the_operator():
    for word in URGENCIES:
        assert due(None, word, NOW, None) is None
        assert due(PaceView("one"), word, NOW, None) is None
    pace = PaceView("one", act=3, track_more=30)
    assert due(pace, "act", NOW, None) == date(2026, 11, 4)
    assert due(pace, "track*", NOW, None) == date(2026, 12, 1)
    assert due(pace, "track", NOW, None) is None
    assert due(pace, "act", NOW, Said(Status.AFFECTED, until=date(2027, 1, 1))) == date(2027, 1, 1)
    assert due(pace, "act", NOW, Said(Status.UNDER_INVESTIGATION)) == date(2026, 11, 4)
    for status in OVER:
        assert due(pace, "act", NOW, Said(status)) is None


@pytest.mark.parametrize("pace", [PaceView("one", act=-1), PaceView("one", track=4000), PaceView("one", remind=-2)])
def test_a_pace_that_cannot_be_kept_is_refused(pace):
    with pytest.raises(Misuse):
        check_pace(pace)


def test_urgencies_have_an_order_and_others_are_refused():
    assert [rank(word) for word in URGENCIES] == [0, 1, 2, 3]
    with pytest.raises(Misuse):
        rank("soon")


def test_a_number_behind_which_few_stand_is_hidden():
    assert [hidden(7, operators) for operators in (0, LEAST - 1, LEAST)] == [None, None, 7]
    with pytest.raises(Misuse, match="choose one of"):
        check_sector("circus")
    assert check_sector("") == ""


@pytest.mark.parametrize("state", UndertakingState)
@pytest.mark.parametrize("name", ["agree", "decline", "end"])
@pytest.mark.parametrize("who", [OPERATOR, CLEARINGHOUSE])
def test_a_duty_moves_only_as_the_table_says(state, name, who):
    allowed, after = MOVES.get((state, name), (frozenset(), state))
    if who in allowed:
        assert move(state, name, who) is after
        assert name in moves(state, who)
    else:
        with pytest.raises(Refused):
            move(state, name, who)
        assert name not in moves(state, who)


def test_nothing_binds_without_the_operator_and_it_can_always_leave():
    assert all(who == {OPERATOR} for who, after in MOVES.values() if after is UndertakingState.AGREED)
    assert "end" in moves(UndertakingState.AGREED, OPERATOR)
    assert "decline" in moves(UndertakingState.OFFERED, OPERATOR)


@pytest.mark.parametrize(
    ("exploited", "epss", "word"),
    [
        (True, None, "act"),
        (True, 0.0, "act"),
        (False, 0.1, "attend"),
        (False, 0.0999, "track*"),
        (False, 0.01, "track*"),
        (False, 0.009, "track"),
        (False, None, "track"),
    ],
)
def test_urgency_goes_by_what_is_known_of_its_use(exploited, epss, word):
    assert urgency(exploited=exploited, epss=epss) == word
    assert word in URGENCIES
