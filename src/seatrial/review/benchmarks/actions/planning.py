"""Campaigns are planned: threshold, order, seed, elicitation and exclusions are committed before anything is sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction

from seatrial.kernel.digests import Digest, commitment, new_salt
from seatrial.kernel.errors import Misuse, Refused, Unavailable
from seatrial.kernel.labels import Label
from seatrial.ledger import api as ledger
from seatrial.parties.types import Actor, Role
from seatrial.review.benchmarks.actions.rows import beyond, plan_facts, record
from seatrial.review.benchmarks.core.elicitation import PLAIN, checked_elicitation, words_of, written
from seatrial.review.benchmarks.core.ladder import shares
from seatrial.review.benchmarks.core.lifecycle import FINAL
from seatrial.review.benchmarks.core.order import cells_of, committed_order, order_digest
from seatrial.review.benchmarks.core.planning import exclusions, power_note
from seatrial.review.benchmarks.core.prefix import MAX_RETRIES
from seatrial.review.benchmarks.core.sequential import check_threshold
from seatrial.review.benchmarks.core.specification import not_tried, threshold_for
from seatrial.review.benchmarks.models import Campaign, Ladder, SuiteRow
from seatrial.review.benchmarks.ports import Shelf, Tools
from seatrial.review.benchmarks.queries import manifest, specification, suite_row
from seatrial.review.benchmarks.types import CampaignState, Manifest, Purpose, Rung, Threshold
from seatrial.review.cases import api as cases
from seatrial.review.cases.types import ENDED, Standing


@transaction.atomic
def plan_campaign(
    *,
    by: Actor,
    review: str,
    suite_digest: Digest,
    epochs: int,
    threshold: Threshold,
    name: str,
    seed: str,
    at: datetime,
    shelf: Shelf,
    tools: Tools,
    exclude_missing_tools: bool = True,
    rung: Rung = Rung(PLAIN),  # noqa: B008 - a frozen value
    specification: str = "",
) -> str:
    """Commit threshold, order, seed and exclusions before anything is sent; the campaign's id.

    Raises ``Forbidden`` (``role-missing``), ``Refused`` (``no-consent``, ``review-ended``), ``Misuse``
    (``bad-threshold``, ``bad-epochs``, ``no-cells``, ``other-suite``, ``bad-name``, ``bad-seed``,
    ``bad-elicitation``) and ``Unavailable`` (``tools-missing``).
    """
    ground = _ground(by, review, suite_digest, threshold, name, seed, at, shelf, tools, exclude_missing_tools)
    checked_elicitation(rung.elicitation)
    ground = _held_to(by, ground, threshold, specification, [rung])
    return _commit(by, ground, rung, threshold, epochs, name, seed, at, None, None)


@transaction.atomic
def plan_ladder(
    *,
    by: Actor,
    review: str,
    suite_digest: Digest,
    epochs: int,
    threshold: Threshold,
    rungs: Sequence[Rung],
    name: str,
    seed: str,
    at: datetime,
    shelf: Shelf,
    tools: Tools,
    specification: str = "",
) -> str:
    """Plan one campaign for each rung under one error budget, ``threshold.alpha`` in all; the ladder's id.

    Every rung has an order of its own, from ``seed`` and its name. Raises what ``plan_campaign`` does, and ``Misuse``
    (``bad-ladder``).
    """
    ground = _ground(by, review, suite_digest, threshold, name, seed, at, shelf, tools, True)
    alphas = shares(rungs, threshold.alpha)
    ground = _held_to(by, ground, threshold, specification, rungs)
    ladder = Ladder.objects.create(
        review=review,
        name=name,
        suite=ground.row,
        alpha=threshold.alpha,
        label=str(_label(ground)),
        planned_by=by.person,
        planned_at=at,
    )
    planned = []
    for place, (rung, alpha) in enumerate(zip(rungs, alphas, strict=True)):
        own = replace(threshold, alpha=threshold.alpha if alpha is None else alpha)
        title, order_seed = f"{name}: {rung.elicitation.name}"[:200], f"{seed}/{rung.elicitation.name}"[:200]
        planned.append(_commit(by, ground, rung, own, epochs, title, order_seed, at, ladder, place))
    ledger.append(
        kind="benchmarks.ladder-planned",
        actor=by.person,
        facts={"ladder": ladder.id, "review": review, "alpha": threshold.alpha, "rungs": planned},
        label=Label.among(ground.standing.developer, ground.standing.body),
        at=at,
    )
    return ladder.id


@dataclass(frozen=True, slots=True)
class _Ground:
    """What a plan stands on, checked."""

    review: str
    standing: Standing
    row: SuiteRow
    manifest: Manifest
    excluded: tuple[tuple[str, str], ...]
    specification: str = ""


def _held_to(by: Actor, ground: _Ground, threshold: Threshold, digest: str, rungs: Sequence[Rung]) -> _Ground:
    """The ground with the committed threshold it is held to, once that says the same and all its levels are tried."""
    if not digest:
        return ground
    committed = specification(by, digest).specification
    told = ground.manifest
    if threshold_for(committed, suite=told.digest, generator=told.generator) != threshold:
        raise Misuse(
            "other-threshold",
            f"The threshold {committed.name!r} says {committed.low:g} to {committed.high:g} at {committed.alpha:g}; "
            "plan with these figures, or commit another specification.",
        )
    missing = not_tried(committed, [one.elicitation.name for one in rungs if one.purpose is Purpose.DECIDE])
    if missing:
        raise Misuse(
            "elicitation-missing",
            f"The threshold {committed.name!r} wants the model asked in these ways too: {', '.join(missing)}; plan a "
            "ladder with a rung of that name for each.",
        )
    return replace(ground, specification=committed.digest)


def _ground(
    by: Actor,
    review: str,
    suite_digest: Digest,
    threshold: Threshold,
    name: str,
    seed: str,
    at: datetime,
    shelf: Shelf,
    tools: Tools,
    exclude_missing_tools: bool,
) -> _Ground:
    cases.review(by, review, at)  # a review that ``by`` must not know of is not found
    standing = cases.standing(review, at)
    by.require(standing.body, Role.EVALUATOR, to="plan a campaign")
    if standing.state in ENDED:
        raise Refused("review-ended", f"The review {review} is {standing.state}; no campaign can be planned in it.")
    if standing.consent is None:
        raise Refused(
            "no-consent", f"The developer has signed no consent for {review} yet; plan the campaign once there is one."
        )
    check_threshold(threshold)
    _check_plan(name, seed, threshold, suite_digest)
    row = suite_row(suite_digest)
    by.check_read(Label.parse(row.label), f"The suite {row.name}")
    told = manifest(suite_digest, shelf=shelf)
    missing = tools.missing(frozenset().union(*(item.needs for item in told.items)))
    if missing and not exclude_missing_tools:
        raise Unavailable("tools-missing", " ".join(missing.values()), missing=sorted(missing))
    return _Ground(review, standing, row, told, exclusions(told, standing.consent.label, missing))


def _commit(
    by: Actor,
    ground: _Ground,
    rung: Rung,
    threshold: Threshold,
    epochs: int,
    name: str,
    seed: str,
    at: datetime,
    ladder: Ladder | None,
    place: int | None,
) -> str:
    consent = ground.standing.consent
    assert consent is not None  # noqa: S101 - ``_ground`` has asked
    twins = rung.purpose is Purpose.TWINS
    asked = [item.id for item in ground.manifest.items if (item.twin_of is not None) == twins]
    excluded = [one for one in ground.excluded if one[0] in set(asked)]
    never = {item for item, _ in excluded}
    sent = [item for item in asked if item not in never]
    if not sent:
        why = excluded[0][1] if excluded else "it holds no neutral twins" if twins else "it holds twins alone"
        raise Misuse("no-cells", f"No item of this suite can be sent: {why}.")
    order = committed_order(cells_of(sent, epochs), seed)[: rung.cells]
    _check_tuning(ground, rung)
    salt = new_salt()
    campaign = Campaign(
        review=ground.review,
        developer=ground.standing.developer,
        body=ground.standing.body,
        name=name,
        suite=ground.row,
        state=CampaignState.PLANNED,
        metric=threshold.metric,
        low=threshold.low,
        high=threshold.high,
        alpha=threshold.alpha,
        epochs=epochs,
        seed=seed,
        seed_salt=salt,
        seed_commitment=commitment(salt, "seed", seed),
        order=[cell.id for cell in order],
        order_digest=order_digest(order),
        excluded=[list(one) for one in excluded],
        power=power_note(threshold, items=len(asked), excluded=len(excluded), cells=len(order)),
        elicitation=words_of(rung.elicitation),
        method=written(rung.elicitation),
        purpose=rung.purpose,
        ladder=ladder,
        rung=place,
        model=rung.model or consent.model,
        artefact=consent.artefact,
        specification=ground.specification,
        label=str(_label(ground)),
        planned_by=by.person,
        planned_at=at,
    )
    campaign.save(force_insert=True)
    entry = record(
        campaign,
        "benchmarks.campaign-planned",
        by,
        at,
        **plan_facts(campaign),
        ladder=None if ladder is None else ladder.id,
        tuned_on=list(rung.tuned_on),
        retries=MAX_RETRIES,
    )
    campaign.planned_entry = entry.index
    campaign.save(update_fields=["planned_entry"])
    return campaign.id


def _check_tuning(ground: _Ground, rung: Rung) -> None:
    """A prompt is chosen on items that are no part of the yardstick, and from campaigns that have ended."""
    tuned = Campaign.objects.filter(id__in=rung.tuned_on, review=ground.review, purpose=Purpose.TUNING)
    ended = tuned.filter(state__in=FINAL).exclude(suite=ground.row).count()
    if ended != len(rung.tuned_on):
        raise Misuse(
            "bad-tuning",
            f"The prompt of {rung.elicitation.name!r} must be chosen by tuning campaigns of this review that have "
            "ended, on another suite than this one.",
        )


def _label(ground: _Ground) -> Label:
    return beyond(Label.among(ground.standing.body), ground.manifest)


def _check_plan(name: str, seed: str, threshold: Threshold, suite_digest: str) -> None:
    if not name.strip() or len(name) > 200:
        raise Misuse("bad-name", "A campaign needs a name of 1 to 200 characters.")
    if not seed or len(seed) > 130 or "\0" in seed:
        raise Misuse("bad-seed", "The seed of the order must have 1 to 130 characters, none of them a zero byte.")
    if threshold.suite != suite_digest:
        raise Misuse(
            "other-suite", f"The threshold was set for the suite {threshold.suite}, but {suite_digest} is to be run."
        )
