"""What a form asks of a dossier, as data: which fields answer each point, and what is still to be written.

A point whose fields are left out for the reader is not missing: somebody wrote it, and the document says that it
is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from seatrial.review.dossiers.core import shape
from seatrial.review.dossiers.core.shape import Kind
from seatrial.review.dossiers.types import Dossier, Lack, Part, gap


class State(Enum):
    WRITTEN = "written"
    LEFT_OUT = "left out"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Ask:
    """A point of a form.

    ``fields`` are paths of the dossier (``model.summary``); ``evaluations[].items`` means the field of every item.
    One of them answers the point, or ``every`` one is needed.
    """

    point: str  # as the form numbers or names it
    what: str  # what it asks for, to stand after "asks"
    fields: tuple[str, ...]
    every: bool = False


def lacks(document: Dossier, asks: Sequence[Ask], form: str) -> tuple[Lack, ...]:
    """What the dossier still lacks for a form, in the form's order; one entry for each field to write."""
    found: dict[tuple[str, str], Lack] = {}
    for ask in asks:
        states = {path: state(document, path) for path in ask.fields}
        open_ = [path for path, known in states.items() if known is State.MISSING]
        if not open_ or (not ask.every and len(open_) < len(states)):
            continue
        for path in open_ if ask.every else open_[:1]:
            sentence = f"{form} asks {ask.what} ({ask.point}): write {path} ({titled(path)})."
            others = [] if ask.every else open_[1:]
            if others:
                sentence = sentence[:-1] + ", or " + ", or ".join(others) + "."
            found.setdefault((path, ask.point), Lack(path, sentence))
    return tuple(found.values())


def state(document: Dossier, path: str) -> State:
    """Whether anybody wrote what stands at ``path``; of ``[]`` items, whether all have it."""
    if "[]" not in path:
        return _one(document, path.split("."))
    before, after = path.split("[].")
    items: Sequence[Part] = shape.at(document, before)
    if not items:
        return _one(document, before.split("."))
    states = {_one(item, after.split(".")) for item in items if gap(item) is None}
    return next((known for known in (State.MISSING, State.LEFT_OUT) if known in states), State.WRITTEN)


def titled(path: str) -> str:
    """What the field at ``path`` is called where people write it."""
    kind: type[Part] = Dossier
    names = []
    for name in path.replace("[]", "").split("."):
        field = shape.field_of(kind, name)
        names.append(field.title)
        if field.kind in (Kind.PART, Kind.PARTS):
            kind = field.inner
    return ": ".join(names)


def every_path(asks: Sequence[Ask]) -> Iterator[str]:
    for ask in asks:
        yield from ask.fields


def _one(part: Part, names: Sequence[str]) -> State:
    if gap(part) is not None:
        return State.LEFT_OUT
    name, *others = names
    if gap(part, name) is not None:
        return State.LEFT_OUT
    value = getattr(part, name)
    if others:
        return _one(value, others)
    field = shape.field_of(type(part), name)
    if field.kind is Kind.PART:
        return State.MISSING if shape.is_empty(value) else State.WRITTEN
    if field.kind is Kind.TEXT and value:
        return State.WRITTEN if any(one.withheld is None for one in value) else State.LEFT_OUT
    return State.MISSING if value == field.empty else State.WRITTEN
