"""Markdown from people to HTML on a page: no raw HTML, no images, no schemes but the web's own."""

from __future__ import annotations

from django.utils.safestring import SafeString
from markdown_it import MarkdownIt

_PARSER = MarkdownIt("commonmark", {"html": False}).enable("table").disable(["image", "html_block", "html_inline"])
_DEEPEST = 6


def to_html(text: str) -> SafeString:
    """``text`` as HTML, its headings two levels down so that they stand below a section's own."""
    tokens = _PARSER.parse(text)
    level = 2
    for token in tokens:
        if token.type == "heading_open":
            # Never more than one step deeper than the heading before: an outline without holes.
            level = min(int(token.tag[1:]) + 2, level + 1, _DEEPEST)
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{level}"
    return SafeString(_PARSER.renderer.render(tokens, _PARSER.options, {}))  # safe: raw HTML is disabled
