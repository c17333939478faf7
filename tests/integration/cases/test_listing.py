"""What has ended is told by the database exactly as the rule tells it."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from itertools import product
from typing import Any

from seatrial.kernel.clock import iso, now
from seatrial.review.cases import api as cases
from seatrial.review.cases.core.case import state_of
from seatrial.review.cases.models import ConsentRow, Review
from seatrial.review.cases.queries.listing import at
from seatrial.review.cases.queries.rows import case_of, rows
from seatrial.review.cases.types import ENDED, ItemKind, ItemView
from simulators.staged_reviews import consented

MOMENTS = (None, timedelta(days=1), timedelta(days=2), timedelta(days=3))


def test_ended_in_the_database_is_ended_by_the_rule_at_every_moment(world: Any) -> None:
    """Every combination of plan, consents and recorded endings, before, at and after each of their moments."""
    start, template = now(), Review.objects.get(id=consented(world, "A voyage"))
    consent = ConsentRow.objects.get(review=template)
    made, signed = list[Review](), list[ConsentRow]()
    for planned, earliest, recorded, name, closes in product(
        MOMENTS[1:], MOMENTS, MOMENTS, ("withdrawn_at", "released_at", "closed_at"), (*MOMENTS, "two")
    ):
        row = Review.objects.get(id=template.id) if not made else _copy(made[0])
        row.id, row.partner_release = f"review-{len(made):016}", start + planned
        row.earliest_release, row.withdrawn_at, row.released_at, row.closed_at = _at(start, earliest), None, None, None
        setattr(row, name, _at(start, recorded))
        made.append(row)
        for number, end in enumerate((timedelta(days=3), timedelta(days=2)) if closes == "two" else [closes]):
            if end is not None:
                signed.append(_signed(consent, row.id, number + 1, start + end, len(signed)))
    Review.objects.bulk_create(made)
    ConsentRow.objects.bulk_create(signed)
    found = {row.id: case_of(row) for row in rows().exclude(id=template.id)}
    for moment in (start + timedelta(hours=hours) for hours in (23, 24, 25, 48, 60, 72, 73)):
        past = {key: case for key, case in found.items() if _recorded(case) <= moment}
        over = {key for key, case in past.items() if state_of(case, moment) in ENDED}
        for ended, expected in ((True, over), (False, past.keys() - over)):
            ids = set(at(Review.objects.all(), moment, ended=ended).values_list("id", flat=True))
            assert ids & past.keys() == expected


def test_duties_are_dated_as_the_rule_dates_them_and_read_in_parts(world: Any) -> None:
    """Whatever ended it: each thing's date in the list of all is the one in its review's own inventory."""
    endings = (None, cases.withdraw, cases.record_release, cases.close)
    reviews = [consented(world, f"Voyage {number}") for number in range(2 * len(endings))]
    for number, review in enumerate(reviews):
        for own in (None, now() + timedelta(days=1 + number), now() + timedelta(days=90)):
            cases.hand_over(
                by=world.security, review=review, kind=ItemKind.OUTPUTS, text="Scores", holder=world.body, due_at=own,
                at=now(),
            )  # fmt: skip
        if (end := endings[number % len(endings)]) is not None:
            end(by=world.governance, review=review, at=now())
    for moment in (now(), now() + timedelta(days=200)):  # later, time has ended the rest
        each = {item.id: item for review in reviews for item in cases.items(world.intake, review, moment)}
        found = cases.duties(world.intake, moment)
        assert {item.id: item for item in found} == each
        assert [item.due_at for item in found if item.due_at] == sorted(i.due_at for i in each.values() if i.due_at)
        part, read = cases.duties(world.intake, moment, limit=5), list[ItemView]()
        while part:
            read += part
            part = cases.duties(world.intake, moment, after=part[-1].id, limit=5)
        assert tuple(read) == found


def _recorded(case: Any) -> datetime:
    """When the ending was recorded; nobody can ask before."""
    moments = (case.withdrawn_at, case.released_at, case.closed_at)
    return max((moment for moment in moments if moment is not None), default=case.offered_at)


def _copy(row: Review) -> Review:
    return Review(**{field.attname: getattr(row, field.attname) for field in Review._meta.concrete_fields})


def _signed(consent: ConsentRow, review: str, number: int, closes: datetime, place: int) -> ConsentRow:
    """A consent whose text says when it closes, as every signed one does."""
    said = json.loads(consent.statement)
    said["window"]["closes"] = iso(closes)
    values = {field.attname: getattr(consent, field.attname) for field in ConsentRow._meta.concrete_fields}
    changed = {"id": f"consent-{place:016}", "review_id": review, "number": number, "closes": closes}
    return ConsentRow(**{**values, **changed, "statement": json.dumps(said)})


def _at(start: datetime, after: timedelta | None) -> datetime | None:
    return None if after is None else start + after
