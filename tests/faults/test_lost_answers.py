"""An answer lost after the server acted: the client asks again and nothing happens twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from seatrial.client import Keys, Lost, Patience, Seatrial
from seatrial.kernel.clock import now
from seatrial.kernel.errors import Conflict, Refused
from seatrial.ledger import api as ledger
from seatrial.parties import api as parties
from simulators.dropping_proxy import DroppingProxy, dropping_proxy


@pytest.fixture
def proxy(live_server: Any) -> Iterator[DroppingProxy]:
    parts = urlsplit(live_server.url)
    with dropping_proxy(str(parts.hostname), int(parts.port or 0)) as made:
        yield made


def client(proxy: DroppingProxy, actor: Any, attempts: int = 4, keys: Keys = Keys()) -> Seatrial:  # noqa: B008
    token = parties.issue_token(by=actor, at=now())
    return Seatrial(proxy.url, token, patience=Patience(attempts, first=0.01), keys=keys)


def plan(seatrial: Seatrial, world: Any) -> Any:
    return seatrial.reviews.plan(
        developer=world.lab,
        body=world.body,
        title="Through a bad network",
        model="m",
        partner_release=now() + timedelta(days=40),
        public_release=now() + timedelta(days=50),
    )


@pytest.mark.parametrize("cut", [0, 1, 30, 400])
def test_a_lost_answer_has_one_effect(durable_world: Any, proxy: DroppingProxy, cut: int) -> None:
    with client(proxy, durable_world.governance) as seatrial:
        before, proxy.cut, proxy.drop = ledger.head(durable_world.lab), cut, 2
        review = plan(seatrial, durable_world)
        assert proxy.requests == 3, "two answers were lost, the third arrived"
        assert ledger.head(durable_world.lab) == before + 1
        assert [found.id for found in seatrial.reviews.list()] == [review.id]


def test_one_whole_review_through_a_network_that_loses_every_first_answer(
    durable_world: Any, proxy: DroppingProxy
) -> None:
    with client(proxy, durable_world.governance) as seatrial:
        proxy.drop = 1
        review = plan(seatrial, durable_world).id
        before = ledger.head()
        for step in (seatrial.reviews.offer, seatrial.reviews.withdraw, seatrial.reviews.close):
            proxy.drop = 1
            step(review)
        assert ledger.head() == before + 3
        proxy.drop = 1
        with pytest.raises(Refused, match="cannot happen while this is closed"):
            seatrial.reviews.withdraw(review)
        assert ledger.head() == before + 3


def test_who_gives_up_may_ask_again_later_with_the_same_key(durable_world: Any, proxy: DroppingProxy) -> None:
    keys = Keys(prefix="pipeline-7/plan")
    with client(proxy, durable_world.governance, attempts=1, keys=keys) as seatrial:
        moment = now()
        dates = {"partner_release": moment + timedelta(days=40), "public_release": moment + timedelta(days=50)}
        words = {"developer": durable_world.lab, "body": durable_world.body, "title": "t", "model": "m", **dates}
        proxy.drop = 1
        with pytest.raises(Lost):
            seatrial.reviews.plan(**words)
        seatrial.reviews.plan(**words)
        assert len(seatrial.reviews.list()) == 1


def test_a_secret_that_was_lost_is_named_so_that_it_can_be_revoked(durable_world: Any, proxy: DroppingProxy) -> None:
    from simulators.staged_reviews import CAPABILITY, consented

    review = consented(durable_world, "A key through a bad network")
    with client(proxy, durable_world.evaluator) as seatrial:
        proxy.drop = 1
        with pytest.raises(Conflict) as said:
            seatrial.access.issue_key(review, CAPABILITY)
        assert said.value.code == "already-done"
        assert [key.id for key in seatrial.access.keys(review)] == [said.value.facts["id"]]
        seatrial.access.revoke_key(str(said.value.facts["id"]))
        assert seatrial.access.issue_key(review, CAPABILITY).secret.startswith("stk-")


def test_an_instance_that_is_not_there_is_said_in_one_sentence(durable_world: Any, proxy: DroppingProxy) -> None:
    with client(proxy, durable_world.governance, attempts=2) as seatrial:
        proxy.stop()
        with pytest.raises(Lost, match=r"No answer came from http://127\.0\.0\.1"):
            seatrial.reviews.list()
