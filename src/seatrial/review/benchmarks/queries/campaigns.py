"""Campaigns: as they may be seen, and as they are run and counted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Q, Sum

from seatrial.kernel.digests import Digest, digest_of
from seatrial.kernel.errors import NotFound
from seatrial.kernel.labels import Label, Reader
from seatrial.review.benchmarks.core.elicitation import read as read_elicitation
from seatrial.review.benchmarks.core.fixed_sample import fixed_sample
from seatrial.review.benchmarks.core.intervals import cluster_robust
from seatrial.review.benchmarks.core.prefix import Prefix, Tally
from seatrial.review.benchmarks.models import Attempt, Campaign
from seatrial.review.benchmarks.types import (
    AttemptOutcome,
    AttemptResult,
    CampaignState,
    CampaignView,
    Cell,
    Elicitation,
    FamilyScore,
    Purpose,
    Threshold,
)


def campaign(asking: Reader, campaign_id: str) -> CampaignView:
    """Raises ``NotFound`` (``no-such-campaign``), also when it must not be seen to exist."""
    row = Campaign.objects.select_related("suite").filter(id=campaign_id).first()
    if row is None or not asking.may_read(Label.parse(row.label)):
        raise no_such_campaign(campaign_id)
    return view_of(row)


def no_such_campaign(campaign_id: str) -> NotFound:
    return NotFound("no-such-campaign", f"There is no campaign {campaign_id} that you may see; list a review's.")


def campaigns(asking: Reader, review: str) -> tuple[CampaignView, ...]:
    """The review's campaigns that ``asking`` may see, in the order planned."""
    rows = Campaign.objects.select_related("suite").filter(review=review).order_by("planned_at", "id")
    return tuple(view_of(row) for row in rows if asking.may_read(Label.parse(row.label)))


@dataclass(frozen=True, slots=True)
class Plan:
    """What running a campaign takes, and no view shows."""

    id: str
    cells: tuple[Cell, ...]  # in the committed order
    alpha: float
    model: str
    artefact: Digest
    started: int
    elicitation: Elicitation
    purpose: Purpose


def plan(campaign_id: str) -> Plan:
    """For ``run_campaign`` only, which has asked ``campaign`` before."""
    row = Campaign.objects.get(id=campaign_id)
    cells = tuple(Cell(item_of(cell), int(cell.rsplit("#", 1)[1])) for cell in row.order)
    return Plan(
        row.id,
        cells,
        row.alpha,
        row.model,
        Digest(row.artefact),
        row.attempts.count(),
        read_elicitation(row.method),
        Purpose(row.purpose),
    )


def prefix(campaign_id: str) -> Prefix:
    """What of the campaign is finished, counted in the committed order."""
    return prefix_of(Campaign.objects.get(id=campaign_id))


def prefix_of(row: Campaign) -> Prefix:
    """``prefix`` of a row that is loaded already."""
    counting = Prefix(row.order, threshold_of(row), decides=row.purpose == Purpose.DECIDE)
    for attempt in row.attempts.filter(outcome__in=_ENDED).order_by("cell", "number"):
        counting.record(result_of(attempt))
    return counting


def threshold_of(row: Campaign) -> Threshold:
    return Threshold(Digest(row.suite_id), row.metric, row.low, row.high, row.alpha)


def result_of(attempt: Attempt) -> AttemptResult:
    return AttemptResult(
        cell=attempt.cell,
        score=attempt.score,
        seconds=attempt.seconds,
        completion_digest=Digest(attempt.completion_digest or ""),
        prompt_tokens=attempt.prompt_tokens,
        completion_tokens=attempt.completion_tokens,
        model_identity=attempt.model_identity,
        refused=attempt.refused,
        error=attempt.error,
    )


def summary_of(row: Campaign, state: CampaignState, tally: Tally) -> Digest:
    """The digest a concluded campaign is pinned by: plan, verdict and every attempt in order."""
    return digest_of(
        {
            "campaign": row.id,
            "review": row.review,
            "suite": row.suite_id,
            "order": row.order_digest,
            "threshold": [row.metric, row.low, row.high, row.alpha],
            "state": state,
            "verdict": tally.decision.verdict,
            "counted": list(tally.cells),
            "unrunnable": list(tally.unrunnable),
            "model": tally.identity,
            "attempts": [
                [one.cell, one.number, one.outcome, one.score, one.completion_digest, one.model_identity]
                for one in row.attempts.order_by("cell", "number")
            ],
        }
    )


_ENDED = (AttemptOutcome.SCORED, AttemptOutcome.FAILED)


def view_of(row: Campaign) -> CampaignView:
    """The frozen form; whoever calls has checked the label."""
    tally = prefix_of(row).tally
    attempts = Attempt.objects.filter(campaign=row)
    in_prefix = frozenset(tally.cells)
    scored = attempts.filter(outcome=AttemptOutcome.SCORED).values_list("cell", "score")
    counted = {cell: score for cell, score in scored if cell in in_prefix and score is not None}
    sums = attempts.aggregate(
        Sum("prompt_tokens"),
        Sum("completion_tokens"),
        Sum("seconds"),
        started=Count("id"),
        solved=Count("id", filter=Q(outcome=AttemptOutcome.SCORED, score=1.0)),
    )
    families = _by_family(row, counted)
    domain = cluster_robust({family: list(cells.values()) for family, cells in families.items()})
    siblings = Campaign.objects.filter(review=row.review, suite=row.suite, purpose=Purpose.DECIDE)
    budget = siblings.aggregate(Sum("alpha"))["alpha__sum"]
    return CampaignView(
        id=row.id,
        review=row.review,
        name=row.name,
        state=CampaignState(row.state),
        suite=Digest(row.suite_id),
        suite_name=f"{row.suite.name} {row.suite.version}",
        items=len(row.suite.index),
        epochs=row.epochs,
        threshold=threshold_of(row),
        seed_commitment=Digest(row.seed_commitment),
        decision=tally.decision,
        funnel=tally.funnel,
        families=tuple(_family(row, family, cells) for family, cells in sorted(families.items())),
        started=sums["started"],
        counted=tally.decision.counted,
        unused=tally.unused,
        retried=tally.retried,
        unrunnable=len(tally.unrunnable),
        excluded=tuple((item, why) for item, why in row.excluded),
        refusals=attempts.filter(outcome=AttemptOutcome.SCORED, refused=True, cell__in=tally.cells).count(),
        fixed_sample=fixed_sample(threshold_of(row)),
        prompt_tokens=sums["prompt_tokens__sum"] or 0,
        completion_tokens=sums["completion_tokens__sum"] or 0,
        seconds=sums["seconds__sum"] or 0.0,
        model_identity=tally.identity,
        started_at=row.started_at,
        finished_at=row.finished_at,
        note=" ".join(filter(None, [row.note, row.power])) or None,
        label=Label.parse(row.label),
        domain_lower=domain.lower if domain else None,
        domain_upper=domain.upper if domain else None,
        error_budget=budget or row.alpha,
        elicitation=row.elicitation,
        summary=Digest(row.summary) if row.summary else None,
        purpose=Purpose(row.purpose),
        model=row.model,
        method=read_elicitation(row.method),
        ladder=row.ladder_id,
        solved=sums["solved"],
    )


def _by_family(row: Campaign, counted: dict[str, float]) -> dict[str, dict[str, float]]:
    families: dict[str, dict[str, float]] = defaultdict(dict)
    for cell, score in counted.items():
        families[row.suite.index[item_of(cell)][0]][cell] = score
    return families


def _family(row: Campaign, family: str, cells: dict[str, float]) -> FamilyScore:
    by_item: dict[str, list[float]] = defaultdict(list)
    for cell, score in cells.items():
        by_item[item_of(cell)].append(score)
    interval = cluster_robust(by_item)
    return FamilyScore(
        family=family,
        items=len(by_item),
        attempts=len(cells),
        mean=sum(cells.values()) / len(cells),
        lower=interval.lower if interval else None,
        upper=interval.upper if interval else None,
        human_minutes=_mean(row.suite.index[item][1] for item in by_item),
    )


def item_of(cell: str) -> str:
    return cell.rsplit("#", 1)[0]


def _mean(values: Iterable[float]) -> float:
    kept = list(values)
    return sum(kept) / len(kept)
