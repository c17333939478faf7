"""What an exported document consists of, before anybody says how it looks. Pure.

A ``Page`` is a title, some facts of it and a row of blocks. Markdown, HTML and PDF are three ways to write the same
page, so they cannot say different things. All text is literal: what means something to a writer's format is
escaped by that writer, never here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

SPACE = " "


@dataclass(frozen=True, slots=True)
class Run:
    """Some text in one voice; ``link`` is an address or empty."""

    text: str
    strong: bool = False
    emphasis: bool = False
    code: bool = False
    link: str = ""


Runs = tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """``level`` 2 is a part of the document (1 is its title), 6 the deepest."""

    level: int
    text: Runs


@dataclass(frozen=True, slots=True)
class Paragraph:
    text: Runs


@dataclass(frozen=True, slots=True)
class Listing:
    """A list; every item is blocks of its own."""

    items: tuple[tuple[Block, ...], ...]
    ordered: bool = False


@dataclass(frozen=True, slots=True)
class Code:
    text: str


@dataclass(frozen=True, slots=True)
class Quote:
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """Terms and what they are, one below the other."""

    rows: tuple[tuple[str, Runs], ...]


def in_line(facts: Facts) -> Paragraph:
    """The same facts one after the other, where there are many parts with few words each."""
    found: list[Run] = []
    for term, runs in facts.rows:
        found += [Run("; ")] if found else []
        found += [Run(f"{term}: ", strong=True), *runs]
    return Paragraph((*found, Run(".")) if found else ())


@dataclass(frozen=True, slots=True)
class Column:
    """``share`` is its part of the width beside the others'; figures are set flush right."""

    name: str
    share: int = 1
    figures: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Runs, ...], ...]


@dataclass(frozen=True, slots=True)
class Estimate:
    """One line of a figure: a value with its interval, and what it is compared with, if there are such."""

    name: str
    value: float
    lower: float | None = None
    upper: float | None = None
    baseline: float | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """Estimates with intervals on one scale.

    ``legend`` says how to read the picture, ``description`` says in words all that it shows.
    """

    key: str
    caption: str
    legend: str
    description: str
    unit: str
    estimates: tuple[Estimate, ...]
    width: int = 100  # percent of the line, on paper


@dataclass(frozen=True, slots=True)
class Note:
    """Something the reader should not miss, set apart."""

    title: str
    text: Runs


Block = Heading | Paragraph | Listing | Code | Quote | Facts | Table | Figure | Note


@dataclass(frozen=True, slots=True)
class Page:
    """A whole document. ``about`` stands below the title; ``keywords`` and ``description`` are its metadata."""

    title: str
    subtitle: str
    author: str
    description: str
    at: datetime
    about: tuple[tuple[str, Runs], ...]
    blocks: tuple[Block, ...]
    language: str = "en"
    contents: bool = True  # a table of contents, where there are many parts
    keywords: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Attached:
    """A text file that travels inside a PDF. ``about`` says what it is."""

    name: str
    text: str
    media_type: str
    about: str


def plain_runs(text: str) -> Runs:
    """Literal text, its white space drawn together."""
    found = squeeze(text)
    return (Run(found),) if found else ()


def code_runs(text: str) -> Runs:
    """Literal text to be read letter by letter: a digest, a name at an interface."""
    found = squeeze(text)
    return (Run(found, code=True),) if found else ()


def link_runs(text: str, address: str) -> Runs:
    """Text that leads somewhere, if ``address`` is one a reader may follow."""
    return (Run(squeeze(text) or address, link=address if followable(address) else ""),)


def squeeze(text: str) -> str:
    return SPACE.join(text.split())


def followable(address: str) -> bool:
    """The web's own schemes and mail; nothing that runs."""
    return address.lower().startswith(("https://", "http://", "mailto:")) and not set(address) & set(" <>\"'\n\t")


def said(runs: Sequence[Run]) -> str:
    """The text alone."""
    return "".join(run.text for run in runs)
