"""Tools, images and usage through the stock clients, plain and streamed; their async forms; calls that are given up."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import Any

import anthropic
import openai
import pytest

from seatrial.review.access import api as access
from seatrial.review.cases.types import Budget
from simulators.running_gateway import RunningGateway

from .conftest import open_channel
from .test_ending import wait_until

MODEL = "north-7b"
SAY = [{"role": "user", "content": "hello"}]
PARAMETERS = {"type": "object", "properties": {"depth": {"type": "integer"}}}
SOUND = {"type": "function", "function": {"name": "sound", "description": "Depth", "parameters": PARAMETERS}}
THEIR_SOUND = {"name": "sound", "description": "Depth", "input_schema": PARAMETERS}
PICTURE = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"\0" * 300_000).decode()


def theirs(gateway: RunningGateway, key: str) -> anthropic.Anthropic:
    return anthropic.Anthropic(base_url=gateway.url, api_key=key, max_retries=0, timeout=20)


def tokens(channel: Any) -> tuple[int | None, int | None]:
    view = channel.settled()[0]
    return view.prompt_tokens, view.completion_tokens


def test_a_tool_call_of_chat_and_the_tools_answer_pass(gateway, channel):
    chat = gateway.client(channel.key).chat.completions
    asked: dict[str, Any] = {"model": MODEL, "max_tokens": 50, "tools": [SOUND], "tool_choice": "auto"}
    answer = chat.create(messages=SAY, **asked)
    [call] = answer.choices[0].message.tool_calls
    assert (call.function.name, json.loads(call.function.arguments)) == ("sound", {"depth": 3})
    assert answer.choices[0].finish_reason == "tool_calls"
    told = {"role": "tool", "tool_call_id": call.id, "content": "seven fathoms"}
    chat.create(messages=[*SAY, answer.choices[0].message.model_dump(exclude_none=True), told], **asked)
    sent = json.loads(channel.upstream.requests[-1].body)
    assert (sent["messages"][-1], sent["tools"]) == (told, [SOUND])
    assert tokens(channel) == (11, 7)


def test_a_streamed_tool_call_of_chat_is_put_together_by_the_client(gateway, channel):
    chat = gateway.client(channel.key).chat.completions
    with chat.stream(model=MODEL, max_tokens=50, messages=SAY, tools=[SOUND]) as stream:
        for _ in stream:
            pass
        final = stream.get_final_completion()
    [call] = final.choices[0].message.tool_calls
    assert (call.id, call.function.name, call.function.arguments) == ("call-1", "sound", '{"depth": 3}')
    assert tokens(channel) == (11, 7)


def test_usage_in_a_stream_comes_where_it_was_asked_for(gateway, channel):
    asked = {"model": MODEL, "max_tokens": 50, "messages": SAY, "stream": True}
    chunks = list(gateway.client(channel.key).chat.completions.create(stream_options={"include_usage": True}, **asked))
    assert (chunks[-1].choices, chunks[-1].usage.completion_tokens) == ([], 7)
    assert json.loads(channel.upstream.requests[-1].body)["stream_options"] == {"include_usage": True}
    assert tokens(channel) == (11, 7)


def test_a_streamed_use_of_a_tool_in_messages_is_put_together_by_the_client(gateway, channel):
    client = theirs(gateway, channel.key).messages
    with client.stream(model=MODEL, max_tokens=50, messages=SAY, tools=[THEIR_SOUND]) as stream:
        final = stream.get_final_message()
    assert (final.content[0].name, final.content[0].input) == ("sound", {"depth": 3})
    assert (final.stop_reason, tokens(channel)) == ("tool_use", (11, 7))
    told = {"type": "tool_result", "tool_use_id": "u-1", "content": [{"type": "text", "text": "seven fathoms"}]}
    turns = [*SAY, {"role": "assistant", "content": final.content}, {"role": "user", "content": [told]}]
    client.create(model=MODEL, max_tokens=50, messages=turns, tools=[THEIR_SOUND])
    assert json.loads(channel.upstream.requests[-1].body)["messages"][-1]["content"] == [told]


def test_a_picture_passes_on_a_budget_that_its_bytes_would_exceed(durable_world, upstream):
    """400 kB of base64 are no 133,000 tokens; what was reserved beyond the report is given back."""
    budget = Budget(requests=9, tokens=20_000, concurrency=1)
    channel = open_channel(durable_world, upstream, budget=budget)
    url = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PICTURE}", "detail": "high"}}
    source = {"type": "base64", "media_type": "image/png", "data": PICTURE}
    with RunningGateway() as gateway:
        turn = [{"role": "user", "content": [{"type": "text", "text": "What is this?"}, url]}]
        gateway.client(channel.key).chat.completions.create(model=MODEL, max_tokens=50, messages=turn)
        assert json.loads(upstream.requests[-1].body)["messages"] == turn
        other = [{"role": "user", "content": [{"type": "image", "source": source}]}]
        theirs(gateway, channel.key).messages.create(model=MODEL, max_tokens=50, messages=other)
        assert json.loads(upstream.requests[-1].body)["messages"] == other
        item = {"type": "input_image", "detail": "auto", "image_url": f"data:image/png;base64,{PICTURE}"}
        asked = [{"role": "user", "content": [item]}]
        gateway.client(channel.key).responses.create(model=MODEL, max_output_tokens=50, input=asked)
        with pytest.raises(openai.RateLimitError):  # as text it costs what it is
            gateway.client(channel.key).chat.completions.create(
                model=MODEL, max_tokens=50, messages=[{"role": "user", "content": PICTURE}]
            )
    channel.settled()
    assert access.usage(durable_world.evaluator, channel.review).tokens == 3 * 18


async def test_async_clients_of_both_worlds_ask_side_by_side(gateway, channel):
    ours = openai.AsyncOpenAI(base_url=f"{gateway.url}/v1", api_key=channel.key, max_retries=0, timeout=20)
    other = anthropic.AsyncAnthropic(base_url=gateway.url, api_key=channel.key, max_retries=0, timeout=20)

    async def streamed() -> str:
        stream = await ours.chat.completions.create(model=MODEL, max_tokens=50, messages=SAY, stream=True)
        return "".join([chunk.choices[0].delta.content or "" async for chunk in stream if chunk.choices])

    async def told() -> str:
        async with other.messages.stream(model=MODEL, max_tokens=50, messages=SAY) as stream:
            return "".join([text async for text in stream.text_stream])

    async def plain() -> str:
        answer = await ours.chat.completions.create(model=MODEL, max_tokens=50, messages=SAY)
        return str(answer.choices[0].message.content)

    async with ours, other:
        found = await asyncio.gather(*(ask() for ask in (streamed, told, plain) for _ in range(8)))
    assert found == ["w0 w1 w2 w3 w4 "] * 8 + ["Aye."] * 16
    views = await asyncio.to_thread(channel.settled)
    assert [view.ended for view in views] == ["complete"] * 24


async def test_an_async_call_that_is_cancelled_ends_upstream(gateway, channel):
    ours = openai.AsyncOpenAI(base_url=f"{gateway.url}/v1", api_key=channel.key, max_retries=0, timeout=20)
    other = anthropic.AsyncAnthropic(base_url=gateway.url, api_key=channel.key, max_retries=0, timeout=20)
    words: list[Any] = [{"role": "user", "content": "forever"}]

    async def read(stream: Any, begun: asyncio.Event) -> None:
        async for _ in stream:
            begun.set()

    async with ours, other:
        asked = {"model": MODEL, "max_tokens": 4000, "messages": words, "stream": True}
        for number, create in enumerate((ours.chat.completions.create, other.messages.create), 1):
            begun = asyncio.Event()
            reading = asyncio.create_task(read(await create(**asked), begun))
            await asyncio.wait_for(begun.wait(), 5)
            reading.cancel()
            await asyncio.wait({reading})
            await asyncio.to_thread(wait_until, lambda many=number: channel.upstream.cancelled == many)
        with pytest.raises(TimeoutError):  # one that waits for its answer
            async with asyncio.timeout(0.3):
                await ours.chat.completions.create(
                    model=MODEL, max_tokens=50, messages=[{"role": "user", "content": "hang"}]
                )
    views = await asyncio.to_thread(channel.settled)
    assert [view.ended for view in views] == ["client-left"] * 3


def test_an_openai_stream_that_is_closed_ends_upstream(gateway, channel):
    words: list[Any] = [{"role": "user", "content": "forever"}]
    stream = gateway.client(channel.key).chat.completions.create(
        model=MODEL, max_tokens=4000, messages=words, stream=True
    )
    next(iter(stream))
    stream.close()
    wait_until(lambda: channel.upstream.cancelled == 1)
    assert channel.settled()[0].ended == "client-left"
