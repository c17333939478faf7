"""What leaves the developer's hands: listed, attested as destroyed, planted with strings, leaked."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from seatrial.kernel.canonical import plain
from seatrial.kernel.digests import digest, parse_digest
from seatrial.kernel.ids import new_id
from seatrial.kernel.labels import Label
from seatrial.kernel.text import checked
from seatrial.ledger import api as ledger
from seatrial.parties import api as parties
from seatrial.parties.types import Actor
from seatrial.review.cases.core.canaries import digest_of_canary, new_canary
from seatrial.review.cases.core.case import Case, Item
from seatrial.review.cases.core.details import (
    Attestation,
    Handover,
    LeakReport,
)
from seatrial.review.cases.core.signed import destruction
from seatrial.review.cases.models import (
    CanaryRow,
    ItemRow,
    LeakRow,
    Review,
)
from seatrial.review.cases.queries import (
    ROLES,
    home_of,
    no_such_review,
    planted,
    visible,
)
from seatrial.review.cases.types import ItemKind

from .happening import FINDER, LONGEST_TEXT, happen


def hand_over(
    *,
    by: Actor,
    review: str,
    kind: ItemKind,
    text: str,
    holder: str,
    at: datetime,
    artefact: str = "",
    due_at: datetime | None = None,
) -> str:
    """Record that something leaves the developer's hands; whoever has it owes its destruction. Returns its id."""
    return _list(
        by=by, review=review, event="hand_over", kind=kind, text=text, holder=holder, artefact=artefact, due_at=due_at,
        at=at,
    )  # fmt: skip


def list_kept(*, by: Actor, review: str, kind: ItemKind, text: str, at: datetime, artefact: str = "") -> str:
    """The body says that it keeps something (outputs, logs, a copy), with the same duty. Returns the item's id."""
    return _list(
        by=by, review=review, event="list_kept", kind=kind, text=text, holder="", artefact=artefact, due_at=None, at=at
    )


def attest_destruction(*, by: Actor, review: str, item: str, text: str, at: datetime) -> None:
    """Say, signed, that an item is destroyed and how; for the organisation that has it."""
    words = checked("The attestation", text, longest=LONGEST_TEXT)

    def details(row: Review) -> Attestation:
        return Attestation(item, home_of(by, row))

    def stored(row: Review, _case: Case) -> None:
        changed = row.items.get(id=item)
        statement = destruction(row.id, item, changed.digest, words)
        signature = parties.sign(by=by, organisation=changed.holder_id, statement=statement, at=at)
        changed.attested_at, changed.attested_by_id, changed.attestation = at, by.person, words
        changed.signature = plain(signature)
        changed.save()

    facts = {"item": item, "attestation": digest(words.encode())}
    happen(
        by=by, review=review, event="attest_destruction", at=at, details=details, before=stored,
        facts=lambda _row: facts,
    )  # fmt: skip


@transaction.atomic
def plant_canary(*, by: Actor, review: str, place: str, at: datetime) -> str:
    """A string to plant in what is handed over; this is the only time it can be read. The developer's alone."""
    words = checked("The place", place, longest=LONGEST_TEXT)
    row = visible(by).filter(id=review, developer_id__in=by.organisations).first()
    if row is None:
        raise no_such_review(review)
    by.require(row.developer_id, *ROLES["acknowledge_leak"], to="plant a canary")
    text = new_canary()
    made = CanaryRow.objects.create(review=row, digest=digest_of_canary(text), place=words, planted_at=at)
    facts = {"review": review, "canary": made.id, "digest": made.digest}
    label = Label.among(row.developer_id)
    ledger.append(log=row.developer_id, kind="case.canary_planted", actor=by.person, facts=facts, label=label, at=at)
    return text


def report_leak(*, by: Actor, review: str, found: str, at: datetime) -> None:
    """Report that something of this review was found where it should not be. All access ends with it, and every key
    is dead; the developer alone reads the words until it has said so.
    """
    words = checked("The report", found, longest=LONGEST_TEXT)
    _leak(by=by, review=review, words=words, canary=next(iter(planted(words)), None), at=at)


def report_found(*, found: str, at: datetime) -> None:
    """The same from anybody who holds a canary: each review one was planted for is told. Says nothing back."""
    words, told = checked("The report", found, longest=LONGEST_TEXT), set[str]()
    for canary in planted(words):
        if canary.review_id not in told:
            told.add(canary.review_id)
            _leak(by=None, review=canary.review_id, words=words, canary=canary, at=at)


def acknowledge_leak(*, by: Actor, review: str, leak: str, at: datetime) -> None:
    """The developer has read a report; from now on the body reads it too."""

    def stored(row: Review, _case: Case) -> None:
        row.leaks.filter(id=leak).update(acknowledged_at=at)

    facts = {"leak": leak}
    happen(
        by=by, review=review, event="acknowledge_leak", at=at, details=LeakReport(leak), before=stored,
        facts=lambda _row: facts,
    )  # fmt: skip


def _list(
    *, by: Actor, review: str, event: str, kind: ItemKind, text: str, holder: str, artefact: str,
    due_at: datetime | None, at: datetime,
) -> str:  # fmt: skip
    words, item = checked("The description", text, longest=LONGEST_TEXT), new_id("item")
    pinned = parse_digest(artefact) if artefact else ""

    def details(row: Review) -> Handover:
        return Handover(Item(item, kind, holder or row.body_id, due_at))

    def stored(row: Review, _case: Case) -> None:
        ItemRow.objects.create(
            id=item,
            review=row,
            kind=kind,
            text=words,
            holder_id=holder or row.body_id,
            digest=pinned,
            due_at=due_at,
            listed_at=at,
            listed_by_id=by.person,
        )

    facts = {"item": item, "kind": kind, "holder": holder, "text": digest(words.encode()), "artefact": pinned}
    happen(by=by, review=review, event=event, at=at, details=details, before=stored, facts=lambda _row: facts)
    return item


def _leak(*, by: Actor | None, review: str, words: str, canary: CanaryRow | None, at: datetime) -> None:
    leak, reporter = new_id("leak"), by.person if by else FINDER

    def stored(row: Review, _case: Case) -> None:
        LeakRow.objects.create(id=leak, review=row, at=at, by=reporter, found=words, canary=canary)

    def told_first(row: Review) -> Label:
        return Label.among(row.developer_id, *([by.person] if by else []))

    facts = {"leak": leak, "found": digest(words.encode()), "canary": canary.id if canary else ""}
    happen(
        by=by, review=review, event="report_leak", at=at, details=LeakReport(leak), before=stored,
        facts=lambda _row: facts, label=told_first,
    )  # fmt: skip
