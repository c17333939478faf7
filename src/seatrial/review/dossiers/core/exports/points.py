"""A report point by point: the heading of each measure, the words of each point, and what answers it.

What answers two points stands under the first and is referred to from the second. What nobody wrote is said to be
missing, in its place.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from seatrial.review.dossiers.core import shape
from seatrial.review.dossiers.core.shape import Kind
from seatrial.review.dossiers.types import Dossier, Part, gap

from .asking import Ask, State, lacks, state, titled
from .page import Block, Facts, Heading, Note, Paragraph, Run, plain_runs
from .reading import items_of, left_out, name_of, short, text, whole_part
from .results import results

_BRIEF = frozenset({"threat_model.scenarios", "evaluations"})


@dataclass(frozen=True, slots=True)
class Measure:
    """One heading of a report with its points."""

    title: str
    points: tuple[tuple[str, Ask], ...]  # a heading for each point


def asks_of(measures: Sequence[Measure]) -> tuple[Ask, ...]:
    return tuple(ask for measure in measures for _, ask in measure.points)


def report(document: Dossier, measures: Sequence[Measure], form: str, *, summary: bool = False) -> Iterator[Block]:
    """Every measure and point. A ``summary`` shows of long lists the names and the results alone."""
    shown: dict[str, str] = {}
    for measure in measures:
        yield Heading(2, plain_runs(measure.title))
        for title, ask in measure.points:
            yield Heading(3, plain_runs(title))
            yield from _point(document, ask, form, shown, summary=summary)


def _point(document: Dossier, ask: Ask, form: str, shown: dict[str, str], *, summary: bool) -> Iterator[Block]:
    elsewhere = list(dict.fromkeys(shown[path] for path in ask.fields if path in shown))
    for path in ask.fields:
        known = state(document, path)
        if path in shown:
            continue
        if known is State.WRITTEN or (known is State.MISSING and "[]" in path and _any(document, path)):
            shown[path] = ask.point
            yield from _field(document, path, summary=summary, alone=len(ask.fields) == 1)
        elif known is State.LEFT_OUT:
            shown[path] = ask.point
            yield from _left_out(document, path)
    if elsewhere:
        yield Paragraph(plain_runs(f"See also {', '.join(elsewhere)}."))
    for lack in lacks(document, (ask,), form):
        yield Note("Not in this dossier.", plain_runs(lack.sentence))


def _field(document: Dossier, path: str, *, summary: bool, alone: bool) -> Iterator[Block]:
    """What stands at ``path``; a text that does not answer ``alone`` says its name."""
    if "[]" in path:
        yield from _of_each(document, path)
        return
    *before, name = path.split(".")
    part: Part = shape.at(document, ".".join(before)) if before else document
    field = shape.field_of(type(part), name)
    value = getattr(part, name)
    match field.kind:
        case Kind.TEXT:
            yield from text(value, 3, lead="" if alone else field.title)
        case Kind.PARTS if name == "evaluations":
            yield from results(document)
            if not summary:
                yield from items_of(document, value, str(field.facts["one"]), 4)
        case Kind.PARTS if summary:
            yield from _names(document, value)
        case Kind.PARTS:
            yield from items_of(document, value, str(field.facts["one"]), 4)
        case Kind.PART if not short(document, part, field):
            yield from whole_part(document, value, 4)
        case _:
            yield Facts(((field.title, short(document, part, field)),))


def _names(document: Dossier, items: Sequence[Part]) -> Iterator[Block]:
    """Of each item its name, and the first paragraph that says something."""
    for item in items:
        if (reason := gap(item)) is not None:
            yield left_out(reason)
            continue
        first: tuple[Block, ...] = ()
        facts = []
        for field in shape.fields_of(type(item)):
            if field.kind is Kind.TEXT and not first:
                first = text(getattr(item, field.name)[:1], 4)
            elif field.name in ("likelihood", "severity", "tier", "url", "date", "kind"):
                facts += [f"{field.title.lower()}: {said}" for said in _words(document, item, field)]
        name = Run(f"{name_of(item)}. ", strong=True)
        match first[:1]:
            case (Paragraph(runs),):
                yield Paragraph((name, *runs))
            case _:
                yield Paragraph((name,))
                yield from first
        if facts:
            yield Paragraph(plain_runs(f"{facts[0][:1].upper()}{'; '.join(facts)[1:]}."))


def _words(document: Dossier, item: Part, field: shape.Field) -> Iterator[str]:
    if said := "".join(run.text for run in short(document, item, field)):
        yield said


def _of_each(document: Dossier, path: str) -> Iterator[Block]:
    """One field of every item of a list, each under the item's name."""
    before, name = path.split("[].")
    for item in shape.at(document, before):
        field = shape.field_of(type(item), name)
        label = f"{name_of(item)} – {field.title.lower()}"
        if (reason := gap(item, name)) is not None:
            yield left_out(reason)
        elif field.kind is Kind.TEXT:
            yield from text(getattr(item, name), 4, lead=label)
        elif runs := short(document, item, field):
            yield Facts(((label, runs),))


def _any(document: Dossier, path: str) -> bool:
    before, name = path.split("[].")
    return any(getattr(item, name) != shape.field_of(type(item), name).empty for item in shape.at(document, before))


def _left_out(document: Dossier, path: str) -> Iterator[Block]:
    """A note for a field that is left out, named as where people write it."""
    part: Part = document
    reason = gap(part)
    for name in path.replace("[]", "").split("."):
        reason = reason or gap(part, name)
        value = getattr(part, name)
        if not isinstance(value, Part):
            if isinstance(value, tuple):
                reason = (
                    reason or next((one.withheld for one in value if getattr(one, "withheld", None)), None)
                    if (shape.field_of(type(part), name).kind is Kind.TEXT)
                    else reason
                )
            break
        part = value
        reason = reason or gap(part)
    if reason is None:
        return
    note = left_out(reason)
    yield Note(f"{titled(path)}: left out here.", note.text)
