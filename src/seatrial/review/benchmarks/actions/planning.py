"""Campaigns are planned: threshold, order, seed and exclusions are committed before anything is sent."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from seatrial.kernel.digests import Digest, commitment, new_salt
from seatrial.kernel.errors import Misuse, Refused, Unavailable
from seatrial.kernel.labels import Label
from seatrial.parties.types import Actor, Role
from seatrial.review.benchmarks.actions.rows import beyond, record
from seatrial.review.benchmarks.core.order import cells_of, committed_order, order_digest
from seatrial.review.benchmarks.core.planning import ELICITATION, exclusions, power_note
from seatrial.review.benchmarks.core.prefix import MAX_RETRIES
from seatrial.review.benchmarks.core.sequential import check_threshold
from seatrial.review.benchmarks.models import Campaign
from seatrial.review.benchmarks.ports import Shelf, Tools
from seatrial.review.benchmarks.queries import suite, suite_row
from seatrial.review.benchmarks.types import CampaignState, Threshold
from seatrial.review.cases import api as cases
from seatrial.review.cases.types import ENDED


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
    missing = tools.missing(frozenset().union(*(item.needs for item in content.manifest.items)))
    if missing and not exclude_missing_tools:
        raise Unavailable("tools-missing", " ".join(missing.values()), missing=sorted(missing))
    excluded = exclusions(content.manifest, standing.consent.label, missing)
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
        label=str(beyond(Label.among(standing.body), content)),
        planned_by=by.person,
        planned_at=at,
    )
    campaign.save(force_insert=True)
    record(
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


def _check_plan(name: str, seed: str, threshold: Threshold, suite_digest: str) -> None:
    if not name.strip() or len(name) > 200:
        raise Misuse("bad-name", "A campaign needs a name of 1 to 200 characters.")
    if not seed or len(seed) > 200 or "\0" in seed:
        raise Misuse("bad-seed", "The seed of the order must have 1 to 200 characters, none of them a zero byte.")
    if threshold.suite != suite_digest:
        raise Misuse(
            "other-suite", f"The threshold was set for the suite {threshold.suite}, but {suite_digest} is to be run."
        )
