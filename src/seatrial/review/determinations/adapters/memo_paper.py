"""The memo as PDF: set from the very HTML that is read on the screen, so that the two cannot say different things.

The HTML is this room's own (``memo_page.fragment``), so only its few elements are known here; another one is a defect.
Figures are drawn again for paper, as vectors with their words. The signed record travels inside the file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from html.parser import HTMLParser
from typing import Any

from seatrial.review.dossiers import api as dossiers

from .memo_page import forest_figure, funnel_figure

RECORD = "record.json"
ABOUT = "The signed record: memo, statement and signatures. 'seatrial memo verify' checks it."
_FIGURES: Mapping[str, Callable[[Mapping[str, Any], str], str]] = {"funnel": funnel_figure, "forest": forest_figure}
_WIDTH = 72  # of a figure, percent of the line
_VOID = frozenset({"br"})
_INLINE = frozenset({"strong", "em", "code", "br", "span"})
_WITHIN = frozenset({"header", "section", "div", "details"})

Runs = tuple[dossiers.Run, ...]


def pdf(article: str, memo: Mapping[str, Any], *, record: str, about: Sequence[tuple[str, str]], at: datetime) -> bytes:
    """The PDF of ``article``, the memo's own HTML; ``record`` is the JSON that was signed, ``at`` when it was drafted.

    The same memo in the same state gives the same bytes. Raises ``Unavailable`` (``cannot-print``).
    """
    reader = _Reader(memo)
    blocks = tuple(reader.blocks(_tree(article)))
    page = dossiers.Page(
        title=f"{memo['model']}: {memo['finding_words']}",
        subtitle=reader.kind,
        author="Seatrial",
        description=memo["sentence"],
        at=at,
        about=tuple((term, (dossiers.Run(said),)) for term, said in about),
        blocks=blocks,
        contents=False,
    )
    font, _ = dossiers.PAPER
    figures = {key: draw(memo, font) for key, draw in _FIGURES.items() if key in reader.drawn}
    attached = dossiers.Attached(RECORD, record, "application/json", ABOUT)
    return dossiers.print_page(page, figures, at=at, attached=(attached,))


@dataclass(slots=True)
class _Node:
    tag: str
    kind: str = ""  # its class
    children: list[_Node | str] = field(default_factory=list)


class _Tree(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open = [_Node("article")]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = _Node(tag, dict(attrs).get("class") or "")
        self.open[-1].children.append(node)
        if tag not in _VOID:
            self.open.append(node)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open[-1].children.append(_Node(tag))

    def handle_endtag(self, tag: str) -> None:
        if self.open.pop().tag != tag:
            raise ValueError(f"the memo's HTML closes {tag} out of place")

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def _tree(article: str) -> _Node:
    parser = _Tree()
    parser.feed(article)
    parser.close()
    if len(parser.open) != 1:
        raise ValueError("the memo's HTML leaves an element open")
    return parser.open[0]


class _Reader:
    """From elements to blocks."""

    def __init__(self, memo: Mapping[str, Any]) -> None:
        self.kind = ""
        self.drawn: list[str] = []
        self._left = [key for key, has in (("funnel", memo.get("funnel")), ("forest", memo.get("families"))) if has]

    def blocks(self, node: _Node) -> Iterator[dossiers.Block]:
        for child in node.children:
            if isinstance(child, str):
                if child.strip():
                    yield dossiers.Paragraph((dossiers.Run(_squeezed(child).strip()),))
            else:
                yield from self._block(child)

    def _block(self, node: _Node) -> Iterator[dossiers.Block]:
        match node.tag:
            case tag if tag in _WITHIN:
                yield from self.blocks(node)
            case "summary":
                pass  # on paper the table below it is always open
            case "p" if node.kind == "memo-kind":
                self.kind = _text(node)
            case "p":
                yield dossiers.Paragraph(_runs(node))
            case "h2":
                yield dossiers.Note(_text(node), ())
            case "h3" | "h4":
                yield dossiers.Heading(int(node.tag[1]) - 1, _runs(node))
            case "dl":
                yield dossiers.Facts(tuple(_fact(row) for row in _elements(node)))
            case "ul" | "ol":
                items = tuple(tuple(self._item(item)) for item in _elements(node))
                yield dossiers.Listing(items, ordered=node.tag == "ol")
            case "blockquote":
                yield dossiers.Quote((dossiers.Paragraph(_runs(node)),))
            case "table":
                yield _table(node)
            case "figure":
                yield self._figure(node)
            case _:
                raise ValueError(f"the memo's HTML holds {node.tag}, which has no place on paper")

    def _item(self, item: _Node) -> Iterator[dossiers.Block]:
        inline = all(isinstance(child, str) or child.tag in _INLINE for child in item.children)
        if inline:
            yield dossiers.Paragraph(_runs(item))
        else:
            yield from self.blocks(item)

    def _figure(self, node: _Node) -> dossiers.Block:
        svg, caption = _elements(node)
        title, description = [_text(part) for part in _elements(svg)[:2]]
        key = self._left.pop(0)
        self.drawn.append(key)
        return dossiers.Figure(key, f"{title}.", _text(caption), f"{title}. {description}", "", (), _WIDTH)


def _fact(row: _Node) -> tuple[str, Runs]:
    term, *said = _elements(row)
    return _text(term), tuple(run for one in said for run in _runs(one))


def _table(node: _Node) -> dossiers.Block:
    caption, head, body = _elements(node)
    names = [_text(cell) for cell in _elements(_elements(head)[0])]
    rows = tuple(tuple(_runs(cell) for cell in _elements(row)) for row in _elements(body))
    shares = (2, *(1 for _ in names[1:]))
    columns = tuple(dossiers.Column(name, share) for name, share in zip(names, shares, strict=True))
    return dossiers.Table(_text(caption), columns, rows)


def _elements(node: _Node) -> list[_Node]:
    return [child for child in node.children if isinstance(child, _Node)]


def _runs(node: _Node, *, strong: bool = False, emphasis: bool = False, code: bool = False) -> Runs:
    """Text with its voices; a list inside becomes a row of clauses."""
    found: list[dossiers.Run] = []
    for child in node.children:
        if isinstance(child, str):
            found.append(dossiers.Run(_squeezed(child), strong=strong, emphasis=emphasis, code=code))
        elif child.tag == "br":
            found.append(dossiers.Run(" "))
        elif child.tag == "ul":
            for place, item in enumerate(_elements(child)):
                found += [dossiers.Run("; " if place else " "), *_runs(item)]
        else:
            voice = {"strong": strong or child.tag == "strong", "emphasis": emphasis or child.tag == "em"}
            found += _runs(child, **voice, code=code or child.tag == "code")
    return tuple(run for run in found if run.text)


def _text(node: _Node) -> str:
    return "".join(run.text for run in _runs(node)).strip()


def _squeezed(text: str) -> str:
    """White space drawn together, kept at the ends: words of different voices stay apart."""
    inner = " ".join(text.split())
    if not inner:
        return " " if text else ""
    return f"{' ' if text[0].isspace() else ''}{inner}{' ' if text[-1].isspace() else ''}"
