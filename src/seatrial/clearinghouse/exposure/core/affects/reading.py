"""Values out of documents that others wrote: what is of the wrong kind is as if it were not there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seatrial.kernel.text import UNPRINTABLE

MOST = 100_000  # members of one list


def line(value: object, longest: int) -> str:
    """One line without control or reordering characters."""
    if not isinstance(value, str):
        return ""
    return " ".join(UNPRINTABLE.sub(" ", value[: 4 * longest]).split())[:longest]


def maps(value: object) -> list[Mapping[str, Any]]:
    """The objects in a list."""
    return [one for one in value[:MOST] if isinstance(one, Mapping)] if isinstance(value, list) else []


def texts(value: object) -> list[str]:
    """The texts in a list."""
    return [one for one in value[:MOST] if isinstance(one, str)] if isinstance(value, list) else []


def mapping(value: object) -> Mapping[str, Any]:
    """The object, or an empty one."""
    return value if isinstance(value, Mapping) else {}
