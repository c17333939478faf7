"""A page as Markdown (CommonMark, with the tables everybody reads). Every letter that means anything is escaped.

A picture has no place in a text file: a figure is its caption, its description and the table below it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from .page import (
    Block,
    Code,
    Facts,
    Figure,
    Heading,
    Listing,
    Note,
    Page,
    Paragraph,
    Quote,
    Run,
    Table,
    plain_runs,
    squeeze,
)

# CommonMark lets any ASCII punctuation be escaped; these are the ones that mean something within a line.
_MEANS = re.compile(r"([\\`*_\[\]<>&#|~$!])")
_STARTS = re.compile(r"^(\d{1,9})([.)])|^([-+=:])")  # and these at its start


def markdown(page: Page) -> str:
    """The whole page, ending in one line break."""
    head = [f"# {_line(plain_runs(page.title))}"]
    if page.subtitle:
        head.append(_line(plain_runs(page.subtitle)))
    head += _facts(page.about)
    return "\n\n".join([*head, *(part for block in page.blocks for part in _block(block))]) + "\n"


def literal(text: str) -> str:
    """``text`` in Markdown that shows exactly it, its white space drawn together."""
    found = _MEANS.sub(r"\\\1", squeeze(text))
    return _STARTS.sub(lambda match: f"{match[1]}\\{match[2]}" if match[1] else f"\\{match[3]}", found)


def _block(block: Block) -> list[str]:
    match block:
        case Heading(level, text):
            return [f"{'#' * level} {_line(text)}"]
        case Paragraph(text):
            return [_line(text)] if text else []
        case Note(title, text):
            return [f"> **{literal(title)}** {_line(text)}"]
        case Listing(items, ordered):
            return ["\n".join(_item(item, f"{place}." if ordered else "-") for place, item in enumerate(items, 1))]
        case Code(text):
            return [_fenced(text)]
        case Quote(blocks):
            inner = "\n\n".join(part for inner in blocks for part in _block(inner))
            return ["\n".join(f"> {line}".rstrip() for line in inner.splitlines())]
        case Facts(rows):
            return _facts(rows)
        case Table():
            return _table(block)
        case Figure(_, caption, _, description, _, _):
            return [f"**{literal(caption)}** {literal(description)}"]


def _facts(rows: Sequence[tuple[str, Sequence[Run]]]) -> list[str]:
    return ["\n".join(f"- **{literal(term)}:** {_line(text)}".rstrip() for term, text in rows)] if rows else []


def _item(blocks: Sequence[Block], mark: str) -> str:
    inner = "\n\n".join(part for block in blocks for part in _block(block))
    first, *others = inner.splitlines() or [""]
    indent = " " * (len(mark) + 1)
    return "\n".join([f"{mark} {first}".rstrip(), *((indent + line).rstrip() for line in others)])


def _fenced(text: str) -> str:
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{text}\n{fence}"


def _table(table: Table) -> list[str]:
    rule = [" ---: " if column.figures else " --- " for column in table.columns]
    rows = [
        "|" + "|".join(f" {literal(column.name)} " for column in table.columns) + "|",
        "|" + "|".join(rule) + "|",
        *("|" + "|".join(f" {_line(cell, cell=True)} " for cell in row) + "|" for row in table.rows),
    ]
    return [*([f"**{literal(table.caption)}**"] if table.caption else []), "\n".join(rows)]


def _line(runs: Sequence[Run], *, cell: bool = False) -> str:
    """Runs in one line. What opens a list or a heading opens none here."""
    return "".join(_run(run, first=place == 0, cell=cell) for place, run in enumerate(runs))


def _run(run: Run, *, first: bool, cell: bool) -> str:
    before, middle, after = _edges(run.text)
    if not middle:
        return " " if before else ""
    opens = first and not run.strong and not run.emphasis
    said = _code(middle, cell=cell) if run.code else _spoken(middle, first=opens)
    if run.strong:
        said = f"**{said}**"
    if run.emphasis:
        said = f"*{said}*"
    if run.link:
        said = f"[{said}](<{run.link}>)"
    return f"{' ' if before else ''}{said}{' ' if after else ''}"


def _spoken(text: str, *, first: bool) -> str:
    return literal(text) if first else _MEANS.sub(r"\\\1", squeeze(text))


def _code(text: str, *, cell: bool) -> str:
    """A code span. In a table a pipe would end the cell even here, so there the text is only escaped."""
    if cell and "|" in text:
        return _MEANS.sub(r"\\\1", text)
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    ticks = "`" * (longest + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{ticks}{pad}{text}{pad}{ticks}"


def _edges(text: str) -> tuple[str, str, str]:
    """White space before, the text, white space after: a mark of emphasis must touch its word."""
    middle = text.strip()
    start = text.find(middle) if middle else len(text)
    return text[:start], middle, text[start + len(middle) :]
