"""What passes through the gateway, with the stock OpenAI client, a real endpoint and the real database."""

from __future__ import annotations

import hashlib
import json

import httpx
import openai
import pytest

from seatrial.kernel.clock import now
from seatrial.ledger import api as ledger
from seatrial.review.access import api as access
from simulators.scripted_upstream import SECRET, USAGE

from .test_ending import wait_until

ASK = {"model": "north-7b", "max_tokens": 50}


def say(words: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": words}]


def test_a_plain_call_passes_and_leaves_one_settled_exchange(gateway, channel):
    answer = gateway.client(channel.key).chat.completions.create(messages=say("hello"), **ASK)
    assert answer.choices[0].message.content == "Aye."
    [view] = channel.settled()
    sent = channel.upstream.requests[-1]
    assert sent.headers["Authorization"] == f"Bearer {SECRET}"
    assert view.request_digest == "sha256:" + hashlib.sha256(sent.body).hexdigest()
    assert (view.status, view.ended, view.person) == (200, "complete", channel.world.evaluator.person)
    assert (view.prompt_tokens, view.completion_tokens) == (USAGE["prompt_tokens"], USAGE["completion_tokens"])
    channel.settled()
    usage = access.usage(channel.world.evaluator, channel.review)
    assert (usage.requests, usage.tokens, usage.in_flight) == (1, USAGE["total_tokens"], 0)


def test_a_stream_passes_as_it_comes_and_its_digest_is_of_the_bytes_received(gateway, channel):
    channel.upstream.interval = 0.1
    body = {**ASK, "messages": say("stream"), "stream": True}
    got, times = b"", []
    with httpx.stream("POST", f"{gateway.url}/v1/chat/completions", json=body, headers=auth(channel)) as answer:
        assert answer.headers["content-type"] == "text/event-stream"
        for chunk in answer.iter_raw():
            got += chunk
            times.append(answer.elapsed if answer.is_closed else len(got))
    assert len(times) >= channel.upstream.length
    assert got.endswith(b"data: [DONE]\n\n")
    [view] = channel.settled()
    assert view.response_digest == "sha256:" + hashlib.sha256(got).hexdigest()
    assert view.response_bytes == len(got)
    assert (view.prompt_tokens, view.completion_tokens) == (11, 7)


def test_the_stock_client_reads_a_stream(gateway, channel):
    stream = gateway.client(channel.key).chat.completions.create(messages=say("stream"), stream=True, **ASK)
    words = [chunk.choices[0].delta.content for chunk in stream if chunk.choices]
    assert words == [f"w{number} " for number in range(channel.upstream.length)]


def test_a_stream_that_reports_no_usage_is_counted_by_its_deltas(gateway, channel):
    list(gateway.client(channel.key).chat.completions.create(messages=say("bare"), stream=True, **ASK))
    [view] = channel.settled()
    assert view.completion_tokens == channel.upstream.length
    assert view.prompt_tokens == -(-len(channel.upstream.requests[-1].body) // 3)


def test_an_error_of_the_endpoint_passes_as_it_is_and_costs_no_tokens(gateway, channel):
    with pytest.raises(openai.BadRequestError, match="context too long"):
        gateway.client(channel.key).chat.completions.create(messages=say("error"), **ASK)
    channel.settled()
    usage = access.usage(channel.world.evaluator, channel.review)
    assert (usage.requests, usage.tokens, usage.in_flight) == (1, 0, 0)


def test_neither_credentials_nor_unknown_headers_of_the_caller_reach_the_endpoint(gateway, channel):
    headers = auth(channel) | {"Cookie": "s=1", "X-Model-Override": "other", "Api-Key": "k", "Forwarded": "for=me"}
    httpx.post(f"{gateway.url}/v1/chat/completions", json={**ASK, "messages": say("hello")}, headers=headers)
    sent = channel.upstream.requests[-1].headers
    assert {key.lower() for key in sent} <= {
        "host",
        "accept",
        "accept-encoding",
        "authorization",
        "content-type",
        "content-length",
        "user-agent",
    }
    assert channel.key not in json.dumps(sent)


def test_one_model_can_be_looked_at_and_the_list_is_that_of_the_consent(gateway, channel, upstream):
    assert httpx.get(f"{gateway.url}/v1/models/north-7b", headers=auth(channel)).status_code == 200
    asked = len(upstream.requests)
    answer = httpx.get(f"{gateway.url}/v1/models", headers=auth(channel))
    assert [model["id"] for model in answer.json()["data"]] == ["north-7b"]
    assert len(upstream.requests) == asked, "the endpoint's own list would show others"


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("chat/completions", {**ASK, "model": "north-8b", "messages": []}, "model-not-consented"),
        ("chat/completions", {"messages": []}, "model-not-consented"),
        ("chat/completions", {**ASK, "messages": [], "logprobs": True}, "level-not-consented"),
        ("chat/completions?model=other", {**ASK, "messages": []}, "endpoint-not-consented"),
        ("chat/../files", {**ASK}, "endpoint-not-consented"),
        ("chat%2Fcompletions", {**ASK}, "endpoint-not-consented"),
        ("fine_tuning/jobs", {**ASK}, "endpoint-not-consented"),
        ("chat/completions", {**ASK, "messages": [], "max_tokens": 10**7}, "tokens-spent"),
        ("chat/completions", {**ASK, "messages": [], "max_tokens": 10**30}, "tokens-spent"),
    ],
)
def test_what_lies_outside_the_consent_never_reaches_the_endpoint(gateway, channel, path, body, code):
    answer = raw(gateway, f"/v1/{path}", json.dumps(body), channel.key)
    assert f'"code": "{code}"' in answer
    assert "application/problem+json" in answer
    assert channel.upstream.requests == []
    kinds = [entry.kind for entry in ledger.entries(channel.world.security, kind="access.")]
    assert kinds[-1] == "access.refused"
    assert kinds.count("access.refused") == 1


@pytest.mark.parametrize(
    "body",
    [
        b'{"model": "north-7b", "model": "other", "messages": []}',
        b'{"model": "north-7b", "Model": "other", "messages": []}',
        '{"model": "north-7b", "messages": []}'.encode("utf-16"),
        b'{"model": "north-7b", "n": -1}',
        b'{"model": "north-7b", "max_tokens": "many"}',
        b'{"model": ',
        b"[" * 100_000,
    ],
)
def test_a_body_that_two_parsers_could_read_differently_is_refused(gateway, channel, body):
    answer = httpx.post(
        f"{gateway.url}/v1/chat/completions",
        content=body,
        headers=auth(channel) | {"Content-Type": "application/json"},
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "body-invalid")
    assert channel.upstream.requests == []


def test_an_unknown_key_gets_401_and_leaves_no_entry(gateway, channel):
    before = ledger.head()
    for key in ("stk-nobody-knows-this-key", channel.key[:-1] + "x", "stk-" + "0" * 16 + "-" + "x" * 43):
        with pytest.raises(openai.AuthenticationError):
            gateway.client(key).chat.completions.create(messages=say("hello"), **ASK)
    assert httpx.post(f"{gateway.url}/v1/chat/completions", json=ASK).status_code == 401
    assert ledger.head() == before


def test_every_call_has_its_place_on_the_ledger(gateway, channel):
    client = gateway.client(channel.key)
    for _ in range(3):
        client.chat.completions.create(messages=say("hello"), **ASK)
    with pytest.raises(openai.PermissionDeniedError):
        client.chat.completions.create(messages=say("hello"), model="other")
    assert wait_until(lambda: all(view.index is not None for view in channel.settled()))
    for view in channel.settled():
        made = access.receipt(channel.world.evaluator, view.id, now())
        proven = access.verify_receipt(made, ledger.public_key()).facts
        assert (proven["id"], proven["charged"]) == (view.id, USAGE["total_tokens"])
        assert proven["response_digest"] == view.response_digest
    entries = ledger.entries(channel.world.evaluator, kind="access.")
    counts = [entry.openings["count"]["value"] for entry in entries if entry.kind == "access.exchanges"]
    assert sum(counts) == 3
    assert [entry.kind for entry in entries].count("access.refused") == 1
    assert ledger.entries(channel.world.rival, kind="access.") == ()


def test_a_purpose_other_than_the_keys_is_refused(gateway, channel):
    client = gateway.client(channel.key, default_headers={"X-Seatrial-Purpose": "safeguard-evaluation"})
    with pytest.raises(openai.PermissionDeniedError, match="purpose"):
        client.chat.completions.create(messages=say("hello"), **ASK)


def test_the_gateway_says_how_it_is(gateway):
    assert httpx.get(f"{gateway.url}/healthz").text == "ok\n"
    assert httpx.get(f"{gateway.url}/readyz").text == "ok\n"
    assert httpx.get(f"{gateway.url}/elsewhere").json()["error"]["code"] == "no-such-path"


def auth(channel) -> dict[str, str]:
    return {"Authorization": f"Bearer {channel.key}"}


def raw(gateway, path: str, body: str, key: str) -> str:
    """A request whose path no client has tidied."""
    import socket

    head = (
        f"POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=10) as connection:
        connection.sendall((head + body).encode())
        found = b""
        while chunk := connection.recv(65536):
            found += chunk
    return found.decode()
