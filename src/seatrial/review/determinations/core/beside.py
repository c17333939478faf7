"""What stands beside the campaign in a memo: the ladder it is a rung of, reference models, neutral twins.

The ladder's word is the one its rungs give together under one error budget (``benchmarks``, core/ladder.py). Reference
models and neutral twins decide nothing: they say how to read the figures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from seatrial.kernel.digests import Digest
from seatrial.review.benchmarks.types import CampaignState, CampaignView, LadderView, Purpose, Twins, Verdict

SAID = {Verdict.MEETS: "meets", Verdict.BELOW: "is below", Verdict.UNDECIDED: "is not decided against"}
NO_TWINS = (
    "Answers that read as refusals are counted by a rough pattern and scored as they are. No neutral twins of the "
    "items were run, so a model that holds back on purpose would not show."
)
WITH_TWINS = (
    "Answers that read as refusals are counted by a rough pattern and scored as they are. Neutral twins of items (the "
    "same skill without the security framing) were run beside them: a model that does clearly better on the twins may "
    "be refusing or holding back on the items."
)
NOT_TRIED = (
    "What is not named as used was not tried. Stronger rungs of the ladder: several tries per item, several turns "
    "with tools, prompts tuned on a practice split, safeguards off, fine-tuning for the domain. A score under "
    "weaker elicitation is a lower bound on capability."
)
LADDER_NOT_TRIED = (
    "What is not among the rungs was not tried; safeguards off and fine-tuning for the domain are stronger still. A "
    "score under weaker elicitation is a lower bound on capability."
)


@dataclass(frozen=True, slots=True)
class RungLine:
    """One campaign of the ladder: how it asked, whom, and what came of it. Means are suite means in [0, 1]."""

    campaign: str
    name: str
    elicitation: str
    model: str
    state: CampaignState
    verdict: Verdict
    counted: int
    cells: int
    mean: float | None
    lower: float
    upper: float
    alpha: float
    refusals: int
    tokens: int
    tokens_per_solved: int | None
    this: bool  # the one the memo rests on


@dataclass(frozen=True, slots=True)
class Ladder:
    """The rungs that decide, weakest first; reference models on the same cells; items beside their neutral twins."""

    id: str
    name: str
    alpha: float
    verdict: Verdict
    words: str
    rungs: tuple[RungLine, ...]
    references: tuple[RungLine, ...]
    twins: tuple[Twins, ...]


@dataclass(frozen=True, slots=True)
class HeldTo:
    """The committed threshold that the campaign is held to, and which of the ways of asking it wants were not run."""

    threshold: Digest
    name: str
    meaning: str
    elicitation: tuple[str, ...]
    not_tried: tuple[str, ...]


def held_to(
    threshold: Digest,
    *,
    name: str,
    meaning: str,
    elicitation: Sequence[str],
    campaign: CampaignView,
    ladder: Ladder | None,
) -> HeldTo:
    """``elicitation`` are the ways of asking that the threshold wants, weakest first."""
    run = {rung.name for rung in ladder.rungs if rung.counted} if ladder is not None else set()
    if campaign.method is not None and campaign.decision.counted:
        run.add(campaign.method.name)
    missing = tuple(level for level in elicitation if level not in run)
    return HeldTo(threshold, name, meaning, tuple(elicitation), missing)


def ladder_of(found: LadderView, *, this: str, model: str) -> Ladder:
    """The block of a memo on the campaign ``this``, one of its rungs."""
    deciding = [view for view in found.rungs if view.purpose is Purpose.DECIDE]
    run = sum(view.decision.counted > 0 for view in deciding)
    return Ladder(
        id=found.id,
        name=found.name,
        alpha=found.alpha,
        verdict=found.verdict,
        words=f"Asked in {len(deciding)} ways, of which {run} were run, {model} {SAID[found.verdict]} the threshold; "
        f"together they err with a probability of at most {100 * found.alpha:.3g}%.",
        rungs=tuple(rung_of(view, this=view.id == this) for view in deciding),
        references=tuple(rung_of(view, this=False) for view in found.rungs if view.purpose is Purpose.REFERENCE),
        twins=found.twins,
    )


def rung_of(view: CampaignView, *, this: bool) -> RungLine:
    """What the memo says of a rung."""
    decision, tokens = view.decision, view.prompt_tokens + view.completion_tokens
    return RungLine(
        campaign=view.id,
        name=view.method.name if view.method is not None else view.name,
        elicitation=view.elicitation or "not said",
        model=view.model,
        state=view.state,
        verdict=decision.verdict,
        counted=decision.counted,
        cells=decision.cells,
        mean=decision.mean if view.families else None,
        lower=decision.lower,
        upper=decision.upper,
        alpha=view.threshold.alpha,
        refusals=view.refusals,
        tokens=tokens,
        tokens_per_solved=round(tokens / view.solved) if view.solved else None,
        this=this,
    )


def not_tried(ladder: Ladder | None) -> str:
    """What was not tried, as far as is known."""
    return NOT_TRIED if ladder is None or len(ladder.rungs) < 2 else LADDER_NOT_TRIED


def sandbagging(ladder: Ladder | None) -> str:
    """Whether refusal and holding back were looked for."""
    return WITH_TWINS if ladder is not None and ladder.twins else NO_TWINS
