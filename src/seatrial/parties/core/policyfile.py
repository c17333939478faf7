"""A policy as a file: JSON against a published schema, every fault a sentence with its line and field.

1. The bytes are UTF-8 and valid JSON, no key stands twice (line and column).
2. The document fits ``data/policy-1.schema.json`` (JSON Schema 2020-12).
3. What a schema cannot say: the date exists, no purpose or term has another's id, the file is for this body.

The canonical JSON (RFC 8785) of the document is what is stored, pinned by digest and signed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from seatrial.kernel.canonical import from_json
from seatrial.kernel.digests import Digest
from seatrial.kernel.errors import Misuse
from seatrial.kernel.positions import line_of
from seatrial.parties.types import Binds, Purpose, Term

FORMAT = "seatrial-policy-1"
LARGEST = 1_000_000  # bytes of a file
_SCHEMA = Path(__file__).parent.parent / "data" / "policy-1.schema.json"
_SHOWN = 5  # faults in one sentence


def schema_text() -> str:
    """The published schema, as it stands in the package."""
    return _SCHEMA.read_text(encoding="utf-8")


def parse(data: bytes, *, organisation: str | None = None) -> dict[str, Any]:
    """The document in ``data``. Raises ``Misuse`` (``policy-file``) naming line and field of what to mend.

    With ``organisation``, a file that names another is refused too.
    """
    if len(data) > LARGEST:
        raise Misuse("policy-file", f"The policy file is larger than {LARGEST:,} bytes; shorten it.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Misuse("policy-file", f"The policy file is not UTF-8 text (line {line}); save it as UTF-8.") from error
    try:
        found = from_json(text, "The policy file")
    except Misuse as error:
        raise Misuse("policy-file", error.message) from error
    faults = list(_schema_faults(found)) or list(_further_faults(found, organisation))
    if faults:
        said = [f"line {line_of(text, path)}, {_field(path)} {fault}" for path, fault in faults]
        more = f"; and {len(said) - _SHOWN} more" if len(said) > _SHOWN else ""
        raise Misuse(
            "policy-file", f"The policy file cannot be published yet: {'; '.join(said[:_SHOWN])}{more}.", faults=said
        )
    assert isinstance(found, dict)  # noqa: S101 - the schema said so
    return found


def build(
    *,
    body: str,
    version: str,
    max_window: timedelta,
    purposes: Mapping[str, str],
    terms: Sequence[Term],
    valid_from: datetime,
    oversight: Iterable[str] = (),
    criteria: Sequence[str] = (),
    destruction: timedelta = timedelta(days=30),
) -> bytes:
    """A policy file that says this; ``parse`` judges it."""
    document = {
        "format": FORMAT,
        "organisation": body,
        "version": version,
        "valid_from": valid_from.astimezone(UTC).date().isoformat(),
        "longest_window_days": _days(max_window),
        "purposes": [{"id": key, "description": purposes[key]} for key in sorted(purposes)],
        "oversight": sorted(oversight),
        "partner_criteria": list(criteria),
        "destruction_days": _days(destruction),
        "terms": [{"id": term.id, "text": term.text, "binds": term.binds.value} for term in terms],
    }
    return json.dumps(document, ensure_ascii=False, indent=2).encode()


def statement(body: str, version: str, policy: Digest) -> dict[str, Any]:
    """What the body signs when it publishes a policy."""
    return {"format": "seatrial-policy-signature-1", "body": body, "version": version, "policy": policy}


def first_moment(document: Mapping[str, Any]) -> datetime:
    """The first moment of the day from which the policy is valid, in UTC."""
    return datetime.fromisoformat(document["valid_from"]).replace(tzinfo=UTC)


def prose(terms: Sequence[Term]) -> str:
    """The numbered terms as text to read; a single term needs no number."""
    return terms[0].text if len(terms) == 1 else "\n".join(f"{term.id}. {term.text}" for term in terms)


def terms_of(document: Mapping[str, Any]) -> tuple[Term, ...]:
    return tuple(Term(term["id"], term["text"], Binds(term["binds"])) for term in document["terms"])


def purposes_of(document: Mapping[str, Any]) -> tuple[Purpose, ...]:
    return tuple(Purpose(purpose["id"], purpose["description"]) for purpose in document["purposes"])


def _days(span: timedelta) -> int | float:
    days = span / timedelta(days=1)
    return int(days) if days == int(days) else days


@cache
def _validator() -> Any:
    from jsonschema import Draft202012Validator  # slow to load, and few commands read a policy file

    return Draft202012Validator(json.loads(schema_text()))


def _schema_faults(document: object) -> Iterator[tuple[list[str | int], str]]:
    for error in sorted(_validator().iter_errors(document), key=lambda e: [str(step) for step in e.absolute_path]):
        yield list(error.absolute_path), _sentence(error)


def _sentence(error: Any) -> str:
    """What is wrong at one place, and what to write there; ``error`` is a jsonschema ``ValidationError``."""
    wanted, found = error.validator_value, error.instance
    match error.validator:
        case "required":
            return "lacks " + " and ".join(repr(key) for key in wanted if key not in found)
        case "additionalProperties":
            known = ", ".join(sorted(error.schema["properties"]))
            unknown = ", ".join(repr(key) for key in sorted(set(found) - set(error.schema["properties"])))
            return f"has the unknown field {unknown}; the fields are {known}"
        case "type":
            return f"must be {'an' if wanted[0] in 'aeiou' else 'a'} {wanted}, not {_short(found)}"
        case "const":
            return f"must be {wanted!r}, not {_short(found)}"
        case "enum":
            return f"must be one of {', '.join(map(repr, wanted))}, not {_short(found)}"
        case "pattern":
            return f"must be {error.schema['description']}, not {_short(found)}"
        case "exclusiveMinimum":
            return f"must be more than {wanted}, not {found}"
        case "minimum":
            return f"must be at least {wanted}, not {found}"
        case "maximum":
            return f"must be at most {wanted}, not {found}"
        case "minLength" | "minItems":
            return "must not be empty"
        case "maxLength":
            return f"must have at most {wanted} characters, not {len(found)}"
        case "maxItems":
            return f"must have at most {wanted} entries, not {len(found)}"
        case "uniqueItems":
            return "names something twice"
        case _:
            return str(error.message)


def _further_faults(document: Any, organisation: str | None) -> Iterator[tuple[list[str | int], str]]:
    try:
        first_moment(document)
    except ValueError:
        yield ["valid_from"], f"is no date there is: {document['valid_from']}"
    for part in ("purposes", "terms"):
        seen: set[str] = set()
        for place, entry in enumerate(document[part]):
            if entry["id"] in seen:
                yield [part, place, "id"], f"is {entry['id']!r} a second time; give each its own"
            seen.add(entry["id"])
            for field in ("description", "text"):
                if field in entry and not entry[field].strip():
                    yield [part, place, field], "must not be empty"
    if organisation is not None and document["organisation"] != organisation:
        yield ["organisation"], f"must be {organisation!r}, who publishes it, not {document['organisation']!r}"


def _field(path: Sequence[str | int]) -> str:
    words = ""
    for step in path:
        words += f"[{step}]" if isinstance(step, int) else f".{step}" if words else step
    return words or "the document"


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=True)
    return text if len(text) <= 60 else text[:57] + "…"
