"""How far a dossier is: which sections say something, and a file to start from that asks every question."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from seatrial.review.dossiers.types import Dossier, Part

from .shape import SECTIONS, Field, Kind, fields_of, is_empty
from .writing import FORMAT


@dataclass(frozen=True, slots=True)
class Progress:
    """One section: how much of it is answered; ``fields`` counts what it asks for, of lists their items."""

    key: str
    title: str
    ask: str
    answered: int
    fields: int

    @property
    def empty(self) -> bool:
        return self.answered == 0


def progress(document: Dossier) -> tuple[Progress, ...]:
    """Every section in reading order. Of a list every item counts as an answer, as there is no telling how many."""
    found = []
    for section in SECTIONS:
        value = getattr(document, section.name)
        if section.kind is Kind.PARTS:
            answered, fields = len(value), max(len(value), 1)
        else:
            inner = fields_of(section.inner)
            answered, fields = sum(_says(value, field) for field in inner), len(inner)
        found.append(Progress(section.name, section.title, section.ask, answered, fields))
    return tuple(found)


def blank() -> str:
    """A TOML file to start from: every field with its question, all of them commented out but the needed ones."""
    rows = [f'format = "{FORMAT}"', "# Every field is optional but those that stand without a #. A text is a list of"]
    rows += ['# paragraphs; write a marked one as { text = "…", marking = "trade-secret" }.']
    for section in SECTIONS:
        rows += ["", f"# {section.title}: {section.ask}"]
        rows += _asked(section, (section.name,), first=section.name == "model")
    return "\n".join(rows) + "\n"


def _asked(part: Field, path: tuple[str, ...], *, first: bool) -> Iterator[str]:
    sign = "" if first else "# "
    heading = ".".join(path)
    yield f"{sign}[[{heading}]]" if part.kind is Kind.PARTS else f"{sign}[{heading}]"
    inner = []
    for field in fields_of(part.inner):
        if field.kind in (Kind.PART, Kind.PARTS):
            inner.append(field)
            continue
        needed = first and field.required
        said = f"{field.name} = {_EMPTY[field.kind]}" if field.kind is not Kind.CHOICE else f'{field.name} = ""'
        note = f"{field.title}. {field.ask}".strip(". ")
        if field.kind is Kind.CHOICE:
            note += f" ({', '.join(word.value for word in field.inner)})"
        yield f"{'' if needed else '# '}{said}  # {note}"
    for field in inner:
        yield from _asked(field, (*path, field.name), first=False)


_EMPTY = {
    Kind.LINE: '""',
    Kind.TEXT: '[""]',
    Kind.LINES: '[""]',
    Kind.NUMBER: "0.0",
    Kind.WHOLE_NUMBER: "0",
    Kind.FLAG: "true",
}


def _says(part: Part, field: Field) -> bool:
    value = getattr(part, field.name)
    return not is_empty(value) if field.kind is Kind.PART else bool(value != field.empty)
