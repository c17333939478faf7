"""Who may write in a thread, and when. None of it reads a clock, and no clock or right of a review reads it (V7).

The body falls silent once the developer has withdrawn or the review is closed (V10); internal notes of one's own
side are possible at any time, in a draft too: the other side cannot know of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from seatrial.kernel.clock import iso
from seatrial.kernel.errors import Misuse
from seatrial.kernel.text import checked
from seatrial.parties.types import Role
from seatrial.review.cases.types import RequestState, ReviewState
from seatrial.review.threads.types import Move

DEVELOPER, BODY = "developer", "body"
LONGEST = 10_000  # characters of a post
LONGEST_SUBJECT = 200

WRITERS: Mapping[str, tuple[Role, ...]] = {
    DEVELOPER: (Role.GOVERNANCE, Role.SECURITY, Role.SIGNATORY),
    BODY: (Role.INTAKE, Role.EVALUATOR, Role.AUTHORITY, Role.SIGNATORY),
}
_SILENT: Mapping[str, frozenset[ReviewState]] = {
    DEVELOPER: frozenset({ReviewState.DRAFT, ReviewState.CLOSED}),
    BODY: frozenset({ReviewState.DRAFT, ReviewState.WITHDRAWN, ReviewState.CLOSED}),
}


def may_write(side: str, state: ReviewState) -> bool:
    """True if ``side`` may write what both sides read while the review is in ``state``."""
    return state not in _SILENT[side]


def moves(
    *,
    side: str,
    writes: bool,
    state: ReviewState,
    internal: bool,
    request: RequestState | None,
    events: tuple[str, ...],
) -> tuple[Move, ...]:
    """What a person of ``side`` may do in a thread.

    ``writes`` says that the person has a role that writes, ``events`` are what the review itself lets them do.
    """
    if not writes:
        return ()
    found = []
    if internal or may_write(side, state):
        found.append(Move.POST)
    if not internal:
        found.append(Move.NOTE)
    if request is RequestState.OPEN and not internal:
        found += [Move.ANSWER] if side == DEVELOPER and "answer" in events else []
        found += [Move.TAKE_BACK] if side == BODY and "take_back" in events else []
    return tuple(found)


def said(text: str) -> str:
    """The text of a post, trimmed. Raises ``Misuse`` (``bad-text``)."""
    return checked("The post", text, longest=LONGEST)


def titled(subject: str) -> str:
    """A thread's subject, trimmed. Raises ``Misuse`` (``bad-text``)."""
    return checked("The subject", subject, longest=LONGEST_SUBJECT, lines=False)


def wished(would_help_by: datetime | None, now: datetime) -> datetime | None:
    """The date a request wishes for. Raises ``Misuse`` (``wish-past``): a date that is over helps nobody."""
    if would_help_by is not None and would_help_by <= now:
        raise Misuse("wish-past", f"{iso(would_help_by)} is past; wish for a later date, or for none.")
    return would_help_by
