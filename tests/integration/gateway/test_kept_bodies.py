"""Bodies that the consent has kept: sealed byte for byte, nowhere in plain text; without the term nothing is kept."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.conf import settings

from conftest import HOME
from seatrial.kernel.clock import now
from seatrial.kernel.digests import digest
from seatrial.kernel.envelope import open_stream, read_header
from seatrial.kernel.errors import Misuse, NotFound
from seatrial.kernel.recipients import PrivateKey, new_private_key
from seatrial.ledger import api as ledger
from seatrial.parties import api as parties
from seatrial.review.access import api as access
from seatrial.review.access.types import ExchangeView, Side
from seatrial.review.cases.types import Keeping
from simulators.running_gateway import RunningGateway, limits

from .conftest import Channel, open_channel

MARK = "a-sentence-that-must-stay-sealed-4711"
DAYS = 14


@dataclass
class Kept:
    """A channel whose consent has bodies kept, and the private keys of those who may open them."""

    channel: Channel
    lab: PrivateKey
    body: PrivateKey

    def say(self, gateway: RunningGateway, words: str, **more: Any) -> tuple[bytes, httpx.Response]:
        asked = {"model": "north-7b", "max_tokens": 50, "messages": [{"role": "user", "content": words}], **more}
        answer = httpx.post(f"{gateway.url}/v1/chat/completions", json=asked, headers=self.headers, timeout=20)
        return answer.request.content, answer

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.channel.key}"}

    def opened(self, view: ExchangeView, side: Side, key: PrivateKey | None = None) -> bytes:
        _, file = access.body(self.channel.world.security, view.review, view.id, side)
        with file:
            context = read_header(file).context
            assert context == access.context_of(review=view.review, exchange=view.id, side=side, label=context["label"])
            file.seek(0)
            return b"".join(bytes(piece) for piece in open_stream(file, key=key or self.lab, context=context))


def registered(person: Any, path: Path) -> PrivateKey:
    key = new_private_key(path)
    parties.register_recipient_key(by=person, pem=key.public.pem, at=now())
    return key


@pytest.fixture
def kept(durable_world, upstream, tmp_path) -> Kept:
    lab = registered(durable_world.security, tmp_path / "lab.key")
    body = registered(durable_world.evaluator, tmp_path / "body.key")
    keeping = Keeping((lab.public.id, body.public.id), DAYS)
    return Kept(open_channel(durable_world, upstream, keeping=keeping), lab, body)


@pytest.fixture
def gateway(kept) -> Iterator[RunningGateway]:
    with RunningGateway(limits(first_byte_seconds=1.5, idle_seconds=1.0, drain_seconds=0.5)) as running:
        yield running


def folder() -> Path:
    return Path(settings.SEATRIAL.artefacts) / "bodies"


@pytest.mark.parametrize(
    ("words", "more"),
    [(MARK, {}), (MARK, {"stream": True}), ("flood", {"stream": True}), ("error", {}), ("broken", {"stream": True})],
)
def test_both_bodies_open_for_each_recipient_byte_for_byte(gateway, kept, words, more):
    sent, answer = kept.say(gateway, words, **more)
    [view] = kept.channel.settled()
    assert view.ended == "complete"
    for key in (kept.lab, kept.body):
        assert kept.opened(view, Side.REQUEST, key) == sent
        assert kept.opened(view, Side.RESPONSE, key) == answer.content
    assert (digest(sent), digest(answer.content)) == (view.request_digest, view.response_digest)
    assert [(one.side, one.whole) for one in view.bodies] == [(Side.REQUEST, True), (Side.RESPONSE, True)]


def test_the_receipt_covers_the_sealed_files(gateway, kept):
    kept.say(gateway, MARK)
    view = proven(kept.channel)
    made = access.receipt(kept.channel.world.security, view.id, now())
    record = access.verify_receipt(made, ledger.public_key()).facts
    for body in view.bodies:
        _, file = access.body(kept.channel.world.evaluator, view.review, view.id, body.side)
        with file:
            data = file.read()
        assert record[f"{body.side}_sealed_digest"] == digest(data) == body.digest
        assert record[f"{body.side}_sealed_bytes"] == len(data) == body.size
        assert record[f"{body.side}_sealed_whole"] is True
    assert record["kept_days"] == DAYS
    made["exchange"]["response_sealed_digest"] = digest(b"another")
    with pytest.raises(Misuse, match="not in the batch"):
        access.verify_receipt(made, ledger.public_key())


def test_no_plain_text_lies_under_the_data_folder_or_in_the_log(gateway, kept, caplog):
    caplog.set_level("DEBUG")
    for more in ({}, {"stream": True}):
        kept.say(gateway, MARK, **more)
    kept.channel.settled()
    for path in (path for path in HOME.rglob("*") if path.is_file()):
        assert MARK.encode() not in path.read_bytes(), path
    assert MARK not in caplog.text
    files = sorted(folder().rglob("*.sealed"))
    assert len(files) >= 4
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert {stat.S_IMODE(path.parent.stat().st_mode) for path in files} == {0o700}


def test_without_the_term_nothing_is_kept(durable_world, upstream):
    channel = open_channel(durable_world, upstream)
    with RunningGateway() as gateway:
        Kept(channel, None, None).say(gateway, MARK)  # type: ignore[arg-type]
        view = proven(channel)
    assert view.bodies == ()
    assert not (folder() / channel.review).exists()
    record = access.receipt(channel.world.security, view.id, now())["exchange"]
    assert not {name for name in record if "sealed" in name or "kept" in name}
    with pytest.raises(NotFound, match="No request of this exchange was kept"):
        access.body(channel.world.security, channel.review, view.id, Side.REQUEST)


def test_what_a_caller_who_leaves_was_handed_is_kept_whole(gateway, kept):
    asked = {"model": "north-7b", "max_tokens": 5000, "messages": [{"role": "user", "content": "forever"}]}
    heard = b""
    with httpx.stream(
        "POST", f"{gateway.url}/v1/chat/completions", json={**asked, "stream": True}, headers=kept.headers
    ) as answer:
        for chunk in answer.iter_bytes():
            heard += chunk
            if heard.count(b"data: ") > 5:
                break
    [view] = kept.channel.settled()
    assert view.ended == "client-left"
    said = kept.opened(view, Side.RESPONSE)
    assert said.startswith(heard)
    assert digest(said) == view.response_digest


def test_a_cut_stream_is_kept_with_its_last_event(gateway, kept):
    asked = {"model": "north-7b", "max_tokens": 5000, "messages": [{"role": "user", "content": "forever"}]}
    heard = b""
    with httpx.stream(
        "POST", f"{gateway.url}/v1/chat/completions", json={**asked, "stream": True}, headers=kept.headers
    ) as answer:
        for chunk in answer.iter_bytes():
            if not heard:
                kept.channel.withdraw()
            heard += chunk
    [view] = kept.channel.settled()
    assert view.ended == "withdrawn"
    assert b"withdrawn" in heard
    assert kept.opened(view, Side.RESPONSE) == heard
    with pytest.raises(NotFound):  # after a withdrawal the body sees nothing of it (V10)
        access.body(kept.channel.world.evaluator, view.review, view.id, Side.RESPONSE)


def test_others_are_not_told_that_anything_was_kept(gateway, kept):
    kept.say(gateway, MARK)
    [view] = kept.channel.settled()
    with pytest.raises(NotFound, match="no exchange"):
        access.body(kept.channel.world.rival, view.review, view.id, Side.REQUEST)
    with pytest.raises(Misuse) as refused:
        kept.opened(view, Side.REQUEST, registered(kept.channel.world.intake, Path(HOME, "other.key")))
    assert refused.value.code == "not-a-recipient"


def test_a_call_whose_recipients_are_all_retired_is_not_let_through(gateway, kept):
    world = kept.channel.world
    parties.retire_recipient_key(by=world.security, key=kept.lab.public.id, at=now())
    sent, answer = kept.say(gateway, MARK)
    view = kept.channel.settled()[0]
    assert answer.status_code == 200
    assert kept.opened(view, Side.REQUEST, kept.body) == sent
    with pytest.raises(Misuse, match="not sealed for your key"):
        kept.opened(view, Side.REQUEST, kept.lab)
    parties.retire_recipient_key(by=world.evaluator, key=kept.body.public.id, at=now())
    _, answer = kept.say(gateway, MARK)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "no-recipient")
    assert len(kept.channel.upstream.requests) == 1


class FullDisk:
    """A store whose disk is full from the ``nth`` write of a ``side`` on, counted over all files."""

    def __init__(self, side: Side, nth: int) -> None:
        self.store, self.side, self.nth = access.bodies(), side, nth

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)

    def create(self, review: str, exchange: str, side: Side) -> Any:
        file = self.store.create(review, exchange, side)
        return FullFile(file, self) if side is self.side else file


class FullFile:
    def __init__(self, file: Any, disk: FullDisk) -> None:
        self._file, self._disk = file, disk
        self.keep, self.leave = file.keep, file.leave

    def write(self, data: memoryview) -> None:
        self._disk.nth -= 1
        if self._disk.nth < 0:
            from seatrial.review.access.adapters.folder_bodies import not_kept

            raise not_kept(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
        self._file.write(data)


@pytest.mark.parametrize(
    ("side", "nth", "words", "status"),
    [
        (Side.REQUEST, 0, MARK, 503),  # its header
        (Side.REQUEST, 1, MARK, 503),  # its only chunk
        (Side.RESPONSE, 2, "flood", 200),  # in mid-stream
        (Side.RESPONSE, 3, "flood", 200),  # the last chunk: the answer must not become whole
    ],
)
def test_a_full_disk_ends_the_call_and_says_so(kept, side, nth, words, status):
    from seatrial.gateway.keeping import SealingKeeper

    def full() -> SealingKeeper:
        return SealingKeeper(FullDisk(side, nth))

    with RunningGateway(limits(drain_seconds=0.5), keeper=full) as gateway:
        told, heard = told_of(kept, gateway, words)
        view = proven(kept.channel)
        assert told == status
        assert b"[DONE]" not in heard
        if status == 503:  # a stream whose caller has not taken all is dropped without a word
            assert b"body-not-kept" in heard
            assert b"No space left" in heard
        assert view.ended == "body-not-kept"
        assert len(kept.channel.upstream.requests) == (status == 200)
        assert access.usage(kept.channel.world.security, view.review).in_flight == 0
        cut = {body.side: body for body in view.bodies}[side]
        assert (cut.whole, cut.digest is not None) == (False, True)
        _, file = access.body(kept.channel.world.security, view.review, view.id, side)
        with file, pytest.raises(Misuse) as broken:
            context = read_header(io.BytesIO(file.read())).context
            file.seek(0)
            list(open_stream(file, key=kept.lab, context=context))
        assert broken.value.code == "sealed-broken"
        record = access.receipt(kept.channel.world.security, view.id, now())["exchange"]
        assert record[f"{side}_sealed_whole"] is False
        assert kept.say(gateway, MARK)[1].status_code == 503 if side is Side.REQUEST else True


def test_a_slow_disk_slows_the_endpoint_and_loses_nothing(kept):
    from seatrial.gateway.keeping import SealingKeeper

    class Slow(FullDisk):
        def create(self, review: str, exchange: str, side: Side) -> Any:
            return SlowFile(self.store.create(review, exchange, side))

    class SlowFile:
        def __init__(self, file: Any) -> None:
            self._file = file
            self.keep, self.leave = file.keep, file.leave

        def write(self, data: memoryview) -> None:
            time.sleep(0.2)
            self._file.write(data)

    with RunningGateway(limits(drain_seconds=0.5), keeper=lambda: SealingKeeper(Slow(Side.REQUEST, 0))) as gateway:
        sent, answer = kept.say(gateway, "flood", stream=True)
        [view] = kept.channel.settled()
        assert answer.content.endswith(b"[DONE]\n\n")
        assert kept.opened(view, Side.RESPONSE) == answer.content
        assert kept.opened(view, Side.REQUEST) == sent


def told_of(kept: Kept, gateway: RunningGateway, words: str) -> tuple[int, bytes]:
    """Status and body of an answer, as far as it came."""
    asked = {"model": "north-7b", "max_tokens": 50, "messages": [{"role": "user", "content": words}]}
    asked["stream"] = words == "flood"
    heard = b""
    with httpx.stream("POST", f"{gateway.url}/v1/chat/completions", json=asked, headers=kept.headers) as answer:
        with contextlib.suppress(httpx.RemoteProtocolError):
            for chunk in answer.iter_bytes():
                heard += chunk
        return answer.status_code, heard


def proven(channel: Channel) -> ExchangeView:
    """The latest exchange, once it has its place in a batch."""
    return eventually(lambda: next((one for one in channel.settled() if one.index is not None), None))


def eventually(ask: Callable[[], Any]) -> Any:
    until = time.monotonic() + 5.0
    while (found := ask()) is None:
        assert time.monotonic() < until
        time.sleep(0.02)
    return found
