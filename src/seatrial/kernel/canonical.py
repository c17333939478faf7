"""Canonical JSON (RFC 8785): one value, one byte string, so that digests and signatures agree."""

from __future__ import annotations

import dataclasses
import enum
import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import rfc8785

from .clock import iso
from .errors import Misuse
from .labels import Label, Level, Tlp


def canonical(value: object) -> bytes:
    """The RFC 8785 bytes of ``value``; aware datetimes become ISO 8601 UTC strings.

    Raises ``Misuse`` (``not-json``) for anything JSON has no word for.
    """
    try:
        return rfc8785.dumps(plain(value))
    except (rfc8785.CanonicalizationError, RecursionError) as error:
        raise Misuse("not-json", f"A value cannot be written as canonical JSON: {error}.") from error


def from_json(data: bytes | str, what: str) -> object:
    """Parse JSON; ``what`` names the thing in the error sentence. Duplicate keys, NaN and Infinity are refused."""
    try:
        text = data if isinstance(data, str) else data.decode(json.detect_encoding(data), "surrogatepass")
        return _STRICT.decode(text)
    except (ValueError, RecursionError) as error:
        raise Misuse("not-json", f"{what} is not valid JSON: {error}.") from error


def plain(value: object) -> Any:
    """``value`` in JSON's own types: the one form in which dataclasses leave this house.

    Datetimes become ISO 8601 UTC, dates ISO 8601, durations seconds, labels their text, enums their word, sets sorted
    lists. Raises ``Misuse`` (``not-json``) for anything else JSON has no word for.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Label):
        return str(value)
    if isinstance(value, Level | Tlp):
        return value.word
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, str | int | float):
        return value
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(plain(key)): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, set | frozenset):
        return sorted((plain(item) for item in value), key=repr)
    raise Misuse("not-json", f"A {type(value).__name__} cannot be written as JSON.")


def _no_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for place, key in enumerate(keys) if key in keys[:place])
        raise ValueError(f"the key {twice!r} stands twice in one object")
    return found


def _no_constant(word: str) -> object:
    raise ValueError(f"{word} is no number that JSON knows")


_STRICT = json.JSONDecoder(object_pairs_hook=_no_duplicates, parse_constant=_no_constant)
