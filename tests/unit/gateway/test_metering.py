"""Tokens are read from what passes, however it is cut and whatever it is."""

from __future__ import annotations

import itertools
import json

import pytest
from hypothesis import given, settings
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


CONTENT = st.text(max_size=6) | st.sampled_from(["assistant", "a", "tool", 'x"', "\\", "\u00e9", "\x7f"])
CHAT = st.builds(lambda words: {"id": "c", "choices": [{"index": 0, "delta": {"content": words}}]}, CONTENT)
ROLE = st.builds(lambda words: {"choices": [{"delta": {"role": words, "content": words}}]}, CONTENT)
RESPONSE = st.builds(lambda words: {"type": "response.output_text.delta", "delta": words}, CONTENT)
MESSAGE = st.builds(lambda words: {"type": "content_block_delta", "delta": {"text": words}}, CONTENT)
REPORT = st.builds(
    lambda n, w: {"choices": [{"text": w}], "usage": {"completion_tokens": n}}, st.integers(-1, 9), CONTENT
)
TYPED = st.builds(lambda words: {"type": words, "text": "a"}, st.sampled_from(["message_stop", "a.delta", "b.delta"]))
WIRE = st.builds(
    lambda said, raw, end: b"data: " + json.dumps(said, ensure_ascii=raw).encode("utf-8", "surrogatepass") + end,
    CHAT | ROLE | RESPONSE | MESSAGE | REPORT | TYPED,
    st.booleans(),
    st.sampled_from([b"\n\n", b"\r\n\r\n", b"\n", b"", b"\n\ndata: [DONE]\n\n"]),
)
DAMAGE = st.sampled_from([b"", b"\x00", b"\xff", b'"', b"\n", b"}", b'","usage":{"completion_tokens":5},"x":"'])


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(WIRE, DAMAGE, st.integers(0, 60)), max_size=12))
def test_the_quick_way_reads_what_the_slow_way_reads(sent):
    quick, slow = StreamMeter(prompt=5), StreamMeter(prompt=5)
    for chunk, damage, place in sent:
        for _ in range(2):
            cut = chunk[:place] + damage + chunk[place:]
            quick.feed(cut)
            slow._feed(cut)
            assert (quick.tokens(), quick.answered, quick.last_said) == (slow.tokens(), slow.answered, slow.last_said)


def test_the_quick_way_is_taken_in_each_protocol():
    for said in (
        {"choices": [{"delta": {"content": "WORD"}}]},
        {"choices": [{"text": "WORD"}]},
        {"type": "response.output_text.delta", "delta": "WORD"},
        {"type": "content_block_delta", "delta": {"type": "text_delta", "text": "WORD"}},
    ):
        meter = StreamMeter(prompt=5)
        meter.feed(event(said))
        assert meter._pattern is not None
        other = event(said).replace(b"WORD", b"other words")
        assert meter._pattern.run(b"xx" + other * 3 + b"data: [DONE]\n\n", 2) == (2 + 3 * len(other), 3)
