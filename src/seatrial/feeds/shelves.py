"""What a process holds of the published documents, so that a request needs no look at the database.

A shelf is what one kind of reader may read in one form: the public what is CLEAR, whoever is known here what is
GREEN, an organisation what is AMBER for it, a person what is RED for them. It is read through the room's own door as
that reader, so nothing stands on it that the door would not give; who may go to which shelf is said in ``may_go``.
Documents never change under their number, so only new numbers are read, and those that are gone are dropped.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Generic, TypeVar

from seatrial.clearinghouse.advisories import api as advisories
from seatrial.clearinghouse.advisories.types import Document, Form, Tlp
from seatrial.kernel.parts import in_parts
from seatrial.parties.types import ANYONE, Actor

Kept = TypeVar("Kept")
_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Place:
    """``name`` is empty for what is not for somebody named."""

    tlps: tuple[Tlp, ...]
    name: str = ""


CLEAR, GREEN = Place((Tlp.CLEAR,)), Place((Tlp.GREEN,))
_KNOWN = Actor(person="reader-of-green")  # nobody in particular: GREEN is for whoever is known here


def places_of(actor: Actor) -> tuple[Place, ...]:
    """Every shelf the asker may go to."""
    if not actor.person:
        return (CLEAR,)
    own = tuple(Place((Tlp.AMBER, Tlp.AMBER_STRICT), one) for one in sorted(actor.organisations))
    return (CLEAR, GREEN, *own, Place((Tlp.RED,), actor.person))


def reader_at(place: Place) -> Actor:
    """Who reads for this shelf: exactly the one it is for, with no other right."""
    if place == CLEAR:
        return ANYONE
    if place == GREEN:
        return _KNOWN
    if place.tlps == (Tlp.RED,):
        return Actor(person=place.name)
    return Actor(organisations=frozenset({place.name}))


@dataclass(frozen=True, slots=True)
class Held(Generic[Kept]):
    """One state of a shelf: what was made of each document, by number. ``state`` is another after each change."""

    state: int
    items: dict[int, Kept]


class Shelves(Generic[Kept]):
    """Shelves of one form. ``make`` takes of a document what is needed of it; ``older`` keeps earlier revisions too."""

    def __init__(self, form: Form, make: Callable[[Document], Kept], *, older: bool = False) -> None:
        self._form, self._make, self._older = form, make, older
        self._held: dict[Place, tuple[int, Held[Kept]]] = {}
        self._lock = Lock()

    def at(self, place: Place) -> Held[Kept]:
        """What stands there now: one small read where nothing was published since."""
        change = advisories.changes()
        known = self._held.get(place)
        if known is not None and known[0] == change:
            return known[1]
        with self._lock:
            known = self._held.get(place)
            if known is not None and known[0] == change:
                return known[1]
            before: Held[Kept] = known[1] if known is not None else Held(0, {})
            found = self._read(place, before)
            self._held[place] = (change, found)
            return found

    def forget(self) -> None:
        """Holds nothing any more."""
        with self._lock:
            self._held.clear()

    def _read(self, place: Place, before: Held[Kept]) -> Held[Kept]:
        reader = reader_at(place)
        standing = advisories.numbers(reader, form=self._form, tlps=place.tlps, older=self._older)
        items = {number: before.items[number] for number in standing if number in before.items}
        missing = [number for number in standing if number not in items]
        if not missing and len(items) == len(before.items) and before.state:
            return before
        for part in in_parts(missing, _AT_ONCE):
            for document in advisories.numbered(reader, part):
                items[document.number] = self._make(document)
        return Held(before.state + 1, dict(sorted(items.items())))
