"""What a report's document says for its case."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from seatrial.clearinghouse.coordination.core.provenance import first_date, hops, longer_date, wish

NOW = datetime(2026, 7, 1, tzinfo=UTC)
USUAL, BOUND = NOW + timedelta(days=45), NOW + timedelta(days=90)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("2026-08-01", datetime(2026, 8, 1, 23, 59, 59, tzinfo=UTC)),
        ("2026-08-01T12:00:00+02:00", datetime(2026, 8, 1, 10, tzinfo=UTC)),
        ("soon", None),
        ("2026-13-01", None),
        ("2026-08-01T12:00:00", None),
        ("", None),
    ],
)
def test_the_date_a_report_asks_for(said: str, meant: datetime | None) -> None:
    assert wish({"embargo": {"until": said}}) == meant


def test_a_report_that_asks_for_nothing() -> None:
    assert wish({}) is None
    assert hops({}, "North Lab") == ()


def test_the_chain_is_told_from_the_nearest_on_and_without_whoever_brought_it() -> None:
    chain = [{"organisation": name} for name in ("Finder AG", "JPCERT", "Finder AG", "north lab")]
    assert hops({"chain": chain}, "North Lab") == ("Finder AG", "JPCERT")


def test_of_two_dates_the_shorter_is_agreed_and_the_longer_proposed_as_far_as_the_terms_allow() -> None:
    shorter, longer = NOW + timedelta(days=7), NOW + timedelta(days=60)
    assert first_date(USUAL, [None, longer], NOW) == USUAL
    assert first_date(USUAL, [shorter, longer], NOW) == shorter
    assert first_date(USUAL, [NOW - timedelta(days=1)], NOW) == USUAL, "what is past asks for nothing"
    assert longer_date(USUAL, [None, shorter], BOUND) is None
    assert longer_date(USUAL, [longer], BOUND) == longer
    assert longer_date(USUAL, [BOUND + timedelta(days=900)], BOUND) == BOUND
