"""Canonical JSON (RFC 8785): one value, one byte string, so that digests and signatures agree."""

from __future__ import annotations

import json
from datetime import datetime

import rfc8785

from .clock import iso
from .errors import Misuse


def canonical(value: object) -> bytes:
    """The RFC 8785 bytes of ``value``; aware datetimes become ISO 8601 UTC strings.

    Raises ``Misuse`` (``not-json``) for anything JSON has no word for.
    """
    try:
        return rfc8785.dumps(_plain(value))
    except (rfc8785.CanonicalizationError, RecursionError) as error:
        raise Misuse("not-json", f"A value cannot be written as canonical JSON: {error}.") from error


def from_json(data: bytes | str, what: str) -> object:
    """Parse JSON; ``what`` names the thing in the error sentence. Duplicate keys are refused."""
    try:
        return json.loads(data, object_pairs_hook=_no_duplicates)
    except (ValueError, RecursionError) as error:
        raise Misuse("not-json", f"{what} is not valid JSON: {error}.") from error


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, set | frozenset):
        return sorted(_plain(item) for item in value)  # type: ignore[type-var]
    if isinstance(value, str | int | float | bool) or value is None:
        return value
    raise Misuse("not-json", f"A {type(value).__name__} cannot be written as JSON.")


def _no_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, item in pairs:
        if key in found:
            raise ValueError(f"the key {key!r} stands twice in one object")
        found[key] = item
    return found
