"""Tokens are read from what passes, however it is cut and whatever it is."""

from __future__ import annotations

import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.gateway.metering import JsonMeter, SilentMeter, StreamMeter, Tokens, meter_for


def delta(words: str) -> bytes:
    return b"data: " + json.dumps({"choices": [{"delta": {"content": words}}]}).encode() + b"\n\n"


def usage(prompt: object, answer: object) -> bytes:
    said = {"choices": [], "usage": {"prompt_tokens": prompt, "completion_tokens": answer}}
    return b"data: " + json.dumps(said).encode() + b"\n\n"


STREAM = b": hello\n\n" + delta("a") + delta("b") + usage(11, 2) + b"data: [DONE]\n\n"


@given(st.lists(st.integers(0, len(STREAM)), max_size=20), st.sampled_from([b"\n", b"\r\n", b"\r"]))
def test_a_stream_is_read_alike_however_it_is_cut_and_ended(places, end):
    stream = STREAM.replace(b"\n", end)
    cuts = [0, *sorted(min(place, len(stream)) for place in places), len(stream)]
    meter = StreamMeter(prompt=5)
    for start, stop in itertools.pairwise(cuts):
        meter.feed(stream[start:stop])
    assert meter.tokens() == Tokens(11, 2)
    assert meter.answered == 2
    assert meter.last_said


@given(st.lists(st.binary(max_size=80), max_size=30))
def test_no_bytes_can_crash_a_meter(chunks):
    for meter in (StreamMeter(5), JsonMeter(100), SilentMeter()):
        for chunk in chunks:
            meter.feed(chunk)
        found = meter.tokens()
        assert all(count is None or count >= 0 for count in (found.prompt, found.answer))


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5), st.lists, max_leaves=5))
def test_no_event_can_crash_a_meter(value):
    meter = StreamMeter(5)
    for event in (value, {"choices": value}, {"choices": [value]}, {"choices": [{"delta": value}]}, {"usage": value}):
        meter.feed(b"data: " + json.dumps(event).encode() + b"\n")
    meter.feed(usage(value, value))
    assert meter.tokens().prompt is None or meter.tokens().prompt >= 0


def test_without_a_report_each_event_with_content_counts_as_one_token():
    meter = StreamMeter(prompt=5)
    role = b'data: {"choices": [{"delta": {"role": "assistant", "content": ""}}]}\n\n'
    tool = b'data: {"choices": [{"delta": {"tool_calls": [{"index": 0}]}}]}\n\n'
    text = b'data: {"choices": [{"text": "a"}]}\n\n'
    responses = b'data: {"type": "response.output_text.delta", "delta": "a"}\n\n'
    for event in (role, delta("a"), delta(""), tool, text, responses, b"event: ping\ndata: {}\n\n"):
        meter.feed(event)
    assert meter.tokens() == Tokens(5, 4)
    assert not meter.last_said


def test_the_responses_api_says_its_use_inside_its_last_event():
    meter = StreamMeter(prompt=5)
    done = {"type": "response.completed", "response": {"usage": {"input_tokens": 3, "output_tokens": 9}}}
    meter.feed(b"data: " + json.dumps(done).encode() + b"\n\n")
    assert (meter.tokens(), meter.last_said) == (Tokens(3, 9), True)


@pytest.mark.parametrize("count", [-1, True, "7", 10**13, 1.5, None])
def test_a_report_that_is_no_count_is_no_report(count):
    meter = StreamMeter(prompt=5)
    meter.feed(delta("a") + usage(count, count))
    assert meter.tokens() == Tokens(5, 1)


def test_a_line_without_end_is_not_kept():
    meter = StreamMeter(prompt=5)
    for _ in range(40):
        meter.feed(b"data: " + b"x" * 2**16)
    assert len(meter._line) <= 2**20 + 2**17
    meter.feed(b"\n" + delta("a"))
    assert meter.tokens() == Tokens(5, 1)


def test_a_json_answer_says_its_use_unless_it_is_too_long_to_keep():
    body = b'{"usage": {"prompt_tokens": 1, "completion_tokens": 2}}'
    for kept, found in ((len(body), Tokens(1, 2)), (len(body) - 1, Tokens())):
        meter = JsonMeter(kept)
        for byte in body:
            meter.feed(bytes([byte]))
        assert meter.tokens() == found


@pytest.mark.parametrize(
    ("kind", "encoding", "meter"),
    [
        ("text/event-stream; charset=utf-8", "", StreamMeter),
        ("Application/JSON", "identity", JsonMeter),
        ("application/json", "gzip", SilentMeter),
        ("audio/mpeg", "", SilentMeter),
        ("", "", SilentMeter),
    ],
)
def test_each_kind_of_answer_has_its_meter(kind, encoding, meter):
    assert type(meter_for(kind, encoding, prompt=1, kept=10)) is meter


def test_messages_report_the_prompt_first_and_the_answer_last():
    meter = StreamMeter(prompt=5)
    cached = {"input_tokens": 5, "cache_creation_input_tokens": 4, "cache_read_input_tokens": 2, "output_tokens": 1}
    meter.feed(event({"type": "message_start", "message": {"usage": cached}}))
    for _ in range(3):
        meter.feed(event({"type": "content_block_delta", "delta": {"type": "text_delta", "text": "a"}}))
    assert meter.tokens() == Tokens(11, 3)  # cut here, what was seen is charged, not what was foreseen
    meter.feed(event({"type": "message_delta", "delta": {}, "usage": {"output_tokens": 9}}))
    assert (meter.tokens(), meter.last_said) == (Tokens(11, 9), False)
    meter.feed(event({"type": "message_stop"}))
    assert (meter.tokens(), meter.last_said) == (Tokens(11, 9), True)


@given(st.lists(st.integers(-5, 10**13) | st.booleans() | st.none() | st.floats() | st.text(max_size=3), max_size=10))
def test_no_report_makes_the_charge_fall(counts):
    meter, most = StreamMeter(prompt=5), Tokens(0, 0)
    meter.feed(usage(11, 7))
    for count in counts:
        meter.feed(usage(count, count))
        found = meter.tokens()
        assert found.prompt >= max(11, most.prompt)
        assert found.answer >= max(7, most.answer)
        most = found


def event(said: object) -> bytes:
    return b"data: " + json.dumps(said).encode() + b"\n\n"
