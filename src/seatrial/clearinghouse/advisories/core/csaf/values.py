"""Dates, version numbers and language tags as CSAF compares them."""

import re
from datetime import UTC, datetime
from functools import lru_cache

import langcodes

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:[0-5]\d(\.\d+)?(Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)", re.ASCII)
_INTEGER = re.compile(r"0|[1-9]\d*", re.ASCII)
_SEMANTIC = re.compile(
    r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-([0-9A-Za-z.-]+))?(?:\+([0-9A-Za-z.-]+))?", re.ASCII
)
_PRIVATE_LANGUAGE = re.compile(r"q[a-t][a-z]")
_PRIVATE_REGION = re.compile(r"aa|zz|q[m-z]|x[a-z]")

Precedence = tuple[int, int, int, tuple[tuple[int, int, str], ...]]
_RELEASED = ((2, 0, ""),)


@lru_cache(maxsize=8192)
def moment(value: str) -> datetime | None:
    """The moment that an RFC 3339 text means, in UTC, or None when CSAF's rules forbid the text (leap seconds, lower
    case, no such day)."""
    if not _MOMENT.fullmatch(value):
        return None
    try:
        return datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


@lru_cache(maxsize=8192)
def precedence(value: str) -> Precedence | None:
    """A version's place in the order of Semantic Versioning 2.0.0; integers count as `n.0.0`; build metadata does
    not count. None when it is neither."""
    if _INTEGER.fullmatch(value):
        return int(value[:18]), 0, 0, _RELEASED
    parts = _SEMANTIC.fullmatch(value)
    if not parts:
        return None
    major, minor, patch = (int(part[:18]) for part in parts.group(1, 2, 3))
    if parts[4] is None:
        return major, minor, patch, _RELEASED
    return (
        major,
        minor,
        patch,
        tuple((0, int(part[:18]), "") if part.isdigit() else (1, 0, part) for part in parts[4].split(".")),
    )


def is_integer(value: str) -> bool:
    """Whether a version follows integer versioning."""
    return bool(_INTEGER.fullmatch(value))


def prerelease(value: str) -> bool:
    """Whether a semantic version carries a pre-release part."""
    parts = _SEMANTIC.fullmatch(value)
    return bool(parts and parts[4] is not None)


def build(value: str) -> bool:
    """Whether a semantic version carries build metadata."""
    parts = _SEMANTIC.fullmatch(value)
    return bool(parts and parts[5] is not None)


@lru_cache(maxsize=1024)
def language_exists(tag: str) -> bool:
    """Whether every subtag of a BCP 47 tag is registered."""
    try:
        return bool(langcodes.tag_is_valid(tag))
    except (ValueError, LookupError, AttributeError):
        return False


@lru_cache(maxsize=1024)
def private_subtag(tag: str) -> bool:
    """Whether a BCP 47 tag has a subtag that is reserved for private use."""
    parts = tag.lower().split("-")
    if not parts or "x" in parts or _PRIVATE_LANGUAGE.fullmatch(parts[0]):
        return True
    for part in parts[1:]:
        if len(part) == 1:
            break
        if _PRIVATE_REGION.fullmatch(part) or (len(part) == 4 and part[0] == "q" and "qaaa" <= part <= "qabx"):
            return True
    return False
