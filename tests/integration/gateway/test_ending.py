"""Whatever ends a right ends what is in flight within a second, and the very next call gets the reason."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import httpx
import openai
import pytest

from seatrial.kernel.clock import Window, now
from seatrial.ledger import api as ledger
from seatrial.review.access import api as access
from seatrial.review.cases import api as cases
from seatrial.review.cases.types import Budget
from simulators.running_gateway import RunningGateway, limits

from .conftest import CAPABILITY, ROOMY, Channel, open_channel

ASK = {"model": "north-7b", "max_tokens": 5000}
BOUND = 1.0


class Reading:
    """A stream without end, read by the stock client in a thread; says when its last word came, and why it ended."""

    def __init__(self, client: openai.OpenAI, words: str = "forever") -> None:
        self.words = 0
        self.error: Exception | None = None
        self.last = self.ended = 0.0
        self._begun = threading.Event()
        self._thread = threading.Thread(target=self._read, args=(client, words), daemon=True)
        self._thread.start()
        assert self._begun.wait(10), self.error

    def _read(self, client: openai.OpenAI, words: str) -> None:
        try:
            stream = client.chat.completions.create(messages=[{"role": "user", "content": words}], stream=True, **ASK)
            for _ in stream:
                self.words += 1
                self.last = time.monotonic()
                self._begun.set()
        except Exception as error:
            self.error = error
        self.ended = time.monotonic()
        self._begun.set()

    def end(self) -> Reading:
        self._thread.join(10)
        assert not self._thread.is_alive()
        return self


def released(channel: Channel) -> None:
    cases.record_release(by=channel.world.governance, review=channel.review, at=now())


def closed(channel: Channel) -> None:
    cases.close(by=channel.world.governance, review=channel.review, at=now())


def key_revoked(channel: Channel) -> None:
    access.revoke_key(by=channel.world.security, key=channel.key_id, at=now())


def narrowed_to_another_person(channel: Channel) -> None:
    consent = cases.standing(channel.review, now()).consent
    assert consent is not None
    people = frozenset({channel.world.authority.person})
    cases.sign_consent(
        by=channel.world.signatory,
        review=channel.review,
        terms=channel.terms(people=people, window=consent.window),
        at=now(),
    )


def budget_narrowed(channel: Channel) -> None:
    channel.narrow(budget=Budget(requests=1000, tokens=10, concurrency=128))


def release_moved_up(channel: Channel) -> None:
    at = now()
    cases.move_release(
        by=channel.world.governance,
        review=channel.review,
        partner_release=at + timedelta(milliseconds=300),
        public_release=at + timedelta(days=40),
        at=at,
    )


@pytest.mark.parametrize(
    ("happening", "code"),
    [
        (Channel.withdraw, "withdrawn"),
        (released, "released"),
        (closed, "closed"),
        (key_revoked, "revoked-key"),
        (narrowed_to_another_person, "not-named"),
        (budget_narrowed, "tokens-spent"),
    ],
)
def test_what_ends_a_right_cuts_the_stream_and_refuses_the_next_call(
    gateway, channel, happening: Callable[[Channel], None], code: str
):
    reading = Reading(gateway.client(channel.key))
    happening(channel)
    committed = time.monotonic()
    with pytest.raises(openai.APIStatusError) as refused:
        gateway.client(channel.key).chat.completions.create(messages=[{"role": "user", "content": "more"}], **ASK)
    reading.end()
    assert reading.ended - committed <= BOUND
    assert refused.value.code == code
    assert refused.value.status_code == {"tokens-spent": 429, "revoked-key": 401}.get(code, 403)
    assert isinstance(reading.error, openai.APIError)
    assert reading.error.code == code
    assert reading.error.message == access.SENTENCES[code]
    assert wait_until(lambda: channel.upstream.open_streams == 0)
    assert wait_until(lambda: access.usage(channel.world.evaluator, channel.review).in_flight == 0)
    assert wait_until(
        lambda: [view.ended for view in access.exchanges(channel.world.security, channel.review)] == [code]
    )
    [view] = access.exchanges(channel.world.security, channel.review)
    assert view.status == 200
    assert view.completion_tokens == pytest.approx(reading.words, abs=30)


def test_moving_the_release_up_cuts_at_that_moment(gateway, channel):
    reading = Reading(gateway.client(channel.key))
    release_moved_up(channel)
    due = time.monotonic() + 0.3
    reading.end()
    assert -0.1 <= reading.ended - due <= BOUND
    assert reading.error.code == "expired"


def test_expiry_cuts_at_the_moment_the_window_closes(durable_world, upstream):
    at = now()
    channel = open_channel(durable_world, upstream, window=Window(at, at + timedelta(seconds=2)))
    due = time.monotonic() + (at + timedelta(seconds=2) - now()).total_seconds()
    with RunningGateway() as gateway:
        reading = Reading(gateway.client(channel.key)).end()
        assert -0.05 <= reading.ended - due <= 0.3
        assert reading.error.code == "expired"
        with pytest.raises(openai.PermissionDeniedError):
            gateway.client(channel.key).chat.completions.create(messages=[], **ASK)


def test_a_plain_answer_in_flight_is_cut_too(gateway, channel):
    body = {**ASK, "messages": [{"role": "user", "content": "trickle"}]}
    threading.Timer(0.4, channel.withdraw).start()
    begun = time.monotonic()
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.post(f"{gateway.url}/v1/chat/completions", json=body, headers={"Authorization": f"Bearer {channel.key}"})
    assert time.monotonic() - begun <= 0.4 + BOUND


def test_a_call_that_waits_for_its_first_byte_is_told_why(gateway, channel):
    threading.Timer(0.4, channel.withdraw).start()
    with pytest.raises(openai.PermissionDeniedError, match="withdrawn"):
        gateway.client(channel.key).chat.completions.create(messages=[{"role": "user", "content": "hang"}], **ASK)


def test_a_caller_who_does_not_read_is_cut_as_well(gateway, channel):
    channel.upstream.interval = 0.0
    body = {**ASK, "max_tokens": 900_000, "messages": [{"role": "user", "content": "forever"}], "stream": True}
    headers = {"Authorization": f"Bearer {channel.key}"}
    with httpx.stream("POST", f"{gateway.url}/v1/chat/completions", json=body, headers=headers, timeout=20) as answer:
        chunks = answer.iter_raw()
        next(chunks)
        time.sleep(0.5)
        channel.withdraw()
        committed = time.monotonic()
        assert wait_until(lambda: channel.upstream.open_streams == 0)
        assert time.monotonic() - committed <= BOUND


def test_a_caller_who_leaves_ends_the_call_upstream_and_frees_its_place(gateway, channel):
    stream = gateway.client(channel.key).chat.completions.create(
        messages=[{"role": "user", "content": "forever"}], stream=True, **ASK
    )
    next(iter(stream))
    stream.close()
    assert wait_until(lambda: channel.upstream.open_streams == 0)
    assert wait_until(lambda: access.usage(channel.world.evaluator, channel.review).in_flight == 0)
    [view] = access.exchanges(channel.world.evaluator, channel.review)
    assert view.ended == "client-left"


def test_sixty_four_at_once_on_a_budget_of_twenty_get_exactly_twenty(durable_world, upstream):
    channel = open_channel(durable_world, upstream, budget=Budget(requests=20, tokens=1_000_000, concurrency=64))
    with RunningGateway(limits(decide_seconds=30.0)) as gateway:
        client = gateway.client(channel.key)

        def call(_: int) -> str:
            try:
                client.chat.completions.create(messages=[{"role": "user", "content": "hello"}], **ASK)
            except openai.APIStatusError as error:
                return str(error.code)
            return "passed"

        with ThreadPoolExecutor(64) as pool:
            outcomes = list(pool.map(call, range(64)))
    assert sorted(outcomes) == ["passed"] * 20 + ["requests-spent"] * 44
    assert len(upstream.requests) == 20
    kinds = [entry.kind for entry in ledger.entries(durable_world.security, kind="access.", limit=500)]
    assert (len(channel.settled()), kinds.count("access.refused")) == (20, 44)


def test_tokens_reserved_in_parallel_never_pass_the_budget(durable_world, upstream):
    channel = open_channel(durable_world, upstream, budget=Budget(requests=100, tokens=3000, concurrency=64))
    with RunningGateway() as gateway:
        client = gateway.client(channel.key)

        def call(_: int) -> bool:
            try:
                client.chat.completions.create(
                    messages=[{"role": "user", "content": "hang"}], model="north-7b", max_tokens=900, timeout=2
                )
            except (openai.APIStatusError, openai.APITimeoutError):
                return True
            return False

        with ThreadPoolExecutor(16) as pool:
            assert all(pool.map(call, range(16)))
        assert len(upstream.requests) == 3
        assert access.usage(durable_world.evaluator, channel.review).tokens <= 3000


def test_one_place_is_free_again_when_the_answer_has_ended(durable_world, upstream):
    channel = open_channel(durable_world, upstream, budget=Budget(requests=100, tokens=1_000_000, concurrency=1))
    with RunningGateway() as gateway:
        client = gateway.client(channel.key)
        for number in range(12):
            messages = [{"role": "user", "content": "stream"}]
            if number % 2:
                client.chat.completions.create(messages=messages[:0], **ASK)
            else:
                list(client.chat.completions.create(messages=messages, stream=True, **ASK))


def test_narrowing_does_not_fill_the_budget_up_again(durable_world, upstream):
    channel = open_channel(durable_world, upstream, budget=Budget(requests=4, tokens=1_000_000, concurrency=4))
    with RunningGateway() as gateway:
        client = gateway.client(channel.key)

        def calls() -> int:
            passed = 0
            for _ in range(6):
                try:
                    client.chat.completions.create(messages=[], **ASK)
                    passed += 1
                except openai.RateLimitError:
                    break
            return passed

        client.chat.completions.create(messages=[], **ASK)
        channel.narrow(budget=Budget(requests=3, tokens=1_000_000, concurrency=4))
        assert calls() == 2
        cases.sign_consent(
            by=durable_world.signatory, review=channel.review, terms=channel.terms(budget=ROOMY), at=now()
        )
        assert calls() == 6  # a new consent that gives more opens a new account


def test_the_developer_a_caller_and_strangers_see_what_they_may(gateway, channel):
    gateway.client(channel.key).chat.completions.create(messages=[], **ASK)
    world = channel.world
    for person in (world.security, world.governance, world.evaluator, world.authority):
        assert len(access.exchanges(person, channel.review)) == 1
        assert access.usage(person, channel.review).requests == 1
    assert access.exchanges(world.rival, channel.review) == ()
    assert access.usage(world.rival, channel.review).requests == 0
    assert [key.purpose for key in access.keys(world.evaluator, channel.review)] == [CAPABILITY]
    assert access.keys(world.rival, channel.review) == ()


def wait_until(holds: Callable[[], bool], seconds: float = 5.0) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if holds():
            return True
        time.sleep(0.02)
    return False
