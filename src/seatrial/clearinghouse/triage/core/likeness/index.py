"""Findings that come in one by one, each compared only with those that share something rare with it.

What ``near`` leaves out could not have reached the asked score, so that the answer is the one a comparison with every
other finding of the product would give. Rarity is that of the moment of asking: findings that came later count too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from .keys import exact_key
from .scores import DECAY, Scope, Sketch, SketchKey, chance, likeness, score, sketch
from .shares import measured, sentence
from .values import Item, Suggestion

LEAST = 0.2  # one in five: below it a suggestion costs more time than it saves


@dataclass(frozen=True, slots=True)
class Near:
    """What is like a finding: those with the same exact key, and suggestions, the best first."""

    exact: tuple[str, ...]
    suggestions: tuple[Suggestion, ...]


@dataclass(frozen=True, slots=True)
class _Equal:
    """The items of one crash by their sketches, which may differ further out."""

    items: dict[SketchKey, set[str]]
    drawn: dict[SketchKey, Sketch]


class Index:
    """``merged``: products whose reports come from a source that had merged equal crashes before."""

    def __init__(self, items: Iterable[Item] = (), *, merged: frozenset[str] = frozenset()) -> None:
        self._merged = merged
        self._items: dict[str, Item] = {}
        self._sketches: dict[str, Sketch] = {}
        self._crash: dict[str, str] = {}  # item → its exact key, or its own id
        self._same: dict[str, set[str]] = {}  # crash → its items, of whatever product
        self._equal: dict[tuple[str, str], _Equal] = {}  # product, crash → its items
        self._passing: dict[tuple[str, str], Counter[str]] = {}  # product, function → crash → how many items
        self._scopes: dict[str, Scope] = {}
        for item in items:
            self.add(item)

    def add(self, item: Item) -> None:
        """Also in place of an item of the same id."""
        self.remove(item.id)
        self._items[item.id] = item
        if item.facts is None:
            return
        drawn = self._sketches[item.id] = sketch(item.facts)
        crash = self._crash[item.id] = exact_key(item) or item.id
        self._same.setdefault(crash, set()).add(item.id)
        within = self._scopes.setdefault(item.scope, Scope(item.scope in self._merged))
        equal = self._equal.setdefault((item.scope, crash), _Equal({}, {}))
        within.count += not equal.items
        equal.items.setdefault(drawn.key, set()).add(item.id)
        equal.drawn[drawn.key] = drawn
        for function in drawn.functions:
            passing = self._passing.setdefault((item.scope, function), Counter())
            within.passing[function] += not passing[crash]
            passing[crash] += 1

    def remove(self, name: str) -> None:
        """Nothing if it is not there."""
        item = self._items.pop(name, None)
        drawn = self._sketches.pop(name, None)
        if item is None or drawn is None:
            return
        crash, within = self._crash.pop(name), self._scopes[item.scope]
        self._same[crash].discard(name)
        equal = self._equal[(item.scope, crash)]
        equal.items[drawn.key].discard(name)
        if not equal.items[drawn.key]:
            del equal.items[drawn.key], equal.drawn[drawn.key]
        within.count -= not equal.items
        for function in drawn.functions:
            passing = self._passing[(item.scope, function)]
            passing[crash] -= 1
            if not passing[crash]:
                del passing[crash]
                within.passing[function] -= 1

    def near(self, name: str, *, least: float = LEAST, most: int = 20) -> Near:
        """What is like the item ``name``, which must be there (``KeyError`` otherwise).

        Of equal crashes one is suggested: the likest, or the first of those.
        """
        item = self._items[name]
        drawn = self._sketches.get(name)
        if drawn is None:
            return Near((), ())
        within, mine = self._scopes[item.scope], self._crash[name]
        best: list[tuple[float, str]] = []
        for crash in self._candidates(item.scope, drawn, within, least) - {mine}:
            equal = self._equal[(item.scope, crash)]
            scores = {key: score(drawn, other, within) for key, other in equal.drawn.items()}
            value = max(scores.values())
            if value >= least:
                best.append((-value, min(min(equal.items[key]) for key in scores if scores[key] == value)))
        told = tuple(self._told(min(name, other), max(name, other), within) for _, other in sorted(best)[:most])
        return Near(tuple(sorted(self._same[mine] - {name})), told)

    def _told(self, a: str, b: str, within: Scope) -> Suggestion:
        one, other = self._sketches[a], self._sketches[b]
        value, reason = likeness(one, other, within)
        band = measured(one, other, within, value)
        return Suggestion(a, b, value, reason, band.share if band else None, sentence(band))

    def _candidates(self, scope: str, drawn: Sketch, within: Scope, least: float) -> set[str]:
        """The crashes that share a function rare enough to lift a pair over ``least`` if all else spoke for it."""
        found: set[str] = set()
        for place, function in enumerate(drawn.functions):
            if bound(function, place, within) >= least:
                found.update(self._passing[(scope, function)])
        return found


def bound(function: str, place: int, within: Scope) -> float:
    """The most that ``function`` in this place can lift a pair to."""
    worth = within.rarity(function) * DECAY**place
    return max(chance(worth, within, same_family=True, again=again, line=True) for again in (True, False))
