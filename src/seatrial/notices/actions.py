"""Every write of notices.

What a person decides (a choice, a webhook and what is done to it) leaves one ledger entry. What the instance does on
its own (reading on, sending, recording how it went) leaves none, for it would be told again without end; except
that a receiver was lost, which its organisation must know.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.core import signing
from django.db import transaction
from django.db.models import Max, Q

from seatrial.kernel.errors import Misuse, NotFound, Refused
from seatrial.kernel.labels import Label
from seatrial.kernel.outgoing import check_url
from seatrial.ledger import api as ledger
from seatrial.ledger.types import MAIN, Committed
from seatrial.parties import api as parties
from seatrial.parties.types import Actor, Addressee, Role

from .core import signing as webhook_signing
from .core.attention import attention, told_by_default, told_to_webhooks
from .core.lifecycle import MACHINE, WAITING, Progress, event_of
from .core.pacing import GAP, LEASE, SECRETS_OVERLAP, due, paced
from .core.stewards import MOST_WEBHOOKS, check_label, check_steward, hears
from .core.wording import payload
from .models import Choice, Cursor, Delivery, Webhook
from .ports import Sealer
from .queries import choices_of, due_deliveries, unread
from .queries import webhook as webhook_view
from .types import Attention, Cadence, Choices, DeliveryState, Letter, NewSecret, Outcome, Posting, WebhookState

_BATCH = 500
_REVIEW = re.compile(r"[A-Za-z0-9._-]{0,40}")
_UNSUBSCRIBE = signing.Signer(salt="seatrial.notices.unsubscribe", sep=".")
INSTANCE_ACTS = "instance"  # the actor of what the instance found out by itself


# What people decide ---------------------------------------------------------------------------------


@transaction.atomic
def choose(*, by: Actor, cadence: Cadence, at: datetime, review: str = "") -> None:
    """Be told by mail so often, of ``review`` or of all that have no choice of their own.

    Raises ``Misuse`` (``sign-in-needed``, ``bad-review``)."""
    if not parties.addressees([by.person]):
        raise Misuse("sign-in-needed", "Only a person who can sign in is told by mail; sign in to choose how often.")
    if not _REVIEW.fullmatch(review):
        raise Misuse("bad-review", "That is not the id of a review; it looks like review-0123456789abcdef.")
    Choice.objects.update_or_create(person_id=by.person, review=review, defaults={"cadence": cadence, "chosen_at": at})
    facts = {"cadence": cadence, "choice_for": review or "all"}
    ledger.append(kind="notices.chosen", actor=by.person, facts=facts, label=Label.among(by.person), at=at)


def unsubscribe(*, token: str, at: datetime) -> None:
    """The one click of a mail: whoever got it chooses none for everything. Raises ``NotFound`` (``no-such-notice``)."""
    choose(by=parties.actor(_subscriber(token)), cadence=Cadence.NONE, at=at)


@transaction.atomic
def add_webhook(
    *, by: Actor, organisation: str, url: str, at: datetime, sealer: Sealer, loopback: bool, label: Label | None = None
) -> NewSecret:
    """Register an address that is told; ``label`` bounds of what, and is the organisation's own by default.

    Raises ``Forbidden`` (``role-missing``, ``label-forbids``), ``Misuse`` (``bad-address``), ``Refused``
    (``too-many-webhooks``).
    """
    check_steward(by, organisation)
    label = Label.among(organisation) if label is None else label
    check_label(by, organisation, label)
    check_url(url, loopback=loopback)
    there = Webhook.objects.filter(organisation_id=organisation).exclude(state=WebhookState.REMOVED)
    if there.count() >= MOST_WEBHOOKS:
        raise Refused("too-many-webhooks", f"An organisation has at most {MOST_WEBHOOKS} webhooks; remove one first.")
    row = Webhook(organisation_id=organisation, url=url, label=str(label), state=WebhookState.WORKING)
    row.added_by, row.added_at = by.person, at
    secret = webhook_signing.new_secret()
    row.sealed = sealer.seal(secret, row.id)
    row.save(force_insert=True)
    _record("notices.webhook-added", by.person, row, at)
    return NewSecret(row.id, secret)


@transaction.atomic
def rotate_secret(*, by: Actor, webhook: str, at: datetime, sealer: Sealer) -> NewSecret:
    """A new secret; the one before signs too for 24 hours, so that the receiver can change over."""
    row = _stewarded(by, webhook)
    secret = webhook_signing.new_secret()
    row.sealed_before, row.before_until = row.sealed, at + SECRETS_OVERLAP
    row.sealed = sealer.seal(secret, row.id)
    row.save(update_fields=["sealed", "sealed_before", "before_until"])
    _record("notices.webhook-rotated", by.person, row, at)
    return NewSecret(row.id, secret)


@transaction.atomic
def remove_webhook(*, by: Actor, webhook: str, at: datetime) -> None:
    """Send nothing there any more; its secrets are erased."""
    row = _stewarded(by, webhook)
    _settle(Delivery.objects.filter(webhook=row, state__in=WAITING), at, "The webhook was removed.")
    row.state, row.sealed, row.sealed_before, row.before_until = WebhookState.REMOVED, "", "", None
    row.save(update_fields=["state", "sealed", "sealed_before", "before_until"])
    _record("notices.webhook-removed", by.person, row, at)


@transaction.atomic
def redeliver(*, by: Actor, webhook: str, at: datetime, notice: str | None = None) -> int:
    """Send ``notice`` again, or everything that has not arrived; returns how many. Each keeps its id, by which a
    receiver knows what it had already. Raises ``NotFound`` (``no-such-notice``), ``Refused`` (``webhook-gone``)."""
    row = _stewarded(by, webhook)
    _check_not_gone(row)
    rows = Delivery.objects.select_for_update().filter(webhook=row).order_by("id")
    again = list(rows.exclude(state=DeliveryState.DELIVERED) if notice is None else rows.filter(notice=notice))
    if notice is not None and not again:
        raise NotFound("no-such-notice", "There is no such notice to this webhook; list its deliveries to see them.")
    for delivery in (found for found in again if found.state != DeliveryState.DUE):
        _apply(delivery, "redeliver", at)
        delivery.settled_at, delivery.claimed_until = None, None
    Delivery.objects.bulk_update(again, ["state", "attempts", "due_at", "settled_at", "claimed_until"])
    _wake(row)
    _record("notices.redelivery-asked", by.person, row, at)
    return len(again)


@transaction.atomic
def send_test(*, by: Actor, webhook: str, at: datetime) -> str:
    """A notice that belongs to no review, due at once; returns its id. Raises ``Refused`` (``webhook-gone``)."""
    row = _stewarded(by, webhook)
    _check_not_gone(row)
    made = Delivery.objects.create(
        webhook=row, label=row.label, at=at, urgent=True, cadence=Cadence.EACH, state=DeliveryState.DUE, due_at=at
    )
    _wake(row)
    _record("notices.test-asked", by.person, row, at)
    return made.notice


# What the instance does -----------------------------------------------------------------------------


def watch(*, at: datetime) -> int:
    """Make deliveries of what was committed since the cursors; returns how many entries were read.

    An entry is never passed over and never handled twice: the cursor moves in the transaction that makes its
    deliveries. At most one batch of each log, so that what is due is sent in between.
    """
    news = unread()
    if not news:
        return 0
    people = sorted(parties.addressees(), key=_developers_first)
    return sum(_read_on(log, start, people, at) for log, start in news.items())


def _read_on(log: str, start: int, people: Sequence[Addressee], at: datetime) -> int:
    entries = ledger.committed(log, after=start - 1, limit=_BATCH)
    heard = [entry for entry in entries if attention(entry.kind) is not Attention.SILENT]
    with transaction.atomic():
        Cursor.objects.get_or_create(log=MAIN)
        Cursor.objects.select_for_update().get(log=MAIN)  # one reader at a time, whatever the log
        cursor, _ = Cursor.objects.get_or_create(log=log)
        if cursor.next != start or not entries:
            return 0  # another process was faster
        if heard:
            _tell(heard, people, at)
        cursor.next = entries[-1].index + 1
        cursor.save(update_fields=["next"])
    return len(entries)


def _tell(heard: Sequence[Committed], people: Sequence[Addressee], at: datetime) -> None:
    """Deliveries of these entries; what waits and is not being sent covers what comes up in its review."""
    chosen = choices_of(person.actor.person for person in people)
    listed = Webhook.objects.filter(state__in=[WebhookState.WORKING, WebhookState.FAILING])
    hooks = [(row, Label.parse(row.label)) for row in listed]
    waiting = _waiting({entry.review for entry in heard}, at)
    made: list[Delivery] = []
    changed: dict[int, Delivery] = {}
    readers: dict[Label, tuple[list[Actor], list[Webhook]]] = {}

    def tell(entry: Committed, cadence: Cadence, **receiver: str) -> None:
        urgent = attention(entry.kind) is Attention.URGENT
        key = (next(iter(receiver.values())), entry.review)
        when, label = due(cadence, urgent=urgent, now=at), str(entry.label)
        row = waiting.get(key)
        if row is None:
            row = waiting[key] = Delivery(
                **receiver, review=entry.review, label=label, at=at, urgent=urgent, cadence=cadence,
                state=DeliveryState.DUE, due_at=when,
            )  # fmt: skip
            made.append(row)
            return
        sooner = min(row.due_at, when) if urgent else row.due_at
        if (row.label, row.urgent, row.due_at) != (label, row.urgent or urgent, sooner):
            row.label, row.urgent, row.due_at = label, row.urgent or urgent, sooner
            if row.pk:
                changed[row.pk] = row

    for entry in heard:
        if entry.label not in readers:
            readers[entry.label] = (
                [person.actor for person in people if person.actor.may_read(entry.label)],
                [hook for hook, bound in hooks if hears(bound, hook.organisation_id, entry.label)],
            )
        actors, listening = readers[entry.label]
        for actor in actors:
            cadence = chosen.get(actor.person, Choices()).of(entry.review, by_default=told_by_default(entry.kind))
            if actor.person != entry.actor and cadence is not Cadence.NONE:
                tell(entry, cadence, person_id=actor.person)
        for hook in listening if told_to_webhooks(entry.kind) else ():
            tell(entry, Cadence.EACH, webhook_id=hook.id)
            if attention(entry.kind) is Attention.URGENT and hook.rests_until is not None:
                hook.rests_until = None  # what is urgent is tried at once
                hook.save(update_fields=["rests_until"])
    Delivery.objects.bulk_create(made)
    Delivery.objects.bulk_update(changed.values(), ["label", "urgent", "due_at"])


def _waiting(reviews: Iterable[str], at: datetime) -> dict[tuple[str, str], Delivery]:
    """What waits of these reviews and is not being sent, by receiver and review."""
    free = Q(claimed_until=None) | Q(claimed_until__lte=at)
    rows = Delivery.objects.filter(free, state__in=WAITING, review__in=set(reviews))
    return {(row.person_id or row.webhook_id or "", row.review): row for row in rows}


@transaction.atomic
def claim_letters(*, at: datetime, limit: int = 50) -> tuple[Letter, ...]:
    """The mails to send now; what they cover is claimed until they were recorded, or until the lease is over.

    Who was deactivated, may no longer read, or chose none meanwhile gets nothing. Of one review nobody gets two
    within ten minutes, the urgent ones apart.
    """
    rows = list(due_deliveries(at).select_for_update(skip_locked=True).filter(webhook=None)[:limit])
    if not rows:
        return ()
    names = {row.person_id or "" for row in rows}
    people = {person.actor.person: person for person in parties.addressees(names)}
    chosen, last = choices_of(names), _last_sent(rows, at)
    bundles: dict[tuple[str, ...], list[Delivery]] = {}
    for row in rows:
        name = row.person_id or ""
        person, earlier = people.get(name), last.get((name, row.review))
        earliest = paced(earlier, urgent=row.urgent, now=at)
        if person is None or not person.actor.may_read(Label.parse(row.label)):
            _give_up(row, at, "This person may not read it any more.")
        elif chosen.get(name, Choices()).of(row.review, by_default=True) is Cadence.NONE:
            _give_up(row, at, "This person chose not to be told.")
        elif earliest > at:
            row.due_at = earliest
        else:
            row.claimed_until = at + LEASE
            daily = row.cadence == Cadence.DAILY and not row.urgent
            bundles.setdefault((name,) if daily else (name, row.review), []).append(row)
    Delivery.objects.bulk_update(rows, ["state", "due_at", "settled_at", "claimed_until", "reason"])
    return tuple(
        Letter(
            notices=tuple(row.notice for row in bundle),
            to=people[key[0]].email,
            reviews=tuple(dict.fromkeys(row.review for row in bundle)),
            at=max(row.at for row in bundle),
            unsubscribe=_UNSUBSCRIBE.sign(bundle[0].notice),
        )
        for key, bundle in bundles.items()
    )


def _last_sent(rows: Sequence[Delivery], at: datetime) -> dict[tuple[str, str], datetime]:
    """When each person last got a mail of each review, as far back as it matters; one that is on its way counts."""
    people, reviews = {row.person_id for row in rows}, {row.review for row in rows}
    theirs = Delivery.objects.filter(person_id__in=people, review__in=reviews)
    sent = theirs.filter(state=DeliveryState.DELIVERED, settled_at__gt=at - GAP).values_list("person_id", "review")
    found = {(person or "", review): when for person, review, when in sent.annotate(when=Max("settled_at"))}
    for person, review in theirs.filter(state__in=WAITING, claimed_until__gt=at).values_list("person_id", "review"):
        found[person or "", review] = at
    return found


@transaction.atomic
def record_letter(*, notices: Sequence[str], outcome: Outcome, at: datetime) -> None:
    """How sending a mail went, for all that it covered."""
    rows = list(Delivery.objects.select_for_update().filter(notice__in=notices, state__in=WAITING))
    for row in rows:
        _recorded(row, outcome, at)
    Delivery.objects.bulk_update(
        rows, ["state", "attempts", "due_at", "settled_at", "claimed_until", "status", "reason"]
    )


@transaction.atomic
def claim_posting(*, webhook: str, at: datetime, sealer: Sealer, portal: str) -> Posting | None:
    """The next signed request to a webhook, claimed until it was recorded or the lease is over; ``None``: nothing is
    due, or it rests. Raises ``Unavailable`` if its secret cannot be unsealed."""
    hook = Webhook.objects.select_for_update().filter(id=webhook, state=WebhookState.WORKING).first()
    if hook is None or (hook.rests_until is not None and hook.rests_until > at):
        return None
    row = due_deliveries(at).filter(webhook=hook).first()
    if row is None:
        return None
    sealed = [hook.sealed]
    if hook.before_until is not None and at < hook.before_until:
        sealed.append(hook.sealed_before)
    secrets = [sealer.unseal(text, hook.id) for text in sealed]
    row.claimed_until = at + LEASE
    row.save(update_fields=["claimed_until"])
    body = payload(id=row.notice, review=row.review, at=row.at, portal=portal)
    headers = webhook_signing.headers(secrets, id=row.notice, at=at, body=body)
    return Posting(row.notice, hook.url, headers, body)


def record_unsendable(*, webhook: str, outcome: Outcome, at: datetime) -> None:
    """That the next notice to a webhook could not even be made, as a try in vain."""
    row = due_deliveries(at).filter(webhook_id=webhook).first()
    if row is not None:
        record_posting(notice=row.notice, outcome=outcome, at=at)


@transaction.atomic
def record_posting(*, notice: str, outcome: Outcome, at: datetime) -> None:
    """How a request to a webhook went. After the last try in vain its organisation is told, once."""
    row = Delivery.objects.select_for_update().filter(notice=notice, state__in=WAITING).first()
    if row is None:
        return
    hook = Webhook.objects.select_for_update().get(id=row.webhook_id)
    _recorded(row, outcome, at)
    row.save(update_fields=["state", "attempts", "due_at", "settled_at", "claimed_until", "status", "reason"])
    if hook.state != WebhookState.WORKING:
        return
    if not outcome.reason:
        _wake(hook)
        Delivery.objects.filter(webhook=hook, state=DeliveryState.FAILED).update(due_at=at)
    elif row.state == DeliveryState.FAILED:
        hook.rests_until = row.due_at
        hook.save(update_fields=["rests_until"])
    else:
        hook.state = WebhookState.GONE if outcome.gone else WebhookState.FAILING
        hook.save(update_fields=["state"])
        _record(f"notices.webhook-{hook.state}", INSTANCE_ACTS, hook, at)


# Rows -----------------------------------------------------------------------------------------------


def _apply(row: Delivery, event: str, at: datetime) -> None:
    progress = MACHINE.apply(Progress(DeliveryState(row.state), row.attempts, row.due_at), event, None, at)
    row.state, row.attempts, row.due_at = progress.state, progress.attempts, progress.due_at


def _recorded(row: Delivery, outcome: Outcome, at: datetime) -> None:
    _apply(row, event_of(outcome), at)
    row.claimed_until, row.status, row.reason = None, outcome.status, outcome.reason
    row.settled_at = None if row.state in WAITING else at


def _give_up(row: Delivery, at: datetime, reason: str) -> None:
    _apply(row, "give_up", at)
    row.settled_at, row.reason = at, reason


def _settle(rows: Any, at: datetime, reason: str) -> None:
    rows.update(state=DeliveryState.GIVEN_UP, settled_at=at, claimed_until=None, reason=reason)


def _wake(hook: Webhook) -> None:
    hook.state, hook.rests_until = WebhookState.WORKING, None
    hook.save(update_fields=["state", "rests_until"])


def _stewarded(by: Actor, webhook: str) -> Webhook:
    """The locked row. Raises ``NotFound`` (``no-such-webhook``)."""
    known = webhook_view(by, webhook)
    return Webhook.objects.select_for_update().get(id=known.id)


def _check_not_gone(row: Webhook) -> None:
    if row.state == WebhookState.GONE:
        raise Refused(
            "webhook-gone", "This receiver said it wants no more (410 Gone); remove the webhook and add it anew."
        )


def _subscriber(token: str) -> str:
    """Whose mail this one-click token stood in. Raises ``NotFound`` (``no-such-notice``)."""
    try:
        notice = _UNSUBSCRIBE.unsign(token)
    except signing.BadSignature:
        notice = ""
    row = Delivery.objects.filter(notice=notice).exclude(person=None).first() if notice else None
    if row is None:
        raise NotFound("no-such-notice", "This link is not one of ours, or it is not whole; sign in to choose instead.")
    return row.person_id or ""


def _developers_first(person: Addressee) -> bool:
    """Sorts the developers' people before all others: of their own model they hear first."""
    return not any(role in (Role.GOVERNANCE, Role.SECURITY) for _, role in person.actor.roles)


def _record(kind: str, actor: str, row: Webhook, at: datetime) -> None:
    facts = {"webhook": row.id, "organisation": row.organisation_id}
    ledger.append(kind=kind, actor=actor, facts=facts, label=Label.among(row.organisation_id), at=at)
