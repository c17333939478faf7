"""The published schema (JSON Schema, draft 2020-12), read off the types. It describes what a file may say.

References between items, dates that exist and labels that can be read are checked beyond it, by ``reading``.
"""

from __future__ import annotations

from typing import Any

from seatrial.review.dossiers.types import Dossier, Part

from .reading import LARGEST_NUMBER, LONGEST_PARAGRAPH, MOST_ITEMS, MOST_PARAGRAPHS
from .shape import EVERY, Field, Kind, fields_of
from .writing import FORMAT

DIALECT = "https://json-schema.org/draft/2020-12/schema"
IDENTIFIER = "urn:seatrial:schema:dossier-1"

_PATTERNS = {
    "date": r"^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$",
    "digest": r"^sha256:[0-9a-f]{64}$",
    "key": r"^(?!withheld-)[A-Za-z0-9][A-Za-z0-9._-]*$",
    "url": r"^https?://",
}


def schema() -> dict[str, Any]:
    """The whole schema. Its definitions are named after the types."""
    marking = {
        "type": "string",
        "maxLength": 1000,
        "description": "trade-secret, foia-4, privileged, or a label: level//compartments//TLP//audience",
        "pattern": "^(trade-secret|foia-4|privileged|[^/]+//[^/]+//[^/]+//[^/]+)$",
    }
    paragraph = {
        "type": "object",
        "properties": {"text": {"$ref": "#/$defs/words"}, "marking": {"$ref": "#/$defs/marking"}},
        "required": ["text"],
        "additionalProperties": False,
    }
    one = {"anyOf": [{"$ref": "#/$defs/words"}, paragraph]}
    definitions = {
        "marking": marking,
        "words": {"type": "string", "minLength": 1, "maxLength": LONGEST_PARAGRAPH},
        "text": {
            "description": "Paragraphs of Markdown, each marked or not; a single unmarked one may stand alone.",
            "anyOf": [{"$ref": "#/$defs/words"}, {"type": "array", "maxItems": MOST_PARAGRAPHS, "items": one}],
        },
    }
    definitions |= {kind.__name__: _part(kind) for kind in EVERY if kind is not Dossier}
    whole = _part(Dossier)
    whole["properties"] = {"format": {"const": FORMAT}} | whole["properties"]
    del whole["properties"]["marking"]
    return {
        "$schema": DIALECT,
        "$id": IDENTIFIER,
        "title": "Dossier",
        **whole,
        "required": ["model"],
        "$defs": definitions,
    }


def _part(kind: type[Part]) -> dict[str, Any]:
    fields = fields_of(kind)
    properties = {field.name: _described(field) for field in fields}
    properties["marking"] = {"$ref": "#/$defs/marking"}
    properties["marked"] = {
        "type": "object",
        "description": "Fields of this part that are marked, by name.",
        "properties": {field.name: {"$ref": "#/$defs/marking"} for field in fields},
        "additionalProperties": False,
    }
    found = {
        "type": "object",
        "description": (kind.__doc__ or "").strip(),
        "properties": properties,
        "additionalProperties": False,
    }
    required = [field.name for field in fields if field.required]
    return found | ({"required": required} if required else {})


def _described(field: Field) -> dict[str, Any]:
    found = {"title": field.title} | ({"description": field.ask} if field.ask else {}) | _value(field)
    return found if field.required else {**found, **_or_null(found)}


def _or_null(found: dict[str, Any]) -> dict[str, Any]:
    """JSON's null says nothing, as a missing field does."""
    if "type" in found:
        return {"type": [found["type"], "null"]} | ({"enum": [*found["enum"], None]} if "enum" in found else {})
    return {}


def _value(field: Field) -> dict[str, Any]:
    if field.kind is Kind.TEXT:
        return {"$ref": "#/$defs/text"}
    if field.kind is Kind.PART:
        return {"$ref": f"#/$defs/{field.inner.__name__}"}
    if field.kind is Kind.PARTS:
        return {"type": "array", "maxItems": MOST_ITEMS, "items": {"$ref": f"#/$defs/{field.inner.__name__}"}}
    if field.kind is Kind.LINES:
        return {"type": "array", "maxItems": MOST_ITEMS, "items": {"minLength": 1} | _line(field)}
    if field.kind is Kind.CHOICE:
        return {"type": "string", "enum": [word.value for word in field.inner]}
    if field.kind is Kind.FLAG:
        return {"type": "boolean"}
    if field.kind is Kind.LINE:
        return ({"minLength": 1} if field.required else {}) | _line(field)
    whole = field.kind is Kind.WHOLE_NUMBER
    found: dict[str, Any] = {"type": "integer", "maximum": LARGEST_NUMBER} if whole else {"type": "number"}
    bounds = {"minimum": field.facts["least"], "maximum": field.facts["most"]}
    return found | {name: bound for name, bound in bounds.items() if bound is not None}


def _line(field: Field) -> dict[str, Any]:
    found: dict[str, Any] = {"type": "string", "maxLength": field.facts["longest"]}
    pattern = _PATTERNS.get(field.facts.get("form", ""))
    if pattern is not None:
        found["pattern"] = pattern if field.required or field.kind is Kind.LINES else f"^$|{pattern}"
    return found
