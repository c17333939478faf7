"""An engagement memo as a file to write (TOML), and as files to hand on: Markdown, HTML, CSV."""

from __future__ import annotations

import csv
import io
import json
import tomllib
from collections.abc import Mapping
from html import escape
from typing import Any

from seatrial.kernel.canonical import plain
from seatrial.kernel.clock import iso
from seatrial.kernel.errors import Misuse
from seatrial.kernel.text import harmless
from seatrial.review.planning.types import Entry, Form, Heading, MemoView, Option, Weighing

from .toml_lines import lines, nearest
from .weighing import HEADINGS, HEAVIEST, NOT_A_RULE, OPTIONS, totals

Names = Mapping[str, str]  # person id to name

_TEXTS = ("title", "scope", "conclusion", "reasons")
_FIELDS = ("option", "heading", "weight", "text")


def from_toml(text: str) -> Weighing:
    """The memo in a file: title, scope, conclusion, reasons, and an ``[[entry]]`` for each consideration.

    Raises ``Misuse`` (``memo-invalid``) naming line and field.
    """
    try:
        said = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise Misuse("memo-invalid", f"The memo file is not valid TOML: {error}.") from error
    reading = _Reading(text)
    for field in said:
        if field not in (*_TEXTS, "entry"):
            raise reading.fault((field,), f"there is no field {field!r}; there are {', '.join(_TEXTS)} and entry")
    words = {name: reading.text(said, (name,)) for name in _TEXTS}
    entries = said.get("entry", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise reading.fault(("entry",), "write each consideration as a table [[entry]]")
    conclusion = words["conclusion"]
    return Weighing(
        title=words["title"],
        entries=tuple(_entry(reading, place, entry) for place, entry in enumerate(entries)),
        scope=words["scope"],
        conclusion=reading.word(("conclusion",), conclusion, Option) if conclusion else None,
        reasons=words["reasons"],
    )


def to_toml(weighing: Weighing) -> str:
    """The memo as a file that ``from_toml`` reads back; authors are not in it, for they are who keeps it."""
    out = [f"title = {_quoted(weighing.title)}"]
    out += [f"{name} = {_quoted(text)}" for name, text in (("scope", weighing.scope), ("reasons", weighing.reasons))]
    if weighing.conclusion is not None:
        out.append(f'conclusion = "{weighing.conclusion}"')
    for entry in weighing.entries:
        out += ["", "[[entry]]", f'option = "{entry.option}"', f'heading = "{entry.heading}"']
        out += [f"weight = {entry.weight}", f"text = {_quoted(entry.text)}"]
    return "\n".join(out) + "\n"


def blank() -> str:
    """A file to start a memo from: every heading with its question, and nothing weighed."""
    out = ["# Yours alone: nobody outside your organisation can tell that it exists.", 'title = ""']
    out += ["# What partly engaging would mean: which levels, variants, windows.", 'scope = ""']
    out += [f'# conclusion = "{Option.ENGAGE}", "{Option.PARTLY}" or "{Option.NOT}"; leave it out while it is open.']
    out += ['reasons = ""', "", f"# An entry for each consideration, weight 0 to {HEAVIEST}. {NOT_A_RULE}"]
    for heading, (title, question) in HEADINGS.items():
        out += [f"# {title}: {question}", "# [[entry]]", f'# option = "{Option.ENGAGE}"', f'# heading = "{heading}"']
        out += ["# weight = 3", '# text = ""', ""]
    return "\n".join(out)


def markdown(memo: MemoView, names: Names) -> str:
    """The whole memo for people, entries as lists."""
    said = memo.weighing
    out = [
        f"# {said.title}",
        "",
        f"Engagement memo of {names.get(memo.developer, memo.developer)}, {_standing(memo, names)}.",
    ]
    out += ["", "## Conclusion", "", OPTIONS[said.conclusion] if said.conclusion else "Open."]
    out += ["", said.reasons] if said.reasons else []
    out += [
        "",
        "## Sums of weights",
        "",
        NOT_A_RULE,
        "",
        "| Option | " + " | ".join(h[0] for h in HEADINGS.values()) + " |",
    ]
    out.append("|---|" + "---:|" * len(HEADINGS))
    for option, row in _rows(said):
        out.append(f"| {OPTIONS[option]} | " + " | ".join(str(weight) for weight in row) + " |")
    for option, title in OPTIONS.items():
        out += ["", f"## {title}"]
        if option is Option.PARTLY and said.scope:
            out += ["", said.scope]
        for heading, (name, _question) in HEADINGS.items():
            found = _of(said, option, heading)
            if found:
                out += ["", f"### {name}", ""]
                out += [f"- ({e.weight}) {_indented(e.text)} – {names.get(e.author, e.author)}" for e in found]
    return "\n".join(out) + "\n"


def html(memo: MemoView, names: Names) -> str:
    """The whole memo as one page that needs nothing else; the sums as bars with their numbers."""
    said, home = memo.weighing, names.get(memo.developer, memo.developer)
    parts = [
        f"<h1>{escape(said.title)}</h1>",
        f"<p>Engagement memo of {escape(home)}, {escape(_standing(memo, names))}.</p>",
        f"<h2>Conclusion</h2><p><strong>{OPTIONS[said.conclusion] if said.conclusion else 'Open.'}</strong></p>",
        _paragraphs(said.reasons),
        f"<h2>Sums of weights</h2><p>{NOT_A_RULE}</p>",
        _table(said),
    ]
    for option, title in OPTIONS.items():
        parts.append(f"<h2>{title}</h2>")
        parts.append(_paragraphs(said.scope) if option is Option.PARTLY else "")
        for heading, (name, _question) in HEADINGS.items():
            found = _of(said, option, heading)
            if found:
                items = "".join(
                    f"<li>{_paragraphs(e.text)}<p>Weight {e.weight} · {escape(names.get(e.author, e.author))}</p></li>"
                    for e in found
                )
                parts.append(f"<h3>{name}</h3><ul>{items}</ul>")
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(said.title)}</title><style>{_STYLE}</style></head>\n<body>\n"
        + "\n".join(filter(None, parts))
        + "\n</body></html>\n"
    )


def entries_csv(memo: MemoView, names: Names) -> str:
    """The entries, one a row. A text that a spreadsheet would take for a formula begins with an apostrophe."""
    made = io.StringIO()
    out = csv.writer(made)
    out.writerow([*_FIELDS, "author"])
    for entry in memo.weighing.entries:
        author = names.get(entry.author, entry.author)
        out.writerow([entry.option.value, entry.heading.value, entry.weight, harmless(entry.text), harmless(author)])
    return made.getvalue()


def exported(memo: MemoView, form: Form, names: Names) -> str:
    """The memo in the form asked for."""
    if form is Form.MARKDOWN:
        return markdown(memo, names)
    if form is Form.HTML:
        return html(memo, names)
    if form is Form.CSV:
        return entries_csv(memo, names)
    if form is Form.TOML:
        return to_toml(memo.weighing)
    return json.dumps(plain(memo), indent=2, ensure_ascii=False) + "\n"


_STYLE = (
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:48rem;margin:2rem auto;padding:0 1rem;overflow-wrap:anywhere}"
    "table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.3rem .5rem;border-bottom:1px solid #aaa}"
    "svg{display:block;width:100%;height:.6rem}p{white-space:pre-wrap}"
)


class _Reading:
    """Reads fields of a file and says where one is wrong."""

    def __init__(self, text: str) -> None:
        self._lines = lines(text)

    def fault(self, place: tuple[str | int, ...], words: str) -> Misuse:
        line = nearest(self._lines, place)
        where = [] if line is None else [f"line {line}"]
        for part in place:
            if isinstance(part, int):
                where[-1] += f" {part + 1}"
            else:
                where.append(part)
        return Misuse("memo-invalid", f"The memo file needs mending: {', '.join(where)}: {words}.")

    def text(self, said: Mapping[str, Any], place: tuple[str | int, ...]) -> str:
        found = said.get(str(place[-1]), "")
        if not isinstance(found, str):
            raise self.fault(place, f"write text, not {found!r}")
        return found

    def word(self, place: tuple[str | int, ...], text: str, kind: Any) -> Any:
        if text not in {member.value for member in kind}:
            raise self.fault(place, f"it is one of {', '.join(kind)}, not {text!r}")
        return kind(text)


def _entry(reading: _Reading, place: int, said: Mapping[str, Any]) -> Entry:
    here: tuple[str | int, ...] = ("entry", place)
    for field in said:
        if field not in _FIELDS:
            raise reading.fault((*here, field), f"there is no field {field!r}; there are {', '.join(_FIELDS)}")
    weight = said.get("weight", 0)
    if not isinstance(weight, int) or isinstance(weight, bool) or not 0 <= weight <= HEAVIEST:
        raise reading.fault((*here, "weight"), f"it is 0 to {HEAVIEST}, not {weight!r}")
    return Entry(
        option=reading.word((*here, "option"), reading.text(said, (*here, "option")), Option),
        heading=reading.word((*here, "heading"), reading.text(said, (*here, "heading")), Heading),
        weight=weight,
        text=reading.text(said, (*here, "text")),
    )


def _of(said: Weighing, option: Option, heading: Heading) -> list[Entry]:
    """The entries of one option under one heading, weightiest first."""
    return sorted(
        (e for e in said.entries if (e.option, e.heading) == (option, heading)), key=lambda e: e.weight, reverse=True
    )


def _rows(said: Weighing) -> list[tuple[Option, list[int]]]:
    found = totals(said)
    return [(option, [total.weight for total in found if total.option is option]) for option in Option]


def _table(said: Weighing) -> str:
    rows, most = _rows(said), max((total.weight for total in totals(said)), default=0) or 1
    head = "".join(f'<th scope="col">{name}</th>' for name, _ in HEADINGS.values())
    body = ""
    for option, weights in rows:
        cells = "".join(
            f'<td>{weight}<svg aria-hidden="true"><rect width="{100 * weight / most:.1f}%" height="100%" '
            'fill="#005ea2"/></svg></td>'
            for weight in weights
        )
        body += f'<tr><th scope="row">{OPTIONS[option]}</th>{cells}</tr>'
    return f'<table><thead><tr><th scope="col">Option</th>{head}</tr></thead><tbody>{body}</tbody></table>'


def _standing(memo: MemoView, names: Names) -> str:
    return f"version {memo.version}, {names.get(memo.by, memo.by)}, {iso(memo.at)}, {memo.digest}"


def _paragraphs(text: str) -> str:
    return f"<p>{escape(text)}</p>" if text else ""


def _indented(text: str) -> str:
    return "\n  ".join(text.splitlines())


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
