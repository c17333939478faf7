"""The door to access: keys, the developer's credential, and the gateway's questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.conf import settings

from seatrial.parties.types import Actor

from . import actions, queries
from .actions import issue_key, revoke_key, settle_abandoned
from .adapters.file_sealer import FileSealer
from .core.endpoints import names_model
from .core.keys import looks_like_key
from .core.sentences import SENTENCES
from .queries import exchanges, keys, usage
from .types import AccessRequest, Pass, Settlement, Why

__all__ = [
    "SENTENCES",
    "authorise",
    "exchanges",
    "issue_key",
    "keys",
    "looks_like_key",
    "names_model",
    "revoke_key",
    "set_upstream_credential",
    "settle",
    "settle_abandoned",
    "still_open",
    "usage",
]


def set_upstream_credential(*, by: Actor, review: str, credential: str, at: datetime) -> None:
    """See ``actions.set_upstream_credential``; sealed under a key in this instance's key folder."""
    actions.set_upstream_credential(by=by, review=review, credential=credential, at=at, sealer=_sealer())


def authorise(request: AccessRequest, now: datetime) -> Pass:
    """See ``actions.authorise``."""
    return actions.authorise(request=request, now=now, sealer=_sealer())


def settle(settlement: Settlement, now: datetime) -> None:
    """See ``actions.settle``."""
    actions.settle(settlement=settlement, now=now)


def still_open(exchanges: Sequence[str], now: datetime) -> Mapping[str, Why | None]:
    """See ``queries.verdicts``."""
    return queries.verdicts(exchanges, now)


def _sealer() -> FileSealer:
    return FileSealer(settings.SEATRIAL.keys / "access.key")
