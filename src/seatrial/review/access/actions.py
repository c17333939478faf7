"""Every write of access: keys, the developer's credential, and the two halves of an exchange.

The order of locks is account, exchange, ledger head. An exchange is let through, and its budget reserved, in one
durable transaction before a byte is forwarded; it is settled in another. Each decision leaves one ledger entry.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q

from seatrial.kernel.digests import digest
from seatrial.kernel.errors import Misuse, NotFound, Refused
from seatrial.kernel.labels import Label
from seatrial.ledger import api as ledger
from seatrial.parties.types import Actor, Role
from seatrial.review.cases import api as cases
from seatrial.review.cases.types import ENDED, Consent, ReviewState, Standing

from .core.accounts import charge, gives_nothing_more, terms_of
from .core.decision import affords, build_of, decide, moment, stands
from .core.endpoints import build_called
from .core.keys import new_key
from .core.sentences import SENTENCES
from .models import AccessKey, Account, Exchange, UpstreamCredential
from .ports import Sealer
from .queries import credential, holder, in_flight_before, key_facts, known_key, usage_of
from .types import AccessRequest, KeyFacts, NewKey, Pass, Settlement, Usage, Why

_LONGEST_PATH = 200  # of what a refused call asked for, on the record
_SURELY_OVER = timedelta(minutes=1)  # past its end nothing is in flight any more


@transaction.atomic
def issue_key(*, by: Actor, review: str, purpose: str, at: datetime) -> NewKey:
    """A fresh key for oneself, as one of the body's people or of a trusted partner's.

    Raises ``NotFound`` (``no-such-review``) and ``Refused`` (a ``Why``).
    """
    standing = _standing_to_call_under(by, review, at)
    consent = standing.consent
    if consent is None or standing.state in ENDED or standing.state is ReviewState.CONTAINED:
        facts = KeyFacts("", by.person, review, standing.home, purpose, False, at, by)
        raise _refused(stands(standing, facts, at) or Why.NO_CONSENT)
    if by.person not in consent.people:
        raise _refused(Why.NOT_NAMED)
    if purpose not in consent.purposes:
        named = ", ".join(sorted(consent.purposes))
        raise Refused(Why.PURPOSE, f"The consent does not name the purpose {purpose!r}; it names {named}.")
    key_id, text = new_key()
    label = _label(standing)
    AccessKey.objects.create(
        id=key_id,
        digest=digest(text.encode()),
        person=by.person,
        review=review,
        developer=standing.developer,
        body=standing.body,
        home=standing.home,
        purpose=purpose,
        label=str(label),
        issued_at=at,
    )
    ledger.append(
        kind="access.key-issued",
        actor=by.person,
        facts={"key": key_id, "review": review, "person": by.person, "purpose": purpose, "consent": consent.digest},
        label=label,
        at=at,
    )
    return NewKey(key_id, text, by.person, review, purpose)


@transaction.atomic
def revoke_key(*, by: Actor, key: str, at: datetime) -> None:
    """End a key: its holder, the developer's security or governance, or the body's intake or authority.

    Revoking again changes nothing. Raises ``NotFound`` (``no-such-key``).
    """
    row = AccessKey.objects.select_for_update().filter(id=key).first()
    if row is None or not (
        row.person == by.person
        or by.has(Role.SECURITY, row.developer)
        or by.has(Role.GOVERNANCE, row.developer)
        or by.has(Role.INTAKE, row.body)
        or by.has(Role.AUTHORITY, row.body)
    ):
        raise NotFound("no-such-key", f"There is no access key {key!r} that you may revoke; name the key's id (key-…).")
    if row.revoked_at is not None:
        return
    row.revoked_at = at
    row.save(update_fields=["revoked_at"])
    ledger.append(
        kind="access.key-revoked",
        actor=by.person,
        facts={"key": row.id, "review": row.review, "person": row.person},
        label=Label.parse(row.label),
        at=at,
    )


@transaction.atomic
def set_upstream_credential(*, by: Actor, review: str, credential: str, at: datetime, sealer: Sealer) -> None:
    """Keep, sealed, the secret with which the gateway calls the developer's endpoint; a later one replaces it.

    The entry goes to the developer's own log, and says only that it was set. Raises ``NotFound``, ``Forbidden``
    (``role-missing``) and ``Misuse`` (``bad-credential``).
    """
    standing = _standing_seen_by(by, review, at)
    by.require(standing.developer, Role.SECURITY, Role.GOVERNANCE, to="set the endpoint's credential")
    if not credential.strip() or not credential.isascii() or not credential.isprintable():
        raise Misuse("bad-credential", "The credential must be printable ASCII text, as it stands after 'Bearer '.")
    UpstreamCredential.objects.update_or_create(
        review=review,
        defaults={"sealed": sealer.seal(credential.strip(), review), "set_by": by.person, "set_at": at},
    )
    ledger.append(
        log=standing.developer,
        kind="access.credential-set",
        actor=by.person,
        facts={"review": review},
        label=Label.among(standing.developer),
        at=at,
    )


def authorise(*, request: AccessRequest, now: datetime, sealer: Sealer) -> Pass:
    """Let one call through, or raise ``Refused`` with a ``Why`` as code.

    Before this returns, the exchange, its reservation and its ledger entry are durable. The entry takes the
    ledger's lock, and everything that ends a right appends under the same lock: so the right is looked at once
    more when the lock is ours, and no exchange is ever recorded after the end of the right it relies on. A refusal
    leaves one entry as well, except for an unknown key: anybody could flood the record with those.
    """
    try:
        with transaction.atomic(durable=True):
            outcome = _decided(request, now, sealer)
    except _Overtaken as overtaken:
        outcome = overtaken.why
        with transaction.atomic(durable=True):
            _record_refusal(request, outcome, now)
    if isinstance(outcome, Pass):
        return outcome
    raise _refused(outcome)


@transaction.atomic(durable=True)
def settle(*, settlement: Settlement, now: datetime) -> None:
    """Put what an exchange turned out to be in the place of its reservation. Settling again changes nothing.

    Raises ``NotFound`` (``no-such-exchange``).
    """
    account_id = Exchange.objects.filter(id=settlement.exchange).values_list("account_id", flat=True).first()
    if account_id is None:
        raise NotFound("no-such-exchange", f"There is no exchange {settlement.exchange!r} to settle.")
    Account.objects.select_for_update().get(id=account_id)
    row = Exchange.objects.select_for_update().get(id=settlement.exchange)
    if row.ended is not None:
        return
    Account.objects.filter(id=account_id).update(
        tokens=F("tokens") - row.reserved + charge(row.reserved, settlement), in_flight=F("in_flight") - 1
    )
    row.ended = settlement.ended
    row.settled_at = now
    row.status = settlement.status
    row.response_digest = settlement.response_digest
    row.response_bytes = settlement.response_bytes
    row.prompt_tokens = settlement.prompt_tokens
    row.completion_tokens = settlement.completion_tokens
    row.first_byte_seconds = settlement.first_byte_seconds
    row.seconds = settlement.seconds
    row.settled_index = ledger.append(
        kind="access.settled",
        actor=row.person,
        facts={
            "exchange": row.id,
            "review": row.review,
            "authorised": row.index,
            "request": row.request_digest,
            "response": settlement.response_digest,
            "response_bytes": settlement.response_bytes,
            "status": settlement.status,
            "charged": charge(row.reserved, settlement),
            "ended": settlement.ended,
        },
        label=Label.parse(row.label),
        at=now,
    ).index
    row.save()


def settle_abandoned(*, gateway: str, now: datetime) -> int:
    """Settle what an earlier process of ``gateway`` left open, and whatever is open past its end; returns how many.

    Call only when that process is surely gone (its port is ours). The whole reservation stays charged.
    """
    left = Exchange.objects.filter(ended=None).filter(Q(gateway=gateway) | Q(ends_at__lt=now - _SURELY_OVER))
    found = list(left.order_by("index").values_list("id", "at"))
    for exchange, at in found:
        gone = Settlement(
            exchange=exchange,
            status=0,
            response_digest=None,
            response_bytes=0,
            prompt_tokens=None,
            completion_tokens=None,
            first_byte_seconds=None,
            seconds=max(0.0, (now - at).total_seconds()),
            ended="gateway-stopped",
        )
        settle(settlement=gone, now=now)
    return len(found)


class _Overtaken(Exception):
    """The right ended while the call was being let through: undo, and refuse."""

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why = why


def _decided(request: AccessRequest, now: datetime, sealer: Sealer) -> Pass | Why:
    key = known_key(request.key)
    if key is None:
        return Why.UNKNOWN_KEY
    standing = cases.standing(key.review, now, home=key.home)
    account = _account(standing)
    facts = key_facts(key, holder(key.person))
    before = in_flight_before(account) if account is not None else 0
    usage = usage_of(account, before) if account is not None else Usage(0, 0, 0)
    why = decide(standing, facts, usage, request, moment(standing, now))
    if why is None and account is not None and standing.consent is not None:
        why = _reserve(account, before, standing, standing.consent, request.tokens)
        if why is None:
            passed = _admit(key, account, standing, standing.consent, request, now, sealer)
            _look_again(key, standing.consent, now)
            return passed
    why = why or Why.NO_CONSENT
    _record_refusal(request, why, now)
    return why


def _account(standing: Standing) -> Account | None:
    """The locked account of the standing consent, opened at its first use."""
    consent = standing.consent
    if consent is None:
        return None
    terms = terms_of(consent)
    accounts = Account.objects.select_for_update().filter(review=standing.review, home=standing.home)
    latest = accounts.order_by("-number").first()
    if latest is not None and latest.consent == consent.id:
        return latest
    if latest is not None and gives_nothing_more(terms, latest.terms):
        latest.consent, latest.terms = consent.id, terms
        latest.save(update_fields=["consent", "terms"])
        return latest
    Account.objects.get_or_create(
        consent=consent.id,
        defaults={
            "review": standing.review,
            "home": standing.home,
            "number": latest.number + 1 if latest is not None else 1,
            "terms": terms,
            "developer": standing.developer,
            "body": standing.body,
            "label": str(_label(standing)),
        },
    )
    return Account.objects.select_for_update().get(consent=consent.id)


def _reserve(account: Account, before: int, standing: Standing, consent: Consent, tokens: int) -> Why | None:
    """Charge the reservation if the budget has it, in one conditional statement. ``before``: see ``usage_of``."""
    budget = consent.budget
    taken = Account.objects.filter(
        id=account.id,
        requests__lt=budget.requests,
        tokens__lte=budget.tokens - tokens,
        in_flight__lt=budget.concurrency - before,
    ).update(requests=F("requests") + 1, tokens=F("tokens") + tokens, in_flight=F("in_flight") + 1)
    if taken:
        return None
    account.refresh_from_db()
    return affords(standing, usage_of(account, before), tokens) or Why.CONCURRENCY


def _admit(
    key: AccessKey,
    account: Account,
    standing: Standing,
    consent: Consent,
    request: AccessRequest,
    now: datetime,
    sealer: Sealer,
) -> Pass:
    label = _label(standing)
    build = build_called(consent, request.method, request.path, request.model)
    ends_at = min(standing.window.closes, consent.window.closes) if standing.window else consent.window.closes
    row = Exchange(
        key=key,
        account=account,
        review=key.review,
        developer=standing.developer,
        body=standing.body,
        person=key.person,
        consent=consent.id,
        build=build_of(consent),
        purpose=key.purpose,
        gateway=request.gateway,
        at=now,
        ends_at=ends_at,
        method=request.method,
        path=request.path,
        model=request.model or "",
        logits=request.logits,
        request_digest=request.request_digest,
        request_bytes=request.request_bytes,
        reserved=request.tokens,
        label=str(label),
    )
    facts = {
        **_facts(key, request),
        "exchange": row.id,
        "consent": consent.digest,
        "reserved": request.tokens,
    }
    entry = ledger.append(kind="access.authorised", actor=key.person, facts=facts, label=label, at=now)
    row.log, row.index = entry.log, entry.index
    row.save(force_insert=True)
    return Pass(
        exchange=row.id,
        review=key.review,
        person=key.person,
        upstream=build.upstream if build is not None else consent.upstream,
        upstream_credential=credential(key.review, sealer=sealer),
        ends_at=ends_at,
    )


def _look_again(key: AccessKey, consent: Consent, now: datetime) -> None:
    key.refresh_from_db(fields=["revoked_at"])
    standing = cases.standing(key.review, now, home=key.home)
    why = stands(standing, key_facts(key, None), moment(standing, now))
    if why is None and (standing.consent is None or standing.consent.id != consent.id):
        why = Why.REPLACED
    if why is not None:
        raise _Overtaken(why)


def _record_refusal(request: AccessRequest, why: Why, now: datetime) -> None:
    key = known_key(request.key)
    if key is not None:
        ledger.append(
            kind="access.refused",
            actor=key.person,
            facts={**_facts(key, request), "why": why.value},
            label=Label.parse(key.label),
            at=now,
        )


def _facts(key: AccessKey, request: AccessRequest) -> Mapping[str, Any]:
    return {
        "key": key.id,
        "review": key.review,
        "person": key.person,
        "purpose": (key.purpose if request.purpose is None else request.purpose)[:_LONGEST_PATH],
        "method": request.method[:_LONGEST_PATH],
        "path": request.path[:_LONGEST_PATH],
        "request": request.request_digest,
        "request_bytes": request.request_bytes,
    }


def _standing_seen_by(by: Actor, review: str, at: datetime) -> Standing:
    """Raises ``NotFound`` (``no-such-review``), also for a review that ``by`` must not know of."""
    cases.review(by, review, at)
    return cases.standing(review, at)


def _standing_to_call_under(by: Actor, review: str, at: datetime) -> Standing:
    """The same, for whoever may call: a trusted partner's people know of nothing but their own grant."""
    for invitation in cases.invitations(by, at):
        if invitation.review == review and by.person in invitation.terms.people:
            return cases.standing(review, at, home=invitation.partner)
    return _standing_seen_by(by, review, at)


def _label(standing: Standing) -> Label:
    return standing.label


def _refused(why: Why) -> Refused:
    return Refused(why.value, SENTENCES[why])
