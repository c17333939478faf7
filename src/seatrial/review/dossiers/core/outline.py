"""What a dossier consists of, what each section should say, and what makes one whole."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence

from seatrial.kernel.canonical import plain
from seatrial.kernel.digests import Digest, digest_of
from seatrial.kernel.errors import Misuse
from seatrial.kernel.labels import Label, Reader
from seatrial.review.dossiers.types import Section

LONGEST = 50_000  # characters of a section
LONGEST_TITLE = 200

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

_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")  # no database or page keeps these


def check(sections: Sequence[Section], *, writer: Reader | None = None) -> None:
    """Raises ``Misuse`` (``dossier-invalid``) naming everything to mend in one sentence.

    A ``writer`` must be able to read each section: nobody writes what would be withheld from them.
    """
    faults = []
    keys = [section.key for section in sections]
    if not sections:
        faults.append("it has no section")
    faults += [f"{key!r} is no section ({', '.join(OUTLINE)})" for key in keys if key not in OUTLINE]
    faults += [f"{key!r} stands twice" for key in sorted({key for key in keys if keys.count(key) > 1})]
    for section in sections:
        if not 0 < len(section.title.strip()) <= LONGEST_TITLE:
            faults.append(f"the title of {section.key!r} needs 1 to {LONGEST_TITLE} characters")
        if not 0 < len(section.body.strip()) <= LONGEST:
            faults.append(f"{section.key!r} needs 1 to {LONGEST:,} characters")
        if _UNPRINTABLE.search(section.title + section.body):
            faults.append(f"{section.key!r} contains a control character; keep to text and line breaks")
        if writer is not None and not writer.may_read(section.label):
            faults.append(f"the label of {section.key!r} ({section.label}) is beyond what you may read yourself")
    if faults:
        raise Misuse("dossier-invalid", f"This dossier cannot be kept yet: {'; '.join(faults)}.", faults=faults)


def pin(version: int, sections: Sequence[Section]) -> Digest:
    """What pins a version: the digest of every section with its label."""
    return digest_of({"version": version, "sections": [plain(section) for section in sections]})


def blank() -> str:
    """A TOML file to start a first dossier from: every section with its question, and nothing answered."""
    tables = [
        f'# {question}\n[{key}]\ntitle = "{title}"\nbody = """\n"""' for key, (title, question) in OUTLINE.items()
    ]
    return "\n\n".join(tables) + "\n"


def from_toml(text: str, *, default: Label) -> tuple[Section, ...]:
    """Sections from a TOML file: a table for each key with ``body``, and ``title`` and ``label`` if they differ.

    Raises ``Misuse`` (``dossier-invalid``) naming the line or the field.
    """
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Misuse("dossier-invalid", f"The dossier file is not valid TOML: {error}.") from error
    found = [_section(key, table, default) for key, table in tables.items()]
    check(found)
    return tuple(found)


def _section(key: str, table: object, default: Label) -> Section:
    if not isinstance(table, dict) or "body" not in table:
        raise Misuse("dossier-invalid", f"[{key}] in the dossier file needs a text named 'body'.")
    for field, value in table.items():
        if field not in ("title", "body", "label"):
            raise Misuse("dossier-invalid", f"[{key}] in the dossier file has an unknown field {field!r}.")
        if not isinstance(value, str):
            raise Misuse("dossier-invalid", f"[{key}] in the dossier file needs text as its {field!r}.")
    try:
        label = Label.parse(table["label"]) if "label" in table else default
    except Misuse as error:
        raise Misuse("dossier-invalid", f"[{key}] in the dossier file: {error.message}") from error
    return Section(key, table.get("title", OUTLINE.get(key, (key, ""))[0]), table["body"], label)
