"""The door to access: keys, the developer's credential, and the gateway's questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, BinaryIO

from django.conf import settings

from seatrial.ledger import api as ledger
from seatrial.ledger.types import Verified
from seatrial.parties.types import Actor

from . import actions, queries
from .actions import (
    Admitted,
    Outcome,
    Refusal,
    decide_round,
    issue_key,
    record_refusals,
    refused,
    revoke_key,
    seal,
)
from .adapters.file_sealer import FileSealer
from .adapters.folder_bodies import FolderBodies
from .core.bodies import context_of
from .core.endpoints import names_model
from .core.keys import looks_like_key
from .core.records import check_place, invalid
from .core.sentences import SENTENCES
from .ports import Bodies, BodyFile
from .queries import Changes, Flying, Rights, concerns, exchanges, keys, usage, verdicts
from .types import AccessRequest, BodyView, Pass, Settlement, Side, Why

__all__ = [
    "SENTENCES",
    "Admitted",
    "Bodies",
    "BodyFile",
    "Changes",
    "Flying",
    "Outcome",
    "Refusal",
    "Rights",
    "authorise",
    "bodies",
    "body",
    "concerns",
    "context_of",
    "decide_round",
    "destroy_bodies",
    "exchanges",
    "issue_key",
    "keys",
    "knows",
    "looks_like_key",
    "names_model",
    "receipt",
    "record_refusals",
    "refused",
    "revoke_key",
    "rights",
    "seal",
    "set_upstream_credential",
    "settle",
    "settle_abandoned",
    "still_open",
    "usage",
    "verdicts",
    "verify_receipt",
]


def knows(text: str) -> bool:
    """Whether there is a key of that text that is not revoked. What it may is another question."""
    key = queries.known_key(text)
    return key is not None and key.revoked_at is None


def set_upstream_credential(*, by: Actor, review: str, credential: str, at: datetime) -> None:
    """See ``actions.set_upstream_credential``; sealed under a key in this instance's key folder."""
    actions.set_upstream_credential(by=by, review=review, credential=credential, at=at, sealer=_sealer())


def rights() -> Rights:
    """A fresh ``queries.Rights``, for one connection that decides on many calls."""
    return Rights(_sealer())


def authorise(request: AccessRequest, now: datetime) -> Pass:
    """See ``actions.authorise``."""
    return actions.authorise(request=request, now=now, rights=rights())


def settle(settlement: Settlement, now: datetime) -> None:
    """See ``actions.settle``."""
    actions.settle(settlement=settlement, now=now, rights=rights())


def settle_abandoned(*, gateway: str, now: datetime) -> int:
    """See ``actions.settle_abandoned``."""
    return actions.settle_abandoned(gateway=gateway, rights=rights(), store=bodies(), now=now)


def bodies() -> Bodies:
    """Where this instance keeps sealed bodies: in a folder of its artefacts. See ``ports.Bodies``."""
    return FolderBodies(settings.SEATRIAL.artefacts / "bodies")


def body(asking: Actor, review: str, exchange: str, side: Side) -> tuple[BodyView, BinaryIO]:
    """See ``queries.sealed_body``."""
    return queries.sealed_body(asking, review, exchange, side, store=bodies())


def destroy_bodies(now: datetime) -> int:
    """See ``actions.destroy_bodies``."""
    return actions.destroy_bodies(store=bodies(), now=now)


def still_open(exchanges: Sequence[str], now: datetime) -> Mapping[str, Why | None]:
    """For each exchange why it must end, or ``None`` if it may go on. What is not in flight must."""
    unknown: dict[str, Why | None] = dict.fromkeys(exchanges, Why.UNVERIFIED)
    return unknown | dict(verdicts(queries.flying(exchanges), now))


def receipt(asking: Actor, exchange: str, at: datetime, *, review: str | None = None) -> dict[str, Any]:
    """The receipt of one exchange (of that ``review``): its record, its place in its batch, and the receipt of the
    batch's ledger entry.

    It has been verified before it is handed out. Raises ``NotFound`` (``no-such-exchange``), ``Unavailable``
    (``receipt-pending``: it comes about a second after the exchange has ended).
    """
    record, place, log, index = queries.receipt_parts(asking, exchange, review)
    made = {"exchange": record, "place": place, "entry": ledger.receipt(asking, log=log, index=index, at=at)}
    verify_receipt(made, ledger.public_key())
    return made


def verify_receipt(made: Mapping[str, Any], key: str) -> Verified:
    """What the receipt of an exchange proves under the public key ``key``; ``facts`` are those of its record.

    Needs nothing else. Raises ``Misuse`` (``receipt-invalid``; ``bad-key`` if the key cannot be read).
    """
    if set(made) != {"exchange", "place", "entry"}:
        raise invalid("it does not consist of exchange, place and entry")
    proven = ledger.verify_receipt(made["entry"], key)
    if proven.kind != "access.exchanges":
        raise invalid("its entry is not one of exchanges")
    check_place(made["exchange"], made["place"], proven.facts)
    return replace(proven, facts=made["exchange"])


def _sealer() -> FileSealer:
    return FileSealer(settings.SEATRIAL.keys / "access.key")
