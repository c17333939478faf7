"""The door to conversations on a case.

What brings files is first checked for its right, then its files are checked and put on the shelf, and only then is
the post written with its one ledger entry: a row never refers to a file that is not there.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import BinaryIO

from django.conf import settings

from seatrial.kernel.errors import Misuse
from seatrial.parties.types import Actor
from seatrial.review.cases import api as cases

from . import actions, queries
from .actions import saw, take_back
from .adapters.folder_shelf import FolderShelf
from .core.content import KINDS, Kind, check
from .core.filenames import neutral
from .core.seen_table import seen_table
from .queries import sightings, threads
from .types import AttachmentView, Incoming, Kept, Seen, ThreadPage

__all__ = [
    "KINDS",
    "MOST_FILES",
    "answer",
    "ask",
    "attachment",
    "open_thread",
    "post",
    "saw",
    "sightings",
    "sightings_csv",
    "sweep",
    "take_back",
    "thread",
    "threads",
]

MOST_FILES = 10  # attached to one post
MOST_LINES = 100_000  # of the table of who has seen what
STRAY = timedelta(hours=1)  # how long a file may be on the shelf before a row refers to it


def ask(
    *,
    by: Actor,
    review: str,
    subject: str,
    text: str,
    at: datetime,
    would_help_by: datetime | None = None,
    files: Sequence[Incoming] = (),
) -> str:
    """See ``actions.ask``; ``files`` are attached to its first post. Raises ``Misuse`` (``attachment-…``)."""
    kept = _kept_on(by, review, files, at, internal=False)
    return actions.ask(
        by=by, review=review, subject=subject, text=text, would_help_by=would_help_by, attached=kept, at=at
    )


def open_thread(
    *,
    by: Actor,
    review: str,
    subject: str,
    text: str,
    at: datetime,
    internal: bool = False,
    files: Sequence[Incoming] = (),
) -> str:
    """See ``actions.open_thread``; ``files`` are attached to its first post. Raises ``Misuse`` (``attachment-…``)."""
    kept = _kept_on(by, review, files, at, internal=internal)
    return actions.open_thread(
        by=by, review=review, subject=subject, text=text, internal=internal, attached=kept, at=at
    )


def post(
    *, by: Actor, thread: str, text: str, at: datetime, internal: bool = False, files: Sequence[Incoming] = ()
) -> str:
    """See ``actions.post``. Raises ``Misuse`` (``attachment-…``)."""
    kept = _kept_in(by, thread, files, at, internal=internal)
    return actions.post(by=by, thread=thread, text=text, internal=internal, attached=kept, at=at)


def answer(*, by: Actor, thread: str, text: str, at: datetime, files: Sequence[Incoming] = ()) -> str:
    """See ``actions.answer``. Raises ``Misuse`` (``attachment-…``)."""
    kept = _kept_in(by, thread, files, at, internal=False)
    return actions.answer(by=by, thread=thread, text=text, attached=kept, at=at)


def thread(
    asking: Actor, thread_id: str, at: datetime, *, before: str | None = None, limit: int = queries.PART
) -> ThreadPage:
    """See ``queries.thread``; that it was shown is kept for the developer, unless it is internal to the other side."""
    found = queries.thread(asking, thread_id, at, before=before, limit=limit)
    if not found.thread.internal:
        saw(asking=asking, review=found.thread.review, kind=Seen.THREAD, object=thread_id, at=at)
    return found


def attachment(asking: Actor, attachment_id: str, at: datetime) -> tuple[AttachmentView, BinaryIO]:
    """An attachment and its bytes, open for reading; the caller closes it.

    Raises ``NotFound`` (``no-such-attachment``), ``Unavailable`` (``attachment-missing``).
    """
    found, review, internal = queries.attachment(asking, attachment_id, at)
    if not internal:
        saw(asking=asking, review=review.id, kind=Seen.ATTACHMENT, object=attachment_id, at=at)
    return found, _shelf().open(found.digest)


def sightings_csv(asking: Actor, review_id: str, at: datetime) -> str:
    """Everybody outside who was shown something of a review, as a table (RFC 4180). Raises as ``sightings``."""
    return seen_table(sightings(asking, review_id, at, limit=MOST_LINES).sightings)


def sweep(*, at: datetime) -> int:
    """Remove files that no post refers to and that are older than an hour; how many went."""
    return _shelf().sweep(queries.referred_to, older_than=at - STRAY)


def _kept_on(by: Actor, review: str, files: Sequence[Incoming], at: datetime, *, internal: bool) -> list[Kept]:
    if files:
        queries.writing_side(by, cases.brief(by, review, at), internal=internal)
    return _kept(files)


def _kept_in(by: Actor, thread: str, files: Sequence[Incoming], at: datetime, *, internal: bool) -> list[Kept]:
    if files:
        row, review = queries.visible_thread(by, thread, at)
        queries.writing_side(by, review, internal=internal or row.internal)
    return _kept(files)


def _kept(files: Sequence[Incoming]) -> list[Kept]:
    if len(files) > MOST_FILES:
        raise Misuse("attachment-too-many", f"A post takes {MOST_FILES} files at most; these are {len(files)}.")
    return [_keep(file) for file in files]


def _keep(file: Incoming) -> Kept:
    name, kinds = neutral(file.name), list[Kind]()
    digest, size = _shelf().put(
        file.pieces,
        limit=settings.SEATRIAL.attachment_limit,
        check=lambda handle, size: kinds.append(check(name, handle, size)),
    )
    return Kept(name, kinds[0].media, size, digest)


def _shelf() -> FolderShelf:
    return FolderShelf(settings.SEATRIAL.artefacts / "attachments")
