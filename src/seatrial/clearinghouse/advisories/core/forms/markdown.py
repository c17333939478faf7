"""Markdown (CommonMark with tables). Every character that could mean something is escaped: text stays text."""

from __future__ import annotations

import re
from collections.abc import Iterable

from seatrial.clearinghouse.advisories.core.names import file_name
from seatrial.clearinghouse.advisories.types import Form, Issue, Written

from .prose import Part, prose

_MEANING = re.compile(r"([\\`*_{}\[\]<>()#+\-.!|~&:@=$^\"'/])")
_MEDIA_TYPE = "text/markdown; charset=utf-8"


def markdown(issue: Issue) -> tuple[Written, ...]:
    """The text."""
    said = prose(issue)
    lines = [f"# {_line(said.title)}", "", *_facts(said.facts), ""]
    if said.notice:
        lines += [f"**{_line(said.notice)}**", ""]
    lines += ["## Summary", "", _text(said.summary), ""]
    for part in said.parts:
        lines += _part(part)
    lines += _list("References", (_link(words, url) for words, url in said.references))
    lines += _list("Thanks", (_link(words, url) for words, url in said.thanks))
    lines += ["## Revisions", "", *_facts(said.history), ""]
    content = "\n".join(lines).encode()
    return (Written(Form.MARKDOWN, file_name(issue.tracking, "md"), _MEDIA_TYPE, content),)


def _part(part: Part) -> list[str]:
    lines = [f"## {_line(part.title)}", "", *_facts(part.facts), "", _text(part.text), ""]
    lines += ["| Product | Status | What to do, or why not |", "| --- | --- | --- |"]
    lines += [f"| {_line(row.product)} | {_line(row.status)} | {_line(row.action)} |" for row in part.rows]
    lines += [""]
    remedies = (f"**{_line(kind)}**: {_link(details, url)}" for kind, details, url in part.remedies)
    return lines + _list("Remedies", remedies, "###")


def _facts(facts: Iterable[tuple[str, str]]) -> list[str]:
    return [f"- **{_line(name)}**: {_line(value)}" for name, value in facts]


def _list(title: str, items: Iterable[str], level: str = "##") -> list[str]:
    rows = [f"- {item}" for item in items]
    return [f"{level} {title}", "", *rows, ""] if rows else []


def _link(words: str, url: str) -> str:
    if not url.startswith(("https://", "http://")):
        return _line(words)
    safe = url.replace("\\", "%5C").replace("<", "%3C").replace(">", "%3E")
    return f"[{_line(words)}](<{safe}>)"


def _line(text: str) -> str:
    """One line of text, every mark escaped."""
    return _MEANING.sub(r"\\\1", " ".join(text.split()))


def _text(text: str) -> str:
    """Paragraphs. A line that is not the first of one is kept apart from it by a break."""
    paragraphs = re.split(r"\n\s*\n", text.strip())
    return "\n\n".join("\\\n".join(_line(line) for line in one.split("\n") if line.strip()) for one in paragraphs)
