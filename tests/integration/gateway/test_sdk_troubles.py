"""What the stock clients of both worlds raise when a key, a budget or an endpoint fails, and how often they ask."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import anthropic
import openai
import pytest

from seatrial.kernel.clock import Window, now
from seatrial.ledger import api as ledger
from seatrial.review.access import api as access
from seatrial.review.cases.types import Budget
from simulators.running_gateway import RunningGateway, limits

from .conftest import CAPABILITY, Channel, open_channel
from .test_ending import wait_until

MODEL = "north-7b"
Ask = Callable[..., Any]


def say(words: str) -> list[Any]:
    return [{"role": "user", "content": words}]


def in_openai(gateway: RunningGateway, key: str, words: str = "hello", *, retries: int = 0, **more: Any) -> Any:
    headers = more.pop("headers", None)
    client = gateway.client(key, max_retries=retries, default_headers=headers)
    return client.chat.completions.create(model=MODEL, messages=say(words), max_tokens=50, **more)


def in_anthropic(gateway: RunningGateway, key: str, words: str = "hello", *, retries: int = 0, **more: Any) -> Any:
    headers = more.pop("headers", None)
    client = anthropic.Anthropic(
        base_url=gateway.url, api_key=key, max_retries=retries, timeout=20, default_headers=headers
    )
    return client.messages.create(model=MODEL, messages=say(words), max_tokens=50, **more)


@pytest.fixture(params=["openai", "anthropic"])
def world_of(request: pytest.FixtureRequest) -> tuple[Any, Ask]:
    """A client library and how to ask with it: both have the same names for what they raise."""
    return (openai, in_openai) if request.param == "openai" else (anthropic, in_anthropic)


def code_of(error: Any) -> str:
    """The code of a problem, as either client shows it."""
    body = error.body.get("error", error.body) if isinstance(error.body, dict) else {}
    return str(body.get("code"))


def raised(kind: type[Exception], ask: Ask, *said: Any, **more: Any) -> Any:
    with pytest.raises(kind) as found:
        ask(*said, **more)
    return found.value


def refusals(channel: Channel) -> int:
    return len(ledger.entries(channel.world.security, kind="access.refused", limit=1000))


def test_a_revoked_key_is_an_authentication_error_that_says_what_to_do(gateway, channel, world_of):
    library, ask = world_of
    access.revoke_key(by=channel.world.evaluator, key=channel.key_id, at=now())
    error = raised(library.AuthenticationError, ask, gateway, channel.key, retries=3)
    assert (code_of(error), error.status_code) == ("revoked-key", 401)
    assert "issue yourself a new one" in str(error)
    assert refusals(channel) == 1


@pytest.mark.parametrize("wrong", ["half", "foreign", "of nobody", "lengthened", "an OpenAI key", "the id alone"])
def test_a_key_that_is_not_ours_is_an_authentication_error(gateway, channel, world_of, wrong):
    library, ask = world_of
    tail = channel.key.rpartition("-")[2]
    keys = {
        "half": channel.key[: len(channel.key) // 2],
        "foreign": channel.key[:-8] + ("A" * 8 if tail[-8:] != "A" * 8 else "B" * 8),
        "of nobody": "stk-" + "0" * (len(channel.key) - 4),
        "lengthened": channel.key + "A",
        "an OpenAI key": "sk-proj-0123456789abcdefghijklmnopqrstuvwxyz",
        "the id alone": channel.key_id,
    }
    error = raised(library.AuthenticationError, ask, gateway, keys[wrong], retries=3)
    assert (code_of(error), error.status_code) == ("unknown-key", 401)
    assert "a key issued to you" in str(error)
    assert channel.key not in str(error)
    assert channel.upstream.requests == []


def test_a_key_opens_its_own_review_and_no_other(gateway, channel, world_of):
    """A key of another review calls that review's endpoint under that review's consent."""
    library, ask = world_of
    other = open_channel(channel.world, channel.upstream, model="south-9b")
    error = raised(library.PermissionDeniedError, ask, gateway, other.key, retries=3)
    assert code_of(error) == "model-not-consented"
    assert channel.upstream.requests == []
    assert access.exchanges(channel.world.security, channel.review) == ()


def test_a_window_that_is_over_is_a_permission_error(durable_world, upstream, world_of):
    library, ask = world_of
    at = now()
    channel = open_channel(durable_world, upstream, window=Window(at, at + timedelta(seconds=1.5)))
    with RunningGateway() as gateway:
        assert ask(gateway, channel.key)
        time.sleep(1.6)
        error = raised(library.PermissionDeniedError, ask, gateway, channel.key, retries=3)
        assert code_of(error) == "expired"
        assert "only a new consent" in str(error)
    assert refusals(channel) == 1


def test_another_purpose_than_the_keys_is_a_permission_error(gateway, channel, world_of):
    library, ask = world_of
    headers = {"X-Seatrial-Purpose": "safeguard-evaluation"}
    error = raised(library.PermissionDeniedError, ask, gateway, channel.key, retries=3, headers=headers)
    assert code_of(error) == "purpose-not-consented"
    assert refusals(channel) == 1
    assert ask(gateway, channel.key, headers={"X-Seatrial-Purpose": CAPABILITY})


@pytest.mark.parametrize(
    ("budget", "code"),
    [
        (Budget(requests=1, tokens=10**6, concurrency=5), "requests-spent"),
        (Budget(requests=9, tokens=130, concurrency=5), "tokens-spent"),
    ],
)
def test_a_spent_budget_is_a_rate_limit_error_after_one_question(durable_world, upstream, world_of, budget, code):
    library, ask = world_of
    channel = open_channel(durable_world, upstream, budget=budget)
    with RunningGateway() as gateway:
        ask(gateway, channel.key)
        more = {} if code == "requests-spent" else {"words": "x " * 200}
        error = raised(library.RateLimitError, ask, gateway, channel.key, retries=5, **more)
        assert code_of(error) == code
        assert error.response.headers["x-should-retry"] == "false"
    assert refusals(channel) == 1


def test_a_place_that_will_be_free_is_asked_for_again(durable_world, upstream, world_of):
    """Too many at once passes by itself: there the client's own patience is wanted."""
    library, ask = world_of
    channel = open_channel(durable_world, upstream, budget=Budget(requests=50, tokens=10**6, concurrency=1))
    with RunningGateway() as gateway:
        stream = in_openai(gateway, channel.key, "forever", stream=True)
        next(iter(stream))
        error = raised(library.RateLimitError, ask, gateway, channel.key)
        assert (code_of(error), error.response.headers["retry-after"]) == ("too-many-at-once", "1")
        assert "x-should-retry" not in error.response.headers
        stream.close()
        assert ask(gateway, channel.key, retries=3)


@pytest.mark.parametrize(
    ("words", "code", "asked"),
    [
        ("reset", "upstream-broke", 3),
        ("hang", "upstream-slow", 3),
        ("unauthorised", "upstream-refused", 1),
        ("redirect", "upstream-redirected", 1),
    ],
)
def test_an_endpoint_that_fails_is_a_server_error_asked_again_only_where_that_may_help(
    durable_world, upstream, world_of, words, code, asked
):
    library, ask = world_of
    channel = open_channel(durable_world, upstream)
    with RunningGateway(limits(first_byte_seconds=0.3, watch_seconds=0.05)) as gateway:
        error = raised(library.InternalServerError, ask, gateway, channel.key, words, retries=2)
        assert code_of(error) == code
        assert "developer" in str(error)
        assert len(upstream.requests) == asked
        assert len(channel.settled()) == asked


@pytest.mark.parametrize(("words", "kind"), [("fail", "InternalServerError"), ("busy", "RateLimitError")])
def test_an_error_of_the_endpoint_reaches_the_client_in_its_own_words(gateway, channel, world_of, words, kind):
    library, ask = world_of
    error = raised(getattr(library, kind), ask, gateway, channel.key, words)
    assert "the engine is on fire" in str(error) or "too many evaluators" in str(error)
    if words == "busy":
        assert error.response.headers["retry-after"] == "7"
        raised(getattr(library, kind), ask, gateway, channel.key, words, retries=3)
        assert len(channel.upstream.requests) == 2  # what the endpoint says of trying again passes too
    view = channel.settled()[0]
    assert (view.ended, view.prompt_tokens, view.completion_tokens) == ("complete", 0, 0)


def test_an_answer_shorter_than_it_says_is_a_connection_error_and_a_longer_one_ends_where_it_said(
    gateway, channel, world_of
):
    library, ask = world_of
    raised(library.APIConnectionError, ask, gateway, channel.key, "short")
    assert channel.settled()[0].ended == "upstream-failed"
    assert ask(gateway, channel.key, "long").model == MODEL
    assert ask(gateway, channel.key).model == MODEL  # the connection with what nobody asked for is not used again
    assert [view.ended for view in channel.settled()] == ["complete", "complete", "upstream-failed"]


@pytest.mark.parametrize(("words", "code"), [("drop", "upstream-broke"), ("stall", "upstream-slow")])
def test_a_stream_that_breaks_off_raises_the_reason(gateway, channel, world_of, words, code):
    library, ask = world_of
    stream = ask(gateway, channel.key, words, stream=True, retries=2)
    with pytest.raises(library.APIError, match="developer's endpoint") as found:
        for _ in stream:
            pass
    assert code in (code_of(found.value), getattr(found.value, "code", None))
    assert len(channel.upstream.requests) == 1


def test_a_client_that_gives_up_waiting_ends_the_call_upstream(gateway, channel, world_of):
    library, ask = world_of
    raised(library.APITimeoutError, ask, gateway, channel.key, "hang", timeout=0.4)
    wait_until(lambda: channel.settled()[0].ended == "client-left")
    assert channel.settled()[0].status == 499


def test_a_withdrawn_review_is_not_asked_again(gateway, channel, world_of):
    library, ask = world_of
    channel.withdraw()
    error = raised(library.PermissionDeniedError, ask, gateway, channel.key, retries=4)
    assert code_of(error) == "withdrawn"
    assert refusals(channel) == 1
