"""Visits every reachable state of a determination request, whatever both sides do in whatever order.

Each rule is said against the history a ``World`` keeps of what was done, never with the functions it examines. What
the developer may do is compared with what it may expect from its own acts alone, but for one thing: that there is an
answer to reconsider (V2). A sentence is yielded for whatever is broken, led by the invariant's number.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from seatrial.kernel.lifecycle import Machine
from seatrial.review.cases.types import ModelCheck
from seatrial.review.determinations.types import DeterminationRequestState

from .request import BODY, DEVELOPER, MACHINE, Answer, Request, state_of

AT = datetime(2026, 7, 1, tzinfo=UTC)
LATER = AT + timedelta(days=3650)  # nobody said anything for ten years
MOST_RECONSIDERATIONS = 3

OWN = ("revise", "ask", "ask_reconsideration", "post", "close", "withdraw")
THEIRS = ("acknowledge", "answer", "post")
_FORBIDDEN_WORDS = ("approv", "clear", "deny", "denied", "hold", "permit", "licen", "reject", "grant")
_State = DeterminationRequestState

_GOOD = tuple(Answer(f"d-{n}", "d", "b", None, shared=True) for n in range(MOST_RECONSIDERATIONS + 1))
ANSWERS = (
    *_GOOD,
    Answer("for-this", "d", "b", "r", shared=True),
    Answer("unshared", "d", "b", None, shared=False),
    Answer("another-developers", "x", "b", None, shared=True),
    Answer("another-bodys", "d", "x", None, shared=True),
    Answer("for-another", "d", "b", "r-2", shared=True),
)


@dataclass(frozen=True, slots=True)
class World:
    """The request, and what was really done: by the developer in ``asked``, ``reconsidered``, ``ended``."""

    request: Request = field(default_factory=lambda: Request("r", "d", "b"))
    asked: bool = False
    acknowledged: bool = False
    answers: tuple[Answer, ...] = ()
    reconsidered: int = 0
    ended: str = ""  # "", closed or withdrawn


def check(machine: Machine[Request] = MACHINE, *, first: bool = False) -> ModelCheck:
    """Explore every order of acts under ``machine``. ``first`` stops at the first broken invariant (for mutants)."""
    broken = dict.fromkeys(_of_the_table(machine))
    seen, queue, transitions = {World()}, deque([World()]), 0
    outcomes: dict[tuple[object, ...], object] = {}
    while queue and not (first and broken):
        world = queue.popleft()
        broken.update(dict.fromkeys(_of_a_state(machine, world)))
        for side, event, details, after in _steps(machine, world):
            transitions += 1
            broken.update(dict.fromkeys(_of_a_step(machine, world, side, event, after)))
            if side == DEVELOPER:
                # Unwinding: what the developer's own act makes of its view depends on that view alone (V2).
                key = (_view(world), event, details)
                if outcomes.setdefault(key, _view(after)) != _view(after):
                    broken[f"V2: what '{event}' does depends on what the body did"] = None
            if after not in seen:
                seen.add(after)
                queue.append(after)
    return ModelCheck(len(seen), transitions, tuple(broken))


def choices(machine: Machine[Request], world: World, now: datetime = AT) -> frozenset[str]:
    """What the developer may do by the table."""
    return frozenset(
        event
        for event in OWN
        if DEVELOPER in machine.transitions[event].by and machine.refusal(world.request, event, None, now) is None
    )


def expected(world: World) -> frozenset[str]:
    """What the developer may expect to be able to do, from its own acts and whether there is an answer."""
    if world.ended == "withdrawn":
        return frozenset()
    if world.ended == "closed":
        return frozenset({"withdraw"})
    if not world.asked:
        return frozenset({"revise", "ask", "withdraw"})
    again = {"ask_reconsideration"} if len(world.answers) > world.reconsidered else set()
    return frozenset({"post", "close", "withdraw", *again})


def _of_the_table(machine: Machine[Request]) -> Iterator[str]:
    entries = [row.entry for row in machine.transitions.values()]
    if len(set(entries)) != len(entries) or not all(entries):
        yield "V16: two events share a ledger entry, or one has none"
    for word in [*machine.transitions, *entries, *_State]:
        if any(bad in word for bad in _FORBIDDEN_WORDS):
            yield f"V3: {word!r} speaks of approval"
    for event, row in machine.transitions.items():
        if event in OWN and row.guards:
            yield f"V2: '{event}' is the developer's own and has a guard"
        if (BODY in row.by) != (event in THEIRS) or (DEVELOPER in row.by) != (event in OWN):
            yield f"V2: '{event}' may be caused by whoever has no part in it"


def _of_a_state(machine: Machine[Request], world: World) -> Iterator[str]:
    state = state_of(world.request, AT)
    if state != _told(world):
        yield f"V16: what was done makes this {_told(world)}, and it is said to be {state}"
    if choices(machine, world) != expected(world):
        yield "V2: the developer may do other things than its own acts say"
    if state_of(world.request, LATER) != state or choices(machine, world, LATER) != choices(machine, world):
        yield "V5: time alone changed something"
    if not (world.ended or "close" in expected(world) or "withdraw" in choices(machine, world)):
        yield "V20: the developer cannot end this alone"
    for answer in world.answers:
        if not answer.shared or (answer.developer, answer.body) != ("d", "b") or answer.request not in (None, "r"):
            yield "V14: what answered is not a shared determination of these two on this"
    if len({answer.determination for answer in world.answers}) != len(world.answers):
        yield "V16: one determination answered twice"
    if world.request.answers != tuple(answer.determination for answer in world.answers):
        yield "V16: an answer was lost or changed"
    if world.ended == "withdrawn" and any(_enabled(machine, world, event) for event in machine.transitions):
        yield "V10: something happens after the developer withdrew"


def _of_a_step(machine: Machine[Request], world: World, side: str, event: str, after: World) -> Iterator[str]:
    before, later = world.request, after.request
    if side == BODY and not choices(machine, world) <= choices(machine, after):
        yield f"V2: the body's '{event}' took a choice from the developer"
    if event in ("post", "revise") and before != later:
        yield f"V5: '{event}' moved something"
    if later.answers[: len(before.answers)] != before.answers:
        yield "V16: an answer given before was changed"
    if world.ended == "closed" and event != "withdraw":
        yield f"V20: '{event}' happens after the developer closed this"


def _told(world: World) -> DeterminationRequestState:
    """The state, from what was done."""
    if world.ended:
        return _State(world.ended)
    if not world.asked:
        return _State.DRAFT
    if world.reconsidered and world.reconsidered == len(world.answers):
        return _State.RECONSIDERATION_ASKED
    if world.answers:
        return _State.ANSWERED if len(world.answers) == 1 else _State.ANSWERED_AGAIN
    return _State.ACKNOWLEDGED if world.acknowledged else _State.ASKED


def _view(world: World) -> tuple[object, ...]:
    """All that the developer's choices may depend on: its own acts, and how many answers there are."""
    return world.asked, world.reconsidered, len(world.answers), world.ended


def _steps(machine: Machine[Request], world: World) -> Iterator[tuple[str, str, object, World]]:
    """Every act of either side that the machine accepts."""
    for side, events in ((DEVELOPER, OWN), (BODY, THEIRS)):
        for event in events:
            if event == "ask_reconsideration" and world.reconsidered >= MOST_RECONSIDERATIONS:
                continue
            for details in ANSWERS if event == "answer" else (None,):
                if side in machine.transitions[event].by and _enabled(machine, world, event, details):
                    request = machine.apply(world.request, event, details, AT)
                    yield side, event, details, _done(replace(world, request=request), event, details)


def _done(world: World, event: str, details: object) -> World:
    """The history after an act, kept by what was done."""
    match event:
        case "ask":
            return replace(world, asked=True)
        case "acknowledge":
            return replace(world, acknowledged=True)
        case "answer" if isinstance(details, Answer):
            return replace(world, answers=(*world.answers, details))
        case "ask_reconsideration":
            return replace(world, reconsidered=world.reconsidered + 1)
        case "close":
            return replace(world, ended="closed")
        case "withdraw":
            return replace(world, ended="withdrawn")
        case _:
            return world


def _enabled(machine: Machine[Request], world: World, event: str, details: object = None) -> bool:
    if event == "answer" and details is None:
        return any(machine.refusal(world.request, event, answer, AT) is None for answer in ANSWERS)
    return machine.refusal(world.request, event, details, AT) is None
