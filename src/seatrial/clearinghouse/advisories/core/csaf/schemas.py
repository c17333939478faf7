"""The committee's JSON schemas, compiled once.

Each fault is told with its place (RFC 6901), never with the hostile value itself.
"""

import json
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

import jsonschema_rs

from seatrial.clearinghouse.advisories.core.csaf.values import moment

_SCHEMAS = {"2.0": "csaf-2.0.json", "2.1": "csaf-2.1.json"}
_REFERRED = (
    "cvss-v2.0.json",
    "cvss-v3.0.json",
    "cvss-v3.1.json",
    "cvss-v4.0.json",
    "ssvc-selection-2.0.0.json",
    "extension-content.json",
    "extension-metaschema.json",
)
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_MOST = 50
Fault = tuple[str, str]


@lru_cache(maxsize=32)
def _load(name: str) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(
        (files("seatrial.clearinghouse.advisories.core.csaf") / "data" / "schemas" / name).read_bytes()
    )
    return schema


def _plain(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema under the dialect that all are read by here, known by its address without a query."""
    known = str(schema.get("$id") or schema.get("id", "")).split("?")[0].rstrip("#")
    return {"$schema": _DIALECT, "$id": known} | {
        key: value for key, value in schema.items() if key not in ("$schema", "$id", "id")
    }


def _closed(schema: Any) -> Any:
    """The schema with every object closed against properties that it does not name."""
    if isinstance(schema, list):
        return [_closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "unevaluatedProperties" in schema:
        return schema
    inner = {key: _closed(value) for key, value in schema.items()}
    if isinstance(schema.get("properties"), dict) and "additionalProperties" not in schema:
        inner["additionalProperties"] = False
    return inner


def _date(value: object) -> bool:
    """RFC 3339 lets the letters be small; leap seconds and missing zones are refused in both versions of CSAF."""
    return not isinstance(value, str) or moment(value.upper()) is not None


def _compile(schema: dict[str, Any], referred: dict[str, dict[str, Any]]) -> Any:
    resources: list[tuple[str, Any]] = list(referred.items())
    registry = jsonschema_rs.Registry(resources)
    return jsonschema_rs.validator_for(
        schema, validate_formats=True, registry=registry, formats={"date-time": _date}, mask="the value", offline=True
    )


@lru_cache(maxsize=32)
def _judge(name: str, *, strict: bool = False) -> Any:
    change = _closed if strict else (lambda schema: schema)
    referred = {plain["$id"]: plain for plain in (change(_plain(_load(other))) for other in _REFERRED)}
    return _compile(change(_plain(_load(name))), referred)


def judge_of(schema: Mapping[str, Any]) -> Any:
    """A schema from elsewhere (an extension's), ready to judge; it cannot reach beyond what is known here."""
    referred = {plain["$id"]: plain for plain in (_plain(_load(other)) for other in (*_REFERRED, "csaf-2.1.json"))}
    return _compile(_plain(schema), referred)


def _pointer(path: list[str | int]) -> str:
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


def faults_of(judge: Any, value: object) -> list[Fault]:
    """What a compiled schema says of a value: at most fifty faults."""
    found: list[Fault] = []
    try:
        for error in judge.iter_errors(value):
            sentence = error.message.rstrip(".")
            found.append((_pointer(error.instance_path), sentence[:1].upper() + sentence[1:] + "."))
            if len(found) == _MOST:
                break
    except (ValueError, TypeError, RecursionError):
        found.append(("", "The document is nested deeper than a schema can be held against it, or is not JSON."))
    return found


def _holds(judge: Any, value: object) -> bool:
    try:
        return bool(judge.is_valid(value))
    except (ValueError, TypeError, RecursionError):
        return False


def schema_faults(document: Mapping[str, Any], version: str) -> tuple[list[Fault], list[Fault]]:
    """What the schema of that version refuses, and what only its strict form (nothing that is not named) refuses."""
    name = _SCHEMAS[version]
    if _holds(_judge(name, strict=True), document):
        return [], []
    plain = faults_of(_judge(name), document)
    places = {place for place, _ in plain}
    strict = [
        fault
        for fault in faults_of(_judge(name, strict=True), document)
        if fault[0] not in places or "dditional propert" in fault[1] or "nevaluated propert" in fault[1]
    ]
    return plain, strict


@lru_cache(maxsize=1)
def _cvss_names() -> dict[str, tuple[str, ...]]:
    return {
        "cvss_v2": ("cvss-v2.0.json",),
        "cvss_v3": ("cvss-v3.1.json", "cvss-v3.0.json"),
        "cvss_v4": ("cvss-v4.0.json",),
    }


def cvss_faults(key: str, score: Mapping[str, Any]) -> list[Fault]:
    """What FIRST's schema of the score's version refuses."""
    names = _cvss_names()[key]
    name = names[-1] if key == "cvss_v3" and score.get("version") == "3.0" else names[0]
    judge = _judge(name)
    return [] if _holds(judge, score) else faults_of(judge, score)


def ssvc_faults(selection: object) -> list[Fault]:
    """What CERT/CC's schema of SSVC selections refuses."""
    return faults_of(_judge("ssvc-selection-2.0.0.json"), selection)


def extension_faults(extension: object) -> list[Fault]:
    """What the schema of every CSAF extension refuses."""
    return faults_of(_judge("extension-content.json"), extension)
