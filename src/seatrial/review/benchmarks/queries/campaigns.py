"""Campaigns: as they may be seen, and as they are run and counted."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from django.db.models import Count, Q, Sum

from seatrial.kernel.digests import Digest
from seatrial.kernel.errors import NotFound, Refused
from seatrial.kernel.labels import Label, Reader
from seatrial.review.benchmarks.core.elicitation import read as read_elicitation
from seatrial.review.benchmarks.core.forecast import Pace
from seatrial.review.benchmarks.core.lifecycle import FINAL
from seatrial.review.benchmarks.core.manifest import read_manifest
from seatrial.review.benchmarks.core.order import cell_of
from seatrial.review.benchmarks.core.prefix import Prefix
from seatrial.review.benchmarks.core.record import AttemptRecord, CampaignRecord, RecordItem, prefix_of
from seatrial.review.benchmarks.core.viewing import view_of
from seatrial.review.benchmarks.models import Attempt, Campaign
from seatrial.review.benchmarks.types import (
    AttemptOutcome,
    CampaignState,
    CampaignView,
    Cell,
    Elicitation,
    ManifestItem,
    Purpose,
    Threshold,
)

LAST = 50  # scored attempts that tell the pace


def campaign(asking: Reader, campaign_id: str) -> CampaignView:
    """Raises ``NotFound`` (``no-such-campaign``), also when it must not be seen to exist."""
    [view] = views([_readable(asking, campaign_id)])
    return view


def no_such_campaign(campaign_id: str) -> NotFound:
    return NotFound("no-such-campaign", f"There is no campaign {campaign_id} that you may see; list a review's.")


def campaigns(asking: Reader, review: str) -> tuple[CampaignView, ...]:
    """The review's campaigns that ``asking`` may see, in the order planned."""
    rows = Campaign.objects.select_related("suite").filter(review=review).order_by("planned_at", "id")
    return views([row for row in rows if asking.may_read(Label.parse(row.label))])


def ended_record(asking: Reader, campaign_id: str) -> CampaignRecord:
    """The whole record of a campaign that has ended. Raises ``NotFound``, ``Refused`` (``campaign-goes-on``)."""
    row = _readable(asking, campaign_id)
    if CampaignState(row.state) not in FINAL:
        raise Refused("campaign-goes-on", f"The campaign {campaign_id} has not ended; its seed is still secret.")
    return record_of(row)


@dataclass(frozen=True, slots=True)
class Plan:
    """What running a campaign takes, and no view shows."""

    id: str
    cells: tuple[Cell, ...]  # in the committed order
    threshold: Threshold
    model: str
    artefact: Digest
    tries: Mapping[str, int]  # attempts begun so far, by cell
    elicitation: Elicitation
    purpose: Purpose


def plan(campaign_id: str) -> Plan:
    """For ``run_campaign`` only, which has asked ``campaign`` before."""
    row = Campaign.objects.get(id=campaign_id)
    cells = tuple(map(cell_of, row.order))
    return Plan(
        row.id,
        cells,
        Threshold(Digest(row.suite_id), row.metric, row.low, row.high, row.alpha),
        row.model,
        Digest(row.artefact),
        Counter(row.attempts.values_list("cell", flat=True)),
        read_elicitation(row.method),
        Purpose(row.purpose),
    )


def pace(campaign_id: str) -> Pace:
    """What the campaign's attempts took so far; seconds by the clock from the last ``LAST`` that were scored."""
    rows = Attempt.objects.filter(campaign=campaign_id)
    sums = rows.aggregate(
        calls=Count("id"),
        scored=Count("id", filter=Q(outcome=AttemptOutcome.SCORED)),
        tokens=Sum("prompt_tokens", default=0) + Sum("completion_tokens", default=0),
    )
    ends = rows.filter(outcome=AttemptOutcome.SCORED).order_by("-finished_at").values_list("finished_at", flat=True)
    last = [moment for moment in ends[:LAST] if moment is not None]
    each = (last[0] - last[-1]).total_seconds() / (len(last) - 1) if len(last) > 1 else 0.0
    return Pace(sums["scored"], each * sums["scored"], sums["calls"], sums["tokens"])


def prefix(campaign_id: str) -> Prefix:
    """What of the campaign is finished, counted in the committed order."""
    return prefix_of(record_of(Campaign.objects.select_related("suite").get(id=campaign_id)))


def record_of(row: Campaign) -> CampaignRecord:
    """The campaign as one value, from its row (with its suite) and its attempts."""
    return _record(row, [_attempt(one) for one in row.attempts.order_by("cell", "number")])


def views(rows: Iterable[Campaign]) -> tuple[CampaignView, ...]:
    """Rows (each with its suite) as people see them, in two queries; whoever calls has checked the labels."""
    found = list(rows)
    attempts: dict[str, list[AttemptRecord]] = defaultdict(list)
    for one in Attempt.objects.filter(campaign__in=[row.id for row in found]).order_by("cell", "number"):
        attempts[one.campaign_id].append(_attempt(one))
    budgets = _budgets(found)
    return tuple(
        view_of(
            _record(row, attempts[row.id]),
            error_budget=budgets.get((row.review, row.suite_id), row.alpha),
            summary=Digest(row.summary) if row.summary else None,
        )
        for row in found
    )


def _budgets(rows: list[Campaign]) -> Mapping[tuple[str, str], float]:
    """What the deciding campaigns of a review on a suite may err by together."""
    deciding = Campaign.objects.filter(review__in={row.review for row in rows}, purpose=Purpose.DECIDE)
    sums = deciding.values_list("review", "suite").annotate(Sum("alpha")).order_by()
    return {(review, suite): alpha for review, suite, alpha in sums}


def _readable(asking: Reader, campaign_id: str) -> Campaign:
    row = Campaign.objects.select_related("suite").filter(id=campaign_id).first()
    if row is None or not asking.may_read(Label.parse(row.label)):
        raise no_such_campaign(campaign_id)
    return row


def _record(row: Campaign, attempts: list[AttemptRecord]) -> CampaignRecord:
    never, twins = {item for item, _ in row.excluded}, row.purpose == Purpose.TWINS
    asked = [item for item in _manifest_items(row.suite.manifest) if (item.twin_of is not None) == twins]
    items = [
        RecordItem(item.id, item.family, item.human_minutes, item.difficulty) for item in asked if item.id not in never
    ]
    return CampaignRecord(
        id=row.id,
        review=row.review,
        name=row.name,
        suite=Digest(row.suite_id),
        suite_name=f"{row.suite.name} {row.suite.version}",
        items=tuple(items),
        epochs=row.epochs,
        threshold=Threshold(Digest(row.suite_id), row.metric, row.low, row.high, row.alpha),
        specification=row.specification,
        seed=row.seed,
        seed_salt=row.seed_salt,
        seed_commitment=Digest(row.seed_commitment),
        order=tuple(row.order),
        order_digest=Digest(row.order_digest),
        excluded=tuple((item, why) for item, why in row.excluded),
        power=row.power,
        elicitation=row.elicitation,
        method=read_elicitation(row.method),
        purpose=Purpose(row.purpose),
        ladder=row.ladder_id,
        model=row.model,
        artefact=Digest(row.artefact),
        label=Label.parse(row.label),
        planned_at=row.planned_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        state=CampaignState(row.state),
        note=row.note,
        attempts=tuple(attempts),
    )


@lru_cache(maxsize=64)
def _manifest_items(manifest: str) -> tuple[ManifestItem, ...]:
    return read_manifest(manifest.encode()).items


def _attempt(row: Attempt) -> AttemptRecord:
    return AttemptRecord(
        cell=row.cell,
        number=row.number,
        outcome=AttemptOutcome(row.outcome),
        score=row.score,
        seconds=row.seconds,
        completion_digest=row.completion_digest or "",
        prompt_tokens=row.prompt_tokens,
        completion_tokens=row.completion_tokens,
        model_identity=row.model_identity,
        refused=row.refused,
        error=row.error,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )
