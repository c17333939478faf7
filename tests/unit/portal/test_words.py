"""How values are said on a page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from seatrial.kernel.labels import OPEN, Label
from seatrial.portal.templatetags import words
from seatrial.review.cases.types import AccessLevel, ReviewState


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (timedelta(days=12, hours=4, minutes=59), "12 days 4 hours"),
        (timedelta(days=1, minutes=30), "1 day"),
        (timedelta(hours=1, minutes=1), "1 hour 1 minute"),
        (90, "1 minute"),
        (59.9, "59 seconds"),
        (1, "1 second"),
        (timedelta(seconds=-5), "0 seconds"),
        (None, "–"),
    ],
)
def test_a_span_is_said_in_its_two_largest_units(length: timedelta | float | None, said: str) -> None:
    assert words.span(length) == said


def test_a_moment_is_a_time_element_in_utc() -> None:
    shown = words.moment(datetime(2026, 7, 1, 9, 5, tzinfo=UTC))
    assert "1 July 2026, 09:05 UTC" in shown
    assert 'datetime="2026-07-01T09:05:00.000000Z"' in shown


def test_every_state_and_every_depth_of_access_is_said_without_code_words() -> None:
    for word in (*ReviewState, *AccessLevel):
        said = words.said(word)
        assert "_" not in said
        assert said[0].isupper()


def test_a_label_is_said_with_the_names_of_its_audience() -> None:
    label = Label.among("lab-north", "body-one")
    said = words.labelled(label, {"lab-north": "North Lab", "body-one": "Body One"})
    assert said == "Controlled, TLP:AMBER+STRICT, for Body One and North Lab"
    assert words.labelled(OPEN) == "Open, TLP:CLEAR, for everyone"


def test_a_long_digest_is_abbreviated_but_whole_in_its_title() -> None:
    digest = "sha256:" + "ab" * 32
    assert f'title="{digest}"' in words.short(digest)
    assert words.short("") == "–"


def test_a_share_is_never_over_a_hundred_and_never_divides_by_nothing() -> None:
    assert words.percent(3, 2) == 100
    assert words.percent(1, 0) == 0


def test_every_event_of_a_review_is_told_in_words_of_its_own() -> None:
    from seatrial.review.cases.core.table import ROWS  # the table itself: a new event must get its words here

    for row in ROWS:
        assert row.entry in words._HAPPENED, row.entry
