"""A page as Typst source, for a tagged PDF: title, language, bookmarks, page numbers, tables that run over pages.

Text enters the source only as quoted strings, so nothing in it can be an instruction to Typst.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from .page import Attached, Block, Code, Facts, Figure, Heading, Listing, Note, Page, Paragraph, Quote, Run, Table

LONG = 22  # letters without a space before a word may break anywhere
_PIECE = 6
_ESCAPED = re.compile('[\\\\"\x00-\x1f\x7f\u2028\u2029]')
_SURROGATES = re.compile("[\ud800-\udfff]")

_PREAMBLE = """
#set page(paper: "a4", margin: (x: 24mm, top: 24mm, bottom: 22mm), footer: context {
  set text(size: 8.5pt, fill: luma(70))
  grid(columns: (1fr, auto), gutter: 1em, NAME, [Page #counter(page).display("1 of 1", both: true)])
})
#set text(font: "Libertinus Serif", size: 10.5pt, costs: (widow: 300%, orphan: 300%))
#set par(leading: 0.62em, spacing: 0.95em)
#show raw: set text(font: "DejaVu Sans Mono", size: 0.86em)
#show title: set text(size: 22pt)
#show heading: set block(above: 1.5em, below: 0.8em)
#show heading.where(level: 1): set text(size: 15pt)
#show heading.where(level: 1): set block(above: 2em, below: 0.9em)
#show heading.where(level: 2): set text(size: 12.5pt)
#show heading.where(level: 3): set text(size: 11pt)
#show link: set text(fill: rgb("#004f87"))
#set list(indent: 0.4em, spacing: 0.6em)
#set enum(indent: 0.4em, spacing: 0.6em)
#set table(stroke: (x, y) => (bottom: 0.5pt + luma(if y == 0 { 90 } else { 200 })), inset: (x: 4pt, y: 4.5pt))
#show table.cell: set text(size: 9pt)
#show table.cell: set par(justify: false, leading: 0.5em)
#show table.cell.where(y: 0): set text(weight: "bold")
#show figure: set block(above: 1.4em, below: 1.4em)
#show figure.where(kind: table): set block(breakable: true)
#show figure.where(kind: table): set figure.caption(position: top)
#show figure.caption: set text(size: 9pt)
#show figure.caption.where(kind: table): it => block(sticky: true, it)
#show figure.caption: set align(left)
#show outline.entry.where(level: 1): set block(above: 0.7em)
""".strip()


def typst(
    page: Page,
    figures: Mapping[str, str],
    shown: Callable[[str], str] = str,
    attached: Sequence[Attached] = (),
) -> str:
    """The whole source. ``figures`` gives the SVG of each figure's key; ``shown`` may put words for letters that no
    font at hand has. What is ``attached`` stays as it is, letter by letter.
    """
    pen = _Pen(figures, shown)
    keywords = "".join(f"{pen.string(word)}, " for word in page.keywords)
    head = [
        f"#set document(title: {pen.string(page.title)}, author: {pen.string(page.author)}, "
        f"description: {pen.string(page.description)}, keywords: ({keywords}), date: {_date(page.at)})",
        f"#set text(lang: {pen.string(page.language)})",
        _PREAMBLE.replace("NAME", pen.string(page.title)),
        "#title()",
    ]
    if page.subtitle:
        head.append(f"#text(size: 12pt, fill: luma(60), {pen.string(page.subtitle)})")
    head.append(pen.facts(page.about))
    if page.contents and sum(isinstance(block, Heading) and block.level == 2 for block in page.blocks) > 3:
        head.append('#heading(level: 1, outlined: false, bookmarked: false, "Contents")')
        head.append("#outline(title: none, depth: 1)")
    return "\n".join([*head, *(pen.block(block) for block in page.blocks), *map(_attachment, attached)]) + "\n"


class _Pen:
    def __init__(self, figures: Mapping[str, str], shown: Callable[[str], str]) -> None:
        self._figures, self._shown = figures, shown

    def string(self, text: str) -> str:
        """``text`` as a Typst string: quoted, and nothing in it ends the quotation."""
        return _quoted(self._shown(text))

    def block(self, block: Block) -> str:
        match block:
            case Heading(level, text):
                return f"#heading(level: {level - 1}, {self._content(text)})"
            case Paragraph(text):
                return f"#par({self._content(text)})" if text else ""
            case Note(title, text):
                inner = f"#strong({self.string(title)}) {self._markup(text)}"
                return (
                    '#block(width: 100%, inset: 8pt, radius: 2pt, fill: rgb("#eef3f8"), '
                    f'stroke: (left: 3pt + rgb("#005ea2")), [{inner}])'
                )
            case Listing(items, ordered):
                inner = ", ".join(f"[{self._blocks(item)}]" for item in items)
                return f"#{'enum' if ordered else 'list'}({inner})"
            case Code(text):
                return f"#block(width: 100%, inset: 6pt, fill: luma(245), raw({self.string(text)}, block: true))"
            case Quote(blocks):
                return f"#quote(block: true, [{self._blocks(blocks)}])"
            case Facts(rows):
                return self.facts(rows)
            case Table():
                return self._table(block)
            case Figure(key, caption, legend, description, _, _, width):
                drawn, said = self.string(self._figures[key]), self.string(description)
                image = f"image(bytes({drawn}), alt: {said}, width: {width}%)"
                return f"#figure({image}, caption: [#strong({self.string(caption)}) {self._markup((Run(legend),))}])"

    def facts(self, rows: Sequence[tuple[str, Sequence[Run]]]) -> str:
        if not rows:
            return ""
        cells = ", ".join(f"strong({self.string(term)}), {self._content(text)}" for term, text in rows)
        return f"#block(below: 1.2em, grid(columns: (31%, 1fr), column-gutter: 1em, row-gutter: 0.75em, {cells}))"

    def _blocks(self, blocks: Sequence[Block]) -> str:
        if len(blocks) == 1 and isinstance(blocks[0], Paragraph):
            return self._markup(blocks[0].text)
        return "\n".join(self.block(block) for block in blocks)

    def _table(self, table: Table) -> str:
        widths = ", ".join(f"{column.share}fr" for column in table.columns)
        sides = ", ".join("right" if column.figures else "left" for column in table.columns)
        head = ", ".join(self._content((Run(column.name),)) for column in table.columns)
        cells = ", ".join(self._content(cell) for row in table.rows for cell in row)
        inner = f"table(columns: ({widths},), align: ({sides},), table.header({head}), {cells})"
        caption = f", caption: {self._content((Run(table.caption),))}" if table.caption else ""
        return f"#figure(kind: table, supplement: [Table], {inner}{caption})" if caption else f"#{inner}"

    def _content(self, runs: Sequence[Run]) -> str:
        return f"[{self._markup(runs)}]"

    def _markup(self, runs: Sequence[Run]) -> str:
        return "".join(self._run(run) for run in runs)

    def _run(self, run: Run) -> str:
        found = self._pieces(run.text, "raw" if run.code else "")
        if run.emphasis:
            found = f"#emph[{found}]"
        if run.strong:
            found = f"#strong[{found}]"
        return f"#link({_quoted(run.link)})[{found}]" if run.link else found

    def _pieces(self, text: str, function: str) -> str:
        """``text`` as strings; a long word is a row of small boxes, between which a line may break."""
        said = self._shown(text)
        if max(map(len, said.split()), default=0) <= LONG:
            return _call(said, function)
        found = []
        for word in re.split(r"(?<=\s)", said):
            if len(word.rstrip()) <= LONG:
                found.append(_call(word, function))
            else:
                parts = (word[at : at + _PIECE] for at in range(0, len(word), _PIECE))
                found += [f"#box({_call(part, function)[1:]})" for part in parts]
        return "".join(found)


def _attachment(file: Attached) -> str:
    return (
        f"#pdf.attach({_quoted(file.name)}, bytes({_quoted(file.text)}), mime-type: {_quoted(file.media_type)}, "
        f'description: {_quoted(file.about)}, relationship: "data")'
    )


def _call(text: str, function: str) -> str:
    return f"#{function}({_quoted(text)})" if function else f"#{_quoted(text)}"


def _quoted(text: str) -> str:
    inner = _ESCAPED.sub(lambda match: _escape(match[0]), _SURROGATES.sub("\ufffd", text))
    return f'"{inner}"'


def _escape(letter: str) -> str:
    return f"\\{letter}" if letter in '\\"' else f"\\u{{{ord(letter):x}}}"


def _date(when: datetime) -> str:
    return f"datetime(year: {when.year}, month: {when.month}, day: {when.day})"
