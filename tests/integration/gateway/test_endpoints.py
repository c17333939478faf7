"""Endpoints beside the known ones, stored answers and the list of models, with the stock clients of both worlds."""

from __future__ import annotations

import os
from dataclasses import replace

import anthropic
import httpx
import openai
import pytest

from seatrial.ledger import api as ledger
from seatrial.review.access import api as access
from seatrial.review.cases.types import AccessLevel, Endpoint, Price, Tariff, Variant
from simulators.staged_reviews import ARTEFACT

from .conftest import ROOMY, Channel, open_channel

MODEL = "north-7b"
ENDPOINTS = ("POST rerank", "POST audio/*", "GET files/*", "GET responses/*", "DELETE responses/*", "POST responses/*")
HELPFUL = "north-7b-helpful"


@pytest.fixture
def extended(durable_world, upstream) -> Channel:
    return open_channel(durable_world, upstream, endpoints=tuple(map(Endpoint.parse, ENDPOINTS)))


def send(gateway, key: str, method: str, path: str, **more) -> httpx.Response:
    headers = {"Authorization": f"Bearer {key}", **more.pop("headers", {})}
    return httpx.request(method, f"{gateway.url}/v1/{path}", headers=headers, timeout=20, **more)


def code_of(answer: httpx.Response) -> str:
    return str(answer.json()["error"]["code"])


# -- the list of models ------------------------------------------------------------------------------


def test_both_clients_list_the_consented_models_and_nothing_is_sent_or_charged(gateway, channel):
    listed = gateway.client(channel.key).models.list()
    assert [model.id for model in listed] == [MODEL]
    assert listed.data[0].owned_by == channel.world.lab
    client = anthropic.Anthropic(base_url=gateway.url, api_key=channel.key, max_retries=0)
    assert [model.id for model in client.models.list(limit=20)] == [MODEL]
    assert channel.upstream.requests == []
    assert channel.settled() == ()
    assert access.usage(channel.world.security, channel.review).requests == 0


def test_builds_are_listed_by_the_levels_in_force(durable_world, upstream, gateway):
    other = Variant(HELPFUL, "helpful-only", ARTEFACT, upstream.base_url, AccessLevel.SAFEGUARDS_OFF)
    weights = Variant("north-7b-raw", "raw", ARTEFACT, upstream.base_url, AccessLevel.WEIGHTS)
    levels = frozenset({AccessLevel.API, AccessLevel.SAFEGUARDS_OFF, AccessLevel.WEIGHTS})
    channel = open_channel(durable_world, upstream, variants=(other, weights), levels=levels)
    assert [model.id for model in gateway.client(channel.key).models.list()] == [MODEL, HELPFUL]


def test_no_list_after_a_withdrawal_nor_for_an_unknown_key(gateway, channel):
    with pytest.raises(openai.AuthenticationError):
        gateway.client("stk-nobody").models.list()
    channel.withdraw()
    with pytest.raises(openai.PermissionDeniedError, match="withdrawn"):
        gateway.client(channel.key).models.list()
    assert len(ledger.entries(channel.world.security, kind="access.refused", limit=10)) == 1


# -- stored answers ----------------------------------------------------------------------------------


def test_stored_answers_are_fetched_cancelled_and_deleted_where_the_consent_names_them(gateway, extended):
    client = gateway.client(extended.key)
    client.responses.retrieve("resp_1")
    client.responses.cancel("resp_1")
    client.responses.delete("resp_1")
    client.responses.create(model=MODEL, input="hello", previous_response_id="resp_1")
    seen = [(sent.method, sent.path) for sent in extended.upstream.requests]
    assert seen == [
        ("GET", "/v1/responses/resp_1"),
        ("POST", "/v1/responses/resp_1/cancel"),
        ("DELETE", "/v1/responses/resp_1"),
        ("POST", "/v1/responses"),
    ]
    views = extended.settled()
    assert len(views) == 4
    assert [(view.prompt_tokens, view.completion_tokens) for view in views[1:]] == [(None, None)] * 3
    used = access.usage(extended.world.security, extended.review)
    assert used.tokens == views[0].prompt_tokens + views[0].completion_tokens


@pytest.mark.parametrize(
    "reference",
    [
        {"previous_response_id": "resp_1"},
        {"conversation": "conv_1"},
        {"input": [{"type": "item_reference", "id": "msg_1"}]},
        {"input": [{"id": "msg_1"}]},
    ],
)
def test_what_refers_to_a_stored_answer_is_refused_where_the_consent_does_not_name_them(gateway, channel, reference):
    client = gateway.client(channel.key, max_retries=0)
    ask = {"model": MODEL, "input": "hello"} | reference
    with pytest.raises(openai.PermissionDeniedError) as refused:
        client.responses.create(**ask)
    assert refused.value.code == "stored-answer-not-consented"
    with pytest.raises(openai.PermissionDeniedError) as refused:
        client.responses.retrieve("resp_1")
    assert refused.value.code == "endpoint-not-consented"
    assert channel.upstream.requests == []


# -- whatever else the consent names -----------------------------------------------------------------


def test_other_types_pass_byte_for_byte(gateway, extended):
    sound = os.urandom(50_000)
    files = {"file": ("a.wav", sound, "audio/wav"), "model": (None, MODEL)}
    sent = httpx.Request("POST", "http://x/", files=files)
    kind = sent.headers["content-type"]
    answer = send(gateway, extended.key, "POST", "audio/echo", content=sent.read(), headers={"Content-Type": kind})
    seen = extended.upstream.requests[-1]
    assert (answer.status_code, seen.body) == (200, sent.read())
    assert {name.lower(): value for name, value in seen.headers.items()}["content-type"] == kind
    assert (answer.content, answer.headers["content-type"]) == (sent.read(), "application/octet-stream")
    [view] = extended.settled()
    assert (view.request_bytes, view.response_bytes) == (len(sent.read()), len(sent.read()))
    used = access.usage(extended.world.security, extended.review).tokens
    assert used == -(-len(sent.read()) // 3) + 4096  # nobody can read what it took: what was reserved is charged


def test_a_body_goes_to_the_build_it_names_and_a_foreign_model_nowhere(gateway, extended):
    named = send(gateway, extended.key, "POST", "rerank", json={"model": MODEL, "query": "a"})
    unnamed = send(gateway, extended.key, "POST", "rerank", json={"query": "a"})
    foreign = send(gateway, extended.key, "POST", "rerank", json={"model": "south", "query": "a"})
    hidden = send(
        gateway, extended.key, "POST", "rerank", content=b'{"model": "south"}', headers={"Content-Type": "text/plain"}
    )
    assert (named.status_code, unnamed.status_code) == (200, 200)
    assert [code_of(answer) for answer in (foreign, hidden)] == ["model-not-consented"] * 2
    assert len(extended.upstream.requests) == 2


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "rerank"),
        ("PUT", "rerank"),
        ("POST", "rerank/more"),
        ("POST", "rerank?top=1"),
        ("GET", "files"),
        ("GET", "files/"),
        ("GET", "files/%2e%2e/admin"),
        ("GET", "files/a?x=1"),
        ("DELETE", "files/a"),
    ],
)
def test_what_the_consent_does_not_name_goes_nowhere(gateway, extended, method, path):
    assert code_of(send(gateway, extended.key, method, path)) == "endpoint-not-consented"
    assert extended.upstream.requests == []


def test_each_call_costs_its_price_and_narrowing_takes_an_endpoint_away(durable_world, upstream, gateway):
    tariff = Tariff("EUR", (Price.of(MODEL, "0", "0", "0.50"),))
    budget = replace(ROOMY, money=1_000_000)
    named = tuple(map(Endpoint.parse, ENDPOINTS))
    channel = open_channel(durable_world, upstream, endpoints=named, tariff=tariff, budget=budget)
    assert send(gateway, channel.key, "GET", "files/a").status_code == 200
    channel.narrow(endpoints=named[:1], tariff=tariff)
    assert code_of(send(gateway, channel.key, "GET", "files/a")) == "endpoint-not-consented"
    assert send(gateway, channel.key, "POST", "rerank", json={}).status_code == 200
    assert code_of(send(gateway, channel.key, "POST", "rerank", json={})) == "money-spent"
    channel.settled()
    assert access.usage(durable_world.security, channel.review).money == 1_000_000
