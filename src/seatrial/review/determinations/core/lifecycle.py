"""The life of a determination: drafted, signed by two different people, shared. It is never edited.

Nothing of a review reads a determination (V4). One thing here reads a review: once the developer has
withdrawn, no signature is added to what was drafted; it stays as it is (V10).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from seatrial.kernel.labels import Label
from seatrial.kernel.lifecycle import Machine, Transition
from seatrial.parties.types import Role
from seatrial.review.determinations.types import DeterminationState

DEVELOPER, BODY = "developer", "body"

# The roles an event takes, all of them, on the side the table names.
NEEDS: dict[str, tuple[Role, ...]] = {
    "sign": (Role.AUTHORITY, Role.SIGNATORY),
    "share": (Role.AUTHORITY,),
    "attach_statement": (Role.SIGNATORY,),
}
WITHDRAWN = "The developer withdrew; no finding is drafted or signed on this any more."


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a determination."""

    signers: tuple[str, ...] = ()
    shared_at: datetime | None = None
    statement: str | None = None
    withdrawn: bool = False  # the review or the request is


@dataclass(frozen=True, slots=True)
class Signing:
    person: str


@dataclass(frozen=True, slots=True)
class Statement:
    text: str


def state_of(facts: Facts, now: datetime) -> DeterminationState:
    """Time does not change a determination."""
    if facts.shared_at is not None:
        return DeterminationState.SHARED
    return (DeterminationState.DRAFT, DeterminationState.SIGNED_ONCE, DeterminationState.SIGNED)[len(facts.signers)]


def another_signer(facts: Facts, signing: Signing, now: datetime) -> str | None:
    """Two signatures are two people."""
    return (
        "You have signed already; the second signature is another person's."
        if signing.person in facts.signers
        else None
    )


def nothing_withdrawn(facts: Facts, signing: Signing, now: datetime) -> str | None:
    """Withdrawing leaves no adverse record (V10)."""
    return WITHDRAWN if facts.withdrawn else None


def no_statement_yet(facts: Facts, statement: Statement, now: datetime) -> str | None:
    """The developer's words are attached as they are, once."""
    return "A statement is attached already, and it is kept as it is." if facts.statement is not None else None


def signature_added(facts: Facts, signing: Signing, now: datetime) -> Facts:
    return replace(facts, signers=(*facts.signers, signing.person))


def shared_back(facts: Facts, details: object, now: datetime) -> Facts:
    return replace(facts, shared_at=now)


def statement_attached(facts: Facts, statement: Statement, now: datetime) -> Facts:
    return replace(facts, statement=statement.text)


_DRAFT, _ONCE, _SIGNED, _SHARED = DeterminationState

MACHINE: Machine[Facts] = Machine.of(
    state_of,
    (
        Transition(
            "sign",
            BODY,
            frozenset({_DRAFT, _ONCE}),
            "determination.signed",
            (another_signer, nothing_withdrawn),
            (signature_added,),
        ),
        Transition("share", BODY, frozenset({_SIGNED}), "determination.shared", (), (shared_back,)),
        Transition(
            "attach_statement",
            DEVELOPER,
            frozenset({_SHARED}),
            "determination.statement",
            (no_statement_yet,),
            (statement_attached,),
        ),
    ),
)


def shared_label(label: Label, developer: str, body: str) -> Label:
    """Sharing widens the audience and nothing else: level, compartments and TLP stay (V14)."""
    return replace(label, audience=frozenset({developer, body}))
