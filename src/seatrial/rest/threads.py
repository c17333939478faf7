"""The conversation on a review over HTTP: threads, requests for information, posts. No clock waits for any of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from ninja import File, Form, Router, Schema, Status
from ninja.files import UploadedFile

from seatrial.kernel.canonical import plain
from seatrial.kernel.clock import aware, now
from seatrial.parties.types import Actor
from seatrial.review.cases import api as cases
from seatrial.review.cases.types import TimelinePage
from seatrial.review.threads import api as threads
from seatrial.review.threads.types import Incoming, SightingsPage, ThreadPage, ThreadsPage

from .asking import actor_of
from .downloads import file_answer
from .once import upload
from .schemas import schema_of

router = Router(tags=["threads"])


class RequestIn(Schema):
    subject: str
    text: str
    would_help_by: datetime | None = None


class ThreadIn(Schema):
    subject: str
    text: str
    internal: bool = False


class PostIn(Schema):
    text: str
    internal: bool = False


class AnswerIn(Schema):
    text: str


class FilesIn(Schema):
    text: str
    internal: bool = False
    answers: bool = False  # it settles the request, as the developer's answer


@router.get("/reviews/{review}/timeline", response=schema_of(TimelinePage))
def timeline(request: HttpRequest, review: str, before: str | None = None, limit: int = 50) -> Any:
    """What happened, newest first; `before` is the `earlier` of the part before."""
    return plain(cases.timeline(actor_of(request), review, before=before, limit=limit))


@router.get("/reviews/{review}/threads", response=schema_of(ThreadsPage))
def list_threads(request: HttpRequest, review: str, before: str | None = None, limit: int = 50) -> Any:
    """The threads you may read: open requests first, then the newest activity."""
    return plain(threads.threads(actor_of(request), review, now(), before=before, limit=limit))


@router.post("/reviews/{review}/threads", response={201: schema_of(ThreadPage)})
def open_thread(request: HttpRequest, review: str, body: ThreadIn) -> Any:
    """Start a discussion with the other side, or (`internal`) among your own people."""
    actor, at = actor_of(request), now()
    return _made(actor, threads.open_thread(by=actor, review=review, **body.dict(), at=at), at)


@router.post("/reviews/{review}/requests", response={201: schema_of(ThreadPage)})
def ask(request: HttpRequest, review: str, body: RequestIn) -> Any:
    """Ask the developer for information. No clock waits for the answer; `would_help_by` is a wish."""
    actor, at = actor_of(request), now()
    wish = aware(body.would_help_by) if body.would_help_by else None
    made = threads.ask(by=actor, review=review, subject=body.subject, text=body.text, would_help_by=wish, at=at)
    return _made(actor, made, at)


@router.get("/reviews/{review}/sightings", response=schema_of(SightingsPage))
def sightings(request: HttpRequest, review: str, before: str | None = None, limit: int = 100) -> Any:
    """Who outside the developer was shown what, and when; for the developer only."""
    most = max(1, min(limit, 1000))
    return plain(threads.sightings(actor_of(request), review, now(), before=before, limit=most))


@router.get("/reviews/{review}/sightings.csv", response={200: None})
def sightings_table(request: HttpRequest, review: str) -> Any:
    """All of it as a table (RFC 4180), for a spreadsheet."""
    table = threads.sightings_csv(actor_of(request), review, now())
    return HttpResponse(table, content_type="text/csv; charset=utf-8; header=present")


@router.get("/threads/{thread}", response=schema_of(ThreadPage))
def show(request: HttpRequest, thread: str, before: str | None = None, limit: int = 50) -> Any:
    """A thread and its newest posts; `before` is the `earlier` of the part before."""
    return plain(threads.thread(actor_of(request), thread, now(), before=before, limit=limit))


@router.post("/threads/{thread}/posts", response={201: schema_of(ThreadPage)})
def post(request: HttpRequest, thread: str, body: PostIn) -> Any:
    """Write in a thread; `internal` for your own side only."""
    actor, at = actor_of(request), now()
    threads.post(by=actor, thread=thread, text=body.text, internal=body.internal, at=at)
    return _made(actor, thread, at)


@router.post("/threads/{thread}/answer", response={201: schema_of(ThreadPage)})
def answer(request: HttpRequest, thread: str, body: AnswerIn) -> Any:
    """Answer a request for information, as the developer."""
    actor, at = actor_of(request), now()
    threads.answer(by=actor, thread=thread, text=body.text, at=at)
    return _made(actor, thread, at)


@router.post("/threads/{thread}/files", response={201: schema_of(ThreadPage)})
@upload
def post_files(request: HttpRequest, thread: str, said: Form[FilesIn], files: File[list[UploadedFile]]) -> Any:
    """Write in a thread with files attached (multipart: `text`, `internal`, `answers`, and each file as `files`)."""
    actor, at = actor_of(request), now()
    sent = [Incoming(file.name or "", file.chunks()) for file in files]
    if said.answers:
        threads.answer(by=actor, thread=thread, text=said.text, files=sent, at=at)
    else:
        threads.post(by=actor, thread=thread, text=said.text, internal=said.internal, files=sent, at=at)
    return _made(actor, thread, at)


@router.get("/attachments/{attachment}", response={200: bytes})
def download(request: HttpRequest, attachment: str) -> HttpResponseBase:
    """The bytes of an attachment, always as a download; `Range` gives a part."""
    found, file = threads.attachment(actor_of(request), attachment, now())
    return file_answer(request, file, name=found.name, media=found.media, size=found.size, digest=found.digest)


@router.post("/threads/{thread}/take-back", response=schema_of(ThreadPage))
def take_back(request: HttpRequest, thread: str) -> Any:
    """Take an open request back, as the side that asked."""
    actor, at = actor_of(request), now()
    threads.take_back(by=actor, thread=thread, at=at)
    return plain(threads.thread(actor, thread, at))


def _made(actor: Actor, thread: str, at: datetime) -> Any:
    return Status(201, plain(threads.thread(actor, thread, at)))
