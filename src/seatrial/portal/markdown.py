"""Markdown from people to HTML on a page: no raw HTML, no images, no schemes but the web's own."""

from __future__ import annotations

from django.utils.safestring import SafeString
from markdown_it import MarkdownIt

_PARSER = MarkdownIt("commonmark", {"html": False}).enable("table").disable(["image", "html_block", "html_inline"])
_DEEPEST = 6
_TABLE = '<div class="portal-scroll" tabindex="0" role="region" aria-label="Table"><table class="usa-table">'


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
    html = str(_PARSER.renderer.render(tokens, _PARSER.options, {}))
    # A wide table scrolls in its own box. What people wrote cannot be these tags: it is escaped.
    return SafeString(html.replace("<table>", _TABLE).replace("</table>", "</table></div>"))
