"""A page as one HTML file: no script, no request, landmarks and headings for screen readers, good on paper.

Figures come as SVG that this house drew (``figures``: the figure's key to its SVG); everything else is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape

from seatrial.kernel.clock import iso

from .page import Block, Code, Facts, Figure, Heading, Listing, Note, Page, Paragraph, Quote, Run, Table, said

_STYLE = """
:root { color-scheme: light; }
body { font: 1rem/1.6 system-ui, sans-serif; color: #1b1b1b; background: #fff; max-width: 48rem; margin: 0 auto;
  padding: 1.5rem 1rem 4rem; overflow-wrap: break-word; }
h1 { font-size: 2rem; line-height: 1.2; margin: 0 0 .25rem; }
.subtitle { font-size: 1.1rem; color: #3d4551; margin: 0 0 1.5rem; }
h2 { font-size: 1.4rem; line-height: 1.3; margin: 2.75rem 0 .75rem; padding-top: .75rem;
  border-top: 1px solid #c6cace; }
h3 { font-size: 1.15rem; line-height: 1.35; margin: 2rem 0 .5rem; }
h4, h5, h6 { font-size: 1rem; margin: 1.5rem 0 .5rem; }
p { margin: 0 0 .9rem; }
nav ol { columns: 2; column-gap: 2rem; padding-left: 1.25rem; }
nav li { break-inside: avoid; margin: 0 0 .3rem; }
nav h2 { font-size: 1rem; border: 0; margin: 1.5rem 0 .5rem; padding: 0; }
a { color: #005ea2; }
dl { margin: 0 0 1rem; }
dl > div { display: grid; grid-template-columns: minmax(9rem, 13rem) 1fr; gap: .25rem 1rem; padding: .4rem 0;
  border-bottom: 1px solid #dfe1e2; }
dt { font-weight: 600; }
dd { margin: 0; min-width: 0; overflow-wrap: anywhere; }
.wide { overflow-x: auto; margin: 0 0 1.25rem; }
table { border-collapse: collapse; width: 100%; }
caption { text-align: left; font-weight: 600; padding: .5rem 0; }
th, td { text-align: left; vertical-align: top; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid #dfe1e2; }
thead th { border-bottom: 2px solid #565c65; }
tbody th { font-weight: 400; min-width: 8rem; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
figure { margin: 0 0 1rem; }
figure svg { display: block; max-width: 100%; height: auto; }
figcaption { color: #3d4551; font-size: .9rem; margin-top: .5rem; }
.note { background: #f0f4f8; border-left: .35rem solid #005ea2; padding: .75rem 1rem; margin: 0 0 1.25rem; }
.note p { margin: 0; }
code { font-size: .875em; overflow-wrap: anywhere; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; background: #f0f0f0; padding: .75rem; font-size: .85rem; }
blockquote { margin: 0 0 1rem; padding: .25rem 1rem; border-left: .35rem solid #a9aeb1; }
@media (max-width: 34rem) { dl > div { grid-template-columns: 1fr; }
nav ol { columns: 1; }
h1 { font-size: 1.6rem; }
}
@media print {
@page { margin: 18mm 16mm; }
body { max-width: none; padding: 0; font-size: 10pt; }
nav { display: none; }
a { color: inherit; text-decoration: none; }
h2, h3, h4 { break-after: avoid; }
figure, tr, dl > div, .note { break-inside: avoid; }
thead { display: table-header-group; }
.wide { overflow: visible; }
figure svg { max-width: 13cm; }
.note { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}""".strip()
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")  # HTML has no place for these


def html(page: Page, figures: Mapping[str, str]) -> str:
    """The whole file."""
    anchors = _anchors(page.blocks)
    tops = [block for block in page.blocks if isinstance(block, Heading) and block.level == 2]
    parts = [(said(block.text), anchors[id(block)]) for block in tops]
    contents = "".join(f'<li><a href="#{anchor}">{text(name)}</a></li>' for name, anchor in parts)
    body = "\n".join(_block(block, figures, anchors) for block in page.blocks)
    meta = {
        "author": page.author,
        "description": page.description,
        "keywords": ", ".join(page.keywords),
        "date": iso(page.at),
        "generator": "Seatrial",
    }
    return f"""<!doctype html>
<html lang="{text(page.language)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
{"".join(f'<meta name="{name}" content="{text(value)}">' for name, value in meta.items() if value)}
<title>{text(page.title)}</title>
<style>
{_STYLE}
</style>
</head>
<body>
<header>
<h1>{text(page.title)}</h1>
{f'<p class="subtitle">{text(page.subtitle)}</p>' if page.subtitle else ""}
{_facts(page.about)}
</header>
{f'<nav aria-labelledby="contents"><h2 id="contents">Contents</h2><ol>{contents}</ol></nav>' if len(parts) > 3 else ""}
<main>
{body}
</main>
</body>
</html>
"""


def text(literal: str) -> str:
    """``literal`` as it can stand in HTML, between tags or in a quoted attribute."""
    return escape(_UNSEEN.sub("\ufffd", literal))


def _anchors(blocks: Sequence[Block]) -> Mapping[int, str]:
    return {id(block): f"part-{place}" for place, block in enumerate(blocks, 1) if isinstance(block, Heading)}


def _block(block: Block, figures: Mapping[str, str], anchors: Mapping[int, str]) -> str:
    match block:
        case Heading(level, runs):
            anchor = f' id="{anchors[id(block)]}"' if id(block) in anchors else ""
            return f"<h{level}{anchor}>{_line(runs)}</h{level}>"
        case Paragraph(runs):
            return f"<p>{_line(runs)}</p>" if runs else ""
        case Note(title, runs):
            return f'<div class="note" role="note"><p><strong>{text(title)}</strong> {_line(runs)}</p></div>'
        case Listing(items, ordered):
            tag = "ol" if ordered else "ul"
            return f"<{tag}>{''.join(f'<li>{_item(item, figures, anchors)}</li>' for item in items)}</{tag}>"
        case Code(literal):
            return f'<pre tabindex="0"><code>{text(literal)}</code></pre>'
        case Quote(blocks):
            return f"<blockquote>{''.join(_block(inner, figures, anchors) for inner in blocks)}</blockquote>"
        case Facts(rows):
            return _facts(rows)
        case Table():
            return _table(block)
        case Figure(key, caption, legend, _, _, _):
            words = f"<strong>{text(caption)}</strong> {text(legend)}"
            return f"<figure>{figures[key]}<figcaption>{words}</figcaption></figure>"


def _item(blocks: Sequence[Block], figures: Mapping[str, str], anchors: Mapping[int, str]) -> str:
    if len(blocks) == 1 and isinstance(blocks[0], Paragraph):
        return _line(blocks[0].text)
    return "".join(_block(block, figures, anchors) for block in blocks)


def _facts(rows: Sequence[tuple[str, Sequence[Run]]]) -> str:
    inner = "".join(f"<div><dt>{text(term)}</dt><dd>{_line(runs)}</dd></div>" for term, runs in rows)
    return f"<dl>{inner}</dl>" if rows else ""


def _table(table: Table) -> str:
    caption = f"<caption>{text(table.caption)}</caption>" if table.caption else ""
    right = [' class="number"' if column.figures else "" for column in table.columns]
    names = [text(column.name) for column in table.columns]
    head = "".join(f'<th scope="col"{css}>{name}</th>' for name, css in zip(names, right, strict=True))
    rows = []
    for row in table.rows:
        first, *others = [_line(cell) for cell in row]
        cells = "".join(f"<td{css}>{cell}</td>" for cell, css in zip(others, right[1:], strict=True))
        rows.append(f'<tr><th scope="row"{right[0]}>{first}</th>{cells}</tr>')
    name = text(table.caption or "Table")
    inner = f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    return f'<div class="wide" role="region" aria-label="{name}" tabindex="0">{inner}</div>'


def _line(runs: Sequence[Run]) -> str:
    return "".join(_run(run) for run in runs)


def _run(run: Run) -> str:
    found = f"<code>{text(run.text)}</code>" if run.code else text(run.text)
    if run.emphasis:
        found = f"<em>{found}</em>"
    if run.strong:
        found = f"<strong>{found}</strong>"
    return f'<a href="{text(run.link)}" rel="noreferrer">{found}</a>' if run.link else found
