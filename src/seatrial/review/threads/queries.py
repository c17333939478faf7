"""Every read of conversations. A thread or post is seen by those whom its label lets read, and by nobody else.

Counts, order and dates are made of what the asker may read: an internal note moves nothing that the other side sees.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta

from django.db.models import Count, Max, Q, QuerySet

from seatrial.kernel.digests import Digest
from seatrial.kernel.errors import Forbidden, Misuse, NotFound, Refused
from seatrial.kernel.labels import Label
from seatrial.parties import api as parties
from seatrial.parties.types import Actor
from seatrial.review.cases import api as cases
from seatrial.review.cases.types import Request, RequestState, ReviewView

from .core.rules import BODY, DEVELOPER, WRITERS, may_write, moves
from .models import Attachment, Post, Sighting, Thread
from .types import (
    AttachmentView,
    Move,
    PostView,
    Seen,
    SightingsPage,
    SightingView,
    ThreadKind,
    ThreadPage,
    ThreadsPage,
    ThreadView,
)

PART = 50  # threads or posts shown at once
AN_HOUR = timedelta(hours=1)
_MOST = 200
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def threads(asking: Actor, review: str, now: datetime, *, before: str | None = None, limit: int = PART) -> ThreadsPage:
    """A part of a review's threads that the asker may read: open requests first, then the newest activity.

    ``before`` is an earlier part's ``earlier``. Raises ``NotFound`` (``no-such-review``), ``Misuse`` (``bad-place``).
    """
    found = cases.brief(asking, review, now)
    readable, most = _readable(asking, review), max(1, min(limit, _MOST))
    rows = _active(review, readable)
    waiting = [request.thread for request in found.requests if request.state is RequestState.OPEN]
    first = list(rows.filter(id__in=waiting)[:most])
    later = rows.exclude(id__in=[row.id for row in first])
    if before:
        newest, thread_id = _place(before)
        later = later.filter(Q(newest__lt=newest) | Q(newest=newest, id__lt=thread_id))
    part = list(later[: most + 1])
    more, part = len(part) > most, part[:most]
    shown = part if before else [*first, *part]
    names = parties.names({row.opened_by_id for row in shown})
    return ThreadsPage(
        tuple(_view(row, found, asking, names) for row in shown),
        _written(part[-1]) if more else None,
        _beginnings(found, asking),
    )


def thread(asking: Actor, thread_id: str, now: datetime, *, before: str | None = None, limit: int = PART) -> ThreadPage:
    """A thread with a part of its posts, newest first; ``before`` is an earlier part's ``earlier``.

    Raises ``NotFound`` (``no-such-thread``), ``Misuse`` (``bad-place``).
    """
    row, review = visible_thread(asking, thread_id, now)
    readable, most = _readable(asking, row.review_id), max(1, min(limit, _MOST))
    posts = Post.objects.filter(thread_id=row.id, label__in=readable).order_by("-number")
    posts = posts.prefetch_related("attachments")
    if before:
        number = posts.filter(id=before).values_list("number", flat=True).first()
        if number is None:
            raise _no_such_place(before)
        posts = posts.filter(number__lt=number)
    part = list(posts[: most + 1])
    more, part = len(part) > most, part[:most]
    names = parties.names({row.opened_by_id, *(post.by_id for post in part)})
    whole = _active(row.review_id, readable).get(id=row.id)
    return ThreadPage(_view(whole, review, asking, names), _posts(part, names), part[-1].id if more else None)


def sightings(
    asking: Actor, review: str, now: datetime, *, before: str | None = None, limit: int = 2 * PART
) -> SightingsPage:
    """Who outside the developer was shown what of a review, for the developer's own people alone.

    Those begun last come first; ``before`` is an earlier part's ``earlier``. Raises ``NotFound`` (``no-such-review``,
    or ``not-offered`` for the other side), ``Misuse`` (``bad-place``).
    """
    found = cases.brief(asking, review, now)
    if found.developer not in asking.organisations:
        raise NotFound("not-offered", "Who has seen a review is shown to its developer only.")
    rows, most = Sighting.objects.filter(review_id=review).order_by("-id"), max(1, limit)
    if before:
        if not re.fullmatch(r"[0-9]{1,18}", before):
            raise _no_such_place(before)
        rows = rows.filter(id__lt=int(before))
    part = list(rows[: most + 1])
    more, part = len(part) > most, part[:most]
    names = parties.names({named for row in part for named in (row.person_id, row.organisation)})
    titles = _titles(part, found)
    views = (
        SightingView(
            kind=Seen(row.kind),
            object=row.object,
            title=titles.get(row.object, row.object),
            person=names.get(row.person_id, row.person_id),
            organisation=names.get(row.organisation, row.organisation),
            first_at=row.first_at,
            last_at=row.last_at,
            times=row.times,
        )
        for row in part
    )
    return SightingsPage(tuple(views), str(part[-1].pk) if more else None)


def _titles(rows: Iterable[Sighting], review: ReviewView) -> dict[str, str]:
    """What each thing seen is called, in two queries."""
    of = {kind: [row.object for row in rows if row.kind == kind] for kind in (Seen.THREAD, Seen.ATTACHMENT)}
    threads = Thread.objects.filter(id__in=of[Seen.THREAD]).values_list("id", "subject")
    files = Attachment.objects.filter(id__in=of[Seen.ATTACHMENT]).values_list("id", "name")
    of_dossier = [row.object for row in rows if row.kind in (Seen.DOSSIER, Seen.EXPORT)]
    versions = {named: named.replace("-", " ").capitalize() for named in of_dossier}
    return {review.id: review.title, **dict(threads), **dict(files), **versions}


def recently_seen(asking: Actor, review: str, kind: Seen, object: str, at: datetime) -> bool:
    """True if this person's sighting of it was kept within the last hour."""
    kept = Sighting.objects.filter(review_id=review, kind=kind, object=object, person_id=asking.person)
    return kept.filter(last_at__gt=at - AN_HOUR).exists()


def visible_thread(asking: Actor, thread_id: str, now: datetime) -> tuple[Thread, ReviewView]:
    """The row and its review. Raises ``NotFound`` (``no-such-thread``), also for one that must not be known of."""
    row = Thread.objects.filter(id=thread_id).first()
    if row is not None and asking.may_read(Label.parse(row.label)):
        try:
            return row, cases.brief(asking, row.review_id, now)
        except NotFound:
            pass
    raise NotFound("no-such-thread", f"There is no thread {thread_id[:60]!r} that you may see.")


def side_of(asking: Actor, review: ReviewView) -> str | None:
    """For which side the asker acts on a review; ``None`` for whoever only reads."""
    if review.developer in asking.organisations:
        return DEVELOPER
    return BODY if review.body in asking.organisations else None


def home_of(side: str, review: ReviewView) -> str:
    """The organisation of a side."""
    return review.developer if side == DEVELOPER else review.body


def writing_side(by: Actor, review: ReviewView, *, internal: bool) -> str:
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


def attachment(asking: Actor, attachment_id: str, now: datetime) -> tuple[AttachmentView, ReviewView, bool]:
    """An attachment, its review, and whether it is internal. Raises ``NotFound`` (``no-such-attachment``)."""
    row = Attachment.objects.select_related("post__thread").filter(id=attachment_id).first()
    if row is not None and asking.may_read(Label.parse(row.post.label)):
        try:
            _, review = visible_thread(asking, row.post.thread_id, now)
            return _file(row, row.post.id), review, row.post.internal
        except NotFound:
            pass
    raise NotFound("no-such-attachment", f"There is no attachment {attachment_id[:60]!r} that you may see.")


def referred_to(digests: Collection[Digest]) -> set[Digest]:
    """Those of ``digests`` that a post refers to; for the shelf's sweeping, which is nobody's asking."""
    return {Digest(found) for found in Attachment.objects.filter(digest__in=digests).values_list("digest", flat=True)}


def _readable(asking: Actor, review: str) -> list[str]:
    """The labels on this review's posts that the asker may read: rows under others never leave the database."""
    labels = Post.objects.filter(thread__review_id=review).order_by("label").values_list("label", flat=True).distinct()
    return asking.readable(labels)


def _active(review: str, readable: list[str]) -> QuerySet[Thread]:
    """The readable threads with the newest moment and the number of their readable posts, newest first."""
    mine = Q(posts__label__in=readable)
    rows = Thread.objects.filter(review_id=review, label__in=readable)
    return rows.annotate(newest=Max("posts__at", filter=mine), count=Count("posts", filter=mine)).order_by(
        "-newest", "-id"
    )


def _view(row: Thread, review: ReviewView, asking: Actor, names: dict[str, str]) -> ThreadView:
    request = next((found for found in review.requests if found.thread == row.id), None)
    side = side_of(asking, review)
    return ThreadView(
        id=row.id,
        review=row.review_id,
        kind=ThreadKind(row.kind),
        subject=row.subject,
        opened_by=names.get(row.opened_by_id, row.opened_by_id),
        opened_at=row.opened_at,
        newest_at=row.newest,  # type: ignore[attr-defined]
        posts=row.count,  # type: ignore[attr-defined]
        internal=row.internal,
        state=request.state if request else None,
        would_help_by=request.would_help_by if request else None,
        may=_moves(row, review, request, asking, side) if side else (),
        label=Label.parse(row.label),
    )


def _moves(row: Thread, review: ReviewView, request: Request | None, asking: Actor, side: str) -> tuple[Move, ...]:
    return moves(
        side=side,
        writes=_writes(asking, side, review),
        state=review.state,
        internal=row.internal,
        request=request.state if request else None,
        events=review.may,
    )


def _beginnings(review: ReviewView, asking: Actor) -> tuple[str, ...]:
    """How the asker may begin a thread on this review."""
    side = side_of(asking, review)
    if side is None or not _writes(asking, side, review):
        return ()
    found = ["ask"] if "ask" in review.may else []
    found += ["open"] if may_write(side, review.state) else []
    return (*found, "open-internal")


def _writes(asking: Actor, side: str, review: ReviewView) -> bool:
    return any(asking.has(role, home_of(side, review)) for role in WRITERS[side])


def _posts(rows: Iterable[Post], names: dict[str, str]) -> tuple[PostView, ...]:
    return tuple(
        PostView(
            id=row.id,
            thread=row.thread_id,
            at=row.at,
            by=names.get(row.by_id, row.by_id),
            side=row.side,
            text=row.text,
            internal=row.internal,
            answers=row.answers,
            attachments=tuple(_file(file, row.id) for file in row.attachments.all()),
            label=Label.parse(row.label),
        )
        for row in rows
    )


def _file(row: Attachment, post: str) -> AttachmentView:
    return AttachmentView(row.id, post, row.name, row.media, row.size, Digest(row.digest))


def _written(row: Thread) -> str:
    newest: datetime = row.newest  # type: ignore[attr-defined]
    return f"{(newest - _EPOCH) // _MICROSECOND}.{row.id}"


def _place(text: str) -> tuple[datetime, str]:
    found = re.fullmatch(r"([0-9]{1,17})\.(thread-[0-9a-z]{1,33})", text)
    if found is None:
        raise _no_such_place(text)
    return _EPOCH + int(found[1]) * _MICROSECOND, found[2]


def _no_such_place(text: str) -> Misuse:
    return Misuse("bad-place", f"{text[:40]!r} is no place to go on from; follow the link to what is earlier.")
