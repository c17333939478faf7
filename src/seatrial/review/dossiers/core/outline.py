"""What a dossier consists of, what each section should say, and what makes one whole."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence

from seatrial.kernel.canonical import plain
from seatrial.kernel.digests import Digest, digest_of
from seatrial.kernel.errors import Misuse
from seatrial.kernel.labels import Label
from seatrial.review.dossiers.types import Section

LONGEST = 50_000  # characters of a section

# key: title, and the question the section answers
OUTLINE: Mapping[str, tuple[str, str]] = {
    "model": ("Model identity", "Which model is it, and which digest or declared version pins it?"),
    "variants": ("Variants", "Which variants exist (safeguarded, helpful-only, with tools), and which is offered?"),
    "capabilities": ("Capabilities", "What can it do, with which tools and which context?"),
    "threat-model": ("Cyber threat model", "Which misuse was considered, by whom, with what help from the model?"),
    "evaluations": ("Our own evaluations", "What was measured, how, and how uncertain is it?"),
    "safeguards": ("Safeguards", "What stands between the model and misuse, and how was it tested?"),
    "open-issues": ("Open issues", "What is not known, not fixed, or not tried?"),
}


def check(sections: Sequence[Section]) -> None:
    """Raises ``Misuse`` (``dossier-invalid``) naming everything to mend in one sentence."""
    faults = []
    keys = [section.key for section in sections]
    if not sections:
        faults.append("it has no section")
    faults += [f"{key!r} is no section ({', '.join(OUTLINE)})" for key in keys if key not in OUTLINE]
    faults += [f"{key!r} stands twice" for key in sorted({key for key in keys if keys.count(key) > 1})]
    for section in sections:
        if not 0 < len(section.title.strip()) <= 200:
            faults.append(f"the title of {section.key!r} needs 1 to 200 characters")
        if not 0 < len(section.body.strip()) <= LONGEST:
            faults.append(f"{section.key!r} needs 1 to {LONGEST:,} characters")
    if faults:
        raise Misuse("dossier-invalid", f"This dossier cannot be kept yet: {'; '.join(faults)}.", faults=faults)


def pin(version: int, sections: Sequence[Section]) -> Digest:
    """What pins a version: the digest of every section with its label."""
    return digest_of({"version": version, "sections": [plain(section) for section in sections]})


def from_toml(text: str, *, default: Label) -> tuple[Section, ...]:
    """Sections from a TOML file: a table for each key with ``body``, and ``title`` and ``label`` if they differ.

    Raises ``Misuse`` (``dossier-invalid``) naming the line or the field.
    """
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Misuse("dossier-invalid", f"The dossier file is not valid TOML: {error}.") from error
    found = []
    for key, table in tables.items():
        if not isinstance(table, dict) or not isinstance(table.get("body"), str):
            raise Misuse("dossier-invalid", f"[{key}] in the dossier file needs a text named 'body'.")
        foreign = sorted(set(table) - {"title", "body", "label"})
        if foreign:
            raise Misuse("dossier-invalid", f"[{key}] in the dossier file has an unknown field {foreign[0]!r}.")
        title, label = table.get("title", OUTLINE.get(key, (key, ""))[0]), table.get("label")
        found.append(Section(key, str(title), table["body"], Label.parse(str(label)) if label else default))
    check(found)
    return tuple(found)
