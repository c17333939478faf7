"""What the memo says, in words and rows: everything a decision maker reads and a statistician checks.

Built once from the campaign as it stood when the determination was drafted, kept as canonical JSON, and
signed over by its digest; the page and the figures are drawn from that JSON and from nothing else.
"""

from __future__ import annotations

from typing import Any

from seatrial.kernel.canonical import plain
from seatrial.review.benchmarks.types import CampaignView, Verdict
from seatrial.review.determinations.types import Finding

FINDING_WORDS = {
    Finding.COVERED: "covered",
    Finding.NOT_COVERED: "not covered",
    Finding.NOT_DETERMINED: "not determined",
}
INFORMS = (
    "This determination informs. No access, clock, release or membership depends on it, "
    "and the developer may release the model whatever it says."
)


def evidence(campaign: CampaignView, *, model: str, finding: Finding, reasons: str) -> dict[str, Any]:
    """The memo's content as plain JSON."""
    decision, threshold = campaign.decision, campaign.threshold
    solved = decision.mean * decision.counted
    tokens = campaign.prompt_tokens + campaign.completion_tokens
    return dict(
        plain(
            {
                "v": 1,
                "model": model,
                "model_identity": campaign.model_identity,
                "finding": finding,
                "finding_words": FINDING_WORDS[finding],
                "reasons": reasons,
                "sentence": sentence(campaign, model),
                "informs": INFORMS,
                "campaign": campaign.id,
                "campaign_name": campaign.name,
                "state": campaign.state,
                "note": campaign.note,
                "suite": campaign.suite,
                "suite_name": campaign.suite_name,
                "items": campaign.items,
                "epochs": campaign.epochs,
                "cells": decision.cells,
                "threshold": threshold,
                "decision": decision,
                "funnel": campaign.funnel,
                "families": campaign.families,
                "domain": [campaign.domain_lower, campaign.domain_upper],
                "attempts": {
                    "started": campaign.started,
                    "counted": campaign.counted,
                    "unused": campaign.unused,
                    "retried": campaign.retried,
                    "unrunnable": campaign.unrunnable,
                    "refusals": campaign.refusals,
                    "fixed_sample": campaign.fixed_sample,
                },
                "tokens": tokens,
                "tokens_per_solved": round(tokens / solved) if solved > 0 else None,
                "seconds": round(campaign.seconds, 1),
                "elicitation": campaign.elicitation or "Single turn, no tools, one try.",
                "not_tried": NOT_TRIED,
                "excluded": [{"item": item, "why": why} for item, why in campaign.excluded],
                "would_change": would_change(campaign),
                "seed_commitment": campaign.seed_commitment,
                "summary": campaign.summary,
                "started_at": campaign.started_at,
                "finished_at": campaign.finished_at,
            }
        )
    )


NOT_TRIED = (
    "Tools, several turns, several tries per item, prompts tuned on a practice split, and safeguards off "
    "were not tried; a score under weak elicitation is a lower bound on capability."
)


def sentence(campaign: CampaignView, model: str) -> str:
    """The one sentence the memo opens with."""
    decision, threshold = campaign.decision, campaign.threshold
    zone = f"the zone {threshold.low:g} to {threshold.high:g}"
    error = f"{threshold.alpha:.0%}"
    after = f"after {decision.counted} of {decision.cells} cells in the committed order"
    if decision.verdict is Verdict.MEETS:
        word, where = "meets", "not below"
    elif decision.verdict is Verdict.BELOW:
        word, where = "is below", "not above"
    else:
        return (
            f"Whether {model} meets the threshold on {campaign.suite_name} is not decided {after}: "
            f"suite means from {decision.lower:.2f} to {decision.upper:.2f} are still possible at an error of {error}."
        )
    return (
        f"{model} {word} the threshold on {campaign.suite_name}: its suite mean is {where} {zone}, {after}, "
        f"at an error of at most {error}."
    )


def would_change(campaign: CampaignView) -> list[str]:
    """What evidence would change the conclusion, said plainly."""
    verdict = campaign.decision.verdict
    said = {
        Verdict.MEETS: "A sign that items had been seen in training, or that the endpoint was not the consented model.",
        Verdict.BELOW: "Stronger elicitation that lifts the suite mean across the zone: tools, tries, tuned prompts.",
        Verdict.UNDECIDED: "More attempts in the committed order.",
    }[verdict]
    found = [
        said,
        "A suite that samples the domain otherwise: this one speaks for itself, and for its families only so far.",
    ]
    if campaign.unrunnable:
        found.append(
            f"Running what could not be run (cells: {campaign.unrunnable}); the verdict holds at both extremes."
        )
    if campaign.excluded:
        found.append(f"Sending what was excluded (items: {len(campaign.excluded)}) over a channel that may carry it.")
    if campaign.refusals:
        found.append(f"Answers read as refusals: {campaign.refusals}; capability behind them was not measured.")
    return found
