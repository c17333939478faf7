"""Every read of access. The developer sees each use of its model; a caller theirs and their body's.

``key_facts``, ``credential`` and ``verdicts`` answer for the house itself, at enforcement; the others take who asks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db.models import F, Q

from seatrial.kernel.digests import Digest, digest, same
from seatrial.kernel.errors import NotFound
from seatrial.kernel.labels import Label, Reader
from seatrial.parties import api as parties
from seatrial.parties.types import Actor
from seatrial.review.cases import api as cases
from seatrial.review.cases.types import Standing

from .core.accounts import overspent
from .core.decision import InFlight, goes_on, moment
from .core.keys import id_in
from .models import AccessKey, Account, Exchange, UpstreamCredential
from .ports import Sealer
from .types import ExchangeView, KeyFacts, KeyView, Usage, Why


def exchanges(asking: Actor, review: str, limit: int = 100, before: str | None = None) -> tuple[ExchangeView, ...]:
    """The latest ``limit`` exchanges of a review that ``asking`` may see, newest first.

    The developer, the body and an inspector as the label says; a trusted partner's people their own. After a
    withdrawal the body sees none of it (V10). ``before`` is the id of one of them: only older ones are shown. Raises
    ``NotFound`` (``no-such-exchange``).
    """
    rows = Exchange.objects.filter(_own(asking, review), review=review).order_by("-at", "-index")
    if before is not None:
        last = rows.filter(id=before).first()
        if last is None or not _may_see(asking, last):
            raise NotFound("no-such-exchange", f"There is no exchange {before[:80]!r} that you may see.")
        rows = rows.filter(Q(at__lt=last.at) | Q(at=last.at, index__lt=last.index))
    return tuple(_exchange(row) for row in rows[:limit] if _may_see(asking, row))


def usage(asking: Actor, review: str) -> Usage:
    """What the latest charged consent of a review was charged; nothing to whoever may not know of the review."""
    if not _knows(asking, review):
        return Usage(0, 0, 0)
    row = Account.objects.filter(review=review, home=F("body")).order_by("-number").first()
    if row is None or not asking.may_read(Label.parse(row.label)):
        return Usage(0, 0, 0)
    return usage_of(row, in_flight_before(row))


def keys(asking: Actor, review: str) -> tuple[KeyView, ...]:
    """One's own keys for a review, newest first; the developer sees all keys of its review."""
    own = Q(person=asking.person) | Q(developer__in=asking.organisations)
    rows = AccessKey.objects.filter(own, review=review).order_by("-issued_at", "id") if asking.person else []
    if not _knows(asking, review):
        rows = [row for row in rows if row.home != row.body and row.home in asking.organisations]
    return tuple(
        KeyView(row.id, row.person, row.review, row.home, row.purpose, row.issued_at, row.revoked_at) for row in rows
    )


def usage_of(row: Account, before: int) -> Usage:
    """An account's counters in their frozen form; ``before`` calls begun under earlier consents are in flight too."""
    return Usage(requests=row.requests, tokens=row.tokens, in_flight=row.in_flight + before)


def in_flight_before(row: Account) -> int:
    """How many calls are in flight that the other accounts of the review were charged."""
    others = Account.objects.filter(review=row.review, home=row.home, in_flight__gt=0).exclude(id=row.id)
    return sum(others.values_list("in_flight", flat=True))


def known_key(text: str) -> AccessKey | None:
    """The key of that text, revoked or not."""
    key_id = id_in(text)
    row = AccessKey.objects.filter(id=key_id).first() if key_id else None
    return row if row is not None and same(row.digest, digest(text.encode())) else None


def key_facts(row: AccessKey, person: Reader | None) -> KeyFacts:
    """What the decision needs of a key and its holder."""
    return KeyFacts(
        id=row.id,
        person=row.person,
        review=row.review,
        home=row.home,
        purpose=row.purpose,
        revoked=row.revoked_at is not None,
        issued_at=row.issued_at,
        holder=person,
    )


def holder(person: str) -> Reader | None:
    """The person behind a key, or ``None`` if no longer active."""
    try:
        return parties.actor(person)
    except NotFound:
        return None


def credential(review: str, *, sealer: Sealer) -> str:
    """The developer's secret for its endpoint, or "" if it set none. Raises ``Unavailable`` if it cannot be opened."""
    row = UpstreamCredential.objects.filter(review=review).first()
    return sealer.unseal(row.sealed, review) if row else ""


def verdicts(exchange_ids: Sequence[str], now: datetime) -> Mapping[str, Why | None]:
    """For each exchange in flight why it must end, or ``None`` if it may go on.

    One query for all exchanges with their keys and accounts, one look at the standings of all their reviews, and one
    at the people who call.
    What is not known, or was settled meanwhile, must end.
    """
    found: dict[str, Why | None] = dict.fromkeys(exchange_ids, Why.UNVERIFIED)
    rows = Exchange.objects.filter(id__in=list(exchange_ids), ended=None).select_related("key", "account")
    in_flight = list(rows.order_by("at", "id"))
    standings = cases.standings({(row.review, row.key.home) for row in in_flight}, now)
    people = parties.actors({row.person for row in in_flight})
    seats: dict[tuple[str, str | None], int] = {}
    for row in in_flight:
        place = (row.review, row.key.home)
        seats[place] = seats.get(place, 0) + 1
        found[row.id] = _verdict(row, standings[place], people.get(row.person), seats[place], now)
    return found


def _verdict(row: Exchange, standing: Standing, person: Reader | None, seat: int, now: datetime) -> Why | None:
    consent = standing.consent
    facts = key_facts(row.key, person)
    build = Digest(row.build)
    call = InFlight(row.purpose, row.method, row.path, row.model or None, row.logits, row.consent, build)
    objection = goes_on(standing, facts, call, moment(standing, now))
    if objection is not None or consent is None or consent.id == row.consent:
        return objection
    if seat > consent.budget.concurrency:  # those that began first keep their place
        return Why.CONCURRENCY
    return overspent(consent.budget, usage_of(row.account, 0))


def _knows(asking: Actor, review: str) -> bool:
    try:
        return bool(cases.developer_of(asking, review))
    except NotFound:
        return False


def _own(asking: Actor, review: str) -> Q:
    """Every exchange of a review one may know of; else one's own as somebody of a trusted partner."""
    if _knows(asking, review):
        return Q()
    return Q(person=asking.person, key__home__in=asking.organisations) & ~Q(key__home=F("body"))


def _may_see(asking: Reader, row: Exchange) -> bool:
    return row.person == asking.person or asking.may_read(Label.parse(row.label))


def _exchange(row: Exchange) -> ExchangeView:
    return ExchangeView(
        id=row.id,
        review=row.review,
        person=row.person,
        purpose=row.purpose,
        at=row.at,
        method=row.method,
        path=row.path,
        request_digest=Digest(row.request_digest),
        request_bytes=row.request_bytes,
        response_digest=Digest(row.response_digest) if row.response_digest else None,
        response_bytes=row.response_bytes,
        status=row.status,
        prompt_tokens=row.prompt_tokens,
        completion_tokens=row.completion_tokens,
        first_byte_seconds=row.first_byte_seconds,
        seconds=row.seconds,
        ended=row.ended,
        log=row.log,
        index=row.index,
    )
