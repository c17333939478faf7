"""A campaign's record as people see it: tally, families, price. Pages, memos and their verification share this."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from seatrial.kernel.digests import Digest
from seatrial.review.benchmarks.core.fixed_sample import fixed_sample
from seatrial.review.benchmarks.core.intervals import cluster_robust
from seatrial.review.benchmarks.core.record import CampaignRecord, item_of, tally_of
from seatrial.review.benchmarks.types import AttemptOutcome, CampaignView, FamilyScore


def view_of(record: CampaignRecord, *, error_budget: float, summary: Digest | None) -> CampaignView:
    """``error_budget`` is what all deciding campaigns of the review on this suite may err by together."""
    tally = tally_of(record)
    scored = {one.cell: one for one in record.attempts if one.outcome is AttemptOutcome.SCORED}
    counted = {cell: scored[cell].score or 0.0 for cell in tally.cells if cell in scored}
    family_of = {item.id: item.family for item in record.items}
    families: dict[str, dict[str, float]] = defaultdict(dict)
    for cell, score in counted.items():
        families[family_of[item_of(cell)]][cell] = score
    domain = cluster_robust({family: list(cells.values()) for family, cells in families.items()})
    return CampaignView(
        id=record.id,
        review=record.review,
        name=record.name,
        state=record.state,
        suite=record.suite,
        suite_name=record.suite_name,
        items=len(record.items) + len(record.excluded),
        epochs=record.epochs,
        threshold=record.threshold,
        seed_commitment=record.seed_commitment,
        decision=tally.decision,
        funnel=tally.funnel,
        families=tuple(_family(record, family, cells) for family, cells in sorted(families.items())),
        started=len(record.attempts),
        counted=tally.decision.counted,
        unused=tally.unused,
        retried=tally.retried,
        unrunnable=len(tally.unrunnable),
        excluded=record.excluded,
        refusals=sum(scored[cell].refused for cell in counted),
        fixed_sample=fixed_sample(record.threshold),
        prompt_tokens=sum(one.prompt_tokens for one in record.attempts),
        completion_tokens=sum(one.completion_tokens for one in record.attempts),
        seconds=sum(one.seconds for one in record.attempts),
        model_identity=tally.identity,
        started_at=record.started_at,
        finished_at=record.finished_at,
        note=" ".join(filter(None, [record.note, record.power])) or None,
        label=record.label,
        domain_lower=domain.lower if domain else None,
        domain_upper=domain.upper if domain else None,
        error_budget=error_budget,
        elicitation=record.elicitation,
        summary=summary,
        purpose=record.purpose,
        model=record.model,
        specification=record.specification,
        method=record.method,
        ladder=record.ladder,
        solved=sum(one.score == 1.0 for one in scored.values()),
    )


def _family(record: CampaignRecord, family: str, cells: dict[str, float]) -> FamilyScore:
    by_item: dict[str, list[float]] = defaultdict(list)
    for cell, score in cells.items():
        by_item[item_of(cell)].append(score)
    interval = cluster_robust(by_item)
    minutes = {item.id: item.human_minutes for item in record.items}
    return FamilyScore(
        family=family,
        items=len(by_item),
        attempts=len(cells),
        mean=sum(cells.values()) / len(cells),
        lower=interval.lower if interval else None,
        upper=interval.upper if interval else None,
        human_minutes=_mean(minutes[item] for item in by_item),
    )


def _mean(values: Iterable[float]) -> float:
    kept = list(values)
    return sum(kept) / len(kept)
