"""An advisory as sections of plain text, which page, Markdown and mail are made from, so that they say the same."""

from __future__ import annotations

from dataclasses import dataclass

from seatrial.clearinghouse.advisories.types import Flaw, Issue

from .csaf import v3, v4
from .wording import WITHDRAWN, action_for, full_name, label_of, moment


@dataclass(frozen=True, slots=True)
class Row:
    """What a flaw means for a product."""

    product: str
    status: str
    action: str


@dataclass(frozen=True, slots=True)
class Part:
    """A flaw. ``facts`` are a name and a value each."""

    title: str
    text: str
    facts: tuple[tuple[str, str], ...]
    rows: tuple[Row, ...]
    remedies: tuple[tuple[str, str, str], ...]  # kind, details, address


@dataclass(frozen=True, slots=True)
class Prose:
    """All that is shown, in its order."""

    title: str
    facts: tuple[tuple[str, str], ...]
    notice: str
    summary: str
    parts: tuple[Part, ...]
    references: tuple[tuple[str, str], ...]
    thanks: tuple[tuple[str, str], ...]  # words, address
    history: tuple[tuple[str, str], ...]


def prose(issue: Issue) -> Prose:
    """What people read of an issue."""
    content = issue.content
    return Prose(
        title=content.title,
        facts=(
            ("Advisory", issue.tracking),
            ("Publisher", issue.publisher.name),
            ("Marking", f"TLP:{content.tlp.mark}"),
            ("Revision", str(issue.revision)),
            ("First released", moment(issue.released)),
            ("Last updated", moment(issue.updated)),
        ),
        notice=f"{WITHDRAWN}{issue.withdrawn}" if issue.withdrawn else "",
        summary=content.summary,
        parts=tuple(_part(flaw, issue) for flaw in content.flaws),
        references=tuple((one.summary, one.url) for one in content.references),
        thanks=tuple(
            (f"{one.name}{f' ({one.organisation})' if one.organisation else ''}, {one.kind.value}", one.url)
            for one in content.credits
        ),
        history=tuple((f"{one.number}, {moment(one.at)}", one.summary) for one in issue.history),
    )


def _part(flaw: Flaw, issue: Issue) -> Part:
    products = {one.id: full_name(one) for one in issue.content.products}
    facts = [("Id", label_of(flaw, issue))]
    facts += [("Also known as", ", ".join(flaw.aliases))] if flaw.aliases else []
    facts += [("Weakness", ", ".join(flaw.weaknesses))] if flaw.weaknesses else []
    for vector, read in ((flaw.cvss3, v3), (flaw.cvss4, v4)):
        if vector:
            score = read(vector)
            severity = f"{score['baseScore']} {score['baseSeverity'].lower()} ({vector})"
            facts.append((f"CVSS {score['version']}", severity))
    rows = (
        Row(
            products[one.product],
            one.status.value.replace("_", " "),
            one.impact or (one.justification.value.replace("_", " ") if one.justification else action_for(flaw, one)),
        )
        for one in flaw.standings
    )
    remedies = ((one.kind.value.replace("_", " ").capitalize(), one.details, one.url) for one in flaw.remedies)
    return Part(flaw.title, flaw.description, tuple(facts), tuple(rows), tuple(remedies))
