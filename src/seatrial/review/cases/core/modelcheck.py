"""Visits every reachable state of a small bounded world and checks voluntariness on each (voluntariness, V1–V20).

``modelworld`` says what there is and what anybody could try, ``modelrules`` what must hold; this explores each scope
breadth first with the machine it is given, production's by default. Non-interference is checked by unwinding: a
step of the body leaves the developer's view and choices as they were, and the developer's view after any step
depends on its view before and nothing else (Goguen and Meseguer, 1984).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import replace

from seatrial.kernel.lifecycle import Machine
from seatrial.review.cases.types import ModelCheck

from .case import Case
from .details import Countersigning, PartnerSigning
from .modelrules import developers_view, is_open, of_a_state, of_a_step, of_the_table
from .modelworld import DAYS, FINDINGS, MOST_DAYS, PEOPLE, SCOPES, START, ZERO, Scope, Step, World, day, steps
from .table import DEVELOPERS_OWN, MACHINE


def check(machine: Machine[Case] = MACHINE, *, first: bool = False) -> ModelCheck:
    """Explore the world under ``machine``. ``first`` stops at the first broken invariant (for mutants)."""
    broken = dict.fromkeys(of_the_table(machine))
    searches = [_Search(machine, scope, broken) for scope in SCOPES]
    # In turns, a state each: what is broken shows early in one scope or another.
    while not (first and broken) and any([search.visit() for search in searches]):  # noqa: C419 - each takes its turn
        pass
    return ModelCheck(
        sum(len(search.seen) for search in searches), sum(search.transitions for search in searches), tuple(broken)
    )


class _Search:
    """A breadth-first search of one scope, a state at a time; what is broken goes into ``broken``."""

    def __init__(self, machine: Machine[Case], scope: Scope, broken: dict[str, None]) -> None:
        start = World(START)
        self.seen, self.transitions = {start}, 0
        self._queue, self._outcomes = deque([start]), dict[tuple[object, ...], object]()
        self._machine, self._scope, self._broken = machine, scope, broken

    def visit(self) -> bool:
        """Visit the next state; ``False`` when there is none."""
        if not self._queue:
            return False
        world = self._queue.popleft()
        self._broken.update(dict.fromkeys(of_a_state(self._machine, world)))
        for after, violations in _successors(self._machine, world, self._scope, self._outcomes):
            self.transitions += 1
            self._broken.update(dict.fromkeys(violations))
            if after not in self.seen:
                self.seen.add(after)
                self._queue.append(after)
        return True


def _successors(
    machine: Machine[Case], world: World, scope: Scope, outcomes: dict[tuple[object, ...], object]
) -> Iterator[tuple[World, list[str]]]:
    now, view = day(world.today), developers_view(world.case)
    own: list[tuple[str, str]] = []
    for step in steps(world, scope):
        refused = machine.refusal(world.case, step.event, step.details, now) is not None
        after = None if refused else machine.apply(world.case, step.event, step.details, now)
        found: list[str] = []
        if step.event in DEVELOPERS_OWN:
            if not refused:
                own.append((step.event, step.name))
            # Unwinding, step by step: what becomes of the developer's view depends on that view alone (V2).
            key = (view, world.today, world.published, step.event, step.name)
            outcome = None if after is None else developers_view(after)
            if outcomes.setdefault(key, outcome) != outcome:
                found.append(f"V2: what '{step.event}' does depends on what the body did")
        if after is not None:
            yield _after(world, step, after), found + list(of_a_step(world, step, after))
        elif found:
            yield world, found
    whole = (view, world.today, world.published)
    if outcomes.setdefault(whole, tuple(own)) != tuple(own):
        yield world, ["V2: what the developer may do depends on what the body did"]
    if scope.findings and world.finding is None and world.case.offered_at is not None:
        for finding in FINDINGS[1:]:
            yield replace(world, finding=finding), []
    if scope.policies and world.published == 1:
        yield replace(world, published=2), []
    if world.today < DAYS:
        yield _tick(world)


def _tick(world: World) -> tuple[World, list[str]]:
    """A day passes; whether the body could reach the model during it is what it really could."""
    now, found = day(world.today), list[str]()
    open_now = is_open(world.case, now)
    if open_now:
        if world.today + 1 > (world.case.partner_release - ZERO).days:
            found.append("V6: access is open past the planned partner release")
        if world.case.released_at is not None:
            found.append("V8: access is open after a release was recorded")
    reached = world.reached | (1 << world.today if open_now else 0)
    if reached.bit_count() > MOST_DAYS:
        found.append("V6: the body could reach the model on more days than the policy allows")
    return replace(world, today=world.today + 1, reached=reached), found


def _after(world: World, step: Step, case: Case) -> World:
    """The world after an accepted step; its history follows what was done, not what the case says."""
    world = replace(world, case=case)
    match step.event:
        case "sign_consent":
            signer = ("developer", PEOPLE["developer"][0])
            return replace(world, signers=frozenset({signer}), leaked=False)
        case "countersign_consent" if isinstance(step.details, Countersigning):
            return replace(world, signers=world.signers | {(step.side, step.name)})
        case "sign_partner_terms" if isinstance(step.details, PartnerSigning):
            return replace(world, partner_terms=step.details.terms)
        case "countersign_partner":
            return replace(world, partner_body=world.partner_terms)
        case "end_partner":
            return replace(world, partner_over=True)
        case "report_leak":
            return replace(world, leaked=world.case.consent is not None, reports=world.reports + 1)
        case "attest_destruction":
            return replace(world, destroyed=world.destroyed | {step.name})
        case _:
            return world
