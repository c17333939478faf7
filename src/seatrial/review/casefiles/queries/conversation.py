"""What was written on a review: threads, posts, the files attached to them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from seatrial.review.casefiles.core import layout
from seatrial.review.casefiles.types import Section
from seatrial.review.threads import api as threads
from seatrial.review.threads.types import PostView, ThreadView

from .case import PART, Case, section


def conversation(it: Case) -> Section:
    rows, files = [], []
    for thread in _all_threads(it):
        posts = list(reversed(list(_all_posts(it, thread.id))))
        attached = [file for post in posts for file in post.attachments]
        for file in attached:
            found, handle = threads.attachment(it.asking, file.id, it.now)
            with handle:
                path = f"attachments/{layout.named_after(file.id, found.name)}"
                it.put(path, found.media, _pieces(handle))
            files.append((path, found.name))
        it.json(f"threads/{thread.id}.json", {"thread": thread, "posts": posts})
        files.append((f"threads/{thread.id}.json", thread.subject))
        state = thread.state.value if thread.state else thread.kind.value
        seen = "among one’s own" if thread.internal else "both sides"
        rows.append((thread.subject, state, seen, str(thread.posts), layout.moment(thread.newest_at)))
    sentence = (
        "Requests for information, discussions, and the files attached to them." if files else "Nothing was written."
    )
    headings = ("Subject", "State", "Read by", "Posts", "Newest")
    return section("Conversation", sentence, headings=headings, rows=rows, files=tuple(files))


def _all_threads(it: Case) -> Iterator[ThreadView]:
    before: str | None = None
    while True:
        part = threads.threads(it.asking, it.review, it.now, before=before, limit=PART)
        yield from part.threads
        before = part.earlier
        if before is None:
            return


def _all_posts(it: Case, thread: str) -> Iterator[PostView]:
    before: str | None = None
    while True:
        part = threads.thread(it.asking, thread, it.now, before=before, limit=PART)
        yield from part.posts
        before = part.earlier
        if before is None:
            return


def _pieces(handle: BinaryIO) -> Iterator[bytes]:
    while piece := handle.read(2**20):
        yield piece
