"""The life of an advisory as one table. What is not listed is illegal."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from seatrial.clearinghouse.advisories.types import AdvisoryState
from seatrial.kernel.lifecycle import Machine, Transition


@dataclass(frozen=True, slots=True)
class Life:
    """What the rules need of an advisory. ``gaps`` counts what is missing; ``embargoed``: the case's is in force."""

    state: AdvisoryState
    revision: int  # the last one published, from 1
    submitted_by: str
    gaps: int
    embargoed: bool


@dataclass(frozen=True, slots=True)
class Doing:
    """Who acts, and what they say to it."""

    by: str
    words: str = ""


def _state(life: Life, now: datetime) -> str:
    return life.state


def nothing_missing(life: Life, details: Doing, now: datetime) -> str | None:
    """What goes to a second person can be published as it stands."""
    if not life.gaps:
        return None
    return f"The advisory has {life.gaps} gap{'s' if life.gaps > 1 else ''}; each is shown beside its field."


def another_person(life: Life, details: Doing, now: datetime) -> str | None:
    """Two people see what is published."""
    if details.by != life.submitted_by:
        return None
    return "You submitted this advisory; another person looks at it and publishes it."


def embargo_over(life: Life, details: Doing, now: datetime) -> str | None:
    """Nothing is published while the parties of the case are bound; ending it early is theirs to agree on."""
    if not life.embargoed:
        return None
    return "The case's embargo is in force; publish once its date has come, or the parties have agreed to end it."


def says_why(life: Life, details: Doing, now: datetime) -> str | None:
    """Readers are told why."""
    return None if details.words else "Say why, in one sentence; readers are shown it."


def submitted(life: Life, details: Doing, now: datetime) -> Life:
    state = AdvisoryState.RESUBMITTED if life.revision else AdvisoryState.SUBMITTED
    return replace(life, state=state, submitted_by=details.by)


def given_back(life: Life, details: Doing, now: datetime) -> Life:
    state = AdvisoryState.REVISING if life.revision else AdvisoryState.DRAFT
    return replace(life, state=state, submitted_by="")


def out(life: Life, details: Doing, now: datetime) -> Life:
    return replace(life, state=AdvisoryState.PUBLISHED, revision=life.revision + 1)


def opened_again(life: Life, details: Doing, now: datetime) -> Life:
    return replace(life, state=AdvisoryState.REVISING, submitted_by="")


def taken_back(life: Life, details: Doing, now: datetime) -> Life:
    return replace(life, state=AdvisoryState.WITHDRAWN, revision=life.revision + 1)


_WRITING = frozenset({AdvisoryState.DRAFT, AdvisoryState.REVISING})
_WAITING = frozenset({AdvisoryState.SUBMITTED, AdvisoryState.RESUBMITTED})
_OUT = frozenset({AdvisoryState.PUBLISHED, AdvisoryState.REVISING, AdvisoryState.RESUBMITTED})

MACHINE: Machine[Life] = Machine.of(
    _state,
    [
        Transition("edit", "analyst", frozenset(_WRITING), "advisories.edited"),
        Transition("submit", "analyst", frozenset(_WRITING), "advisories.submitted", (nothing_missing,), (submitted,)),
        Transition("return", "analyst", frozenset(_WAITING), "advisories.returned", (says_why,), (given_back,)),
        Transition(
            "publish",
            "analyst",
            frozenset(_WAITING),
            "advisories.published",
            (nothing_missing, another_person, embargo_over),
            (out,),
        ),
        Transition(
            "revise", "analyst", frozenset({AdvisoryState.PUBLISHED}), "advisories.reopened", (), (opened_again,)
        ),
        Transition("withdraw", "analyst", frozenset(_OUT), "advisories.withdrawn", (says_why,), (taken_back,)),
    ],
)
