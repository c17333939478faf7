"""A consented review in present time, its endpoint, and the gateway before it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from seatrial.kernel.clock import now
from seatrial.review.access import api as access
from seatrial.review.cases import api as cases
from seatrial.review.cases.types import Budget
from simulators.running_gateway import RunningGateway, limits
from simulators.scripted_upstream import SECRET, ScriptedUpstream
from simulators.staged_reviews import CAPABILITY, draft, terms

ROOMY = Budget(requests=1000, tokens=1_000_000, concurrency=128)


@dataclass
class Channel:
    """A review with a signed consent, and the evaluator's key for it."""

    world: Any
    review: str
    key: str
    key_id: str
    upstream: ScriptedUpstream

    def terms(self, **changes: Any) -> Any:
        usual = {
            "people": frozenset({self.world.evaluator.person}),
            "budget": ROOMY,
            "upstream": self.upstream.base_url,
        }
        return terms(**{**usual, **changes})

    def narrow(self, **changes: Any) -> None:
        consent = cases.standing(self.review, now()).consent
        assert consent is not None
        same = {"window": consent.window, "budget": consent.budget, "purposes": consent.purposes}
        cases.narrow_consent(
            by=self.world.signatory, review=self.review, terms=self.terms(**{**same, **changes}), at=now()
        )

    def settled(self) -> Any:
        """The exchanges of the review, the latest first, once each has its record: that follows the answer closely."""
        until = time.monotonic() + 5.0
        while any(view.ended is None for view in access.exchanges(self.world.security, self.review)):
            assert time.monotonic() < until, "an exchange has no record of its end"
            time.sleep(0.01)
        return access.exchanges(self.world.security, self.review)

    def withdraw(self) -> None:
        cases.withdraw(by=self.world.security, review=self.review, at=now())


def open_channel(world: Any, endpoint: ScriptedUpstream, **changes: Any) -> Channel:
    review = draft(world, "A voyage through the gateway")
    channel = Channel(world, review, "", "", endpoint)
    cases.offer(by=world.governance, review=review, at=now())
    cases.sign_consent(by=world.signatory, review=review, terms=channel.terms(**changes), at=now())
    access.set_upstream_credential(by=world.security, review=review, credential=SECRET, at=now())
    made = access.issue_key(by=world.evaluator, review=review, purpose=CAPABILITY, at=now())
    channel.key, channel.key_id = made.secret, made.id
    return channel


@pytest.fixture
def upstream() -> Iterator[ScriptedUpstream]:
    with ScriptedUpstream() as running:
        yield running


@pytest.fixture
def channel(durable_world, upstream) -> Channel:
    return open_channel(durable_world, upstream)


@pytest.fixture
def gateway(channel) -> Iterator[RunningGateway]:
    """Depends on the channel, so that it stops before the database is emptied."""
    with RunningGateway(limits(first_byte_seconds=1.5, idle_seconds=1.0, drain_seconds=0.5)) as running:
        yield running
