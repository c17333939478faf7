"""Every write of conversations: the words are kept here, and each leaves one ledger entry.

What asks, answers or takes back goes through the door of cases in the same transaction and has its entry there.
Everything else is ``thread.opened`` or ``thread.posted``: in the shared log if both sides may read it, in the
writer's own organisation's log if it is internal, so that the other side cannot tell it from nothing (V10).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.db import transaction

from seatrial.kernel.digests import Digest, digest
from seatrial.kernel.errors import Forbidden, Refused
from seatrial.kernel.labels import Label
from seatrial.ledger import api as ledger
from seatrial.ledger.types import MAIN
from seatrial.parties.types import Actor
from seatrial.review.cases import api as cases
from seatrial.review.cases.types import ReviewView

from .core.rules import WRITERS, may_write, said, titled, wished
from .models import Post, Thread
from .queries import home_of, side_of, visible_thread
from .types import ThreadKind


@transaction.atomic
def ask(*, by: Actor, review: str, subject: str, text: str, at: datetime, would_help_by: datetime | None = None) -> str:
    """A request for information from the body, for both sides to read. Returns the thread's id.

    ``would_help_by`` is a wish; no clock waits for an answer, and nothing follows from having none.
    """
    found = cases.brief(by, review, at)
    wish = wished(would_help_by, at)
    made = _thread(by, found, ThreadKind.REQUEST, subject, internal=False, at=at)
    words = _post(by, found, made, text, internal=False, at=at)
    cases.ask(by=by, review=review, thread=made.id, text=_pin(words), would_help_by=wish, at=at)
    return made.id


@transaction.atomic
def open_thread(*, by: Actor, review: str, subject: str, text: str, at: datetime, internal: bool = False) -> str:
    """A discussion with the other side, or (``internal``) among one's own people. Returns the thread's id."""
    found = cases.brief(by, review, at)
    made = _thread(by, found, ThreadKind.DISCUSSION, subject, internal=internal, at=at)
    words = _post(by, found, made, text, internal=internal, at=at)
    _entry(by, found, "thread.opened", made, words, at)
    return made.id


@transaction.atomic
def post(*, by: Actor, thread: str, text: str, at: datetime, internal: bool = False) -> str:
    """Write in a thread; ``internal`` for one's own side only. Settles nothing. Returns the post's id."""
    row, found = _locked(by, thread, at)
    words = _post(by, found, row, text, internal=internal or row.internal, at=at)
    _entry(by, found, "thread.posted", row, words, at)
    return words.id


@transaction.atomic
def answer(*, by: Actor, thread: str, text: str, at: datetime) -> str:
    """The developer's answer to a request, for both sides to read. Returns the post's id."""
    row, found = _locked(by, thread, at)
    words = _post(by, found, row, text, internal=False, answers=True, at=at)
    cases.answer(by=by, review=found.id, thread=row.id, text=_pin(words), at=at)
    return words.id


@transaction.atomic
def take_back(*, by: Actor, thread: str, at: datetime) -> None:
    """The asker's side needs no answer any more. The thread stays readable."""
    row, found = _locked(by, thread, at)
    cases.take_back(by=by, review=found.id, thread=row.id, at=at)


def _locked(by: Actor, thread: str, at: datetime) -> tuple[Thread, ReviewView]:
    """The thread, locked until the transaction ends, and its review. Raises ``NotFound`` (``no-such-thread``)."""
    Thread.objects.select_for_update().filter(id=thread).first()
    return visible_thread(by, thread, at)


def _thread(by: Actor, review: ReviewView, kind: ThreadKind, subject: str, *, internal: bool, at: datetime) -> Thread:
    side = _writing_side(by, review, internal)
    made = Thread(
        review_id=review.id,
        kind=kind,
        subject=titled(subject),
        opened_by_id=by.person,
        opened_at=at,
        internal=internal,
        label=str(_label(side, review, internal)),
    )
    made.save(force_insert=True)
    return made


def _post(
    by: Actor, review: ReviewView, thread: Thread, text: str, *, internal: bool, at: datetime, answers: bool = False
) -> Post:
    side = _writing_side(by, review, internal)
    made = Post(
        thread=thread,
        at=at,
        by_id=by.person,
        side=side,
        text=said(text),
        internal=internal,
        answers=answers,
        label=str(_label(side, review, internal)),
    )
    made.save(force_insert=True)
    return made


def _writing_side(by: Actor, review: ReviewView, internal: bool) -> str:
    """The side this person writes for. Raises ``Forbidden``, or ``Refused`` (``not-now``) with the reason."""
    side = side_of(by, review)
    if side is None:
        raise Forbidden("not-yours", "Only the developer and the review body write on a review.")
    by.require(home_of(side, review), *WRITERS[side], to="write on a review")
    if not internal and not may_write(side, review.state):
        raise Refused(
            "not-now",
            f"The other side is not written to while this review is {review.state}; an internal note is possible.",
        )
    return side


def _label(side: str, review: ReviewView, internal: bool) -> Label:
    return replace(review.label, audience=frozenset({home_of(side, review)})) if internal else review.label


def _entry(by: Actor, review: ReviewView, kind: str, thread: Thread, post: Post, at: datetime) -> None:
    home = home_of(post.side, review)
    facts = {"review": review.id, "thread": thread.id, "post": post.id, "text": _pin(post)}
    log = home if post.internal else MAIN
    ledger.append(log=log, kind=kind, actor=by.person, facts=facts, label=Label.parse(post.label), at=at)


def _pin(post: Post) -> Digest:
    return digest(post.text.encode())
