"""Ladders: several campaigns under one error budget, read as one, and items beside their neutral twins."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from seatrial.kernel.digests import Digest
from seatrial.kernel.errors import NotFound
from seatrial.kernel.labels import Label, Reader
from seatrial.review.benchmarks.core.ladder import ladder_verdict
from seatrial.review.benchmarks.core.manifest import read_manifest
from seatrial.review.benchmarks.core.record import item_of
from seatrial.review.benchmarks.core.twins import Tried, compare
from seatrial.review.benchmarks.models import Attempt, Campaign, Ladder
from seatrial.review.benchmarks.queries.campaigns import views
from seatrial.review.benchmarks.types import AttemptOutcome, LadderView, Purpose, Twins


def ladder(asking: Reader, ladder_id: str) -> LadderView:
    """Raises ``NotFound`` (``no-such-ladder``), also when it must not be seen to exist."""
    row = Ladder.objects.select_related("suite").filter(id=ladder_id).first()
    if row is None or not asking.may_read(Label.parse(row.label)):
        raise no_such_ladder(ladder_id)
    return _view(row)


def no_such_ladder(ladder_id: str) -> NotFound:
    return NotFound("no-such-ladder", f"There is no ladder {ladder_id} that you may see; list a review's.")


def ladders(asking: Reader, review: str) -> tuple[LadderView, ...]:
    """The review's ladders that ``asking`` may see, in the order planned."""
    rows = Ladder.objects.select_related("suite").filter(review=review).order_by("planned_at", "id")
    return tuple(_view(row) for row in rows if asking.may_read(Label.parse(row.label)))


def rungs(asking: Reader, ladder_id: str) -> tuple[str, ...]:
    """The campaigns of a ladder that ``asking`` may see, in the order of its rungs; none if there is no such ladder."""
    rows = Campaign.objects.filter(ladder_id=ladder_id).order_by("rung")
    return tuple(row.id for row in rows if asking.may_read(Label.parse(row.label)))


def _view(row: Ladder) -> LadderView:
    campaigns = tuple(row.rungs.select_related("suite").order_by("rung"))
    shown = views(campaigns)
    return LadderView(
        id=row.id,
        review=row.review,
        name=row.name,
        suite=Digest(row.suite_id),
        suite_name=f"{row.suite.name} {row.suite.version}",
        alpha=row.alpha,
        verdict=ladder_verdict([view.decision.verdict for view in shown if view.purpose is Purpose.DECIDE]),
        rungs=shown,
        twins=_twins(row, campaigns),
        label=Label.parse(row.label),
    )


def _twins(row: Ladder, campaigns: tuple[Campaign, ...]) -> tuple[Twins, ...]:
    """The first deciding rung's items beside the twins' rung: both are asked in the plain way."""
    twins = next((one for one in campaigns if one.purpose == Purpose.TWINS), None)
    items = next((one for one in campaigns if one.purpose == Purpose.DECIDE), None)
    if twins is None or items is None:
        return ()
    told = read_manifest(row.suite.manifest.encode()).items
    twin_of = {item.id: item.twin_of for item in told if item.twin_of is not None}
    families = {item: family for item, (family, _) in row.suite.index.items()}
    return compare(families, _tried(items), {twin_of[item]: found for item, found in _tried(twins).items()})


def _tried(campaign: Campaign) -> Mapping[str, Tried]:
    """Every scored attempt of each item. The twins are no part of the decision, so its order does not matter here."""
    scores: dict[str, list[float]] = defaultdict(list)
    refusals: dict[str, int] = defaultdict(int)
    rows = Attempt.objects.filter(campaign=campaign, outcome=AttemptOutcome.SCORED)
    for cell, score, refused in rows.values_list("cell", "score", "refused"):
        scores[item_of(cell)].append(score or 0.0)
        refusals[item_of(cell)] += refused
    return {item: Tried(tuple(found), refusals[item]) for item, found in scores.items()}
