"""One call at a time: a round of one, for whoever has no door of its own."""

from __future__ import annotations

from datetime import datetime

from seatrial.kernel.errors import NotFound, Refused
from seatrial.review.access.core.sentences import SENTENCES
from seatrial.review.access.models import Exchange
from seatrial.review.access.queries import Rights
from seatrial.review.access.types import AccessRequest, Models, Pass, Settlement, Why

from .rounds import Admitted, Refusal, decide_round, record_refusals


def authorise(*, request: AccessRequest, now: datetime, rights: Rights) -> Pass:
    """Let one call through, or raise ``Refused`` with a ``Why`` as code; see ``rounds``."""
    [outcome] = decide_round(rights=rights, settlements=(), requests=[request], now=now)
    if isinstance(outcome, Admitted):
        return outcome.passed
    if isinstance(outcome, Models):
        raise Refused(Why.ENDPOINT.value, "A list of models is no exchange; ask the gateway for it.")
    if isinstance(outcome, Refusal):
        record_refusals(refusals=[outcome], now=now)
        raise refused(refusal=outcome)
    raise outcome


def settle(*, settlement: Settlement, now: datetime, rights: Rights) -> None:
    """Put what an exchange turned out to be in the place of its reservation. Settling again changes nothing.

    Raises ``NotFound`` (``no-such-exchange``).
    """
    if not Exchange.objects.filter(id=settlement.exchange).exists():
        raise NotFound("no-such-exchange", f"There is no exchange {settlement.exchange!r} to settle.")
    decide_round(rights=rights, settlements=[settlement], requests=(), now=now)


def refused(*, refusal: Refusal) -> Refused:
    """What a caller is told."""
    return Refused(refusal.why.value, SENTENCES[refusal.why])
