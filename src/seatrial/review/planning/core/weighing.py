"""What a version of an engagement memo may say, who wrote which words, and sums that decide nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from seatrial.kernel.canonical import plain
from seatrial.kernel.digests import Digest, digest_of
from seatrial.kernel.errors import Misuse
from seatrial.review.planning.types import Entry, Heading, Option, Total, Weighing

from .rules import text_fault

HEAVIEST = 5
MOST_ENTRIES = 200
LONGEST_ENTRY = 5_000  # characters
LONGEST_REASONS = 20_000

# In words, as pages and files show them.
OPTIONS = {Option.ENGAGE: "Engage", Option.PARTLY: "Partly engage", Option.NOT: "Do not engage"}
HEADINGS = {
    Heading.BENEFITS: ("Benefits", "What would we, our users or the public gain?"),
    Heading.EXPOSURE: ("Exposure", "What could be disclosed, leaked or used against us?"),
    Heading.BURDEN: ("Burden", "What would it cost in people, time and delay of other work?"),
    Heading.ALTERNATIVES: ("Alternatives", "What else would serve the same end?"),
}
NOT_A_RULE = "The weights are their authors’ notes. Their sums decide nothing: the conclusion is yours to write."

_UNPRINTABLE = re.compile("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f\ud800-\udfff\ufffe\uffff]")


def check(weighing: Weighing) -> None:
    """Raises ``Misuse`` (``memo-invalid``) naming everything to mend in one sentence."""
    faults = list(filter(None, [text_fault(weighing.title, "the title")]))
    if len(weighing.entries) > MOST_ENTRIES:
        faults.append(f"it has more than {MOST_ENTRIES} entries")
    for number, entry in enumerate(weighing.entries[:MOST_ENTRIES], start=1):
        if not 0 <= entry.weight <= HEAVIEST:
            faults.append(f"the weight of entry {number} is 0 to {HEAVIEST}, not {entry.weight}")
        if not 0 < len(entry.text.strip()) <= LONGEST_ENTRY:
            faults.append(f"entry {number} needs 1 to {LONGEST_ENTRY:,} characters")
    for name, text in (("scope", weighing.scope), ("reasons", weighing.reasons)):
        if len(text) > LONGEST_REASONS:
            faults.append(f"the {name} have at most {LONGEST_REASONS:,} characters")
    if any(_UNPRINTABLE.search(text) for text in (weighing.scope, weighing.reasons, *_texts(weighing))):
        faults.append("it contains a control character; keep to text and line breaks")
    if faults:
        raise Misuse("memo-invalid", f"This memo cannot be kept yet: {'; '.join(faults)}.", faults=faults)


def attributed(weighing: Weighing, before: Sequence[Entry], writer: str) -> Weighing:
    """Each entry under whoever wrote it: words that stood in the version before keep their author, and every other
    is the ``writer``'s, whatever the caller said. Texts lose the space around them.
    """
    authors = {(entry.option, entry.heading, entry.text): entry.author for entry in before}
    entries = []
    for entry in weighing.entries:
        text = entry.text.strip()
        author = authors.get((entry.option, entry.heading, text), writer)
        entries.append(replace(entry, text=text, author=author))
    return replace(
        weighing,
        title=weighing.title.strip(),
        entries=tuple(entries),
        scope=weighing.scope.strip(),
        reasons=weighing.reasons.strip(),
    )


def pin(version: int, weighing: Weighing) -> Digest:
    """What pins a version of a memo: the digest of everything it says."""
    return digest_of({"version": version, "weighing": plain(weighing)})


def totals(weighing: Weighing) -> tuple[Total, ...]:
    """For every option and heading, in their order, how many entries there are and what their weights add up to."""
    found = []
    for option in Option:
        for heading in Heading:
            weights = [e.weight for e in weighing.entries if (e.option, e.heading) == (option, heading)]
            found.append(Total(option, heading, len(weights), sum(weights)))
    return tuple(found)


def _texts(weighing: Weighing) -> list[str]:
    return [entry.text for entry in weighing.entries]
