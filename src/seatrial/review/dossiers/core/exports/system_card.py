"""The system card: the whole dossier in the order in which people read one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from seatrial.review.dossiers.core import shape
from seatrial.review.dossiers.core.shape import Field, Kind
from seatrial.review.dossiers.types import Dossier, Part, gap

from .asking import Ask
from .page import Block, Heading, Page, plain_runs
from .reading import items_of, left_out, listed, whole_part
from .results import results
from .titling import about

ASKS: tuple[Ask, ...] = (
    Ask("Model", "which model it is about", ("model.name", "model.developer", "model.version"), every=True),
    Ask("Model", "what the model is, in a few sentences", ("model.summary",)),
    Ask("Model", "what it is for and what not", ("model.intended_use",)),
    Ask("Model", "when and how it is released", ("model.releases",)),
    Ask("Training", "on what it was trained", ("model.training_data",)),
    Ask("Capabilities", "what it can do", ("capabilities",)),
    Ask("Risk", "which misuse was considered", ("threat_model.scenarios", "threat_model.summary")),
    Ask("Evaluations", "what was measured", ("evaluations",)),
    Ask("Safeguards", "what stands between the model and misuse", ("safeguards",)),
    Ask("Limits", "what is not known or not mended", ("open_issues",)),
    Ask("Conclusion", "what the developer concludes of the remaining risk", ("governance.determinations",)),
)


def page(document: Dossier, at: datetime) -> Page:
    """The card as a page."""
    name = document.model.name or "A model"
    return Page(
        title=f"System card: {name}",
        subtitle=document.model.developer,
        author=document.model.developer or "The developer",
        description=f"What {name} can do, how it was evaluated, and what was done about its risks.",
        at=at,
        about=about(document, at),
        blocks=tuple(_blocks(document)),
        keywords=("system card", name),
    )


def _blocks(document: Dossier) -> Iterator[Block]:
    if (reason := gap(document)) is not None:
        yield left_out(reason)
        return
    for section in shape.SECTIONS:
        inner = tuple(_section(document, section))
        if inner:
            yield Heading(2, plain_runs(section.title))
            yield from inner


def _section(document: Dossier, section: Field) -> Iterator[Block]:
    value = getattr(document, section.name)
    if (reason := gap(document, section.name)) is not None:
        yield left_out(reason)
    elif section.kind is Kind.PART:
        yield from _part(document, value)
    else:
        if section.name == "evaluations":
            yield from results(document)
        yield from items_of(document, value, str(section.facts["one"]), 3)


def _part(document: Dossier, part: Part) -> Iterator[Block]:
    lists = [field for field in shape.fields_of(type(part)) if field.kind is Kind.PARTS]
    if shape.is_empty(part) and gap(part) is None and not part.withheld:
        return
    yield from whole_part(document, part, 3, skip=[field.name for field in lists])
    for field in lists:
        yield from listed(document, part, field, 3)
