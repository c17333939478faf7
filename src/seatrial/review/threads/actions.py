"""Every write of conversations: the words are kept here, and each leaves one ledger entry.

What asks, answers or takes back goes through the door of cases in the same transaction and has its entry there.
Everything else is ``thread.opened`` or ``thread.posted``: in the shared log if both sides may read it, in the
writer's own organisation's log if it is internal, so that the other side cannot tell it from nothing (V10). Only
``saw`` leaves none: what was looked at is a list for the developer, not a decision (ADR 0016).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from seatrial.kernel.digests import Digest, digest
from seatrial.kernel.errors import NotFound
from seatrial.kernel.labels import Label
from seatrial.ledger import api as ledger
from seatrial.ledger.types import MAIN
from seatrial.parties.types import Actor
from seatrial.review.cases import api as cases
from seatrial.review.cases.types import ReviewView

from .core.rules import said, titled, wished
from .models import Attachment, Post, Sighting, Thread
from .queries import home_of, recently_seen, visible_thread, writing_side
from .types import Kept, Seen, ThreadKind


@transaction.atomic
def ask(
    *,
    by: Actor,
    review: str,
    subject: str,
    text: str,
    at: datetime,
    would_help_by: datetime | None = None,
    attached: Sequence[Kept] = (),
) -> str:
    """A request for information from the body, for both sides to read. Returns the thread's id.

    ``would_help_by`` is a wish; no clock waits for an answer, and nothing follows from having none.
    """
    found = cases.brief(by, review, at)
    wish = wished(would_help_by, at)
    made = _thread(by, found, ThreadKind.REQUEST, subject, internal=False, at=at)
    words = _post(by, found, made, text, attached, internal=False, at=at)
    files = [file.digest for file in attached]
    cases.ask(by=by, review=review, thread=made.id, text=_pin(words), attached=files, would_help_by=wish, at=at)
    return made.id


@transaction.atomic
def open_thread(
    *,
    by: Actor,
    review: str,
    subject: str,
    text: str,
    at: datetime,
    internal: bool = False,
    attached: Sequence[Kept] = (),
) -> str:
    """A discussion with the other side, or (``internal``) among one's own people. Returns the thread's id."""
    found = cases.brief(by, review, at)
    made = _thread(by, found, ThreadKind.DISCUSSION, subject, internal=internal, at=at)
    words = _post(by, found, made, text, attached, internal=internal, at=at)
    _entry(by, found, "thread.opened", made, words, attached, at)
    return made.id


@transaction.atomic
def post(
    *, by: Actor, thread: str, text: str, at: datetime, internal: bool = False, attached: Sequence[Kept] = ()
) -> str:
    """Write in a thread; ``internal`` for one's own side only. Settles nothing. Returns the post's id."""
    row, found = _locked(by, thread, at)
    words = _post(by, found, row, text, attached, internal=internal or row.internal, at=at)
    _entry(by, found, "thread.posted", row, words, attached, at)
    return words.id


@transaction.atomic
def answer(*, by: Actor, thread: str, text: str, at: datetime, attached: Sequence[Kept] = ()) -> str:
    """The developer's answer to a request, for both sides to read. Returns the post's id."""
    row, found = _locked(by, thread, at)
    words = _post(by, found, row, text, attached, internal=False, answers=True, at=at)
    files = [file.digest for file in attached]
    cases.answer(by=by, review=found.id, thread=row.id, text=_pin(words), attached=files, at=at)
    return words.id


@transaction.atomic
def take_back(*, by: Actor, thread: str, at: datetime) -> None:
    """The asker's side needs no answer any more. The thread stays readable."""
    row, found = _locked(by, thread, at)
    cases.take_back(by=by, review=found.id, thread=row.id, at=at)


def saw(*, asking: Actor, review: str, kind: Seen, object: str, at: datetime) -> None:
    """Keep that ``asking`` was shown something about a review. Leaves no ledger entry, which is meant for decisions.

    Of the developer's own people nothing is kept. Written at most once an hour, so that looking again costs a read.
    ``object`` must be something of an existing review that the developer may know of.
    """
    if not asking.person or recently_seen(asking, review, kind, object, at) or _is_developers(asking, review):
        return
    with transaction.atomic():
        row, new = Sighting.objects.select_for_update().get_or_create(
            review_id=review,
            kind=kind,
            object=object,
            person_id=asking.person,
            defaults={"organisation": min(asking.organisations, default=""), "first_at": at, "last_at": at},
        )
        if not new and row.last_at < at:
            row.last_at, row.times = at, row.times + 1
            row.save(update_fields=["last_at", "times"])


def _is_developers(asking: Actor, review: str) -> bool:
    """True if the asker is of the review's developer, who can see every review of its own."""
    try:
        return cases.developer_of(asking, review) in asking.organisations
    except NotFound:
        return False


def _locked(by: Actor, thread: str, at: datetime) -> tuple[Thread, ReviewView]:
    """The thread, locked until the transaction ends, and its review. Raises ``NotFound`` (``no-such-thread``)."""
    Thread.objects.select_for_update().filter(id=thread).first()
    return visible_thread(by, thread, at)


def _thread(by: Actor, review: ReviewView, kind: ThreadKind, subject: str, *, internal: bool, at: datetime) -> Thread:
    side = writing_side(by, review, internal=internal)
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
    by: Actor,
    review: ReviewView,
    thread: Thread,
    text: str,
    attached: Sequence[Kept],
    *,
    internal: bool,
    at: datetime,
    answers: bool = False,
) -> Post:
    side = writing_side(by, review, internal=internal)
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
    Attachment.objects.bulk_create(
        Attachment(post=made, name=file.name, media=file.media, size=file.size, digest=file.digest) for file in attached
    )
    return made


def _label(side: str, review: ReviewView, internal: bool) -> Label:
    return replace(review.label, audience=frozenset({home_of(side, review)})) if internal else review.label


def _entry(
    by: Actor, review: ReviewView, kind: str, thread: Thread, post: Post, attached: Sequence[Kept], at: datetime
) -> None:
    facts = {
        "review": review.id,
        "thread": thread.id,
        "post": post.id,
        "text": _pin(post),
        "attached": [file.digest for file in attached],
    }
    log = home_of(post.side, review) if post.internal else MAIN
    ledger.append(log=log, kind=kind, actor=by.person, facts=facts, label=Label.parse(post.label), at=at)


def _pin(post: Post) -> Digest:
    return digest(post.text.encode())
