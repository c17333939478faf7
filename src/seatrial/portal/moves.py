"""What each move that the ``may`` of a case, a party or an advisory lists is called on a button, and what its page says
first.

Three tables, in the order in which buttons stand. ``weight`` is ``main`` for what is asked of somebody, ``plain`` for
what is possible besides, ``end`` for what ends something. A move that ``posts`` is done by the button itself; every
other one stands behind a page that says what will happen.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from seatrial.kernel.errors import NotFound


@dataclass(frozen=True, slots=True)
class Move:
    """``word`` is what ``may`` says; ``done`` is told once it is done."""

    word: str
    label: str
    says: str
    done: str
    weight: str = "plain"
    posts: bool = False

    @property
    def slug(self) -> str:
        """The word in an address."""
        return self.word.replace(":", "-").replace("_", "-")


_ENDS = "It ends an embargo in force at once, for everybody, and releases what waited for a maintainer’s capacity."

OF_PARTY: tuple[Move, ...] = (
    Move(
        "join",
        "Take part",
        "You read the report once you have accepted the date until which nothing is published. You can propose another "
        "date right after.",
        "You take part.",
        "main",
    ),
    Move(
        "decline",
        "Do not take part",
        "Nothing more comes of this case. You can still take part later.",
        "Declined. Nothing of the case was shown to you.",
    ),
    Move(
        "adhere",
        "Accept the date in force",
        "Nothing about it is published before that date, by anybody.",
        "Accepted.",
        "main",
        posts=True,
    ),
    Move("tell", "Read the report", "The report is yours to read from now on.", "Here it is.", "main", posts=True),
    Move(
        "answer",
        "Answer the proposed date",
        "All that take part agree, or one objects.",
        "Answered.",
        "main",
    ),
    Move(
        "report:validate",
        "It is valid",
        "You can reproduce it, or the report convinces you.",
        "Said: it is valid.",
        "main",
        posts=True,
    ),
    Move(
        "report:invalidate",
        "It is not valid",
        "It is no flaw, or not in your software. You can find it valid later.",
        "Said: it is not valid.",
        posts=True,
    ),
    Move("report:accept", "Take it on now", "You work on it.", "Said: you take it on.", "main", posts=True),
    Move(
        "report:defer", "Put it off", "It is valid, and you do not work on it now.", "Said: it is put off.", posts=True
    ),
    Move("fix_ready", "A fix is ready", "All parties that are told see it.", "Said: a fix is ready.", "main"),
    Move("fix_deployed", "The fix is out", "It is released for users to take.", "Said: the fix is out.", "main"),
    Move(
        "propose",
        "Propose a date",
        "Everybody who takes part is asked; all that was answered to another proposal begins anew.",
        "Proposed. Each party that takes part is asked.",
    ),
    Move(
        "vendor_aware",
        "The vendor knows of it",
        "It heard of the flaw by other means.",
        "Recorded.",
        posts=True,
    ),
    Move(
        "heard",
        "It gave word",
        "It wrote or called: its silence begins anew.",
        "Noted. Its silence begins anew.",
        posts=True,
    ),
    Move(
        "report:close",
        "Close the report",
        "You read on and take no further part in the case. A closed report stays closed.",
        "Closed.",
        "end",
    ),
)

OF_CASE: tuple[Move, ...] = (
    Move("say", "Write to the parties", "It reaches the parties that are told now, or those you name.", "Written."),
    Move("invite", "Invite a party", "It reads the product and the date, nothing else, before it accepts.", "Invited."),
    Move(
        "milestone",
        "Record a milestone",
        "It goes up the reporter chain. Most come by themselves with what parties do.",
        "Recorded.",
    ),
    Move("public", "It is public", f"Somebody published it. {_ENDS}", "Recorded: it is public."),
    Move(
        "exploit_public",
        "An exploit is public",
        f"With it the flaw is public too. {_ENDS}",
        "Recorded: an exploit is public.",
    ),
    Move("attacks", "Attacks are seen", f"It is used against somebody. {_ENDS}", "Recorded: attacks are seen."),
    Move(
        "terminate",
        "End the embargo",
        "Before its date, for a reason that the case shows, or on evidence that attackers know.",
        "The embargo is over.",
        "end",
    ),
    Move(
        "close",
        "Close the case",
        "It leaves queues and inboxes, and nothing more is done in it. An embargo in force stays agreed.",
        "Closed.",
        "end",
    ),
    Move("reopen", "Open it again", "It goes on where it was.", "It is open again."),
)


OF_ADVISORY: tuple[Move, ...] = (
    Move("edit", "Write", "What is missing stands beside its field.", "", "main"),
    Move(
        "submit",
        "Hand it to a second person",
        "Somebody else reads it as it stands, and publishes it or gives it back.",
        "Handed over: another analyst reads it now.",
        "main",
    ),
    Move(
        "publish",
        "Publish",
        "Every form is written and signed, and feeds have it at once. Nothing published is ever changed: what is wrong "
        "is put right by a revision, or withdrawn.",
        "Published.",
        "main",
    ),
    Move("return", "Give it back", "Whoever wrote it reads why, and writes on.", "Given back."),
    Move("revise", "Write a revision", "What is published stands until the revision is.", "A revision is begun."),
    Move(
        "withdraw",
        "Withdraw",
        "A last revision says in every form that it does not count any more, and why. Everybody who could read it is "
        "shown this; it cannot be undone.",
        "Withdrawn.",
        "end",
    ),
)


def offered(table: Iterable[Move], may: Iterable[str]) -> list[Move]:
    """Those of ``table`` that can be done now."""
    words = set(may)
    return [move for move in table if move.word in words]


def found(table: Iterable[Move], may: Iterable[str], slug: str) -> Move:
    """The move at this address. Raises ``NotFound`` (``not-offered``) if it is not the asker's to do now."""
    for move in offered(table, may):
        if move.slug == slug:
            return move
    raise NotFound("not-offered", "There is nothing here for you now. The case’s own page lists what you can do.")
