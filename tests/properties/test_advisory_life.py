"""The life of an advisory, walked from its draft through every event by every person in every circumstance.

An observer keeps its own account of who submitted what and what came out, from the events alone. Each accepted step is
held to the promises made to readers; then each guard and each effect of the table is taken away, and a promise breaks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import product

import pytest

from seatrial.clearinghouse.advisories.core.lifecycle import MACHINE, Doing, Life
from seatrial.clearinghouse.advisories.types import AdvisoryState as State
from seatrial.kernel.lifecycle import Machine

NOW = datetime(2026, 9, 1, tzinfo=UTC)
PEOPLE, WORDS, GAPS, EMBARGO = ("ann", "bea"), ("", "It was no flaw."), (0, 1, 2), (False, True)
MOST = 3  # revisions
START = Life(State.DRAFT, 0, "", 2, True)


@dataclass(frozen=True)
class Seen:
    """What the observer knows: who submitted what waits now, and how many revisions readers have been given."""

    submitter: str = ""
    given: int = 0
    ended: bool = False


def noted(seen: Seen, event: str, doing: Doing) -> Seen:
    if event == "submit":
        return replace(seen, submitter=doing.by)
    if event in ("return", "revise"):
        return replace(seen, submitter="")
    if event == "publish":
        return replace(seen, submitter="", given=seen.given + 1)
    if event == "withdraw":
        return Seen(given=seen.given + 1, ended=True)
    return seen


def broken(life: Life, seen: Seen, event: str, doing: Doing, after: Life) -> list[str]:
    """The promises that an accepted step breaks."""
    new = noted(seen, event, doing)
    waiting = after.state in (State.SUBMITTED, State.RESUBMITTED)
    rules = {
        "two people see what is published": event != "publish" or seen.submitter not in ("", doing.by),
        "nothing is published or handed on with a gap": event not in ("publish", "submit") or not life.gaps,
        "nothing is published during an embargo": event != "publish" or not life.embargoed,
        "what is withdrawn never changes": not seen.ended,
        "only what readers have is withdrawn": event != "withdraw" or seen.given > 0,
        "whoever takes something back says why": event not in ("return", "withdraw") or bool(doing.words),
        "a revision is one more, and only when readers are given one": after.revision == new.given,
        "what waits was submitted by somebody, nothing else waits": waiting == bool(new.submitter),
        "who submitted is remembered": not waiting or after.submitted_by == new.submitter,
        "what is out can be told from what never was": (after.state in (State.DRAFT, State.SUBMITTED))
        == (not new.given),
        "withdrawn is withdrawn": (after.state is State.WITHDRAWN) == new.ended,
        "published is published": event != "publish" or after.state is State.PUBLISHED,
        "what is written is not what is out": event not in ("revise", "return")
        or after.state in (State.DRAFT, State.REVISING),
    }
    return [f"{event} by {doing.by} of {life}: {rule}" for rule, holds in rules.items() if not holds]


def doings() -> Iterator[Doing]:
    return (Doing(by, words) for by, words in product(PEOPLE, WORDS))


def walked(machine: Machine[Life]) -> tuple[set[tuple[Life, Seen]], list[str]]:
    """Every situation that can be reached, and every promise broken on the way (the walk stops at the first step)."""
    reached, todo = {(START, Seen())}, [(START, Seen())]
    while todo:
        life, seen = todo.pop()
        found = [(replace(life, gaps=gaps, embargoed=held), seen) for gaps, held in product(GAPS, EMBARGO)]
        for event, doing in product(machine.transitions, doings()):
            if life.revision >= MOST or machine.refusal(life, event, doing, NOW) is not None:
                continue
            after = machine.apply(life, event, doing, NOW)
            if wrong := broken(life, seen, event, doing, after):
                return reached, wrong
            found.append((after, noted(seen, event, doing)))
        todo += [one for one in set(found) if one not in reached]
        reached |= set(found)
    return reached, []


def test_no_promise_is_broken_wherever_one_can_come() -> None:
    reached, wrong = walked(MACHINE)
    assert wrong == []
    assert {life.state for life, _ in reached} == set(State)
    waiting = {(life.state, life.submitted_by) for life, _ in reached if "submitted" in life.state}
    assert waiting == set(product((State.SUBMITTED, State.RESUBMITTED), PEOPLE))
    assert all(seen.given == life.revision for life, seen in reached)


@pytest.mark.parametrize(
    ("name", "mutant"), list(MACHINE.mutants()), ids=lambda one: one if isinstance(one, str) else ""
)
def test_no_guard_and_no_effect_is_idle(name: str, mutant: Machine[Life]) -> None:
    assert walked(mutant)[1] != [], name


def allowed(life: Life, event: str, doing: Doing) -> bool:
    """The whole table once more, in plain words."""
    writing, waiting = life.state in ("draft", "revising"), life.state in ("submitted", "resubmitted")
    out = life.state in ("published", "revising", "resubmitted")
    return {
        "edit": writing,
        "submit": writing and life.gaps == 0,
        "return": waiting and doing.words != "",
        "publish": waiting and life.gaps == 0 and not life.embargoed and doing.by != life.submitted_by,
        "revise": life.state == "published",
        "withdraw": out and doing.words != "",
    }[event]


def test_every_state_event_and_circumstance_is_decided_as_written() -> None:
    cases = product(State, range(MOST), ("", *PEOPLE), GAPS, EMBARGO)
    count = 0
    for state, revision, submitter, gaps, embargoed in cases:
        life = Life(state, revision, submitter, gaps, embargoed)
        for event, doing in product(MACHINE.transitions, doings()):
            assert (MACHINE.refusal(life, event, doing, NOW) is None) == allowed(life, event, doing), (
                life,
                event,
                doing,
            )
            count += 1
    assert count == 6 * MOST * 3 * 3 * 2 * 6 * 4
