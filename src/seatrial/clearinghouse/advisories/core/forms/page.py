"""A page that stands alone: no script, nothing fetched, every word escaped, links only to web addresses."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from seatrial.clearinghouse.advisories.core.names import file_name
from seatrial.clearinghouse.advisories.types import Form, Issue, Written

from .prose import Part, prose

_STYLE = (
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:50rem;margin:0 auto;padding:1rem;color:#1b1b1b;background:#fff}"
    "h1,h2,h3{line-height:1.2;overflow-wrap:anywhere}p,td,dd,li{overflow-wrap:anywhere;white-space:pre-wrap}"
    "dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1rem}dt{font-weight:700}dd{margin:0}"
    ".scroll{overflow-x:auto}table{border-collapse:collapse;width:100%}"
    "th,td{border:1px solid #71767a;padding:.5rem;text-align:left;vertical-align:top}"
    ".notice{border-left:.5rem solid #b50909;padding:.5rem 1rem;background:#f8eff1}a{color:#005ea2}"
)


def page(issue: Issue) -> tuple[Written, ...]:
    """The page."""
    said = prose(issue)
    body = [
        f"<p><strong>TLP:{escape(issue.content.tlp.mark)}</strong></p>",
        f"<h1>{escape(said.title)}</h1>",
        f'<p class="notice" role="note">{escape(said.notice)}</p>' if said.notice else "",
        _facts(said.facts),
        f"<h2>Summary</h2>\n<p>{escape(said.summary)}</p>",
        *(_part(part) for part in said.parts),
        _list("References", (_link(words, url) for words, url in said.references)),
        _list("Thanks", (_link(words, url) for words, url in said.thanks)),
        "<h2>Revisions</h2>",
        _facts(said.history),
    ]
    head = (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{escape(issue.tracking)}: {escape(said.title)}</title>\n<style>{_STYLE}</style>\n</head>\n"
    )
    text = head + "<body>\n<main>\n" + "\n".join(one for one in body if one) + "\n</main>\n</body>\n</html>\n"
    name = file_name(issue.tracking, "html")
    return (Written(Form.HTML, name, "text/html; charset=utf-8", text.encode()),)


def _facts(facts: Iterable[tuple[str, str]]) -> str:
    rows = "\n".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in facts)
    return f"<dl>\n{rows}\n</dl>"


def _part(part: Part) -> str:
    rows = "\n".join(
        f'<tr><th scope="row">{escape(row.product)}</th><td>{escape(row.status)}</td><td>{escape(row.action)}</td></tr>'
        for row in part.rows
    )
    remedies = (f"<strong>{escape(kind)}.</strong> {_link(details, url)}" for kind, details, url in part.remedies)
    return (
        f"<h2>{escape(part.title)}</h2>\n{_facts(part.facts)}\n<p>{escape(part.text)}</p>\n"
        f'<div class="scroll" tabindex="0" role="region" aria-label="Products, of {escape(part.title)}">\n'
        "<table>\n<caption>Products</caption>\n<thead><tr>"
        '<th scope="col">Product</th><th scope="col">Status</th><th scope="col">What to do, or why not</th>'
        f"</tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table>\n</div>" + _list("Remedies", remedies, level=3)
    )


def _link(words: str, url: str) -> str:
    if not url.startswith(("https://", "http://")):
        return escape(words)
    return f'<a href="{escape(url)}" rel="noopener noreferrer nofollow">{escape(words)}</a>'


def _list(title: str, items: Iterable[str], level: int = 2) -> str:
    rows = "\n".join(f"<li>{item}</li>" for item in items)
    return f"\n<h{level}>{title}</h{level}>\n<ul>\n{rows}\n</ul>" if rows else ""
