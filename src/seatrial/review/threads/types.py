"""The words of a conversation on a case: threads, posts, and what the asker may do next. Pure."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from seatrial.kernel.digests import Digest
from seatrial.kernel.labels import Label
from seatrial.review.cases.types import RequestState


class ThreadKind(enum.StrEnum):
    REQUEST = "request"  # the body asks for information; no clock waits
    DISCUSSION = "discussion"  # opened by either side


class Move(enum.StrEnum):
    """What somebody may do in a thread now."""

    POST = "post"  # write to both sides
    NOTE = "note"  # write to one's own side only
    ANSWER = "answer"  # write, and settle the request with it
    TAKE_BACK = "take-back"  # the asker's side needs it no more


@dataclass(frozen=True, slots=True)
class Incoming:
    """A file as somebody sends it: its name, and its bytes in pieces that are read once."""

    name: str
    pieces: Iterable[bytes]


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that was checked and is on the shelf; ``media`` is how it is served."""

    name: str
    media: str
    size: int  # bytes
    digest: Digest


@dataclass(frozen=True, slots=True)
class AttachmentView:
    """A file attached to a post, read under the post's label."""

    id: str
    post: str
    name: str
    media: str
    size: int  # bytes
    digest: Digest


@dataclass(frozen=True, slots=True)
class PostView:
    """One post. ``internal`` means that only the writer's own side can know of it; ``side`` is the writer's."""

    id: str
    thread: str
    at: datetime
    by: str  # the person's name
    side: str  # developer or body
    text: str  # Markdown
    internal: bool
    answers: bool  # it settled the request
    attachments: tuple[AttachmentView, ...]
    label: Label


@dataclass(frozen=True, slots=True)
class ThreadView:
    """A thread as the asker may see it: ``posts`` and ``newest_at`` count what the asker may read, and nothing else.

    ``state`` and ``would_help_by`` are those of a request, ``None`` for a discussion. The date is a wish.
    """

    id: str
    review: str
    kind: ThreadKind
    subject: str
    opened_by: str
    opened_at: datetime
    newest_at: datetime
    posts: int
    internal: bool
    state: RequestState | None
    would_help_by: datetime | None
    may: tuple[Move, ...]
    label: Label


@dataclass(frozen=True, slots=True)
class ThreadPage:
    """A thread with a part of its posts, newest first. ``earlier`` is where the next part begins."""

    thread: ThreadView
    posts: tuple[PostView, ...]
    earlier: str | None


@dataclass(frozen=True, slots=True)
class ThreadsPage:
    """A part of a review's threads: open requests first, then the newest activity. ``may`` is how one can begin.

    ``may`` holds ``ask``, ``open`` (a discussion both sides read) and ``open-internal``.
    """

    threads: tuple[ThreadView, ...]
    earlier: str | None
    may: tuple[str, ...]


class Seen(enum.StrEnum):
    """What kind of thing about a review somebody was shown."""

    REVIEW = "review"  # its page, or anything else whose address names it
    DOSSIER = "dossier"  # a version
    THREAD = "thread"
    ATTACHMENT = "attachment"
    EXPORT = "export"  # a file made of several


@dataclass(frozen=True, slots=True)
class SightingView:
    """That somebody outside the developer was shown something about the review, for the developer alone (V13).

    ``title`` says what it was; ``times`` counts separate hours, not clicks.
    """

    kind: Seen
    object: str
    title: str
    person: str  # the person's name
    organisation: str  # for whom they looked
    first_at: datetime
    last_at: datetime
    times: int


@dataclass(frozen=True, slots=True)
class SightingsPage:
    """A part of a review's sightings, those begun last first. ``earlier`` is where the next part begins."""

    sightings: tuple[SightingView, ...]
    earlier: str | None
