"""A review's clock in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from seatrial.kernel.clock import Window
from seatrial.kernel.digests import digest
from seatrial.kernel.labels import OPEN
from seatrial.portal.pages.clock import face, way
from seatrial.review.cases.types import ENDED, AccessLevel, Budget, Clock, Consent, ReviewState, ReviewView

NOW = datetime(2026, 7, 10, 9, tzinfo=UTC)
WINDOW = Window(NOW - timedelta(days=3), NOW + timedelta(days=9))
CONSENT = Consent(
    id="consent-1",
    number=1,
    model="m",
    artefact=digest(b""),
    variant="safeguarded",
    people=frozenset({"eva"}),
    purposes=frozenset({"capability-evaluation"}),
    levels=frozenset({AccessLevel.API}),
    upstream="http://127.0.0.1:9000/v1",
    budget=Budget(1, 1, 1),
    window=WINDOW,
    label=OPEN,
    signed_by="sig",
    signed_at=NOW,
    digest=digest(b""),
)
VIEW = ReviewView(
    id="review-1",
    title="T",
    model="m",
    developer="lab",
    developer_name="North Lab",
    body="body",
    body_name="Body One",
    state=ReviewState.CONSENTED,
    clock=Clock(NOW + timedelta(days=9), NOW + timedelta(days=30), WINDOW, None),
    consent=CONSENT,
    countersigned=(),
    partners=(),
    requests=(),
    timeline=(),
    may=(),
    label=OPEN,
    policy_version="1",
)


def test_inside_the_window_the_clock_says_how_long_is_left_and_how_much_has_passed() -> None:
    shown = face(VIEW, NOW)
    assert shown.headline == "9 days left"
    assert shown.passed == 25


def test_before_the_window_the_clock_says_when_it_opens() -> None:
    assert face(VIEW, WINDOW.opens - timedelta(hours=2)).headline == "Opens in 2 hours"


def test_without_a_consent_nothing_is_due() -> None:
    offered = replace(VIEW, state=ReviewState.OFFERED, consent=None, clock=replace(VIEW.clock, window=None))
    shown = face(offered, NOW)
    assert shown.headline == "No access yet"
    assert "Nothing is due" in shown.meaning
    assert shown.passed is None


@pytest.mark.parametrize("state", sorted(ENDED))
def test_every_ending_is_said_and_shows_no_running_clock(state: ReviewState) -> None:
    shown = face(replace(VIEW, state=state), NOW)
    assert shown.headline.startswith("No access")
    assert shown.meaning
    assert shown.passed is None
    assert [stage.place for stage in way(replace(VIEW, state=state))] == ["past", "past", "past", "now"]


def test_a_review_that_ended_without_a_consent_does_not_claim_one() -> None:
    ended = replace(VIEW, state=ReviewState.WITHDRAWN, consent=None)
    assert [stage.place for stage in way(ended)] == ["past", "past", "ahead", "now"]


def test_a_leak_ends_access_and_moves_no_deadline() -> None:
    view = replace(VIEW, state=ReviewState.CONTAINED)
    assert face(view, NOW).headline == "No access: a leak was reported"
    assert "No deadline moves" in face(view, NOW).meaning
    assert [stage.place for stage in way(view)] == ["past", "past", "now", "ahead"]
