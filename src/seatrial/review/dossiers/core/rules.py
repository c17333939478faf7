"""Who may read a marked piece: the one rule for a reader, and the one for an audience.

A rule is asked wherever a marking is added on the way from the document to a piece (section, item, field, paragraph)
and answers ``None`` or the category of the reason. The label of a piece is the join of all labels on that way.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from seatrial.kernel.labels import PUBLIC, Label, Level, Reader
from seatrial.review.dossiers.types import Audience, Category, Marking

Way = tuple[Marking, ...]  # the markings from the document down to a piece, outermost first
Rule = Callable[[Way], Category | None]


@dataclass(frozen=True, slots=True)
class Standing:
    """Between whom a dossier is: organisation ids. ``partner`` is empty unless one is meant."""

    developer: str
    body: str
    partner: str = ""


def base_label(audience: Audience | None, standing: Standing) -> Label:
    """What an unmarked paragraph carries: the developer's alone (``None``), or shared with that audience."""
    if audience is None:
        return Label.among(standing.developer)
    if audience is Audience.PUBLIC:
        return Label()
    return Label.among(standing.developer, standing.partner if audience is Audience.PARTNER else standing.body)


def label_of(way: Way, base: Label, standing: Standing) -> Label:
    """The label of a piece: everything on its way, joined."""
    for marking in way:
        base = base.join(_own(marking, standing))
    return base


def for_reader(reader: Reader, base: Label, standing: Standing) -> Rule:
    """What this reader may read of a document whose unmarked text carries ``base``."""

    def rule(way: Way) -> Category | None:
        if reader.may_read(label_of(way, base, standing)):
            return None
        alone = (m.category for m in way if not reader.may_read(base.join(_own(m, standing))))
        return next(alone, Category.LABEL)

    return rule


def for_audience(audience: Audience, standing: Standing) -> Rule:
    """What goes to an audience at all. Level and compartments of its own people are then each reader's matter."""
    known = standing.partner if audience is Audience.PARTNER else standing.body

    def reaches(marking: Marking) -> bool:
        if marking.label is None:
            return audience is Audience.BODY and marking.category is not Category.PRIVILEGED
        if audience is Audience.PUBLIC:
            return PUBLIC.may_read(marking.label)
        reader = Reader("", frozenset({known}) - {""}, Level.TOP_SECRET, marking.label.compartments)
        return reader.may_read(marking.label)

    def rule(way: Way) -> Category | None:
        return next((marking.category for marking in way if not reaches(marking)), None)

    return rule


def _own(marking: Marking, standing: Standing) -> Label:
    if marking.label is not None:
        return marking.label
    if marking.category is Category.PRIVILEGED:
        return Label.among(standing.developer)
    return Label.among(standing.developer, standing.body)
