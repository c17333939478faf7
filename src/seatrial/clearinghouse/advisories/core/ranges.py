"""Version ranges in vers (package-url/vers-spec, 2025), taken apart for forms that say a range otherwise.

A version is never compared here: bounds are taken in the order in which they stand, which vers prescribes to be that of
the versions.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

_VERS = re.compile(r"vers:([a-z][a-z0-9.-]*)/(\S+)")
_CONSTRAINT = re.compile(r"(>=|<=|!=|>|<|=|)([^\s<>=!*|]+)")


@dataclass(frozen=True, slots=True)
class Span:
    """From ``low`` (empty: the first) to ``high`` (empty: no end); whether each bound is in it."""

    low: str
    low_in: bool
    high: str
    high_in: bool


@dataclass(frozen=True, slots=True)
class Range:
    """``scheme`` is the versioning, ``exact`` single versions, ``without`` versions that are left out."""

    scheme: str
    exact: tuple[str, ...]
    spans: tuple[Span, ...]
    without: tuple[str, ...] = ()


def is_range(versions: str) -> bool:
    """True for a range in vers, false for a single version."""
    return versions.startswith("vers:")


def taken_apart(versions: str) -> Range | None:
    """The range, or the single version; ``None`` for what is not written in vers and says it is."""
    if not is_range(versions):
        return Range("", (versions,), ())
    found = _VERS.fullmatch(versions)
    if found is None:
        return None
    scheme, rest = found.groups()
    if rest == "*":
        return Range(scheme, (), (Span("", True, "", False),))
    return _of_constraints(scheme, rest.split("|"))


def _of_constraints(scheme: str, constraints: list[str]) -> Range | None:
    exact, without, spans = list[str](), list[str](), list[Span]()
    opened: Span | None = None
    for constraint in constraints:
        parts = _CONSTRAINT.fullmatch(constraint)
        if parts is None:
            return None
        sign, version = parts.group(1), unquote(parts.group(2))
        if sign in ("", "="):
            exact.append(version)
        elif sign == "!=":
            without.append(version)
        elif sign in (">", ">="):
            if opened is not None:
                return None
            opened = Span(version, sign == ">=", "", False)
        else:
            if opened is None and spans:
                return None
            low = opened or Span("", True, "", False)
            spans.append(Span(low.low, low.low_in, version, sign == "<="))
            opened = None
    if opened is not None:
        spans.append(opened)
    if without and not spans:
        spans.append(Span("", True, "", False))
    return Range(scheme, tuple(exact), tuple(spans), tuple(without))
