"""Findings that come in one by one, each compared only with those that share something rare with it.

What ``near`` leaves out could not have reached the asked score, so that the answer is the one a comparison with every
other finding of the product would give. Rarity is that of the moment of asking: findings that came later count too.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .keys import exact_key
from .scores import DECAY, Scope, Sketch, chance, likeness, score, sketch
from .values import Item, Suggestion

LEAST = 0.2  # one in five: below it a suggestion costs more time than it saves


@dataclass(frozen=True, slots=True)
class Near:
    """What is like a finding: those with the same exact key, and suggestions, the best first."""

    exact: tuple[str, ...]
    suggestions: tuple[Suggestion, ...]


class Index:
    """``merged``: products whose reports come from a source that had merged equal crashes before."""

    def __init__(self, items: Iterable[Item] = (), *, merged: frozenset[str] = frozenset()) -> None:
        self._merged = merged
        self._items: dict[str, Item] = {}
        self._keys: dict[str, set[str]] = {}
        self._scopes: dict[str, Scope] = {}
        self._sketches: dict[str, Sketch] = {}
        self._passing: dict[tuple[str, str], set[str]] = {}
        for item in items:
            self.add(item)

    def add(self, item: Item) -> None:
        """Also in place of an item of the same id."""
        self.remove(item.id)
        self._items[item.id] = item
        if item.facts is None:
            return
        key = exact_key(item)
        if key is not None:
            self._keys.setdefault(key, set()).add(item.id)
        drawn = self._sketches[item.id] = sketch(item.facts)
        self._scopes.setdefault(item.scope, Scope(item.scope in self._merged)).add(drawn)
        for function in drawn.functions:
            self._passing.setdefault((item.scope, function), set()).add(item.id)

    def remove(self, name: str) -> None:
        """Nothing if it is not there."""
        item = self._items.pop(name, None)
        drawn = self._sketches.pop(name, None)
        if item is None or drawn is None:
            return
        key = exact_key(item)
        if key is not None:
            self._keys[key].discard(name)
        self._scopes[item.scope].remove(drawn)
        for function in drawn.functions:
            self._passing[(item.scope, function)].discard(name)

    def near(self, name: str, *, least: float = LEAST, most: int = 20) -> Near:
        """What is like the item ``name``, which must be there (``KeyError`` otherwise)."""
        item = self._items[name]
        drawn = self._sketches.get(name)
        if drawn is None:
            return Near((), ())
        key = exact_key(item)
        same = self._keys[key] - {name} if key is not None else set()
        within = self._scopes[item.scope]
        found = []
        for other in self._candidates(item.scope, drawn, within, least) - {name} - same:
            value = score(drawn, self._sketches[other], within)
            if value >= least:
                found.append((-value, other))
        best = tuple(self._told(min(name, other), max(name, other), within) for _, other in sorted(found)[:most])
        return Near(tuple(sorted(same)), best)

    def _told(self, a: str, b: str, within: Scope) -> Suggestion:
        value, reason = likeness(self._sketches[a], self._sketches[b], within)
        return Suggestion(a, b, value, reason)

    def _candidates(self, scope: str, drawn: Sketch, within: Scope, least: float) -> set[str]:
        """Those that share a function rare enough to lift a pair over ``least`` if all else spoke for it."""
        found: set[str] = set()
        for place, function in enumerate(drawn.functions):
            if bound(function, place, within) >= least:
                found |= self._passing[(scope, function)]
        return found


def bound(function: str, place: int, within: Scope) -> float:
    """The most that ``function`` in this place can lift a pair to."""
    worth = within.rarity(function) * DECAY**place
    return max(chance(worth, within, same_family=True, again=again, line=True) for again in (True, False))
