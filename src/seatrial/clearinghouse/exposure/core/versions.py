"""How versions of an ecosystem are ordered, by ``univers``; a version that no scheme orders has no place, and nothing
may be concluded from it.

Keys are kept once worked out: a fleet has few distinct versions and many of each.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from univers.version_range import RANGE_CLASS_BY_SCHEMES
from univers.versions import AlpineLinuxVersion, ArchLinuxVersion, GentooVersion, OpensslVersion, Version

# Their versions compare by themselves; those of the others by what they hold, which is much quicker.
_WHOLE = (AlpineLinuxVersion, ArchLinuxVersion, GentooVersion, OpensslVersion)
# univers orders these by their characters ("10" before "9"): no order at all. See ``_numbers``.
_PLAIN = frozenset({"", "generic", "all", "none", "lexicographic", "intdot", "datetime", "github", "mozilla", "nginx"})
_SAME = {"go": "golang", "alpine": "apk", "arch": "alpm", "debian": "deb", "cpe": "generic"}
_NUMBERS = re.compile(r"[vV]?(\d{1,18}(?:\.\d{1,18}){0,15})")


@lru_cache(maxsize=262_144)
def key(scheme: str, version: str) -> Any | None:
    """Something that compares with other keys of the scheme; ``None`` if the version has no place in its order."""
    scheme = _SAME.get(scheme, scheme)
    kind = None if scheme in _PLAIN else RANGE_CLASS_BY_SCHEMES.get(scheme)
    if kind is None:
        return _numbers(version)
    try:
        found: Version = kind.version_class(version)
        whole = found if isinstance(found, _WHOLE) else found.value
        return whole if whole == whole and not whole < whole else None
    except Exception:  # whatever a parser of others makes of a hostile version, it has no place then
        return None


def compare(scheme: str, one: str, other: str) -> int | None:
    """-1, 0 or 1; ``None`` if it cannot be told. Equal text is equal in every scheme."""
    if one == other:
        return 0
    first, second = key(scheme, one), key(scheme, other)
    if first is None or second is None:
        return None
    try:
        return 0 if first == second else -1 if first < second else 1
    except Exception:  # as above
        return None


def _numbers(version: str) -> tuple[int, ...] | None:
    """Numbers between dots, trailing zeros counting nothing: the one order that every vendor means."""
    found = _NUMBERS.fullmatch(version.strip())
    if found is None:
        return None
    numbers = [int(part) for part in found[1].split(".")]
    while len(numbers) > 1 and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)
