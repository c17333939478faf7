"""Draft, sign, share back, attach the developer's statement."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction

from seatrial.kernel.canonical import canonical, plain
from seatrial.kernel.digests import Digest, digest, new_salt
from seatrial.kernel.errors import Misuse, Refused
from seatrial.kernel.labels import Label
from seatrial.kernel.text import checked
from seatrial.ledger import api as ledger
from seatrial.parties import api as parties
from seatrial.parties.types import Actor, Role
from seatrial.review.benchmarks import api as benchmarks
from seatrial.review.benchmarks.types import CampaignView
from seatrial.review.cases import api as cases
from seatrial.review.cases.types import ReviewState
from seatrial.review.determinations.core.beside import HeldTo, Ladder, held_to, ladder_of
from seatrial.review.determinations.core.consultation import heard
from seatrial.review.determinations.core.documents import DocumentsMemo, documents_memo
from seatrial.review.determinations.core.lifecycle import (
    MACHINE,
    NEEDS,
    WITHDRAWN,
    Facts,
    Signing,
    Statement,
    shared_label,
)
from seatrial.review.determinations.core.memo import Memo, memo
from seatrial.review.determinations.core.reconsideration import Earlier, checked_evidence, reconsidered
from seatrial.review.determinations.core.redaction import checked_withhold, twin_label, twin_of, with_salts
from seatrial.review.determinations.models import Determination, DeterminationRequest, DeterminationSignature
from seatrial.review.determinations.queries import (
    consultations,
    consultations_for_request,
    documents_of,
    facts_of,
    home_of,
    pinned_evidence,
    readable,
    readable_request,
    request_review,
    stands_on,
    statement_of,
)
from seatrial.review.determinations.types import LONGEST_TEXT, Evidence, Finding, Withhold


@transaction.atomic
def draft(
    *,
    by: Actor,
    review: str,
    campaign: str | None = None,
    finding: Finding,
    reasons: str,
    at: datetime,
    reconsiders: str | None = None,
    evidence: Sequence[Evidence] = (),
    withhold: Withhold | None = None,
) -> str:
    """A determination on a campaign's evidence as it stands; its memo is fixed now. Returns its id.

    Without a campaign it rests on the documents alone and can only be ``not_determined``. ``reconsiders`` is an earlier
    determination of the same two, ``evidence`` what is new since. What ``withhold`` names is left out of the twin that
    the developer gets when it is shared. Raises ``Forbidden`` (``role-missing``), ``Misuse``
    (``bad-text``, ``foreign-campaign``, ``nothing-measured``, ``not-of-these-two``, ``not-signed-yet``,
    ``bad-evidence``) and ``NotFound`` for a review, a campaign or a determination that ``by`` may not see.
    """
    found = cases.brief(by, review, at)
    by.require(found.body, Role.AUTHORITY, to="draft a determination")
    if found.state is ReviewState.WITHDRAWN:
        raise Refused("review-withdrawn", WITHDRAWN)
    words = checked("The reasons", reasons, longest=LONGEST_TEXT)
    label = Label.among(found.body).join(found.label)
    consulted = [one.consulted for one in consultations(by, review)]
    asked = heard(consulted, body=found.body, developer=found.developer)
    if campaign is None:
        said: Memo | DocumentsMemo = documents_memo(
            model=found.model, finding=finding, reasons=words, documents=documents_of(by, review=review), asked=asked
        )
    else:
        seen = benchmarks.campaign(by, campaign)
        if seen.review != review:
            raise Misuse(
                "foreign-campaign", f"The campaign {campaign} belongs to another review; name one of this review."
            )
        beside = benchmarks.campaigns(by, review)
        rungs = benchmarks.ladder(by, seen.ladder) if seen.ladder is not None else None
        ladder = None if rungs is None else ladder_of(rungs, this=campaign, model=found.model)
        committed = benchmarks.specification(by, seen.specification) if seen.specification else None
        ended = benchmarks.ended_record(by, campaign) if seen.finished_at is not None else None
        said = memo(
            seen,
            model=found.model,
            finding=finding,
            reasons=words,
            beside=beside,
            asked=asked,
            record=None if ended is None else benchmarks.record_digest(ended),
            secondary=None if ended is None else plain(benchmarks.secondary(ended)),
            ladder=ladder,
            held_to=None if committed is None else _held_to(committed, seen, ladder),
        )
        # The memo names each of them.
        labels = [seen.label, *(one.label for one in beside)]
        labels += [] if rungs is None else [rungs.label]
        labels += [] if committed is None else [committed.specification.label]
        for each in labels:
            label = label.join(each)
    row = Determination(developer_id=found.developer, body_id=found.body, review_id=review, campaign=campaign or "")
    said, label = _looked_again(by, row, said, label, reconsiders, evidence)
    base = Label.among(found.body).join(found.label)
    return _drafted(by, row, said, finding, words, label, at, withhold, base)


@transaction.atomic
def draft_for_request(
    *,
    by: Actor,
    request: str,
    reasons: str,
    at: datetime,
    reconsiders: str | None = None,
    evidence: Sequence[Evidence] = (),
    withhold: Withhold | None = None,
) -> str:
    """``not_determined`` on the documents of a request alone: it cannot be said without evidence, and why.

    Returns its id. Two people sign it and it is shared before it answers. Raises ``Forbidden`` (``role-missing``),
    ``Misuse`` (``bad-text``, ``not-of-these-two``, ``not-signed-yet``, ``bad-evidence``), ``NotFound``
    (``no-such-request``, ``no-such-determination``).
    """
    DeterminationRequest.objects.select_for_update().filter(id=request).first()
    asked = readable_request(by, request)
    by.require(asked.body_id, Role.AUTHORITY, to="draft a determination")
    words = checked("The reasons", reasons, longest=LONGEST_TEXT)
    consulted = [one.consulted for one in consultations_for_request(by, request)]
    said: Memo | DocumentsMemo = documents_memo(
        model=asked.model,
        finding=Finding.NOT_DETERMINED,
        reasons=words,
        documents=documents_of(by, request=asked),
        request=asked.id,
        asked=heard(consulted, body=asked.body_id, developer=asked.developer_id),
    )
    label = Label.among(asked.body_id).join(Label.parse(asked.label))
    row = Determination(developer_id=asked.developer_id, body_id=asked.body_id, request_id=request)
    said, label = _looked_again(by, row, said, label, reconsiders, evidence)
    base = Label.among(asked.body_id).join(Label.parse(asked.label))
    return _drafted(by, row, said, Finding.NOT_DETERMINED, words, label, at, withhold, base)


def _held_to(committed: benchmarks.Committed, campaign: CampaignView, ladder: Ladder | None) -> HeldTo:
    found = committed.specification
    return held_to(
        committed.digest,
        name=found.name,
        meaning=found.meaning,
        elicitation=found.elicitation,
        campaign=campaign,
        ladder=ladder,
    )


def _looked_again(
    by: Actor,
    row: Determination,
    said: Memo | DocumentsMemo,
    label: Label,
    reconsiders: str | None,
    evidence: Sequence[Evidence],
) -> tuple[Memo | DocumentsMemo, Label]:
    """``said`` with what it tells of the determination it reconsiders, and the label joined with that one's."""
    if reconsiders is None:
        if evidence:
            raise Misuse("bad-evidence", "New evidence belongs to a reconsideration; name the earlier determination.")
        return said, label
    earlier = readable(by, reconsiders)
    if (earlier.developer_id, earlier.body_id) != (row.developer_id, row.body_id):
        raise Misuse(
            "not-of-these-two",
            f"{reconsiders} is about another developer or by another body; reconsider one of these two.",
        )
    row.reconsiders = earlier
    named = pinned_evidence(by, checked_evidence(evidence), review=row.review_id or request_review(by, row.request_id))
    before = Earlier(
        earlier.id,
        Digest(earlier.memo_digest),
        json.loads(earlier.memo),
        len(earlier.signatures.all()),
        earlier.drafted_at,
    )
    told = replace(said, reconsiders=reconsidered(before, named, plain(said)))
    return told, label.join(Label.parse(earlier.label))


def _drafted(
    by: Actor,
    row: Determination,
    said: Memo | DocumentsMemo,
    finding: Finding,
    reasons: str,
    label: Label,
    at: datetime,
    withhold: Withhold | None,
    base: Label,
) -> str:
    """Keep a new determination whose memo is ``said``, with its twin if there is to be one, and its one entry.

    ``base`` is the label of the review or request itself.
    """
    whole: Any = plain(said)
    if withhold is not None:
        asked = checked_withhold(withhold)
        whole = with_salts(whole, {part: new_salt() for part in asked.parts})
        twin = canonical(twin_of(whole, asked))
        row.twin, row.twin_digest = twin.decode(), digest(twin)
        row.twin_label = str(twin_label(label, base, asked))
    content = canonical(whole)
    row.finding, row.reasons = finding, reasons
    row.memo, row.memo_digest, row.label = content.decode(), digest(content), str(label)
    row.drafted_by_id, row.drafted_at = by.person, at
    row.save(force_insert=True)
    facts = {
        **stands_on(row),
        "determination": row.id,
        "campaign": row.campaign or None,
        "finding": finding,
        "memo": row.memo_digest,
        "twin": row.twin_digest or None,
        "reconsiders": row.reconsiders_id,
    }
    ledger.append(kind="determination.drafted", actor=by.person, facts=facts, label=label, at=at)
    return row.id


def sign(*, by: Actor, determination: str, at: datetime) -> None:
    """One of the two signatures, over the finding, the reasons and the memo's digest."""

    def stored(row: Determination, _facts: Facts) -> dict[str, Any]:
        made = parties.sign(by=by, organisation=row.body_id, statement=statement_of(row), at=at)
        DeterminationSignature.objects.create(
            determination=row, person_id=by.person, at=at, public_key=made.public_key, value=made.value
        )
        return {"signed": made.statement, "signature": made.value}

    _happen(by=by, determination=determination, event="sign", at=at, details=Signing(by.person), then=stored)


def share(*, by: Actor, determination: str, at: datetime) -> None:
    """Let the developer read it, or its twin: that one's label changes, and the ledger keeps both labels.

    Where something is withheld the whole memo stays the body's, under its own label.
    """

    def stored(row: Determination, facts: Facts) -> dict[str, Any]:
        before = row.twin_label if row.twin else row.label
        after = str(shared_label(Label.parse(before), row.developer_id, row.body_id))
        row.shared_at = facts.shared_at
        if row.twin:
            row.twin_label = after
        else:
            row.label = after
        return {"label_before": row.label if row.twin else before}

    _happen(by=by, determination=determination, event="share", at=at, then=stored)


def attach_statement(*, by: Actor, determination: str, text: str, at: datetime) -> None:
    """The developer's own words beside the finding, as they are."""
    words = checked("The statement", text, longest=LONGEST_TEXT)

    def stored(row: Determination, facts: Facts) -> dict[str, Any]:
        row.statement, row.statement_at = facts.statement, at
        return {"statement": digest(details.text.encode())}

    details = Statement(words)
    _happen(by=by, determination=determination, event="attach_statement", at=at, details=details, then=stored)


@transaction.atomic
def _happen(
    *,
    by: Actor,
    determination: str,
    event: str,
    at: datetime,
    then: Callable[[Determination, Facts], dict[str, Any]],
    details: object = None,
) -> None:
    """Lock, check roles and table, let ``then`` store what changed and say what the entry adds, append the entry."""
    Determination.objects.select_for_update().filter(id=determination).first()
    row = readable(by, determination)
    for role in NEEDS[event]:
        by.require(home_of(row, event), role, to=_SAID[event])
    added = then(row, MACHINE.apply(facts_of(row), event, details, at))
    row.save(update_fields=["label", "twin_label", "shared_at", "statement", "statement_at"])
    label = row.twin_label if row.twin and row.shared_at is not None else row.label
    facts = {
        **stands_on(row),
        "determination": row.id,
        "memo": row.memo_digest,
        "twin": row.twin_digest or None,
        "label": label,
        **added,
    }
    ledger.append(kind=MACHINE.transitions[event].entry, actor=by.person, facts=facts, label=Label.parse(label), at=at)


_SAID = {
    "sign": "sign a determination",
    "share": "share a determination",
    "attach_statement": "attach the developer's statement",
}
