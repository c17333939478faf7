"""Prose that people wrote in Markdown, as blocks. Raw HTML and pictures are text like any other.

Headings of the prose stand below the heading they are found under, one step at a time, so that the outline of the
whole document has no holes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from .page import Block, Code, Column, Heading, Listing, Paragraph, Quote, Run, Runs, Table, followable

_PARSER = MarkdownIt("commonmark", {"html": False}).enable("table").disable(["image", "html_block", "html_inline"])
_DEEPEST = 6


def blocks(text: str, *, below: int) -> tuple[Block, ...]:
    """``text`` as blocks under a heading of level ``below``."""
    tree = SyntaxTreeNode(_PARSER.parse(text))
    return _nested(tree.children, _Depth(below))


class _Depth:
    """Where the outline stands: a heading is at most one step deeper than the one before."""

    def __init__(self, below: int) -> None:
        self.base = self.now = below

    def of(self, written: int) -> int:
        self.now = min(self.base + written, self.now + 1, _DEEPEST)
        return self.now


def _nested(nodes: Sequence[SyntaxTreeNode], depth: _Depth) -> tuple[Block, ...]:
    return tuple(block for node in nodes for block in _block(node, depth))


def _block(node: SyntaxTreeNode, depth: _Depth) -> Iterator[Block]:
    match node.type:
        case "heading":
            if words := _inline(node):
                yield Heading(depth.of(int(node.tag[1:])), words)
        case "paragraph":
            if words := _inline(node):
                yield Paragraph(words)
        case "bullet_list" | "ordered_list":
            items = tuple(_nested(item.children, depth) for item in node.children)
            yield Listing(items, ordered=node.type == "ordered_list")
        case "fence" | "code_block":
            yield Code(node.content.rstrip("\n"))
        case "blockquote":
            yield Quote(_nested(node.children, depth))
        case "table":
            yield _table(node)
        case "hr":
            return
        case other:  # the parser knows no more kinds than these; a new one must not lose words
            raise ValueError(f"prose has a block of kind {other!r} that exports do not know")


def _table(node: SyntaxTreeNode) -> Table:
    head, *bodies = node.children
    names = [_inline(cell) for cell in head.children[0].children]
    rows = [tuple(_inline(cell) for cell in row.children) for body in bodies for row in body.children]
    columns = tuple(Column("".join(run.text for run in name)) for name in names)
    return Table("", columns, tuple(rows))


def _inline(node: SyntaxTreeNode) -> Runs:
    found: list[Run] = []
    for inline in node.children:
        for child in inline.children:
            found += _runs(child, Run(""))
    return _joined(found)


def _runs(node: SyntaxTreeNode, voice: Run) -> Iterator[Run]:
    match node.type:
        case "text":
            yield replace(voice, text=node.content)
        case "softbreak" | "hardbreak":
            yield replace(voice, text=" ")
        case "code_inline":
            yield replace(voice, text=node.content, code=True)
        case "strong":
            yield from _within(node, replace(voice, strong=True))
        case "em":
            yield from _within(node, replace(voice, emphasis=True))
        case "link":
            address = str(node.attrs.get("href", ""))
            yield from _within(node, replace(voice, link=address if followable(address) else ""))
        case other:
            raise ValueError(f"prose has a part of kind {other!r} that exports do not know")


def _within(node: SyntaxTreeNode, voice: Run) -> Iterator[Run]:
    for child in node.children:
        yield from _runs(child, voice)


def _joined(runs: Sequence[Run]) -> Runs:
    """Neighbours of one voice drawn together; nothing empty."""
    found: list[Run] = []
    for run in runs:
        if found and replace(found[-1], text="") == replace(run, text=""):
            found[-1] = replace(run, text=found[-1].text + run.text)
        elif run.text:
            found.append(run)
    return tuple(found)
