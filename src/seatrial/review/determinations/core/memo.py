"""What the memo says, in words and rows: everything a decision maker reads and a statistician checks.

Built once from the campaign as it stood when the determination was drafted, kept as canonical JSON, and
signed over by its digest; the page and the figures are drawn from that JSON and from nothing else.

Two things are kept apart throughout: what the campaign shows about the suite (exact, by the confidence
sequence), and what it suggests about the domain (cluster-robust, descriptive). The finding is a third: a
person's judgement, with reasons.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from seatrial.kernel.digests import Digest, digest_of
from seatrial.review.benchmarks.types import (
    CampaignState,
    CampaignView,
    Decision,
    FamilyScore,
    FunnelPoint,
    Threshold,
    Verdict,
)
from seatrial.review.determinations.core.beside import HeldTo, Ladder, not_tried, sandbagging
from seatrial.review.determinations.core.consultation import NOBODY, Heard
from seatrial.review.determinations.core.reconsideration import Reconsidered
from seatrial.review.determinations.types import Consulted, Finding

FINDING_WORDS = {
    Finding.COVERED: "covered",
    Finding.NOT_COVERED: "not covered",
    Finding.NOT_DETERMINED: "not determined",
}
INFORMS = (
    "This determination informs. No access, clock, release or membership depends on it, "
    "and the developer may release the model whatever it says."
)


@dataclass(frozen=True, slots=True)
class Attempts:
    """Where every attempt went: ``started`` is the sum of the others."""

    started: int
    counted: int  # scored, in the committed order, up to the decision
    unused: int  # scored beyond the decision or the finished prefix
    failed: int  # the machine's failures: run again, or the last try of a cell that could not be run
    interrupted: int  # stopped with the campaign or with its process, or still open


@dataclass(frozen=True, slots=True)
class Ran:
    """One campaign of the review on the same suite, so that a reader sees what else was tried."""

    campaign: str
    name: str
    elicitation: str
    state: CampaignState
    verdict: Verdict
    counted: int
    mean: float | None
    alpha: float
    this: bool  # the one this memo rests on


@dataclass(frozen=True, slots=True)
class Memo:
    """The memo's content. Means are suite means in [0, 1]; times are UTC; tokens and seconds are sums over attempts."""

    v: int
    model: str
    model_identity: str
    finding: Finding
    finding_words: str
    reasons: str
    sentence: str
    caution: str | None
    informs: str
    campaign: str
    campaign_name: str
    state: CampaignState
    note: str | None
    suite: Digest
    suite_name: str
    items: int
    epochs: int
    cells: int
    threshold: Threshold
    decision: Decision
    wealth_needed: float
    funnel: tuple[FunnelPoint, ...]
    families: tuple[FamilyScore, ...]
    domain: tuple[float, float] | None
    attempts: Attempts
    unrunnable: int
    unrunnable_words: str
    refusals: int
    fixed_sample: int  # independent attempts
    fixed_sample_of_cells: int  # of these cells, drawn without replacement
    solved: float
    tokens: int
    tokens_per_solved: int | None
    seconds: float
    human_minutes: float
    elicitation: str
    not_tried: str
    sandbagging: str
    ran: tuple[Ran, ...]
    error_budget: float
    excluded: tuple[tuple[str, str], ...]
    would_change: tuple[str, ...]
    threshold_digest: Digest
    seed_commitment: Digest
    summary: Digest | None
    started_at: datetime | None
    finished_at: datetime | None
    consultations: tuple[Consulted, ...] = ()
    consultation: str = NOBODY
    reconsiders: Reconsidered | None = None
    record: Digest | None = None  # of the campaign's file, every attempt in it; none before it has ended
    ladder: Ladder | None = None  # the other ways of asking, reference models, neutral twins
    secondary: Mapping[str, Any] | None = None  # pass@k and time horizon, in JSON's own types
    held_to: HeldTo | None = None  # the committed threshold, if the campaign was planned under one


def memo(
    campaign: CampaignView,
    *,
    model: str,
    finding: Finding,
    reasons: str,
    beside: Sequence[CampaignView] = (),
    asked: Heard = Heard(),  # noqa: B008 - a frozen value
    record: Digest | None = None,
    ladder: Ladder | None = None,
    secondary: Mapping[str, Any] | None = None,
    held_to: HeldTo | None = None,
) -> Memo:
    """The memo on ``campaign``; ``beside`` are the review's campaigns that the drafter may read, in any order.

    ``record`` is the digest of the file that holds every attempt, once the campaign has ended; ``ladder`` the one that
    the campaign is a rung of; ``secondary`` what its record says beside the decision;
    ``held_to`` the committed threshold.
    """
    solved = math.fsum(family.mean * family.attempts for family in campaign.families)
    tokens = campaign.prompt_tokens + campaign.completion_tokens
    domain = (campaign.domain_lower, campaign.domain_upper)
    return Memo(
        v=2,
        model=model,
        model_identity=campaign.model_identity,
        finding=finding,
        finding_words=FINDING_WORDS[finding],
        reasons=reasons,
        sentence=sentence(campaign, model),
        caution=caution(campaign),
        informs=INFORMS,
        campaign=campaign.id,
        campaign_name=campaign.name,
        state=campaign.state,
        note=campaign.note,
        suite=campaign.suite,
        suite_name=campaign.suite_name,
        items=campaign.items,
        epochs=campaign.epochs,
        cells=campaign.decision.cells,
        threshold=campaign.threshold,
        decision=campaign.decision,
        wealth_needed=1 / campaign.threshold.alpha,
        funnel=campaign.funnel,
        families=campaign.families,
        domain=None if domain[0] is None or domain[1] is None else (domain[0], domain[1]),
        attempts=accounts(campaign),
        unrunnable=campaign.unrunnable,
        unrunnable_words=_unrunnable(campaign),
        refusals=campaign.refusals,
        fixed_sample=campaign.fixed_sample,
        fixed_sample_of_cells=_without_replacement(campaign.fixed_sample, campaign.decision.cells),
        solved=solved,
        tokens=tokens,
        tokens_per_solved=round(tokens / solved) if solved > 0 else None,
        seconds=round(campaign.seconds, 1),
        human_minutes=math.fsum(family.human_minutes * family.attempts for family in campaign.families),
        elicitation=campaign.elicitation or "not said",
        not_tried=not_tried(ladder),
        sandbagging=sandbagging(ladder),
        ran=_ran(campaign, beside),
        error_budget=max(campaign.error_budget, campaign.threshold.alpha),
        excluded=campaign.excluded,
        would_change=would_change(campaign),
        threshold_digest=digest_of(campaign.threshold),
        seed_commitment=campaign.seed_commitment,
        summary=campaign.summary,
        started_at=campaign.started_at,
        finished_at=campaign.finished_at,
        consultations=asked.consultations,
        consultation=asked.words,
        record=record,
        ladder=ladder,
        secondary=secondary,
        held_to=held_to,
    )


def percent(share: float) -> str:
    """0.05 is ``5%``, 0.001 is ``0.1%``: a small error is never rounded to none."""
    return f"{100 * share:.3g}%"


def sentence(campaign: CampaignView, model: str) -> str:
    """The one sentence the memo opens with.

    *Meets* has ruled out every mean up to θ₀, *below* every mean from θ₁ on; inside the zone either word is right.
    An open question has two bounds, each of which errs with probability α at most.
    """
    decision, threshold, suite = campaign.decision, campaign.threshold, campaign.suite_name
    error = percent(threshold.alpha)
    after = f"after {decision.counted} of {decision.cells} cells in the committed order"
    if campaign.state is CampaignState.VOID:
        return f"Nothing is decided about {model} on {suite}: the model changed under test, {after}."
    if decision.verdict is Verdict.MEETS:
        return (
            f"{model} meets the threshold on {suite}: a suite mean of {threshold.low:g} or less is ruled out, {after}, "
            f"at an error of at most {error}."
        )
    if decision.verdict is Verdict.BELOW:
        return (
            f"{model} is below the threshold on {suite}: a suite mean of {threshold.high:g} or more is ruled out, "
            f"{after}, at an error of at most {error}."
        )
    if not decision.counted:
        return f"Whether {model} meets the threshold on {suite} is not decided: no attempt was counted."
    return (
        f"Whether {model} meets the threshold on {suite} is not decided {after}: suite means from "
        f"{decision.lower:.2f} to {decision.upper:.2f} are still possible, each bound at an error of at most {error}."
    )


def caution(campaign: CampaignView) -> str | None:
    """What a reader must know before the rest, or ``None``."""
    if campaign.state is CampaignState.VOID:
        return "This campaign is void. The figures below are shown for the record; nothing follows from them."
    if campaign.decision.verdict is not Verdict.UNDECIDED:
        return None
    return {
        CampaignState.PLANNED: "The campaign had not begun when this was drafted.",
        CampaignState.RUNNING: "The campaign was still running when this was drafted.",
        CampaignState.EXHAUSTED: "Every cell is spent, and the answer hangs on cells that could not be run.",
    }.get(campaign.state, "The campaign ended without a decision.")


def accounts(campaign: CampaignView) -> Attempts:
    """Where every attempt went. Cells that could not be run are counted by the test, not among the scored."""
    counted = sum(family.attempts for family in campaign.families)
    failed = campaign.retried + campaign.unrunnable
    rest = campaign.started - counted - campaign.unused - failed
    return Attempts(campaign.started, counted, campaign.unused, failed, max(0, rest))


def would_change(campaign: CampaignView) -> tuple[str, ...]:
    """What evidence would change the conclusion, said plainly."""
    if campaign.state is CampaignState.VOID:
        return ("A new campaign on one build from first to last.",)
    found = [
        {
            Verdict.MEETS: "A sign that items had been seen in training, or that the endpoint was not the consented "
            "model.",
            Verdict.BELOW: "Stronger elicitation that lifts the suite mean across the zone: tools, tries, tuned "
            "prompts.",
            Verdict.UNDECIDED: "Running what could not be run."
            if campaign.state is CampaignState.EXHAUSTED
            else "More attempts in the committed order.",
        }[campaign.decision.verdict],
        "A suite that samples the domain otherwise: this one speaks for itself, and for its families only so far.",
    ]
    if campaign.excluded:
        found.append(f"Sending what was excluded (items: {len(campaign.excluded)}): the verdict does not speak of it.")
    if campaign.refusals:
        found.append(f"Answers behind what reads as refusal ({campaign.refusals}): what they hide was not measured.")
    return tuple(found)


def _without_replacement(n: int, cells: int) -> int:
    """n / (1 + (n − 1) / M), the usual finite-population correction: the fairer yardstick for a finite suite."""
    return min(cells, math.ceil(n / (1 + (n - 1) / cells)))


def _unrunnable(campaign: CampaignView) -> str:
    if not campaign.unrunnable:
        return "none"
    if campaign.decision.verdict is Verdict.UNDECIDED:
        return "each counted as failed by one test and as solved by the other"
    return "the verdict is the same with all of them solved and with none"


def _ran(campaign: CampaignView, beside: Sequence[CampaignView]) -> tuple[Ran, ...]:
    """This campaign and the others on its suite; the yardstick differs on any other suite."""
    others = [one for one in beside if one.suite == campaign.suite and one.id != campaign.id]
    return tuple(ran_of(one, this=one.id == campaign.id) for one in (campaign, *others))


def ran_of(campaign: CampaignView, *, this: bool) -> Ran:
    """What the memo says of a campaign; ``this`` is the one it rests on."""
    return Ran(
        campaign=campaign.id,
        name=campaign.name,
        elicitation=campaign.elicitation or "not said",
        state=campaign.state,
        verdict=campaign.decision.verdict,
        counted=campaign.decision.counted,
        mean=campaign.decision.mean if campaign.families else None,
        alpha=campaign.threshold.alpha,
        this=this,
    )
