"""Files over HTTP: sent as a form, served as downloads, and a body that is too large stopped at the door."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from seatrial.client import Keys, Seatrial
from seatrial.config.asgi import application
from seatrial.config.bodies import BoundedBodies
from seatrial.kernel.clock import now
from seatrial.kernel.errors import NotFound, Refused
from seatrial.parties import api as parties
from seatrial.rest.local import InProcess
from seatrial.review.threads import api as threads
from simulators.staged_reviews import at_every_stage

PIECE = 65_536
TWO_GIGABYTES = 2 * 1024**3
LIMIT = 65 * 1024**2  # 64 MiB and the room for fields


@pytest.fixture
def talk(world: Any) -> str:
    review = at_every_stage(world).consented
    return threads.open_thread(by=world.governance, review=review, subject="Talk", text="Hello.", at=now())


def headers(actor: Any, **more: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {parties.issue_token(by=actor, at=now())}", **more}


def send(actor: Any, thread: str, name: str, data: bytes, **fields: str) -> Any:
    body = {"text": "See the file.", "files": SimpleUploadedFile(name, data), **fields}
    return Client().post(f"/api/v1/threads/{thread}/files", body, headers=headers(actor))


def test_a_file_goes_up_and_comes_down_whole_and_in_part(world: Any, talk: str) -> None:
    name = "отчёт 評価.csv"
    sent = send(world.governance, talk, name, b"0123456789")
    assert sent.status_code == 201, sent.content
    (made,) = sent.json()["posts"][0]["attachments"]
    assert made["name"] == name
    address = f"/api/v1/attachments/{made['id']}"
    whole = Client().get(address, headers=headers(world.intake))
    assert whole.getvalue() == b"0123456789"
    assert whole["Content-Disposition"] == f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    assert whole["X-Content-Type-Options"] == "nosniff"
    assert whole["Content-Type"] == "text/csv; charset=utf-8"
    for asked, status, data, said in (
        ("bytes=2-4", 206, b"234", "bytes 2-4/10"),
        ("bytes=7-", 206, b"789", "bytes 7-9/10"),
        ("bytes=-3", 206, b"789", "bytes 7-9/10"),
        ("bytes=0-99", 206, b"0123456789", "bytes 0-9/10"),
        ("bytes=10-", 416, b"", "bytes */10"),
        ("bytes=4-2", 200, b"0123456789", None),
        ("bytes=0-1,3-4", 200, b"0123456789", None),
        ("lines=1-2", 200, b"0123456789", None),
    ):
        part = Client().get(address, headers=headers(world.intake, Range=asked))
        assert (part.status_code, part.getvalue(), part.get("Content-Range")) == (status, data, said), asked
    stale = Client().get(address, headers={**headers(world.intake, Range="bytes=2-4"), "If-Range": '"other"'})
    assert stale.getvalue() == b"0123456789"
    assert Client().get(address, headers=headers(world.rival)).status_code == 404


def test_refusals_are_problem_documents(world: Any, talk: str) -> None:
    for name, data, status, code in (
        ("a.csv", b"", 422, "attachment-empty"),
        ("a.pdf", b"text", 415, "attachment-type"),
        ("a.zip", b"PK\x03\x04", 422, "attachment-archive"),
    ):
        answer = send(world.governance, talk, name, data)
        assert answer.status_code == status, answer.content
        assert answer.json()["type"] == f"urn:seatrial:problem:{code}"
    assert send(world.rival, talk, "a.csv", b"1").status_code == 404


def test_the_same_upload_under_one_key_is_written_once(world: Any, talk: str) -> None:
    said = headers(world.governance, **{"Idempotency-Key": "upload-0123456789abcdef"})
    for _ in range(2):
        body = {"text": "Once.", "files": SimpleUploadedFile("a.txt", b"once")}
        assert Client().post(f"/api/v1/threads/{talk}/files", body, headers=said).status_code == 201
    assert threads.thread(world.governance, talk, now()).thread.posts == 2


class Wire:
    """One HTTP request over ASGI whose body is zeros that exist nowhere; what was taken of it, and the answer."""

    def __init__(self, path: str, size: int, **named: str) -> None:
        fields = {"content-type": "multipart/form-data; boundary=x", **named}
        self.scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "root_path": "",
            "headers": [(name.encode(), value.encode()) for name, value in {"host": "localhost", **fields}.items()],
            "client": ("127.0.0.1", 1),
            "server": ("localhost", 80),
        }
        self.left, self.taken, self.sent = size, 0, list[dict[str, Any]]()

    async def receive(self) -> dict[str, Any]:
        piece = bytes(min(PIECE, self.left))
        self.left -= len(piece)
        self.taken += len(piece)
        return {"type": "http.request", "body": piece, "more_body": self.left > 0}

    async def send(self, message: Any) -> None:
        self.sent.append(dict(message))

    @property
    def status(self) -> int:
        return int(self.sent[0]["status"])

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.sent[1:])


@pytest.mark.parametrize("path", ["/api/v1/threads/thread-1/files", "/threads/thread-1/"])
def test_two_gigabytes_that_are_declared_are_refused_before_a_byte_is_read(path: str) -> None:
    wire = Wire(path, TWO_GIGABYTES, **{"content-length": str(TWO_GIGABYTES)})
    asyncio.run(application(wire.scope, wire.receive, wire.send))
    assert wire.status == 413
    assert wire.taken == 0
    assert b"64 MiB" in wire.body


@pytest.mark.parametrize("path", ["/api/v1/threads/thread-1/files", "/threads/thread-1/"])
@pytest.mark.parametrize("declared", [None, "12", "no number"])
def test_two_gigabytes_that_are_not_declared_are_stopped_at_the_limit(path: str, declared: str | None) -> None:
    wire = Wire(path, TWO_GIGABYTES, **({"content-length": declared} if declared else {}))
    asyncio.run(application(wire.scope, wire.receive, wire.send))
    assert wire.status == 413
    assert wire.taken <= LIMIT + PIECE
    assert b"64 MiB" in wire.body
    assert len([message for message in wire.sent if message["type"] == "http.response.start"]) == 1


def test_what_is_within_the_limit_passes_untouched() -> None:
    got = io.BytesIO()

    async def inner(scope: Any, receive: Any, send: Any) -> None:
        while (message := await receive())["more_body"]:
            got.write(message["body"])
        got.write(message["body"])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"ok"})

    wire = Wire("/", 1000)
    asyncio.run(BoundedBodies(inner, limit=1000)(wire.scope, wire.receive, wire.send))
    assert (wire.status, wire.body, got.getvalue()) == (200, b"ok", bytes(1000))


def test_a_download_is_sent_in_pieces_as_it_is_read(world: Any, talk: str) -> None:
    size = 1_000_000
    sent = send(world.governance, talk, "a.txt", b"x" * size)
    address = f"/api/v1/attachments/{sent.json()['posts'][0]['attachments'][0]['id']}"
    answer = Client().get(address, headers=headers(world.intake))

    async def pieces() -> AsyncIterator[bytes]:
        async for piece in answer:
            yield piece

    async def collected() -> list[bytes]:
        return [piece async for piece in pieces()]

    found = asyncio.run(collected())
    answer.close()
    assert max(map(len, found)) <= PIECE
    assert sum(map(len, found)) == size


def test_through_the_client_a_step_that_runs_again_attaches_once(world: Any, talk: str, tmp_path: Path) -> None:
    keys = Keys(prefix="pipeline-7/evidence")
    for _ in range(2):
        client = Seatrial.over(InProcess(world.governance), keys=keys)
        page = client.threads.attach(talk, "See the file.", [("оценка 7.csv", io.BytesIO(b"a,b\n1,2\n"))])
    assert page.thread.posts == 2
    (made,) = page.posts[0].attachments
    assert made.name == "оценка 7.csv"
    with pytest.raises(Refused, match="another request"):
        client.threads.attach(talk, "See the file.", [("оценка 7.csv", io.BytesIO(b"a,b\n1,3\n"))])
    with (tmp_path / "got.csv").open("w+b") as into:
        received = client.threads.fetch(made.id, into)
    assert (received.bytes, received.digest) == (8, made.digest)
    assert (tmp_path / "got.csv").read_bytes() == b"a,b\n1,2\n"
    with pytest.raises(NotFound), (tmp_path / "none.csv").open("w+b") as into:
        Seatrial.over(InProcess(world.rival)).threads.fetch(made.id, into)
