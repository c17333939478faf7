"""The conversation on a review: threads, requests for information, posts. No clock waits for any of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO

from seatrial.review.cases.types import TimelineItem, TimelinePage
from seatrial.review.threads.types import PostView, SightingsPage, SightingView, ThreadPage, ThreadsPage, ThreadView

from .calling import Caller, Received, at
from .form import form

PAGE = 100


@dataclass(frozen=True, slots=True)
class Threads:
    """Pages come newest first; ``earlier`` of one is ``before`` of the next."""

    _caller: Caller

    def list(self, review: str, *, before: str | None = None, limit: int = 50) -> ThreadsPage:
        """The threads you may read: open requests first, then the newest activity."""
        return self._caller.get(ThreadsPage, at("reviews", review, "threads"), before=before, limit=limit)

    def all(self, review: str) -> Iterator[ThreadView]:
        """Every thread you may read, fetched as they are read."""
        page = self.list(review, limit=PAGE)
        yield from page.threads
        while page.earlier is not None:
            page = self.list(review, before=page.earlier, limit=PAGE)
            yield from page.threads

    def show(self, thread: str, *, before: str | None = None, limit: int = 50) -> ThreadPage:
        """A thread and its newest posts."""
        return self._caller.get(ThreadPage, at("threads", thread), before=before, limit=limit)

    def all_posts(self, thread: str) -> Iterator[PostView]:
        """Every post you may read, newest first, fetched as they are read."""
        page = self.show(thread, limit=PAGE)
        yield from page.posts
        while page.earlier is not None:
            page = self.show(thread, before=page.earlier, limit=PAGE)
            yield from page.posts

    def open(self, review: str, *, subject: str, text: str, internal: bool = False) -> ThreadPage:
        """Start a discussion with the other side, or (``internal``) among your own people."""
        said = {"subject": subject, "text": text, "internal": internal}
        return self._caller.change(ThreadPage, "POST", at("reviews", review, "threads"), said)

    def post(self, thread: str, text: str, *, internal: bool = False) -> ThreadPage:
        """Write in a thread; ``internal`` for your own side only."""
        return self._caller.change(
            ThreadPage, "POST", at("threads", thread, "posts"), {"text": text, "internal": internal}
        )

    def answer(self, thread: str, text: str) -> ThreadPage:
        """Answer a request for information, as the developer."""
        return self._caller.change(ThreadPage, "POST", at("threads", thread, "answer"), {"text": text})

    def attach(
        self,
        thread: str,
        text: str,
        files: Sequence[tuple[str, IO[bytes]]],
        *,
        internal: bool = False,
        answers: bool = False,
    ) -> ThreadPage:
        """Write in a thread with files, each (name, file open for reading), streamed as they are.

        ``answers`` settles the request with them, as the developer. What a file is must match its name's ending.
        """
        words = {"text": text, "internal": str(internal).lower(), "answers": str(answers).lower()}
        body, content_type = form(words, "files", files)
        return self._caller.send_file(ThreadPage, "POST", at("threads", thread, "files"), body, content_type)

    def fetch(self, attachment: str, into: IO[bytes]) -> Received:
        """Write an attachment's bytes into a file open for writing, as they come; they are checked by their digest."""
        return self._caller.get_file(at("attachments", attachment), into)

    def seen(self, review: str, *, before: str | None = None, limit: int = 100) -> SightingsPage:
        """Who outside the developer was shown what, and when, those begun last first; for the developer only."""
        return self._caller.get(SightingsPage, at("reviews", review, "sightings"), before=before, limit=limit)

    def all_seen(self, review: str) -> Iterator[SightingView]:
        """Everybody who was shown anything, fetched as they are read."""
        page = self.seen(review, limit=PAGE)
        yield from page.sightings
        while page.earlier is not None:
            page = self.seen(review, before=page.earlier, limit=PAGE)
            yield from page.sightings

    def seen_csv(self, review: str) -> bytes:
        """All of it as a table (RFC 4180, UTF-8)."""
        return self._caller.get_bytes(at("reviews", review, "sightings.csv"))

    def timeline(self, review: str, *, before: str | None = None, limit: int = 50) -> TimelinePage:
        """What happened on a review, newest first."""
        return self._caller.get(TimelinePage, at("reviews", review, "timeline"), before=before, limit=limit)

    def whole_timeline(self, review: str) -> Iterator[TimelineItem]:
        """All that happened, newest first, fetched as it is read."""
        page = self.timeline(review, limit=PAGE)
        yield from page.items
        while page.earlier is not None:
            page = self.timeline(review, before=page.earlier, limit=PAGE)
            yield from page.items
