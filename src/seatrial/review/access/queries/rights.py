"""What calls may rely on, for the gateway: read once, and read again as soon as the record moved.

Every act that gives or ends a right leaves an entry in the shared log. So a right that was read is good until an
entry of another kind than ``QUIET`` is appended; what also depends on the clock beyond a window (a delegation, a
seat in an organisation) is read again each second.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection

from seatrial.kernel.digests import Digest, digest
from seatrial.kernel.errors import SeatrialError
from seatrial.kernel.labels import Reader
from seatrial.ledger import api as ledger
from seatrial.parties import api as parties
from seatrial.review.access.core.accounts import overspent
from seatrial.review.access.core.bodies import keep_for
from seatrial.review.access.core.decision import (
    InFlight,
    affords,
    build_of,
    goes_on,
    inside,
    listed,
    lists,
    moment,
    stands,
)
from seatrial.review.access.models import AccessKey, Account, Exchange
from seatrial.review.access.ports import Sealer
from seatrial.review.access.types import AccessRequest, Keep, KeyFacts, Models, Usage, Why
from seatrial.review.cases import api as cases
from seatrial.review.cases.types import Consent, Standing

from .views import credential, holder, key_facts, known_key, usage_of

QUIET = frozenset(
    {"access.exchanges", "access.refused", "access.bodies-destroyed"}
)  # kinds of entries that change no right
_SECONDS = 1.0  # that a right may be relied on without reading it again
_MOST_ANSWERS = 1000  # remembered for one key
_OF_A_KEY = ("id", "person", "review", "home", "purpose", "revoked_at", "issued_at")


@dataclass(slots=True)
class Grant:
    """A key with everything a decision about it needs. ``credential`` and ``keep`` may be why there is none."""

    key: KeyFacts
    developer: str
    body: str
    key_label: str
    standing: Standing
    label: str
    build: Digest | None
    credential: str | SeatrialError
    keep: Keep | SeatrialError | None  # whether the bodies of a call are kept, and for whom
    _inside: dict[tuple[object, ...], Why | None] = field(default_factory=dict)

    def objection(self, request: AccessRequest, usage: Usage, now: datetime) -> Why | None:
        """The same as ``core.decision.decide``; what does not depend on the moment is found once for each shape."""
        why = stands(self.standing, self.key, moment(self.standing, now))
        if why is not None:
            return why
        shape = (request.purpose, request.method, request.path, request.model, request.logits, request.stored)
        if shape not in self._inside:
            if len(self._inside) >= _MOST_ANSWERS:
                self._inside.clear()
            self._inside[shape] = inside(self.standing, self.key, request)
        return self._inside[shape] or affords(self.standing, usage, request)

    def models(self, request: AccessRequest, now: datetime) -> Models | Why:
        """Which models there are for the holder of the key, or why that is not told."""
        why = lists(self.standing, self.key, request, moment(self.standing, now))
        consent = self.standing.consent
        if why is not None or consent is None:
            return why or Why.NO_CONSENT
        return Models(listed(self.standing), self.developer, consent.signed_at)


@dataclass(frozen=True, slots=True)
class Flying:
    """What the gateway remembers of a call that it let through."""

    exchange: str
    key: str
    home: str
    review: str
    person: str
    account: str
    call: InFlight


class Changes:
    """Whether a right may have changed. For one connection, whose thread asks."""

    def __init__(self) -> None:
        self._data_version: int | None = None
        self._size = -1
        self._read_at = float("-inf")

    def moved(self, *, hold: bool = False) -> bool:
        """True if something may have changed since this was last true. ``hold``: see ``ledger.held``."""
        old = time.monotonic() - self._read_at > _SECONDS
        if connection.vendor == "sqlite":
            version = _data_version()
            if version == self._data_version and not old:
                return False
            self._data_version = version
        size = ledger.held() if hold else ledger.head()
        loud = size != self._size and (self._size < 0 or not ledger.kinds_since(self._size) <= QUIET)
        self._size = size
        if loud or old:
            self._read_at = time.monotonic()
        return loud or old


class Rights:
    """The grants of the keys in use. For one connection, whose thread asks."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer
        self._changes = Changes()
        self._grants: dict[Digest, Grant] = {}

    def refresh(self) -> None:
        """Forget what may have changed. In a transaction that decides: nothing changes any more before it ends."""
        if self._changes.moved(hold=True):
            self._grants.clear()

    def grant(self, text: str, now: datetime) -> Grant | None:
        """What the key of that text gives; ``None`` if there is no such key."""
        name = digest(text.encode())
        found = self._grants.get(name)
        if found is None:
            key = known_key(text)
            if key is None:
                return None
            found = self._grants[name] = _read(key, now, self._sealer)
        return found


def flying(exchange_ids: Sequence[str]) -> tuple[Flying, ...]:
    """Those of the exchanges that are in flight, from the record."""
    rows = Exchange.objects.filter(id__in=list(exchange_ids), ended=None).select_related("key").order_by("at", "id")
    return tuple(
        Flying(
            exchange=row.id,
            key=row.key_id,
            home=row.key.home,
            review=row.review,
            person=row.person,
            account=row.account_id,
            call=InFlight(
                row.purpose, row.method, row.path, row.model or None, row.logits, row.consent, Digest(row.build)
            ),
        )
        for row in rows
    )


def verdicts(calls: Sequence[Flying], now: datetime) -> Mapping[str, Why | None]:
    """For each call in flight, the oldest first, why it must end, or ``None`` if it may go on.

    One look at the keys, one at the standings of all their reviews, one at the people who call; one at the accounts
    if a consent was replaced.
    """
    rows = AccessKey.objects.filter(id__in={call.key for call in calls})
    keys = {row.id: row for row in rows.values_list(*_OF_A_KEY, named=True)}
    standings = cases.standings({(call.review, call.home) for call in calls}, now)
    people = parties.actors({call.person for call in calls})
    replaced = {call.account for call in calls if _replaced(standings.get((call.review, call.home)), call)}
    accounts = {row.id: row for row in Account.objects.filter(id__in=replaced)} if replaced else {}
    found: dict[str, Why | None] = {}
    seats: dict[tuple[str, str], int] = {}
    for call in calls:
        place = (call.review, call.home)
        seats[place] = seats.get(place, 0) + 1
        key, standing = keys.get(call.key), standings.get(place)
        if key is None or standing is None:
            found[call.exchange] = Why.UNVERIFIED
            continue
        facts = key_facts(key, people.get(call.person))
        found[call.exchange] = _verdict(call, standing, facts, accounts.get(call.account), seats[place], now)
    return found


def _verdict(
    call: Flying, standing: Standing, key: KeyFacts, account: Account | None, seat: int, now: datetime
) -> Why | None:
    consent = standing.consent
    objection = goes_on(standing, key, call.call, moment(standing, now))
    if objection is not None or consent is None or consent.id == call.call.consent:
        return objection
    if seat > consent.budget.concurrency:  # those that began first keep their place
        return Why.CONCURRENCY
    return overspent(consent.budget, usage_of(account, 0)) if account is not None else None


def _replaced(standing: Standing | None, call: Flying) -> bool:
    return standing is not None and standing.consent is not None and standing.consent.id != call.call.consent


def _read(key: AccessKey, now: datetime, sealer: Sealer) -> Grant:
    person: Reader | None = holder(key.person)
    standing = cases.standing(key.review, now, home=key.home)
    try:
        secret: str | SeatrialError = credential(key.review, sealer=sealer)
    except SeatrialError as error:
        secret = error
    try:
        keep: Keep | SeatrialError | None = _keep(standing.consent)
    except SeatrialError as error:
        keep = error
    return Grant(
        key=key_facts(key, person),
        developer=standing.developer,
        body=standing.body,
        key_label=key.label,
        standing=standing,
        label=str(standing.label),
        build=build_of(standing.consent) if standing.consent is not None else None,
        credential=secret,
        keep=keep,
    )


def _keep(consent: Consent | None) -> Keep | None:
    if consent is None or consent.keeping is None:
        return None
    return keep_for(consent, parties.recipients_in_force(consent.keeping.recipients))


def _data_version() -> int:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA data_version")
        row = cursor.fetchone()
    return int(row[0])
