"""Ranges of versions as advisories write them: vers, and the comparisons that vendors put in their place.

(vers: github.com/package-url/vers-spec.) What cannot be read is kept in its words, for then nothing may be concluded.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from seatrial.clearinghouse.exposure.core.versions import key
from seatrial.clearinghouse.exposure.types import Span

MOST = 2_000  # comparisons of one range
_EVERYTHING = Span()
_ONE = re.compile(r"(<=|>=|<|>|=|!=|≤|≥)?\s*([^\s<>=|,!]+)")
_SIGNS = {"≤": "<=", "≥": ">=", "": "="}
_PREFIX = re.compile(r"^all versions?\s*(?=[<>≤≥=])", re.IGNORECASE)
_BETWEEN = re.compile(r"(?<=[^\s<>=!|,])\s*(?=[<>≤≥])")  # ">=7.80<9.40": vendors leave the bar out
_ALL = frozenset({"*", "all", "all versions", "all version", "any", "all/*"})


@dataclass(frozen=True, slots=True)
class Range:
    """What a text says; ``scheme`` is empty where it names none. ``unread`` is the text if it was not understood."""

    spans: tuple[Span, ...] = ()
    versions: tuple[str, ...] = ()
    unread: str = ""
    scheme: str = ""


def read_range(text: str, scheme: str) -> Range:
    """A range of ``scheme``, unless the text itself names one."""
    own, words = "", text.strip()
    if words.lower().startswith("vers:"):
        own, _, words = words[5:].partition("/")
        own = own.strip().lower()
        if own in {"all", "none", "unknown", "generic"}:
            own = ""
    if words.strip().lower() in _ALL:
        return Range((_EVERYTHING,), scheme=own)
    words = _BETWEEN.sub("|", _PREFIX.sub("", words))
    found = []
    for part in re.split(r"\|{1,2}|,|;|\band\b|&", words):
        one = _ONE.fullmatch(part.strip())
        if one is None or one[1] == "!=":
            return Range(unread=text.strip()[:200], scheme=own)
        found.append((_SIGNS.get(one[1] or "", one[1]), one[2]))
    if not found or len(found) > MOST:
        return Range(unread=text.strip()[:200], scheme=own)
    spans = stretches([one for one in found if one[0] != "="], own or scheme)
    if spans is None:
        return Range(unread=text.strip()[:200], scheme=own)
    return Range(spans, tuple(version for sign, version in found if sign == "="), scheme=own)


def stretches(comparisons: Sequence[tuple[str, str]], scheme: str) -> tuple[Span, ...] | None:
    """Pairs of bounds made stretches, in the versions' order; ``None`` if they make no sense together."""
    spans: list[Span] = []
    low: tuple[str, str] | None = None
    for sign, version in in_order(comparisons, scheme):
        if sign in {">", ">="}:
            low = low or (sign, version)
        elif low is not None:
            spans.append(Span(low[1], version, low[0] == ">=", sign == "<="))
            low = None
        elif spans and spans[-1].low:
            return None  # "at least 2, below 3, below 4": which of the two?
        else:
            spans[:] = [Span("", version, True, sign == "<=")]
    if low is not None:
        spans.append(Span(low[1], "", low[0] == ">="))
    return tuple(spans)


def in_order(comparisons: Sequence[tuple[str, str]], scheme: str) -> Sequence[tuple[str, str]]:
    """Sorted by version; as they stand if one of them has no place in the order."""
    keys: list[Any] = [key(scheme, version) for _, version in comparisons]
    if any(one is None for one in keys):
        return comparisons
    try:
        return [comparisons[place] for place in sorted(range(len(keys)), key=keys.__getitem__)]
    except Exception:  # versions of one scheme that do not compare after all
        return comparisons
