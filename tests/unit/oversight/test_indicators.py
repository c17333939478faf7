"""What is counted of how a body conducts reviews, and what is in no figure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from seatrial.kernel.clock import iso
from seatrial.review.oversight.core.drawing import drawn
from seatrial.review.oversight.core.indicators import indicators, is_late, pointers, requests
from seatrial.review.oversight.core.intervals import share, spread
from seatrial.review.oversight.core.lexicon import PHRASES, pressing
from seatrial.review.oversight.types import Happened, Inspected

START = datetime(2026, 7, 1, 9, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
Event = tuple[timedelta, str, dict[str, Any]]
WINDOW = {"opens": iso(START), "closes": iso(START + 30 * DAY)}


def review(
    *events: tuple[timedelta, str, dict[str, Any]], withdrawn: bool = False, policy: datetime = START
) -> Inspected:
    happened = tuple(
        Happened("main", place, START + after, kind, "review-1", facts)
        for place, (after, kind, facts) in enumerate(events)
    )
    return Inspected("review-1", "body", withdrawn, policy - 90 * DAY, 0, happened)


def consented(after: timedelta = HOUR) -> Event:
    return (after, "case.consented", {"window": WINDOW})


def asked(after: timedelta, thread: str = "t", wish: datetime | None = None) -> Event:
    return (after, "case.asked", {"thread": thread, "would_help_by": iso(wish) if wish else None})


@given(st.integers(0, 40 * 24))
def test_a_request_is_late_within_the_last_tenth_of_its_window_or_48_hours(hours: int) -> None:
    one = next(requests(review(consented(-HOUR), asked(hours * HOUR)).happened))
    assert is_late(one) == (hours >= 27 * 24)


def test_a_request_before_any_window_is_not_late_and_not_counted_as_if_it_could_be() -> None:
    found = indicators("body", "Body", [review(asked(HOUR))])
    assert (found.late.k, found.late.n) == (0, 0)
    assert found.requests.n == 1


def test_answers_belong_to_their_own_request() -> None:
    one = review(
        asked(HOUR, "a"), asked(2 * HOUR, "b"), (5 * HOUR, "case.answered", {"thread": "b"}), asked(6 * HOUR, "c")
    )
    found = indicators("body", "Body", [one])
    assert (found.answered.k, found.answered.n) == (1, 3)
    assert found.answered_hours.median == 3
    assert found.again.k == 1


def test_a_wish_presses_only_if_it_lies_before_the_windows_end() -> None:
    one = review(
        consented(), asked(2 * HOUR, "a", START + 3 * DAY), asked(3 * HOUR, "b", START + 31 * DAY), asked(4 * HOUR, "c")
    )
    assert indicators("body", "Body", [one]).wished.k == 1


def test_what_follows_a_request_within_a_day_is_pointed_at() -> None:
    one = review(consented(), asked(2 * HOUR), (25 * HOUR, "case.narrowed", {}), (28 * HOUR, "case.narrowed", {}))
    assert indicators("body", "Body", [one]).narrowed_after.k == 1
    assert [pointer.index for pointer in pointers(one)] == [2]


def test_a_withdrawn_review_is_pointed_at_and_is_in_no_figure() -> None:
    gone = review(consented(), asked(2 * HOUR), (3 * HOUR, "case.withdrawn", {}), withdrawn=True)
    kept = review(consented(), asked(2 * HOUR))
    assert indicators("body", "Body", [kept, gone]) == indicators("body", "Body", [kept])
    assert [pointer.what for pointer in pointers(gone)] == ["The developer withdrew within 24 hours of a request."]


def test_consents_signed_anew_soon_after_a_policy_are_counted() -> None:
    fresh = review(consented(), consented(2 * DAY), policy=START + 91 * DAY)
    old = review(consented(), consented(2 * DAY))
    assert (
        indicators("body", "Body", [fresh, old]).resigned.k,
        indicators("body", "Body", [fresh, old]).resigned.n,
    ) == (1, 2)


def test_nothing_to_count_has_no_interval_and_no_middle() -> None:
    found = indicators("body", "Body", [])
    assert found.answered.low is None
    assert found.requests.median is None


@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_holds_its_share_and_stays_inside(pair: tuple[int, int]) -> None:
    k, n = pair
    found = share(k, n)
    assert found.low is not None
    assert found.high is not None
    assert 0 <= found.low <= k / n + 1e-12
    assert k / n - 1e-12 <= found.high <= 1


def test_wilsons_interval_is_the_published_one() -> None:
    found = share(15, 148)  # Newcombe (1998), table I
    assert (round(found.low or 0, 4), round(found.high or 0, 4)) == (0.0624, 0.1605)


def test_the_middle_and_the_largest() -> None:
    assert spread([3, 1, 2, 10]).median == 2.5
    assert spread([3, 1, 2, 10]).largest == 10


def test_words_are_found_whole_in_any_case_and_not_in_quotations() -> None:
    assert pressing("You MUST answer,\nor   else. A mustard jar.") == ("must", "or else")
    assert pressing("> you must answer\nNo hurry.") == ()
    assert pressing("Which prompt will partners see?") == ()
    for phrase in PHRASES:
        assert phrase in pressing(f"Well, {phrase}.")


@given(st.text(min_size=1, max_size=20), st.sets(st.integers(0, 10_000), max_size=60), st.integers(1, 30))
def test_a_sample_is_drawn_the_same_again_whatever_the_order(seed: str, indexes: set[int], n: int) -> None:
    once = drawn(seed, "main", sorted(indexes), n)
    assert once == drawn(seed, "main", sorted(indexes, reverse=True), n)
    assert len(once) == min(n, len(indexes))
    assert set(once) <= indexes
    assert list(once) == sorted(once)


def test_every_entry_is_drawn_about_equally_often() -> None:
    counted = [0] * 20
    for seed in range(2000):
        for index in drawn(str(seed), "main", range(20), 5):
            counted[index] += 1
    assert min(counted) > 400
    assert max(counted) < 600
