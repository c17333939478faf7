"""An embargo's clock, the protocol's letters and a maintainer's capacity in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from seatrial.clearinghouse.coordination.core.tables import CASE, CASE_STATES, EMBARGO, REPORT
from seatrial.clearinghouse.coordination.types import (
    Answer,
    Capacity,
    Delivery,
    EmbargoState,
    EmbargoView,
    EndReason,
    MilestoneKind,
    PartyRole,
    Progress,
    ReportStatus,
    Step,
)
from seatrial.portal.moves import OF_CASE, OF_PARTY, found, offered
from seatrial.portal.pages.case_forms import FORMS
from seatrial.portal.pages.embargo import face
from seatrial.portal.templatetags import cases as words

NOW = datetime(2026, 7, 10, 9, tzinfo=UTC)
BOUND = NOW + timedelta(days=90)
NONE = EmbargoView(EmbargoState.NONE, None, BOUND, None, None, None, "", None, "", None, "")
ACTIVE = replace(NONE, state=EmbargoState.ACTIVE, until=NOW + timedelta(days=12, hours=4))


def test_each_state_of_the_embargo_is_said_and_no_two_alike() -> None:
    over = replace(ACTIVE, state=EmbargoState.EXITED, ended_at=NOW, reason=EndReason.ATTACKS)
    views = [
        NONE,
        replace(NONE, state=EmbargoState.PROPOSED, proposed_until=NOW + timedelta(days=45)),
        ACTIVE,
        replace(ACTIVE, state=EmbargoState.REVISE, decided="accept"),
        over,
    ]
    assert {view.state for view in views} == set(EmbargoState)
    faces = [face(view, NOW) for view in views]
    assert len(set(faces)) == len(views)
    assert faces[2].headline == "12 days 4 hours of embargo left"
    assert "accepted" in faces[3].outcome
    assert "attacks are seen" in faces[4].meaning
    assert "its date came" in face(replace(over, reason=None), NOW).meaning


@pytest.mark.parametrize(
    ("kinds", "table"),
    [
        (ReportStatus, words.STATUSES),
        (PartyRole, words.ROLES),
        (EmbargoState, words.EMBARGOES),
        (EndReason, words.REASONS),
        (Answer, words.ANSWERS),
        (Step, words.STEPS),
        (MilestoneKind, words.MILESTONES),
    ],
)
def test_every_word_of_coordination_has_words_on_a_page(kinds: type, table: dict[object, str]) -> None:
    assert set(table) == set(kinds)


def test_letters_are_told_for_every_state_of_the_protocol() -> None:
    told = {state: words.meaning(state) for state in CASE_STATES}
    assert len(set(told.values())) == len(CASE_STATES)
    assert told["VfdPxa"].startswith("the vendor knows, no fix is ready, no fix is out, public")
    assert told["---pxa"].startswith("not public")
    assert words.lettered("VFDPXA").count("title=") == 1


def test_every_move_of_the_protocol_has_a_button() -> None:
    of_party = {move.word for move in OF_PARTY}
    assert {f"report:{event}" for event in REPORT.transitions if event != "receive"} <= of_party
    assert set(CASE.transitions) <= of_party | {move.word for move in OF_CASE}
    assert {"propose", "answer", "adhere", "tell", "join", "decline", "heard"} <= of_party
    assert "terminate" in EMBARGO.transitions
    assert {move.word for move in OF_CASE} >= {"say", "invite", "milestone", "terminate"}
    for move in (*OF_PARTY, *OF_CASE):
        assert not (move.posts and move.word in FORMS), "a button that does it at once can ask nothing"
        assert found([move], [move.word], move.slug) is move
    assert offered(OF_CASE, ()) == []


def test_a_capacity_is_one_sentence() -> None:
    dates = ((date(2026, 12, 24), date(2027, 1, 2)),)
    said = words.capacity_words(Capacity(1, 2, frozenset({6, 5}), dates, Delivery.DIGEST))
    assert said == (
        "At most 1 case open at once and 2 new a week; nothing on Saturday, Sunday; "
        "nothing from 2026-12-24 to 2027-01-02; together, at most weekly."
    )
    assert words.capacity_words(Capacity(3, 2)).endswith("each as soon as there is room.")


def test_a_line_says_until_when_only_while_an_embargo_counts() -> None:
    def line(state: EmbargoState) -> str:
        return str(words.embargo_line(Progress("report-1", (), 0, state, NOW)))

    assert "Embargo until <time" in line(EmbargoState.ACTIVE)
    assert line(EmbargoState.REVISE).endswith("; another date is proposed")
    assert [line(state) for state in (EmbargoState.NONE, EmbargoState.PROPOSED, EmbargoState.EXITED)] == [
        "No embargo",
        "Embargo proposed",
        "Embargo over",
    ]
