"""A dossier as JSON and as TOML: two spellings of one thing, each read back to exactly it.

What nobody wrote is left out, an unmarked paragraph is a plain string, and a part that says nothing is no part. The
canonical JSON (RFC 8785) of that form is what a digest pins.
"""

from __future__ import annotations

import enum
import json
import re
from collections.abc import Mapping
from typing import Any

from seatrial.kernel.canonical import canonical
from seatrial.kernel.digests import Digest, digest
from seatrial.review.dossiers.types import Dossier, Paragraph, Part

from .shape import Field, Kind, fields_of

FORMAT = "seatrial-dossier-1"


def as_json(document: Dossier) -> dict[str, Any]:
    """The document in JSON's own types, as the published schema describes them."""
    return {"format": FORMAT, **part_json(document)}


def canonical_json(document: Dossier) -> bytes:
    """The bytes that the digest pins."""
    return canonical(as_json(document))


def digest_of_dossier(document: Dossier) -> Digest:
    return digest(canonical_json(document))


def as_json_text(document: Dossier) -> str:
    """JSON for people: indented, every script as it is."""
    return json.dumps(as_json(document), ensure_ascii=False, indent=2) + "\n"


def part_json(part: Part) -> dict[str, Any]:
    """One part with its marks."""
    found: dict[str, Any] = {}
    for field in fields_of(type(part)):
        value = getattr(part, field.name)
        if value != field.empty:
            said = _value(field, value)
            if said != {} or field.kind is not Kind.PART:
                found[field.name] = said
    if part.marking is not None:
        found["marking"] = str(part.marking)
    if part.marked:
        found["marked"] = {mark.field: str(mark.marking) for mark in part.marked}
    if part.withheld:
        found["withheld"] = {gap.field: gap.category.value for gap in part.withheld}
    return found


def paragraph_json(paragraph: Paragraph) -> Any:
    """A plain string, or a table if it is marked or left out."""
    if paragraph.withheld is not None:
        return {"withheld": paragraph.withheld.value}
    if paragraph.marking is not None:
        return {"text": paragraph.text, "marking": str(paragraph.marking)}
    return paragraph.text


def _value(field: Field, value: Any) -> Any:
    if field.kind is Kind.TEXT:
        return [paragraph_json(paragraph) for paragraph in value]
    if field.kind is Kind.LINES:
        return list(value)
    if field.kind is Kind.PART:
        return part_json(value)
    if field.kind is Kind.PARTS:
        return [part_json(item) for item in value]
    return value.value if isinstance(value, enum.Enum) else value


def as_toml(document: Dossier) -> str:
    """TOML 1.0: a table for each section, an array of tables for each list."""
    rows: list[str] = []
    _table(as_json(document), (), rows)
    return "\n".join(rows).lstrip("\n") + "\n"


def _table(table: Mapping[str, Any], path: tuple[str, ...], rows: list[str]) -> None:
    inner = {}
    for name, value in table.items():
        if isinstance(value, dict) or (_is_tables(value) and not _is_text(value)):
            inner[name] = value
        else:
            rows.append(f"{_name(name)} = {_toml(value)}")
    for name, value in inner.items():
        heading = ".".join((*path, name))
        for one in value if isinstance(value, list) else [value]:
            rows += ["", f"[[{heading}]]" if isinstance(value, list) else f"[{heading}]"]
            _table(one, (*path, name), rows)


def _is_tables(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value)


def _is_text(value: list[dict[str, Any]]) -> bool:
    """Paragraphs that are all marked look like tables; they stand inline, so that a text is always one array."""
    return all(isinstance(one.get("text", one.get("withheld")), str) for one in value)


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, list):
        if len(value) > 1 or any(isinstance(one, dict) or "\n" in str(one) for one in value):
            return "[\n" + "".join(f"  {_toml(one)},\n" for one in value) + "]"
        return "[" + ", ".join(_toml(one) for one in value) + "]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_name(name)} = {_toml(one)}" for name, one in value.items()) + " }"
    return repr(value)


def _name(name: str) -> str:
    return name if _BARE.fullmatch(name) else _string(name)


_ESCAPES = {"\\": "\\\\", "\t": "\\t", "\r": "\\r", "\x7f": "\\u007F"}
_BARE = re.compile(r"[A-Za-z0-9_-]+")


def _string(value: str) -> str:
    """A basic string; of several lines if the text has several."""
    said = "".join(_ESCAPES.get(sign, sign) for sign in value)
    if "\n" not in said:
        return '"' + said.replace('"', '\\"') + '"'
    said = said.replace('""', '"\\"')
    return '"""\n' + (said[:-1] + '\\"' if said.endswith('"') and not said.endswith('\\"') else said) + '"""'
