"""A round: whatever waits at the gateway's door, decided and recorded in one durable transaction.

    settlements, in their order   →  the reservation gives way to what the call came to
    requests, in their order      →  each against the rights as they stand and the budget as the ones before left it
    one insert, one update of each account, one commit

The order of locks is ledger head, account, exchange. Everything that ends a right appends to the head that a round
holds: no exchange is ever recorded after the end of the right it relies on. Refusals leave an entry each, in a
transaction after the round; an unknown key leaves none: anybody could flood the record with those.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db import connection, transaction

from seatrial.kernel.errors import SeatrialError
from seatrial.kernel.ids import new_id_in_time
from seatrial.kernel.labels import Label
from seatrial.kernel.parts import in_parts
from seatrial.ledger import api as ledger
from seatrial.review.access.core.accounts import charge
from seatrial.review.access.core.decision import InFlight
from seatrial.review.access.core.endpoints import build_called, is_list
from seatrial.review.access.core.prices import charged_by, money_reserved, price_in, price_of, price_text
from seatrial.review.access.models import Account, Exchange
from seatrial.review.access.queries import Flying, Grant, Rights
from seatrial.review.access.types import AccessRequest, Models, Pass, Settlement, Usage, Why
from seatrial.review.cases.types import Consent

from .accounts import account_of
from .keeping import promise, record_bodies

_LONGEST = 200  # characters of what a refused call asked for, on the record
_ACCOUNT = Account._meta.db_table
_EXCHANGE = Exchange._meta.db_table
_COLUMNS = (
    *("id", "key_id", "account_id", "review", "developer", "body", "person", "consent", "build", "purpose"),
    *("gateway", "at", "ends_at", "method", "path", "model", "logits", "request_digest", "request_bytes"),
    *("reserved", "price", "reserved_money", "label", "response_bytes"),
)
_INSERT = f"INSERT INTO {_EXCHANGE} ({', '.join(_COLUMNS)}) VALUES ({', '.join(['%s'] * len(_COLUMNS))})"  # noqa: S608
_SETTLE = (
    f"UPDATE {_EXCHANGE} SET ended = %s, settled_at = %s, status = %s, response_digest = %s, response_bytes = %s, "  # noqa: S608
    "prompt_tokens = %s, completion_tokens = %s, first_byte_seconds = %s, seconds = %s WHERE id = %s AND ended IS NULL"
)
_CHARGE = (
    f"UPDATE {_ACCOUNT} SET requests = requests + %s, tokens = tokens + %s, in_flight = in_flight + %s, "  # noqa: S608
    "money = money + %s WHERE id = %s"
)


@dataclass(frozen=True, slots=True)
class Admitted:
    """A call let through: its exchange is durable."""

    passed: Pass
    flying: Flying


@dataclass(frozen=True, slots=True)
class Refusal:
    """A call not let through. ``grant`` is ``None`` for an unknown key."""

    why: Why
    grant: Grant | None
    request: AccessRequest


Outcome = Admitted | Refusal | Models | SeatrialError


def decide_round(
    *, rights: Rights, settlements: Sequence[Settlement], requests: Sequence[AccessRequest], now: datetime
) -> list[Outcome]:
    """What became of each request, in order. Settling again, or what is not there, changes nothing.

    Before this returns, every exchange let through, its reservation and every settlement are durable. The caller
    then records the refusals (``record_refusals``).
    """
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        rights.refresh()
        purses = _Purses(cursor)
        if settlements:
            _settle(cursor, settlements, purses, now)
        rows: list[tuple[Any, ...]] = []
        outcomes = [_decide(rights, purses, request, rows, now) for request in requests]
        if rows:
            cursor.executemany(_INSERT, rows)
        purses.write()
        promise(cursor, [outcome.passed for outcome in outcomes if isinstance(outcome, Admitted)])
    return outcomes


def record_refusals(*, refusals: Sequence[Refusal], now: datetime) -> None:
    """One ledger entry for each refusal of a known key."""
    known = [(refusal, refusal.grant) for refusal in refusals if refusal.grant is not None]
    if not known:
        return
    with transaction.atomic(durable=True):
        for refusal, grant in known:
            ledger.append(
                kind="access.refused",
                actor=grant.key.person,
                facts={**_facts(grant, refusal.request), "why": refusal.why.value},
                label=Label.parse(grant.key_label),
                at=now,
            )


class _Purse:
    """The accounts of a review and home, locked, with what this round adds to them. The last one is charged."""

    def __init__(self, rows: Sequence[tuple[str, str, int, int, int, int]]) -> None:
        self.now = {row[0]: list(row[2:]) for row in rows}
        self.added = {row[0]: [0, 0, 0, 0] for row in rows}
        self.latest, self.consent = rows[-1][:2] if rows else ("", "")

    @property
    def usage(self) -> Usage:
        """What the charged account has come to; calls begun under earlier consents are in flight too."""
        requests, tokens, _, money = self.now[self.latest]
        return Usage(requests, tokens, sum(counts[2] for counts in self.now.values()), money)

    def add(self, account: str, requests: int, tokens: int, in_flight: int, money: int) -> None:
        for place, more in enumerate((requests, tokens, in_flight, money)):
            self.now[account][place] += more
            self.added[account][place] += more


class _Purses:
    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor
        self._found: dict[tuple[str, str], _Purse] = {}

    def of(self, review: str, home: str) -> _Purse:
        """Those of a review and home; locked when first asked for."""
        found = self._found.get((review, home))
        if found is None:
            found = self._found[review, home] = _Purse(_locked_accounts(self._cursor, review, home))
        return found

    def of_grant(self, grant: Grant, consent: Consent) -> _Purse:
        """The same, the last of them the account of ``consent``; opened at its first use."""
        place = (grant.key.review, grant.key.home)
        found = self.of(*place)
        if found.consent == consent.id:
            return found
        account_of(grant.standing, consent)
        fresh = _Purse(_locked_accounts(self._cursor, *place))
        for account, added in found.added.items():
            fresh.add(account, *added)
        self._found[place] = fresh
        return fresh

    def write(self) -> None:
        rows = [
            (*added, account)
            for purse in self._found.values()
            for account, added in purse.added.items()
            if added != [0, 0, 0, 0]
        ]
        if rows:
            self._cursor.executemany(_CHARGE, rows)


def _decide(
    rights: Rights, purses: _Purses, request: AccessRequest, rows: list[tuple[Any, ...]], now: datetime
) -> Outcome:
    grant = rights.grant(request.key, now)
    if grant is None:
        return Refusal(Why.UNKNOWN_KEY, None, request)
    if is_list(request.method, request.path):
        models = grant.models(request, now)
        return Refusal(models, grant, request) if isinstance(models, Why) else models
    consent = grant.standing.consent
    purse = purses.of_grant(grant, consent) if consent is not None else None
    why = grant.objection(request, purse.usage if purse is not None else Usage(0, 0, 0), now)
    if why is not None or consent is None or purse is None or grant.build is None:
        return Refusal(why or Why.NO_CONSENT, grant, request)
    if isinstance(grant.credential, SeatrialError):
        return grant.credential
    if isinstance(grant.keep, SeatrialError):
        return grant.keep
    price = price_of(consent, request)
    money = money_reserved(price, request)
    purse.add(purse.latest, 1, request.tokens, 1, money)
    return _admit(grant, consent, purse.latest, request, rows, now, price=price_text(price), money=money)


def _admit(
    grant: Grant,
    consent: Consent,
    account: str,
    request: AccessRequest,
    rows: list[tuple[Any, ...]],
    now: datetime,
    *,
    price: str,
    money: int,
) -> Admitted:
    key, standing, exchange = grant.key, grant.standing, new_id_in_time("exchange", now)
    build = build_called(consent, request.method, request.path, request.model)
    ends_at = min(standing.window.closes, consent.window.closes) if standing.window else consent.window.closes
    rows.append(
        (
            *(exchange, key.id, account, key.review, grant.developer, grant.body, key.person),
            *(consent.id, grant.build, key.purpose, request.gateway, _stored(now), _stored(ends_at)),
            *(request.method, request.path, request.model or "", request.logits, request.request_digest),
            *(request.request_bytes, request.tokens, price, money, grant.label, 0),
        )
    )
    passed = Pass(
        exchange=exchange,
        review=key.review,
        person=key.person,
        upstream=build.upstream if build is not None else consent.upstream,
        upstream_credential=str(grant.credential),
        ends_at=ends_at,
        keep=None if isinstance(grant.keep, SeatrialError) else grant.keep,
    )
    call = InFlight(
        key.purpose,
        request.method,
        request.path,
        request.model,
        request.logits,
        consent.id,
        grant.build,  # type: ignore[arg-type]
    )
    return Admitted(passed, Flying(exchange, key.id, key.home, key.review, key.person, account, call))


def _settle(cursor: Any, settlements: Sequence[Settlement], purses: _Purses, now: datetime) -> None:
    open_ones = _open_exchanges(cursor, settlements)
    for *_, review, home in open_ones.values():
        purses.of(review, home)
    if connection.vendor != "sqlite":  # somebody else may have settled it before the accounts were ours
        open_ones = _open_exchanges(cursor, settlements)
    moment = _stored(now)
    rows, ended = [], []
    for settlement in settlements:
        found = open_ones.pop(settlement.exchange, None)
        if found is None:
            continue
        ended.append(settlement)
        account, reserved, price, money, review, home = found
        more = charged_by(price_in(price), money, settlement) - money if price else 0
        purses.of(review, home).add(account, 0, charge(reserved, settlement) - reserved, -1, more)
        rows.append(
            (
                *(settlement.ended, moment, settlement.status, settlement.response_digest),
                *(settlement.response_bytes, settlement.prompt_tokens, settlement.completion_tokens),
                *(settlement.first_byte_seconds, settlement.seconds, settlement.exchange),
            )
        )
    if rows:
        cursor.executemany(_SETTLE, rows)
    record_bodies(cursor, ended, now)


def _open_exchanges(cursor: Any, settlements: Sequence[Settlement]) -> dict[str, tuple[str, int, str, int, str, str]]:
    """Account, reservation, price, money reserved, review and home of those that are open."""
    names = [settlement.exchange for settlement in settlements]
    found: dict[str, tuple[str, int, str, int, str, str]] = {}
    for some in in_parts(names):
        cursor.execute(
            f"SELECT e.id, e.account_id, e.reserved, e.price, e.reserved_money, a.review, a.home FROM {_EXCHANGE} e "  # noqa: S608
            f"JOIN {_ACCOUNT} a ON a.id = e.account_id "
            f"WHERE e.ended IS NULL AND e.id IN ({', '.join(['%s'] * len(some))})",
            some,
        )
        found |= {row[0]: row[1:] for row in cursor.fetchall()}
    return found


def _locked_accounts(cursor: Any, review: str, home: str) -> list[tuple[str, str, int, int, int, int]]:
    lock = "" if connection.vendor == "sqlite" else " FOR UPDATE"
    cursor.execute(
        f"SELECT id, consent, requests, tokens, in_flight, money FROM {_ACCOUNT} "  # noqa: S608
        f"WHERE review = %s AND home = %s ORDER BY number{lock}",
        [review, home],
    )
    rows: list[tuple[str, str, int, int, int, int]] = cursor.fetchall()
    return rows


@lru_cache(maxsize=64)
def _stored(moment: datetime) -> Any:
    """As the database takes it in a statement."""
    return connection.ops.adapt_datetimefield_value(moment)


def _facts(grant: Grant, request: AccessRequest) -> Mapping[str, Any]:
    key = grant.key
    return {
        "key": key.id,
        "review": key.review,
        "person": key.person,
        "purpose": (key.purpose if request.purpose is None else request.purpose)[:_LONGEST],
        "method": request.method[:_LONGEST],
        "path": request.path[:_LONGEST],
        "request": request.request_digest,
        "request_bytes": request.request_bytes,
    }
