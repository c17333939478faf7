"""A lifecycle is one enum of states and one table of transitions, kept as plain data.

What is not listed is illegal. A guard returns ``None`` to agree or a sentence that says why not; an
effect returns the changed subject. Both are named functions of values only, so that a test can list
them, drop one at a time, and see the model check object.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Generic, TypeVar

from .errors import Misuse, Refused

Subject = TypeVar("Subject")

Guard = Callable[[Subject, Any, datetime], str | None]
Effect = Callable[[Subject, Any, datetime], Subject]


@dataclass(frozen=True, slots=True)
class Transition(Generic[Subject]):
    """One row: ``by`` whom ``event`` may happen in which states, under which guards, with which effects.

    ``entry`` is the kind of the one ledger entry it leaves (V16). Guards and effects receive the
    subject, the event's details (a frozen dataclass or ``None``) and ``now``.
    """

    event: str
    by: str
    sources: frozenset[str]
    entry: str
    guards: tuple[Guard[Subject], ...] = ()
    effects: tuple[Effect[Subject], ...] = ()

    def refusal(self, subject: Subject, state: str, details: object, now: datetime) -> Refused | None:
        """Why this may not happen now, or ``None``."""
        if state not in self.sources:
            return Refused(
                "wrong-state",
                f"'{self.event}' cannot happen while this is {state}; it can while {_either(self.sources)}.",
                event=self.event,
                state=state,
            )
        for guard in self.guards:
            reason = guard(subject, details, now)
            if reason is not None:
                return Refused(guard.__name__.replace("_", "-"), reason, event=self.event, state=state)
        return None


@dataclass(frozen=True, slots=True)
class Machine(Generic[Subject]):
    """A table of transitions and the function that tells a subject's state at a moment."""

    state_of: Callable[[Subject, datetime], str]
    transitions: Mapping[str, Transition[Subject]]

    @classmethod
    def of(cls, state_of: Callable[[Subject, datetime], str], rows: Iterable[Transition[Subject]]) -> Machine[Subject]:
        """Build from rows; an event may stand in one row only."""
        table: dict[str, Transition[Subject]] = {}
        for row in rows:
            if row.event in table:
                raise Misuse("event-twice", f"The event {row.event!r} stands in two rows of one lifecycle table.")
            table[row.event] = row
        return cls(state_of, table)

    def refusal(self, subject: Subject, event: str, details: object, now: datetime) -> Refused | None:
        """Why ``event`` may not happen to ``subject`` now, or ``None`` if it may."""
        return self._row(event).refusal(subject, self.state_of(subject, now), details, now)

    def apply(self, subject: Subject, event: str, details: object, now: datetime) -> Subject:
        """The subject after ``event``. Raises ``Refused`` with the guard's name as code."""
        row = self._row(event)
        refusal = row.refusal(subject, self.state_of(subject, now), details, now)
        if refusal is not None:
            raise refusal
        for effect in row.effects:
            subject = effect(subject, details, now)
        return subject

    def mutants(self) -> Iterable[tuple[str, Machine[Subject]]]:
        """Each machine that lacks exactly one guard or one effect of this one, with its name."""
        for event, row in self.transitions.items():
            for guard in row.guards:
                kept_guards = tuple(g for g in row.guards if g is not guard)
                yield f"{event} without guard {guard.__name__}", self._with(event, replace(row, guards=kept_guards))
            for effect in row.effects:
                kept_effects = tuple(e for e in row.effects if e is not effect)
                yield f"{event} without effect {effect.__name__}", self._with(event, replace(row, effects=kept_effects))

    def _row(self, event: str) -> Transition[Subject]:
        try:
            return self.transitions[event]
        except KeyError:
            raise Misuse(
                "no-such-event", f"There is no event {event!r}; there are {', '.join(sorted(self.transitions))}."
            ) from None

    def _with(self, event: str, row: Transition[Subject]) -> Machine[Subject]:
        return Machine(self.state_of, {**self.transitions, event: row})


def _either(states: Iterable[str]) -> str:
    words = sorted(states)
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " or " + words[-1]
