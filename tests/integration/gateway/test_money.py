"""Money is reserved before a call and settled after it, exactly, however many ask at once."""

from __future__ import annotations

import csv
import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import openai
import pytest
from django.test import Client

from seatrial.kernel.clock import now
from seatrial.kernel.money import millionths
from seatrial.parties import api as parties
from seatrial.review.access import api as access
from seatrial.review.cases.types import Price, Tariff
from simulators.running_gateway import RunningGateway
from simulators.spoken_protocols import USAGE

from .conftest import ROOMY, Channel, open_channel

ASK: dict[str, Any] = {"model": "north-7b", "max_tokens": 50}
BY_THE_CALL = Tariff("EUR", (Price.of("north-7b", "0", "0", "1.00"),))
BY_THE_TOKEN = Tariff("EUR", (Price.of("north-7b", "3.00", "15.00"),))


def priced(world: Any, upstream: Any, tariff: Tariff, money: str | None) -> Channel:
    bound = None if money is None else millionths(money, "It")
    return open_channel(world, upstream, tariff=tariff, budget=replace(ROOMY, money=bound))


def say(client: openai.OpenAI, words: str = "hello", **more: Any) -> str:
    try:
        client.chat.completions.create(messages=[{"role": "user", "content": words}], **{**ASK, **more})
    except openai.APIStatusError as error:
        return str(error.code)
    except openai.APITimeoutError:
        return "timed out"
    return "passed"


def test_64_at_once_on_money_for_20_calls_get_exactly_20(durable_world, upstream):
    channel = priced(durable_world, upstream, BY_THE_CALL, "20.00")
    with RunningGateway() as gateway:
        client = gateway.client(channel.key)
        with ThreadPoolExecutor(64) as pool:
            outcomes = list(pool.map(lambda _: say(client), range(64)))
    assert sorted(outcomes) == ["money-spent"] * 44 + ["passed"] * 20
    assert len(upstream.requests) == 20
    channel.settled()
    used = access.usage(durable_world.security, channel.review)
    assert (used.money, used.currency) == (20_000_000, "EUR")


def test_two_gateways_share_one_purse(durable_world, upstream):
    channel = priced(durable_world, upstream, BY_THE_CALL, "7.00")
    with RunningGateway() as one, RunningGateway() as other:
        clients = [one.client(channel.key), other.client(channel.key)]
        with ThreadPoolExecutor(16) as pool:
            outcomes = list(pool.map(lambda number: say(clients[number % 2]), range(32)))
    assert outcomes.count("passed") == len(upstream.requests) == 7


def test_a_call_is_charged_what_its_tokens_came_to(durable_world, upstream):
    channel = priced(durable_world, upstream, BY_THE_TOKEN, None)
    with RunningGateway() as gateway:
        client = gateway.client(channel.key)
        assert say(client) == "passed"
        [view] = channel.settled()
        assert view.money == 3 * USAGE["prompt_tokens"] + 15 * USAGE["completion_tokens"]
        say(client, "hang", timeout=1)  # reports nothing: what was reserved stays charged
        views = channel.settled()
    assert views[0].money >= 15 * 50
    used = access.usage(durable_world.security, channel.review)
    assert used.money == sum(view.money for view in views)
    token = parties.issue_token(by=durable_world.security, at=now())
    table = Client().get(
        f"/api/v1/reviews/{channel.review}/exchanges.csv", headers={"Authorization": f"Bearer {token}"}
    )
    rows = list(csv.DictReader(io.StringIO(table.content.decode())))
    assert [millionths(row["money"], "It") for row in rows] == [view.money for view in views]


def test_reservations_in_flight_never_pass_the_bound(durable_world, upstream):
    channel = priced(durable_world, upstream, BY_THE_TOKEN, "0.05")  # of 900 tokens answered, three calls
    with RunningGateway() as gateway:
        client = gateway.client(channel.key)
        with ThreadPoolExecutor(16) as pool:
            outcomes = list(pool.map(lambda _: say(client, "hang", max_tokens=900, timeout=2), range(16)))
        assert (len(upstream.requests), outcomes.count("money-spent")) == (3, 13)
        assert access.usage(durable_world.security, channel.review).money <= 50_000


def test_money_narrowed_below_what_is_charged_ends_access_and_does_not_begin_anew(durable_world, upstream):
    channel = priced(durable_world, upstream, BY_THE_CALL, "5.00")
    with RunningGateway() as gateway:
        client = gateway.client(channel.key)
        assert [say(client) for _ in range(3)] == ["passed"] * 3
        channel.narrow(tariff=BY_THE_CALL, budget=replace(ROOMY, money=4_000_000))
        assert [say(client) for _ in range(3)] == ["passed", "money-spent", "money-spent"]
        with pytest.raises(openai.RateLimitError) as refused:
            client.chat.completions.create(messages=[], **ASK)
    assert refused.value.response.headers["x-should-retry"] == "false"
