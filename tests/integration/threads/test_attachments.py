"""Files on posts: checked, kept, read under the post's label, and nothing left of what was refused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from seatrial.kernel.clock import now
from seatrial.kernel.digests import digest
from seatrial.kernel.errors import Forbidden, Misuse, NotFound
from seatrial.ledger import api as ledger
from seatrial.ledger.types import MAIN
from seatrial.parties.types import Actor
from seatrial.review.threads import api as threads
from seatrial.review.threads.tasks import sweep_attachments
from seatrial.review.threads.types import Incoming
from simulators.staged_reviews import Reviews, at_every_stage


@pytest.fixture
def reviews(world: Any) -> Reviews:
    return at_every_stage(world)


@pytest.fixture
def talk(world: Any, reviews: Reviews) -> str:
    return threads.open_thread(by=world.governance, review=reviews.consented, subject="Talk", text="Hello.", at=now())


def shelf() -> set[Path]:
    folder = settings.SEATRIAL.artefacts / "attachments"
    return {path for path in folder.rglob("*") if path.is_file() and path.name != "lock"}


def file(name: str = "table.csv", *pieces: bytes) -> Incoming:
    return Incoming(name, iter(pieces or (b"a,b\n", b"1,2\n")))


def attach(by: Actor, thread: str, *files: Incoming, **changes: Any) -> Any:
    threads.post(by=by, thread=thread, text="See the file.", files=files, at=now(), **changes)
    return threads.thread(by, thread, now()).posts[0].attachments


def read(asking: Actor, attachment: str) -> bytes:
    _, handle = threads.attachment(asking, attachment, now())
    with handle:
        return handle.read()


def test_a_file_is_read_by_the_other_side_as_it_was_sent(world: Any, talk: str) -> None:
    (made,) = attach(world.governance, talk, file("Ergebnis \u202eßε.csv"))
    assert (made.name, made.size, made.digest) == ("Ergebnis ßε.csv", 8, digest(b"a,b\n1,2\n"))
    assert read(world.intake, made.id) == b"a,b\n1,2\n"


def test_its_digest_stands_in_the_one_ledger_entry(world: Any, talk: str, reviews: Reviews) -> None:
    asked = threads.ask(by=world.intake, review=reviews.consented, subject="S", text="T", files=[file()], at=now())
    threads.answer(by=world.governance, thread=asked, text="T", files=[file()], at=now())
    attach(world.governance, talk, file())
    threads.open_thread(by=world.intake, review=reviews.consented, subject="S", text="T", files=[file()], at=now())
    newest = ledger.entries(world.governance, log=MAIN, newest_first=True, limit=4)
    assert {entry.kind for entry in newest} == {"case.asked", "case.answered", "thread.posted", "thread.opened"}
    for entry in newest:
        assert entry.openings["attached"]["value"] == [digest(b"a,b\n1,2\n")]


def test_a_file_on_an_internal_note_is_for_ones_own_side(world: Any, talk: str) -> None:
    (made,) = attach(world.governance, talk, file(), internal=True)
    assert read(world.security, made.id)
    for stranger in (world.intake, world.rival, world.operator, Actor()):
        with pytest.raises(NotFound, match="no attachment"):
            read(stranger, made.id)


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (lambda: file("a.csv", b""), "attachment-empty"),
        (lambda: file("a.pdf", b"text"), "attachment-type"),
        (lambda: file("a.zip", b"PK\x03\x04"), "attachment-archive"),
        (lambda: file("a.txt", *[b"x" * 1024**2] * 65), "attachment-too-large"),
    ],
)
def test_what_cannot_be_kept_leaves_no_post_no_entry_and_no_file(world: Any, talk: str, sent: Any, code: str) -> None:
    before, posts, head = shelf(), threads.thread(world.intake, talk, now()), ledger.head(MAIN)
    with pytest.raises(Misuse) as refused:
        attach(world.governance, talk, sent())
    assert refused.value.code == code
    assert shelf() == before
    assert threads.thread(world.intake, talk, now()) == posts
    assert ledger.head(MAIN) == head


def test_too_many_files_are_refused_before_one_is_read(world: Any, talk: str) -> None:
    with pytest.raises(Misuse, match="10 files at most"):
        attach(world.governance, talk, *[Incoming("a.txt", _never())] * 11)


def test_nothing_is_read_of_a_file_from_somebody_who_may_not_write(world: Any, talk: str, reviews: Reviews) -> None:
    for stranger, refusal in ((world.rival, NotFound), (world.operator, NotFound)):
        with pytest.raises(refusal):
            attach(stranger, talk, Incoming("a.txt", _never()))
    with pytest.raises((Forbidden, NotFound)):
        threads.ask(
            by=world.rival,
            review=reviews.consented,
            subject="S",
            text="T",
            files=[Incoming("a.txt", _never())],
            at=now(),
        )


def _never() -> Iterator[bytes]:
    raise AssertionError("this file was read")
    yield b""


def test_a_crash_between_file_and_post_leaves_a_stray_that_is_swept(
    world: Any, talk: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (kept,) = attach(world.governance, talk, file())
    with monkeypatch.context() as broken:
        broken.setattr("seatrial.review.threads.actions.post", _crash)
        with pytest.raises(ZeroDivisionError):
            attach(world.governance, talk, file("a.txt", b"stray"))
    stray = {path for path in shelf() if path.read_bytes() == b"stray"}
    assert len(stray) == 1
    assert sweep_attachments.call() == 0
    assert threads.sweep(at=now() + timedelta(hours=2)) >= 1
    assert not stray & shelf()
    assert read(world.intake, kept.id)


def _crash(**_: Any) -> None:
    raise ZeroDivisionError
