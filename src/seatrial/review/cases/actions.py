"""Every write of reviews: load, apply the one table, store, and leave exactly one ledger entry."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, fields, replace
from datetime import datetime
from typing import Any

from django.db import transaction

from seatrial.kernel.canonical import canonical, plain
from seatrial.kernel.clock import iso
from seatrial.kernel.digests import Digest, digest, digest_of, parse_digest
from seatrial.kernel.errors import Conflict, Forbidden, Misuse
from seatrial.kernel.ids import new_id
from seatrial.kernel.labels import Label, Level
from seatrial.ledger import api as ledger
from seatrial.ledger.types import MAIN
from seatrial.parties import api as parties
from seatrial.parties.types import Actor, OrganisationKind, Role

from .core.canaries import digest_of_canary, new_canary
from .core.case import Case, Item, PolicySnapshot
from .core.details import (
    Adoption,
    Attestation,
    Countersigning,
    Dates,
    Handover,
    LeakReport,
    PartnerEvent,
    PartnerSigning,
    RequestEvent,
    Signing,
)
from .core.table import MACHINE, PARTNER
from .models import (
    CanaryRow,
    ConsentRow,
    CountersignatureRow,
    ItemRow,
    LeakRow,
    PartnerRow,
    RequestRow,
    Review,
)
from .queries import OUTLIVING, ROLES, case_of, home_of, no_such_review, planted, side_of, touchable, visible
from .types import AccessLevel, Consent, ConsentTerms, ItemKind, PartnerTerms

FINDER = "finder"  # who reports a canary without an account
_LONGEST_TEXT = 10_000
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")  # no database or page keeps these


@transaction.atomic
def draft(
    *,
    by: Actor,
    developer: str,
    body: str,
    title: str,
    model: str,
    partner_release: datetime,
    public_release: datetime,
    at: datetime,
) -> str:
    """A new draft, its developer's alone; it leaves its entry in the developer's own log. Returns its id."""
    by.require(developer, Role.GOVERNANCE, to="plan a review")
    policy = parties.current_policy(body, at)
    for name, text in (("title", title), ("model", model)):
        if not 0 < len(text.strip()) <= 200:
            raise Misuse("bad-plan", f"The {name} must have 1 to 200 characters.")
    if partner_release <= at:
        raise Misuse("bad-plan", f"The partner release is planned for {iso(partner_release)}, which is past.")
    if partner_release > public_release:
        raise Misuse(
            "bad-plan", "The partner release is planned after the public one; put it before, or on the same day."
        )
    label = Label.among(developer)
    row = Review(
        developer_id=developer,
        body_id=body,
        title=title.strip(),
        model=model.strip(),
        partner_release=partner_release,
        public_release=public_release,
        policy_id=parties.policy_key(body, policy.version),
        label=str(label),
        drafted_at=at,
    )
    row.save(force_insert=True)
    facts = {"review": row.id, "model": row.model, "partner_release": partner_release, "public_release": public_release}
    ledger.append(log=developer, kind="case.drafted", actor=by.person, facts=facts, label=label, at=at)
    return row.id


def offer(*, by: Actor, review: str, at: datetime) -> None:
    """Share the plan with the body. Opens no access."""

    def shared(row: Review, _case: Case) -> None:
        policy = parties.policy(row.body_id, row.policy.version)
        row.label = str(Label.among(row.developer_id, row.body_id, *policy.oversight))

    _happen(by=by, review=review, event="offer", at=at, before=shared, facts=lambda row: {"model": row.model})


@transaction.atomic
def sign_consent(
    *, by: Actor, review: str, terms: ConsentTerms, at: datetime, system_high: Level, after: int | None = None
) -> Consent:
    """Sign a consent; it replaces the one before. Raises ``Refused`` with the guard's sentence.

    ``after`` is the number of the consent that the signer saw standing (0 for none): if another was signed since,
    ``Conflict`` (``consent-changed``).
    """
    return _sign(by=by, review=review, terms=terms, at=at, event="sign_consent", system_high=system_high, after=after)


@transaction.atomic
def narrow_consent(
    *, by: Actor, review: str, terms: ConsentTerms, at: datetime, system_high: Level, after: int | None = None
) -> Consent:
    """Take something away from the standing consent, at once. Raises ``Refused`` if anything would widen."""
    return _sign(by=by, review=review, terms=terms, at=at, event="narrow_consent", system_high=system_high, after=after)


def countersign_consent(*, by: Actor, review: str, at: datetime) -> None:
    """One of the further signatures that the weights take: a second person of the developer, two of the body."""

    def details(row: Review) -> Countersigning:
        return Countersigning(side_of(by, row) or "", by.person)

    def stored(row: Review, _case: Case) -> None:
        consent = row.consents.order_by("-number")[0]
        signature = parties.sign(by=by, organisation=home_of(by, row), statement=_countersigned(consent), at=at)
        CountersignatureRow.objects.create(
            consent=consent,
            side=side_of(by, row) or "",
            person_id=by.person,
            at=at,
            public_key=signature.public_key,
            signature=signature.value,
        )

    def facts(row: Review) -> dict[str, Any]:
        return {"consent": row.consents.order_by("-number")[0].digest}

    _happen(by=by, review=review, event="countersign_consent", at=at, details=details, before=stored, facts=facts)


def move_release(*, by: Actor, review: str, partner_release: datetime, public_release: datetime, at: datetime) -> None:
    """Plan other dates. An earlier partner release shortens the window; a later one prolongs nothing."""
    dates = Dates(partner_release, public_release)
    _happen(by=by, review=review, event="move_release", at=at, details=dates, facts=lambda _row: asdict(dates))


def withdraw(*, by: Actor, review: str, at: datetime) -> None:
    """End all access now. No reason is asked."""
    _happen(by=by, review=review, event="withdraw", at=at)


def record_release(*, by: Actor, review: str, at: datetime) -> None:
    """Record that the model was released: possible in every state; ends pre-release access in this transaction."""
    _happen(by=by, review=review, event="record_release", at=at)


def close(*, by: Actor, review: str, at: datetime) -> None:
    """Close the review."""
    _happen(by=by, review=review, event="close", at=at)


def adopt_policy(*, by: Actor, review: str, version: str, at: datetime) -> None:
    """Put the review under another version of the body's policy; only the developer can (V17)."""

    def details(row: Review) -> Adoption:
        policy = parties.policy(row.body_id, version)
        row.policy_id = parties.policy_key(row.body_id, version)
        return Adoption(PolicySnapshot(policy.version, policy.max_window, policy.purposes, policy.destruction))

    def facts(row: Review) -> dict[str, Any]:
        """The developer's signature over the version it takes over (V17)."""
        statement = {"review": row.id, **_policy_said(row.body_id, version)}
        signature = parties.sign(by=by, organisation=row.developer_id, statement=statement, at=at)
        return {"version": version, "policy": statement["policy_digest"], "signature": signature.value}

    _happen(by=by, review=review, event="adopt_policy", at=at, details=details, facts=facts)


def acknowledge(*, by: Actor, review: str, at: datetime) -> None:
    """Say that the offer arrived. Moves nobody's clock."""
    _happen(by=by, review=review, event="acknowledge", at=at)


def ask(
    *,
    by: Actor,
    review: str,
    thread: str,
    text: Digest,
    at: datetime,
    attached: Sequence[Digest] = (),
    would_help_by: datetime | None = None,
) -> None:
    """Record that the body asked something; ``thread`` holds the words, ``text`` is their digest. No clock waits."""
    asked = RequestEvent(thread, would_help_by)
    facts = {"text": text, "attached": list(attached), "would_help_by": would_help_by}
    _request(by=by, review=review, request=asked, at=at, event="ask", facts=facts)


def answer(*, by: Actor, review: str, thread: str, text: Digest, at: datetime, attached: Sequence[Digest] = ()) -> None:
    """Record that the developer answered a request."""
    facts = {"text": text, "attached": list(attached)}
    _request(by=by, review=review, request=RequestEvent(thread), at=at, event="answer", facts=facts)


def take_back(*, by: Actor, review: str, thread: str, at: datetime) -> None:
    """Take an open request back, for the side that asked."""
    _request(by=by, review=review, request=RequestEvent(thread), at=at, event="take_back", facts={})


def propose_partner(*, by: Actor, review: str, organisation: str, at: datetime, criteria: str = "") -> None:
    """Propose a trusted partner, and say how it meets the policy's criteria. Proposing signs nothing."""
    if parties.organisation(organisation).kind != OrganisationKind.PARTNER:
        raise Misuse("no-partner", f"{organisation} takes part as something else; a trusted partner is a partner.")
    why = _text(criteria, "criteria", least=0)

    def details(row: Review) -> PartnerEvent:
        return PartnerEvent(organisation, side_of(by, row) or "")

    def stored(row: Review, case: Case) -> None:
        proposed = case.partner(organisation)
        PartnerRow.objects.create(
            review=row,
            organisation_id=organisation,
            criteria=why,
            proposed_by=proposed.proposed_by if proposed else "",
        )

    facts = {"partner": organisation, "criteria": digest(why.encode())}
    _happen(
        by=by, review=review, event="propose_partner", at=at, details=details, before=stored, facts=lambda _row: facts
    )


def sign_partner_terms(*, by: Actor, review: str, organisation: str, terms: PartnerTerms, at: datetime) -> None:
    """The developer signs what a partner may do, inside its own consent. Terms that give more need the body's
    signature again; narrower ones count at once.
    """
    grant = new_id("grant")

    def stored(row: Review, case: Case) -> None:
        statement = {"review": row.id, "partner": organisation, "grant": grant, **plain(terms)}
        signature = parties.sign(by=by, organisation=row.developer_id, statement=statement, at=at)
        partner = case.partner(organisation)
        changed = row.partners.get(organisation_id=organisation)
        changed.statement, changed.grant = canonical(statement).decode(), grant
        changed.developer_signature = plain(signature)
        if partner is not None and not partner.body_signed:
            changed.body_signed, changed.body_signature = False, None
        changed.save()

    facts = {"partner": organisation, "grant": grant, "terms": digest_of(plain(terms)), "window": terms.window}
    signing = PartnerSigning(organisation, terms, grant)
    _happen(
        by=by, review=review, event="sign_partner_terms", at=at, details=signing, before=stored,
        facts=lambda _row: facts,
    )  # fmt: skip


def countersign_partner(*, by: Actor, review: str, organisation: str, at: datetime) -> None:
    """The body signs the terms as the developer signed them. The partner's access needs both."""

    def stored(row: Review, _case: Case) -> None:
        changed = row.partners.get(organisation_id=organisation)
        statement = json.loads(changed.statement)
        signature = parties.sign(by=by, organisation=row.body_id, statement=statement, at=at)
        changed.body_signed, changed.body_signature = True, plain(signature)
        changed.save(update_fields=["body_signed", "body_signature"])

    facts = {"partner": organisation}
    _happen(
        by=by, review=review, event="countersign_partner", at=at, details=PartnerEvent(organisation, "body"),
        before=stored, facts=lambda _row: facts, label=_with_partner(organisation),
    )  # fmt: skip


def end_partner(*, by: Actor, review: str, organisation: str, at: datetime) -> None:
    """End a partnership; either side can, and the partner itself, at once."""

    def details(row: Review) -> PartnerEvent:
        side = side_of(by, row) or ""
        if side == PARTNER and organisation not in by.organisations:
            raise no_such_review(review)
        return PartnerEvent(organisation, side)

    def stored(row: Review, _case: Case) -> None:
        row.partners.filter(organisation_id=organisation).update(ended=True)

    facts = {"partner": organisation}
    _happen(
        by=by, review=review, event="end_partner", at=at, details=details, before=stored, facts=lambda _row: facts,
        label=_with_partner(organisation),
    )  # fmt: skip


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
    words = _text(text, "attestation")

    def details(row: Review) -> Attestation:
        return Attestation(item, home_of(by, row))

    def stored(row: Review, _case: Case) -> None:
        changed = row.items.get(id=item)
        statement = {"review": row.id, "item": item, "digest": changed.digest, "destroyed": words}
        signature = parties.sign(by=by, organisation=changed.holder_id, statement=statement, at=at)
        changed.attested_at, changed.attested_by_id, changed.attestation = at, by.person, words
        changed.signature = plain(signature)
        changed.save()

    facts = {"item": item, "attestation": digest(words.encode())}
    _happen(
        by=by, review=review, event="attest_destruction", at=at, details=details, before=stored,
        facts=lambda _row: facts,
    )  # fmt: skip


@transaction.atomic
def plant_canary(*, by: Actor, review: str, place: str, at: datetime) -> str:
    """A string to plant in what is handed over; this is the only time it can be read. The developer's alone."""
    words = _text(place, "place")
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
    words = _text(found, "report")
    _leak(by=by, review=review, words=words, canary=next(iter(planted(words)), None), at=at)


def report_found(*, found: str, at: datetime) -> None:
    """The same from anybody who holds a canary: each review one was planted for is told. Says nothing back."""
    words, told = _text(found, "report"), set[str]()
    for canary in planted(words):
        if canary.review_id not in told:
            told.add(canary.review_id)
            _leak(by=None, review=canary.review_id, words=words, canary=canary, at=at)


def acknowledge_leak(*, by: Actor, review: str, leak: str, at: datetime) -> None:
    """The developer has read a report; from now on the body reads it too."""

    def stored(row: Review, _case: Case) -> None:
        row.leaks.filter(id=leak).update(acknowledged_at=at)

    facts = {"leak": leak}
    _happen(
        by=by, review=review, event="acknowledge_leak", at=at, details=LeakReport(leak), before=stored,
        facts=lambda _row: facts,
    )  # fmt: skip


def _list(
    *, by: Actor, review: str, event: str, kind: ItemKind, text: str, holder: str, artefact: str,
    due_at: datetime | None, at: datetime,
) -> str:  # fmt: skip
    words, item = _text(text, "description"), new_id("item")
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
    _happen(by=by, review=review, event=event, at=at, details=details, before=stored, facts=lambda _row: facts)
    return item


def _leak(*, by: Actor | None, review: str, words: str, canary: CanaryRow | None, at: datetime) -> None:
    leak, reporter = new_id("leak"), by.person if by else FINDER

    def stored(row: Review, _case: Case) -> None:
        LeakRow.objects.create(id=leak, review=row, at=at, by=reporter, found=words, canary=canary)

    def told_first(row: Review) -> Label:
        return Label.among(row.developer_id, *([by.person] if by else []))

    facts = {"leak": leak, "found": digest(words.encode()), "canary": canary.id if canary else ""}
    _happen(
        by=by, review=review, event="report_leak", at=at, details=LeakReport(leak), before=stored,
        facts=lambda _row: facts, label=told_first,
    )  # fmt: skip


def _with_partner(organisation: str) -> Callable[[Review], Label]:
    """A partner's own receipts: it may read what happened to the grant it has."""

    def label(row: Review) -> Label:
        whole = Label.parse(row.label)
        known = row.partners.filter(organisation_id=organisation).exclude(statement="").exists()
        return replace(whole, audience=(whole.audience or frozenset()) | {organisation}) if known else whole

    return label


def _text(text: str, name: str, *, least: int = 1) -> str:
    words = text.strip()
    if not least <= len(words) <= _LONGEST_TEXT:
        raise Misuse("bad-text", f"The {name} must have {least} to {_LONGEST_TEXT:,} characters.")
    if _UNPRINTABLE.search(words):
        raise Misuse("bad-text", f"The {name} must not contain control characters; keep to text and line breaks.")
    return words


def _request(*, by: Actor, review: str, request: RequestEvent, at: datetime, event: str, facts: dict[str, Any]) -> None:
    def stored(row: Review, case: Case) -> None:
        now = next(found for found in case.requests if found.thread == request.thread)
        values = {"state": now.state, "would_help_by": now.would_help_by}
        RequestRow.objects.update_or_create(review=row, thread=now.thread, defaults=values)

    facts = {"thread": request.thread, **facts}
    _happen(by=by, review=review, event=event, at=at, details=request, before=stored, facts=lambda _row: facts)


def _sign(
    *, by: Actor, review: str, terms: ConsentTerms, at: datetime, event: str, system_high: Level, after: int | None
) -> Consent:
    made: list[Consent] = []

    def details(row: Review) -> Signing:
        number = row.consents.count() + 1
        if after is not None and after != number - 1:
            raise Conflict(
                "consent-changed",
                f"Consent number {number - 1} was signed meanwhile; read it, then sign yours if it is still wanted.",
            )
        consent = Consent(
            id=new_id("consent"),
            number=number,
            signed_by=by.person,
            signed_at=at,
            digest=digest_of(_statement(row, number, terms)),
            **{field.name: getattr(terms, field.name) for field in fields(terms)},
        )
        made.append(consent)
        return Signing(terms, consent, system_high)

    def stored(row: Review, case: Case) -> None:
        consent = made[0]
        statement = _statement(row, consent.number, terms)
        signature = parties.sign(by=by, organisation=row.developer_id, statement=statement, at=at)
        ConsentRow(
            id=consent.id,
            review=row,
            number=consent.number,
            narrowed=event == "narrow_consent",
            statement=canonical(statement).decode(),
            digest=consent.digest,
            opens=terms.window.opens,
            closes=terms.window.closes,
            signed_by_id=by.person,
            signed_at=at,
            public_key=signature.public_key,
            signature=signature.value,
        ).save(force_insert=True)

    def facts(_row: Review) -> dict[str, Any]:
        return {"consent": made[0].digest, "number": made[0].number, "window": terms.window}

    _happen(by=by, review=review, event=event, at=at, details=details, before=stored, facts=facts)
    return made[0]


def _statement(row: Review, number: int, terms: ConsentTerms) -> dict[str, Any]:
    """What is signed: everything the consent says, for which review, under which policy."""
    said = {field.name: plain(getattr(terms, field.name)) for field in fields(terms)}
    return {"review": row.id, "number": number, **_policy_said(row.body_id, row.policy.version), **said}


def _policy_said(body: str, version: str) -> dict[str, Any]:
    """The policy by version and digest, in what the developer signs: both have signed it then (V17)."""
    return {"policy": version, "policy_digest": parties.policy(body, version).digest}


def _countersigned(consent: ConsentRow) -> dict[str, Any]:
    return {"review": consent.review_id, "consent": consent.digest, "level": AccessLevel.WEIGHTS}


@transaction.atomic
def _happen(
    *,
    by: Actor | None,
    review: str,
    event: str,
    at: datetime,
    details: object = None,
    before: Callable[[Review, Case], None] | None = None,
    facts: Callable[[Review], dict[str, Any]] | None = None,
    label: Callable[[Review], Label] | None = None,
) -> None:
    """The one way in which anything happens to a review.

    ``details`` is what the table's guards and effects get, or makes it from the locked row; ``before`` stores
    what the row itself does not hold, given the case as it has become. ``by`` is ``None`` for a finder whom nobody
    knows. The developer's drafts are recorded in its own log, everything else in the shared one (V10).
    """
    row = _locked(by, review, event)
    transition = MACHINE.transitions[event]
    if by is not None:
        side = side_of(by, row)
        if side is None or side not in transition.by:
            raise Forbidden("not-yours", f"Only the {transition.by} can do this to a review.")
        by.require(home_of(by, row), *ROLES[event], to=event.replace("_", " "))
    made = details(row) if callable(details) else details
    case = MACHINE.apply(case_of(row), event, made, at)
    if before is not None:
        before(row, case)
    _store(row, case)
    ledger.append(
        log=MAIN if case.offered_at is not None else row.developer_id,
        kind=transition.entry,
        actor=by.person if by else FINDER,
        facts={"review": row.id, **(facts(row) if facts else {})},
        label=label(row) if label else Label.parse(row.label),
        at=at,
    )


def _locked(by: Actor | None, review: str, event: str) -> Review:
    """The row, locked until the transaction ends. Raises ``NotFound`` if the actor may not know of it."""
    if not Review.objects.select_for_update().filter(id=review).exists():
        raise no_such_review(review)
    row = (touchable(by, event) if by else Review.objects).filter(id=review).first()
    outlives = by is None or event in OUTLIVING
    if row is None or not (outlives or (by and by.may_read(Label.parse(row.label)))):
        raise no_such_review(review)
    return row


def _store(row: Review, case: Case) -> None:
    row.partner_release, row.public_release = case.partner_release, case.public_release
    row.offered_at, row.acknowledged_at = case.offered_at, case.acknowledged_at
    row.withdrawn_at, row.released_at, row.closed_at = case.withdrawn_at, case.released_at, case.closed_at
    row.earliest_release, row.contained = case.earliest_release, case.contained
    row.save()
