"""Stock clients of both worlds through the gateway: they get what they know, and raise what their users expect."""

from __future__ import annotations

import asyncio
import json

import anthropic
import openai
import pytest
from inspect_ai.model import GenerateConfig, get_model

from seatrial.review.cases.types import Budget
from simulators.scripted_upstream import SECRET

from .conftest import open_channel
from .test_ending import wait_until

MODEL = "north-7b"
SAY = [{"role": "user", "content": "hello"}]
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def anthropic_client(gateway, key: str) -> anthropic.Anthropic:
    return anthropic.Anthropic(base_url=gateway.url, api_key=key, max_retries=0, timeout=20)


def tokens(channel) -> tuple[int | None, int | None]:
    view = channel.settled()[0]
    return view.prompt_tokens, view.completion_tokens


def test_messages_pass_and_a_cached_prompt_is_counted_whole(gateway, channel):
    answer = anthropic_client(gateway, channel.key).messages.create(model=MODEL, max_tokens=50, messages=SAY)
    assert answer.content[0].text == "Aye."
    sent = channel.upstream.requests[-1]
    assert sent.path == "/v1/messages"
    assert channel.key not in str(sent.headers)
    assert "anthropic-version" in {name.lower() for name in sent.headers}
    assert tokens(channel) == (11, 7)


def test_a_key_in_x_api_key_counts_and_the_credential_goes_out_alike(gateway, channel):
    beta = "interleaved-thinking-2025-05-14"
    headers = {"x-api-key": channel.key, "Authorization": anthropic.omit, "anthropic-beta": beta}
    client = anthropic_client(gateway, channel.key)
    client.messages.create(model=MODEL, max_tokens=50, messages=SAY, extra_headers=headers)
    sent = {name.lower(): value for name, value in channel.upstream.requests[-1].headers.items()}
    assert (sent["x-api-key"], sent["anthropic-beta"]) == (SECRET, beta)
    assert "authorization" not in sent


def test_betas_of_the_stock_client_pass_or_are_refused_in_a_sentence(gateway, channel):
    ask = {"model": MODEL, "max_tokens": 50, "messages": SAY}
    client = anthropic_client(gateway, channel.key).beta.messages
    assert client.create(betas=["context-1m-2025-08-07"], **ask).content[0].text == "Aye."
    sent = channel.upstream.requests[-1]
    assert sent.path == "/v1/messages"
    assert {name.lower(): value for name, value in sent.headers.items()}["anthropic-beta"] == "context-1m-2025-08-07"
    with pytest.raises(anthropic.BadRequestError, match="server-side-fallback"):
        client.create(betas=["server-side-fallback-2026-06-01"], **ask)
    assert len(channel.upstream.requests) == 1


def test_messages_stream_and_report_their_use(gateway, channel):
    with anthropic_client(gateway, channel.key).messages.stream(model=MODEL, max_tokens=50, messages=SAY) as stream:
        assert "".join(stream.text_stream) == "Aye."
        assert stream.get_final_message().usage.output_tokens == 7
    assert tokens(channel) == (11, 7)


def test_tools_and_images_of_messages_pass(gateway, channel):
    image = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PIXEL}}
    linked = {"type": "image", "source": {"type": "url", "url": "https://example.org/a.png"}}
    tool = {"name": "sound", "description": "Depth", "input_schema": {"type": "object", "properties": {}}}
    answer = anthropic_client(gateway, channel.key).messages.create(
        model=MODEL, max_tokens=50, messages=[{"role": "user", "content": [image, linked]}], tools=[tool]
    )
    assert (answer.content[1].name, answer.content[1].input) == ("sound", {"depth": 3})
    assert json.loads(channel.upstream.requests[-1].body)["messages"][0]["content"] == [image, linked]


def test_counting_tokens_passes(gateway, channel):
    counted = anthropic_client(gateway, channel.key).messages.count_tokens(model=MODEL, messages=SAY)
    assert counted.input_tokens == 11


def test_responses_pass_plain_and_as_a_stream(gateway, channel):
    client = gateway.client(channel.key)
    assert client.responses.create(model=MODEL, input="hello", max_output_tokens=50).output_text == "Aye."
    assert tokens(channel) == (11, 7)
    events = list(client.responses.create(model=MODEL, input="hello", max_output_tokens=50, stream=True))
    assert [event.delta for event in events if event.type == "response.output_text.delta"] == ["Ay", "e."]
    assert tokens(channel) == (11, 7)


def test_completions_and_embeddings_pass(gateway, channel):
    client = gateway.client(channel.key)
    assert client.completions.create(model=MODEL, prompt="hello", max_tokens=5).choices[0].text == "Aye."
    assert tokens(channel) == (11, 7)
    found = client.embeddings.create(model=MODEL, input="hello", encoding_format="float")
    assert found.data[0].embedding == [0.5, -0.25]
    assert tokens(channel) == (3, None)


def test_images_and_raw_answers_of_chat_pass(gateway, channel):
    content = [{"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PIXEL}"}}]
    raw = gateway.client(channel.key).chat.completions.with_raw_response.create(
        model=MODEL, messages=[{"role": "user", "content": content}], max_tokens=5
    )
    assert (raw.status_code, raw.parse().choices[0].message.content) == (200, "Aye.")


@pytest.mark.parametrize("key", ["stk-none", "", "half"])
def test_a_key_that_is_none_is_an_authentication_error_in_both_worlds(gateway, channel, key):
    wrong = channel.key[: len(channel.key) // 2] if key == "half" else key or "x"
    with pytest.raises(openai.AuthenticationError) as ours:
        gateway.client(wrong).chat.completions.create(model=MODEL, messages=SAY)
    assert ours.value.code == "unknown-key"
    with pytest.raises(anthropic.AuthenticationError) as theirs:
        anthropic_client(gateway, wrong).messages.create(model=MODEL, max_tokens=5, messages=SAY)
    assert theirs.value.body["error"]["type"] == "authentication_error"
    assert channel.upstream.requests == []


def test_what_is_not_consented_is_a_permission_error_in_both_worlds(gateway, channel):
    for ask in (
        lambda: gateway.client(channel.key).chat.completions.create(model="south", messages=SAY),
        lambda: gateway.client(channel.key).files.list(),
        lambda: gateway.client(channel.key).responses.retrieve("r-1"),
    ):
        with pytest.raises(openai.PermissionDeniedError):
            ask()
    with pytest.raises(anthropic.PermissionDeniedError) as theirs:
        anthropic_client(gateway, channel.key).messages.create(model="south", max_tokens=5, messages=SAY)
    assert theirs.value.body["error"]["type"] == "permission_error"
    with pytest.raises(anthropic.BadRequestError):
        anthropic_client(gateway, channel.key).messages.create(model=MODEL, max_tokens=-1, messages=SAY)


def test_a_spent_budget_is_a_rate_limit_error_in_both_worlds(durable_world, upstream, gateway):
    poor = open_channel(durable_world, upstream, budget=Budget(requests=1, tokens=10, concurrency=1))
    with pytest.raises(openai.RateLimitError):
        gateway.client(poor.key).chat.completions.create(model=MODEL, messages=SAY)
    with pytest.raises(anthropic.RateLimitError):
        anthropic_client(gateway, poor.key).messages.create(model=MODEL, max_tokens=5, messages=SAY)


@pytest.mark.parametrize("protocol", ["chat", "responses", "messages"])
def test_a_withdrawn_stream_raises_the_reason_in_every_protocol(gateway, channel, protocol):
    words = [{"role": "user", "content": "forever"}]
    client = gateway.client(channel.key)
    if protocol == "chat":
        stream = client.chat.completions.create(model=MODEL, messages=words, stream=True)
    elif protocol == "responses":
        stream = client.responses.create(model=MODEL, input="forever", stream=True)
    else:
        theirs = anthropic_client(gateway, channel.key)
        stream = theirs.messages.create(model=MODEL, max_tokens=4000, messages=words, stream=True)
    next(iter(stream))
    channel.withdraw()
    with pytest.raises((openai.APIError, anthropic.APIError), match="withdr"):
        for _ in stream:
            pass


def test_a_caller_who_leaves_a_stream_of_messages_ends_it_upstream(gateway, channel):
    words = [{"role": "user", "content": "forever"}]
    client = anthropic_client(gateway, channel.key)
    stream = client.messages.create(model=MODEL, max_tokens=4000, messages=words, stream=True)
    next(iter(stream))
    stream.close()
    wait_until(lambda: channel.upstream.cancelled == 1)
    assert channel.settled()[0].ended == "client-left"


@pytest.mark.parametrize("provider", ["openai-api/lab", "anthropic"])
def test_inspect_asks_through_the_gateway(gateway, channel, provider):
    address = gateway.url if provider == "anthropic" else f"{gateway.url}/v1"
    config = GenerateConfig(max_tokens=50, max_retries=0)
    model = get_model(f"{provider}/{MODEL}", base_url=address, api_key=channel.key, config=config, memoize=False)
    answer = asyncio.run(model.generate("hello"))
    assert answer.completion == "Aye."
    assert tokens(channel) == (11, 7)
