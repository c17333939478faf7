"""Version ranges as CSAF 2.1 writes them: VERS in its canonical form, or its constraints alone (vls).

Versions are only put in order where their type has an order; elsewhere the answer is "cannot tell" (None).
"""

import itertools
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from univers.version_range import RANGE_CLASS_BY_SCHEMES

from seatrial.clearinghouse.advisories.core.csaf.values import precedence

_VERS = re.compile(r"vers:([a-z][a-z0-9.+-]*)/(.+)", re.DOTALL)
_CONSTRAINT = re.compile(r"(>=|<=|!=|<|>|=)?([^<>=!|*\s][^<>=|\s]*)")
_DOTTED = re.compile(r"[vV]?(\d{1,18}(?:\.\d{1,18})*)", re.ASCII)
REGISTERED = frozenset(
    [
        "all",
        "alpine",
        "alpm",
        "apk",
        "cargo",
        "composer",
        "conan",
        "conda",
        "cpan",
        "cran",
        "datetime",
        "deb",
        "ebuild",
        "gem",
        "generic",
        "github",
        "golang",
        "hackage",
        "hex",
        "huggingface",
        "intdot",
        "lexicographic",
        "luarocks",
        "maven",
        "mattermost",
        "mlflow",
        "nginx",
        "none",
        "npm",
        "nuget",
        "openssl",
        "opam",
        "otp",
        "pub",
        "pypi",
        "rpm",
        "semver",
        "swift",
    ]
)


@dataclass(frozen=True, slots=True)
class Span:
    """A range: its VERS type ("" for vls), and its constraints as (comparator, version)."""

    type: str
    constraints: tuple[tuple[str, str], ...]

    @property
    def everything(self) -> bool:
        """Whether it is `vers:all/*`."""
        return self.type == "all"


@lru_cache(maxsize=4096)
def span_of(name: str) -> Span | None:
    """The range that a branch name is, or None when it is neither VERS nor vls."""
    vers = _VERS.fullmatch(name)
    if vers and vers[1] in ("all", "none"):
        return Span(vers[1], ()) if vers[2] == "*" else None
    if not vers and name.startswith("vers:") and not name.startswith("vers:/"):
        return None
    found = []
    for part in (vers[2] if vers else name).split("|"):
        constraint = _CONSTRAINT.fullmatch(part)
        if not constraint or (vers and constraint[1] == "="):
            return None
        found.append((constraint[1] or "=", constraint[2]))
    if vers and len({version for _, version in found}) < len(found):
        return None
    return Span(vers[1] if vers else "", tuple(found))


def _dotted(version: str) -> tuple[int, ...] | None:
    parts = _DOTTED.fullmatch(version)
    if not parts:
        return None
    numbers = [int(part) for part in parts[1].split(".")]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def _key_of(kind: str) -> Callable[[str], Any]:
    if kind in ("", "intdot", "generic"):  # the order of univers for "generic" is that of characters, 10 before 9
        return _dotted
    if kind in ("semver", "npm", "cargo", "hex"):
        return precedence
    if kind in ("lexicographic", "datetime"):
        return str
    known = RANGE_CLASS_BY_SCHEMES.get(kind)
    version_class = known.version_class if known else None
    return version_class if version_class is not None else lambda _: None


def ranks(kind: str, versions: Iterable[str]) -> dict[str, int] | None:
    """Each version's place in the order of its type (equal versions share one), or None when they cannot be ordered."""
    make = _key_of(kind)
    try:
        keys = {version: make(version) for version in versions}
        if any(key is None for key in keys.values()):
            return None
        ordered: list[Any] = []
        for key in sorted(keys.values()):
            if not ordered or ordered[-1] != key:
                ordered.append(key)
        return {version: ordered.index(key) for version, key in keys.items()}
    except Exception:  # univers raises many kinds on versions that its schemes do not know; all mean "cannot tell"
        return None


@lru_cache(maxsize=4096)
def is_sorted(span: Span) -> bool | None:
    """Whether a VERS range is in its canonical order and says nothing twice; None when its versions cannot be
    ordered."""
    if not span.type or span.everything:
        return None
    order = ranks(span.type, (version for _, version in span.constraints))
    if order is None:
        return None
    places = [order[version] for _, version in span.constraints]
    if places != sorted(places) or len(set(places)) < len(places):
        return False
    bounds = [comparator[0] for comparator, _ in span.constraints if comparator[0] in "<>"]
    return all(one != other for one, other in itertools.pairwise(bounds))


def _points(span: Span, order: dict[str, int], size: int) -> set[int]:
    """The points of a line that a range holds: odd ones are versions, even ones all that lies between two."""
    if span.type == "all":
        return set(range(2 * size + 1))
    held: set[int] = set()
    lower: int | None = None
    sorted_bounds = sorted(span.constraints, key=lambda constraint: order[constraint[1]])
    bounds = [(comparator, 2 * order[version] + 1) for comparator, version in sorted_bounds if comparator[0] in "<>"]
    for n, (comparator, at) in enumerate(bounds):
        if comparator[0] == ">":
            if lower is None:
                lower = at if comparator == ">=" else at + 1
        elif n + 1 == len(bounds) or bounds[n + 1][0][0] == ">":
            held |= set(range(lower or 0, at + 1 if comparator == "<=" else at))
            lower = None
    if lower is not None:
        held |= set(range(lower, 2 * size + 1))
    held |= {2 * order[version] + 1 for comparator, version in span.constraints if comparator == "="}
    return held - {2 * order[version] + 1 for comparator, version in span.constraints if comparator == "!="}


def overlap(one: Span, other: Span) -> bool | None:
    """Whether some version lies in both ranges; None when their versions cannot be compared."""
    kinds = {span.type for span in (one, other) if not span.everything}
    if "none" in kinds:
        return False
    if len(kinds) > 1:
        return None
    versions = {version for span in (one, other) for _, version in span.constraints}
    if len(versions) > 200:
        return None
    order = ranks(next(iter(kinds), ""), versions)
    if order is None:
        return None
    size = max(order.values(), default=-1) + 1
    return bool(_points(one, order, size) & _points(other, order, size))


def holds(span: Span, version: str) -> bool | None:
    """Whether a range holds a version; None when they cannot be compared."""
    return overlap(span, Span(span.type if not span.everything else "", (("=", version),)))
