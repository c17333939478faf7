"""Every write of benchmarks. Registering, planning, running and concluding each leave one ledger entry.

An attempt leaves none: its call left one when the gateway let it through, the attempt itself is a durable
row, and the entry that concludes the campaign pins all of them by one digest.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from seatrial.kernel.digests import Digest, commitment, new_salt
from seatrial.kernel.errors import Conflict, Misuse, NotFound, Refused, Unavailable
from seatrial.kernel.labels import Label, Level
from seatrial.ledger import api as ledger
from seatrial.parties.types import Actor, Role
from seatrial.review.cases import api as cases
from seatrial.review.cases.types import ENDED

from .core.lifecycle import FINAL, MACHINE
from .core.manifest import read_suite, suite_bytes
from .core.order import cells_of, committed_order, order_digest
from .core.planning import ELICITATION, exclusions, needs_of, power_note
from .core.prefix import MAX_RETRIES
from .core.sequential import check_threshold
from .models import Attempt, Campaign, SuiteRow
from .ports import Shelf, Tools
from .queries import prefix_of, suite, suite_row, summary_of
from .types import AttemptOutcome, AttemptResult, CampaignState, Suite, Threshold, Verdict


@transaction.atomic
def register_suite(*, by: Actor, suite: Suite, at: datetime, shelf: Shelf) -> Digest:
    """Keep a suite and put its digest on the ledger; registering it again changes nothing.

    Raises ``Forbidden`` (``role-missing``), ``Misuse`` (``suite-digest-mismatch``) and ``Refused``
    (``level-too-high``) for an item beyond what this instance may hold.
    """
    owner = _evaluator_of(by)
    data = suite_bytes(suite)
    read_suite(data, suite.digest)
    label = _beyond(Label.among(owner), suite)
    if label.level > _system_high():
        raise Refused(
            "level-too-high",
            f"The suite holds items labelled {label.level.word}, but this instance may hold "
            f"{settings.SEATRIAL.system_high} at most; register it on an instance of that level.",
        )
    if SuiteRow.objects.filter(id=suite.digest).exists():
        return suite.digest
    shelf.put(suite.digest, data)
    SuiteRow.objects.create(
        id=suite.digest,
        name=suite.name,
        version=suite.version,
        index={item.id: [item.family, item.human_minutes] for item in suite.items},
        owner=owner,
        label=str(label),
        registered_by=by.person,
        registered_at=at,
    )
    ledger.append(
        kind="benchmarks.suite-registered",
        actor=by.person,
        facts={"suite": suite.digest, "name": suite.name, "version": suite.version, "items": len(suite.items)},
        label=label,
        at=at,
    )
    return suite.digest


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
) -> str:
    """Commit threshold, order, seed and exclusions before anything is sent; the campaign's id.

    Raises ``Forbidden`` (``role-missing``), ``Refused`` (``no-consent``, ``review-ended``), ``Misuse``
    (``bad-threshold``, ``bad-epochs``, ``no-cells``, ``other-suite``, ``bad-name``, ``bad-seed``) and
    ``Unavailable`` (``tools-missing``).
    """
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
    content = suite(suite_digest, shelf=shelf)
    missing = tools.missing(frozenset().union(*(needs_of(item) for item in content.items)))
    if missing and not exclude_missing_tools:
        raise Unavailable("tools-missing", " ".join(missing.values()), missing=sorted(missing))
    excluded = exclusions(content, standing.consent.label, missing)
    never = {item for item, _ in excluded}
    sent = [item.id for item in content.items if item.id not in never]
    if not sent:
        raise Misuse("no-cells", f"No item of this suite can be sent: {excluded[0][1]}.")
    order = committed_order(cells_of(sent, epochs), seed)
    salt = new_salt()
    campaign = Campaign(
        review=review,
        developer=standing.developer,
        body=standing.body,
        name=name,
        suite=row,
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
        power=power_note(threshold, items=len(content.items), excluded=len(excluded), cells=len(order)),
        elicitation=ELICITATION,
        model=standing.consent.model,
        artefact=standing.consent.artefact,
        label=str(_beyond(Label.among(standing.body), content)),
        planned_by=by.person,
        planned_at=at,
    )
    campaign.save(force_insert=True)
    _record(
        campaign,
        "benchmarks.campaign-planned",
        by,
        at,
        suite=suite_digest,
        threshold={"metric": threshold.metric, "low": threshold.low, "high": threshold.high, "alpha": threshold.alpha},
        epochs=epochs,
        cells=len(order),
        order=campaign.order_digest,
        seed_commitment=campaign.seed_commitment,
        model=campaign.model,
        artefact=campaign.artefact,
        excluded=campaign.excluded,
        elicitation=campaign.elicitation,
        retries=MAX_RETRIES,
    )
    return campaign.id


@transaction.atomic
def begin_run(*, by: Actor, campaign: str, at: datetime) -> str:
    """Take the campaign over for one run; its token. Whatever an earlier run left open is marked interrupted.

    Raises ``Refused`` (``wrong-state``) when it has ended.
    """
    row = _locked(campaign)
    by.require(row.body, Role.EVALUATOR, to="run a campaign")
    row.state = MACHINE.apply(row.state, "run", None, at)
    row.run = f"run-{uuid.uuid4().hex[:16]}"
    row.started_at = row.started_at or at
    row.note = None
    row.save(update_fields=["state", "run", "started_at", "note"])
    interrupted = _interrupt_open(row, at, "the run ended before the attempt did")
    _record(row, "benchmarks.campaign-run", by, at, run=row.run, interrupted=interrupted)
    return row.run


@transaction.atomic(durable=True)
def begin_attempt(*, campaign: str, run: str, cell: str, at: datetime) -> int:
    """One more attempt at ``cell``, counted from this moment; its number. Raises ``Conflict`` (``run-superseded``)."""
    row = _running(campaign, run)
    number = row.attempts.filter(cell=cell).count() + 1
    Attempt.objects.create(campaign=row, cell=cell, number=number, started_at=at)
    return number


@transaction.atomic(durable=True)
def finish_attempt(
    *, campaign: str, run: str, number: int, outcome: AttemptOutcome, result: AttemptResult, at: datetime
) -> None:
    """What the attempt came to, once. Raises ``Conflict`` (``counted-twice``, ``run-superseded``)."""
    row = _running(campaign, run)
    attempts = row.attempts.filter(cell=result.cell, number=number, outcome=AttemptOutcome.OPEN)
    try:
        with transaction.atomic():
            changed = attempts.update(
                outcome=outcome,
                score=result.score,
                finished_at=at,
                seconds=result.seconds,
                completion_digest=result.completion_digest or None,
                prompt_tokens=result.prompt_tokens,
                completion_tokens=result.completion_tokens,
                model_identity=result.model_identity[:300],
                refused=result.refused,
                error=result.error,
            )
    except IntegrityError as error:
        raise Conflict(
            "counted-twice", f"The cell {result.cell} has a score already; a cell is scored once."
        ) from error
    if changed != 1:
        raise Conflict("counted-twice", f"Attempt {number} at {result.cell} is not open; its result was not taken.")


@transaction.atomic
def conclude(*, by: Actor, campaign: str, run: str, reason: str | None, at: datetime) -> CampaignState:
    """End the run's campaign in the state its attempts justify; ``reason`` is why it stopped, if it did.

    Everything is counted anew from the rows: nothing a runner held in memory decides.
    """
    row = _running(campaign, run)
    _interrupt_open(row, at, "the campaign ended before the attempt did")
    prefix = prefix_of(row)
    if prefix.decision.verdict is not Verdict.UNDECIDED:
        state, reason = CampaignState.DECIDED, None  # whatever came after the verdict
    elif prefix.model_changed:
        state, reason = CampaignState.VOID, reason or "Another model answered under the same name."
    elif prefix.decision.counted == prefix.decision.cells:
        state = CampaignState.EXHAUSTED
        reason = reason or "Every cell is spent, and the verdict hangs on cells that could not be run."
    else:
        state = CampaignState.STOPPED
    return _end(row, by, at, MACHINE.apply(row.state, "conclude", state, at), reason)


@transaction.atomic
def void_campaign(*, by: Actor, campaign: str, run: str, reason: str, at: datetime) -> None:
    """End the run's campaign as void: what would answer from here on is another build."""
    row = _running(campaign, run)
    _end(row, by, at, MACHINE.apply(row.state, "conclude", CampaignState.VOID, at), reason)


@transaction.atomic
def stop_campaign(*, by: Actor, campaign: str, reason: str, at: datetime) -> None:
    """End a campaign by hand. A process that runs it notices at its next attempt and writes no more."""
    row = _locked(campaign)
    by.require(row.body, Role.EVALUATOR, to="stop a campaign")
    if not reason.strip():
        raise Misuse("reason-missing", "Say in a few words why this campaign is stopped; it stands in the memo.")
    _end(row, by, at, MACHINE.apply(row.state, "stop", None, at), reason.strip())


def _end(row: Campaign, by: Actor, at: datetime, state: str, reason: str | None) -> CampaignState:
    _interrupt_open(row, at, "the campaign ended before the attempt did")
    tally = prefix_of(row).tally
    row.state, row.note, row.finished_at, row.run = state, reason, at, None
    row.summary = summary_of(row, CampaignState(state), tally)
    row.save(update_fields=["state", "note", "finished_at", "run", "summary"])
    _record(
        row,
        "benchmarks.campaign-concluded",
        by,
        at,
        state=state,
        summary=row.summary,
        seed=row.seed,
        seed_salt=row.seed_salt,
        order=row.order_digest,
        attempts=row.attempts.count(),
        counted=tally.decision.counted,
    )
    return CampaignState(state)


def _record(row: Campaign, kind: str, by: Actor, at: datetime, **facts: Any) -> None:
    """Both sides see that and how a campaign was planned and ended; items, scores and the verdict stay digests."""
    ledger.append(
        kind=kind,
        actor=by.person,
        facts={"campaign": row.id, "review": row.review, **facts},
        label=Label.among(row.developer, row.body),
        at=at,
    )


def _locked(campaign: str) -> Campaign:
    row = Campaign.objects.select_for_update().filter(id=campaign).first()
    if row is None:
        raise NotFound("no-such-campaign", f"There is no campaign {campaign} that you may see; list a review's.")
    return row


def _running(campaign: str, run: str) -> Campaign:
    row = _locked(campaign)
    if row.run != run:
        ended = CampaignState(row.state) in FINAL
        raise Conflict(
            "campaign-ended" if ended else "run-superseded",
            f"The campaign {campaign} {'was ended' if ended else 'is run by another process'} meanwhile; "
            "this run writes no more.",
        )
    return row


def _interrupt_open(row: Campaign, at: datetime, why: str) -> int:
    return row.attempts.filter(outcome=AttemptOutcome.OPEN).update(
        outcome=AttemptOutcome.INTERRUPTED, finished_at=at, error=why
    )


def _evaluator_of(by: Actor) -> str:
    homes = sorted(organisation for organisation, role in by.roles if role is Role.EVALUATOR)
    if not homes:
        by.require("a review body", Role.EVALUATOR, to="register a suite")
    return homes[0]


def _check_plan(name: str, seed: str, threshold: Threshold, suite_digest: str) -> None:
    if not name.strip() or len(name) > 200:
        raise Misuse("bad-name", "A campaign needs a name of 1 to 200 characters.")
    if not seed or len(seed) > 200 or "\0" in seed:
        raise Misuse("bad-seed", "The seed of the order must have 1 to 200 characters, none of them a zero byte.")
    if threshold.suite != suite_digest:
        raise Misuse(
            "other-suite", f"The threshold was set for the suite {threshold.suite}, but {suite_digest} is to be run."
        )


def _beyond(least: Label, suite: Suite) -> Label:
    """``least`` raised to the level and compartments of every item."""
    levels, compartments = {least.level}, set(least.compartments)
    for item in suite.items:
        levels.add(item.label.level)
        compartments |= item.label.compartments
    return Label(max(levels), frozenset(compartments), least.tlp, least.audience)


def _system_high() -> Level:
    return Level[settings.SEATRIAL.system_high.upper().replace("-", "_")]
