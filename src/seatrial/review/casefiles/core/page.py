"""The readable index of a case file: one HTML page, no script, no request, good by keyboard and on paper."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from html import escape

from seatrial.review.casefiles.types import MANIFEST, RECEIPT, Section, Withheld

_STYLE = """
:root { color-scheme: light; }
body { font: 1rem/1.6 system-ui, sans-serif; color: #1b1b1b; background: #fff; max-width: 60rem; margin: 0 auto;
  padding: 1.5rem 1rem 4rem; overflow-wrap: break-word; }
h1 { font-size: 2rem; line-height: 1.2; margin: 0 0 .25rem; }
.lede { font-size: 1.1rem; color: #3d4551; margin: 0 0 1.5rem; }
h2 { font-size: 1.4rem; line-height: 1.3; margin: 2.5rem 0 .5rem; padding-top: .75rem; border-top: 1px solid #c6cace; }
a { color: #005ea2; }
nav ul { columns: 2; column-gap: 2rem; padding-left: 1.25rem; }
.wide { overflow-x: auto; margin: 0 0 1rem; }
.wide:focus { outline: .25rem solid #2491ff; }
table { border-collapse: collapse; width: 100%; }
caption { text-align: left; color: #3d4551; padding: .25rem 0; }
th, td { text-align: left; vertical-align: top; padding: .35rem 1rem .35rem 0; border-bottom: 1px solid #dfe1e2;
  min-width: 6rem; overflow-wrap: anywhere; }
thead th { border-bottom: 2px solid #565c65; }
tbody th { font-weight: 400; }
.note { background: #f0f4f8; border-left: .35rem solid #005ea2; padding: .75rem 1rem; }
code { font-size: .9em; overflow-wrap: anywhere; }
@media (max-width: 34rem) { nav ul { columns: 1; } h1 { font-size: 1.6rem; } }
@media print { body { max-width: none; font-size: 10pt; } nav { display: none; } }
"""


def page(title: str, review: str, at: datetime, sections: Sequence[Section], withheld: Sequence[Withheld]) -> str:
    """The whole page; every value is escaped."""
    links = "".join(f'<li><a href="#part-{number}">{escape(one.title)}</a></li>' for number, one in _numbered(sections))
    parts = "".join(_section(number, one) for number, one in _numbered(sections))
    left_out = _table(
        "What is not in this file, and why", ("Where", "Why"), tuple((one.place, one.reason) for one in withheld)
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}: the whole case</title><style>{_STYLE}</style></head><body><main>"
        f"<h1>{escape(title)}</h1>"
        f'<p class="lede">Everything of the review <code>{escape(review)}</code> that whoever exported it may read, '
        f"as of {at:%-d %B %Y, %H:%M} UTC.</p>"
        f'<p class="note">Anybody can verify this file without a network: <code>seatrial case verify FILE --key '
        f'ledger.pub</code>. <a href="{MANIFEST}">{MANIFEST}</a> lists every file by its digest, and '
        f'<a href="{RECEIPT}">{RECEIPT}</a> proves that the ledger recorded that list.</p>'
        f'<nav aria-label="Parts"><ul>{links}<li><a href="#left-out">What is left out</a></li></ul></nav>'
        f'{parts}<section aria-labelledby="left-out"><h2 id="left-out">What is left out</h2>{left_out}</section>'
        "</main></body></html>\n"
    )


def _numbered(sections: Sequence[Section]) -> list[tuple[int, Section]]:
    return list(enumerate(sections, 1))


def _section(number: int, one: Section) -> str:
    files = "".join(f'<li><a href="{escape(path)}">{escape(words)}</a></li>' for path, words in one.files)
    return (
        f'<section aria-labelledby="part-{number}"><h2 id="part-{number}">{escape(one.title)}</h2>'
        f"<p>{escape(one.sentence)}</p>"
        + (_table(one.title, one.headings, one.rows) if one.rows else "")
        + (f"<ul>{files}</ul>" if files else "")
        + "</section>"
    )


def _table(caption: str, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f'<th scope="col">{escape(word)}</th>' for word in headings)
    body = "".join(
        "<tr>"
        + f'<th scope="row">{escape(row[0])}</th>'
        + "".join(f"<td>{escape(cell)}</td>" for cell in row[1:])
        + "</tr>"
        for row in rows
    )
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="Table: {escape(caption)}"><table>'
        f"<caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )
