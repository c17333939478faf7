"""How far a piece of a dossier may go, and what stands in its place where it does not. Pure."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from seatrial.kernel.labels import Label


class Category(enum.StrEnum):
    """Why a piece goes no further than it does."""

    TRADE_SECRET = "trade-secret"  # noqa: S105 - a marking
    FOIA_4 = "foia-4"  # confidential commercial information, FOIA Exemption 4
    PRIVILEGED = "privileged"  # attorney-client, or work product
    LABEL = "label"  # a label of its own: level, compartments, TLP, audience


class Audience(enum.StrEnum):
    """For whom a redacted twin is made."""

    PUBLIC = "public"
    BODY = "body"
    PARTNER = "partner"


@dataclass(frozen=True, slots=True)
class Marking:
    """How far a piece may go; ``label`` is there exactly if the category is ``label``."""

    category: Category
    label: Label | None = None

    def __str__(self) -> str:
        return self.category.value if self.label is None else str(self.label)

    @classmethod
    def parse(cls, text: str) -> Marking:
        """The inverse of ``str``. Raises ``Misuse`` (``bad-label``)."""
        for category in (Category.TRADE_SECRET, Category.FOIA_4, Category.PRIVILEGED):
            if text == category.value:
                return cls(category)
        return cls(Category.LABEL, Label.parse(text))


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph of Markdown. ``withheld`` says why its text is left out of a derived document."""

    text: str
    marking: Marking | None = None
    withheld: Category | None = None


Text = tuple[Paragraph, ...]

WHOLE = "*"  # in ``withheld``: the whole part
LEFT_OUT = "withheld-"  # a key that begins so names something left out of a derived document


@dataclass(frozen=True, slots=True)
class FieldMark:
    """One field of a part, by name, is marked."""

    field: str
    marking: Marking


@dataclass(frozen=True, slots=True)
class Gap:
    """One field of a derived part, or all of it (``*``), is left out for this reason."""

    field: str
    category: Category


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What can be marked as a whole or field by field, and lose fields in a derived document."""

    marking: Marking | None = None
    marked: tuple[FieldMark, ...] = ()
    withheld: tuple[Gap, ...] = ()


def gap(part: Part, name: str = WHOLE) -> Category | None:
    """Why the field ``name`` of a derived part is left out, or the whole part; ``None`` if it is not."""
    return next((found.category for found in part.withheld if found.field in (name, WHOLE)), None)
