"""Versions and version ranges in the product tree."""

import re
from collections.abc import Callable

from seatrial.clearinghouse.advisories.core.csaf.reading import Branch, Reading
from seatrial.clearinghouse.advisories.core.csaf.spans import REGISTERED, Span, holds, is_sorted, overlap, span_of
from seatrial.clearinghouse.advisories.core.csaf.table import NEW, Hits, Table

TABLE = Table()
_WORDS = frozenset({"after", "all", "before", "earlier", "later", "prior", "versions"})
_VERS = re.compile(r"vers:[a-z.\-+][a-z0-9.\-+]*/.+")
_MOST_COMPARED = 200
_V = re.compile(r"[vV][0-9].*")


def _ranges(r: Reading) -> list[Branch]:
    return [branch for branch in r.branches if branch.category == "product_version_range"]


@TABLE.test("6.1.31")
def range_as_version(r: Reading) -> Hits:
    """A version is one, not a range."""
    for branch in r.branches:
        if branch.category == "product_version":
            name = branch.name.lower()
            if "<" in name or ">" in name or _WORDS & set(name.split()):
                yield f"{branch.pointer}/name", f"The product version {branch.name} is a range."


@TABLE.test("6.1.50", NEW)
def range_rules(r: Reading) -> Hits:
    """A range is written in VERS or vls."""
    for branch in _ranges(r):
        span = span_of(branch.name)
        if span is None:
            yield f"{branch.pointer}/name", f"The range {branch.name} is neither VERS nor its constraints alone."
        elif is_sorted(span) is False:
            yield f"{branch.pointer}/name", f"The range {branch.name} is not in the canonical form of VERS."


@TABLE.test("6.1.59", NEW)
def single_version(r: Reading) -> Hits:
    """A range is more than one version."""
    for branch in _ranges(r):
        span = span_of(branch.name)
        if span and len(span.constraints) == 1 and span.constraints[0][0] == "=":
            yield f"{branch.pointer}/name", f"The range {branch.name} is a single version."


@TABLE.test("6.2.18")
def no_vers(r: Reading) -> Hits:
    """A range is written in VERS."""
    for branch in _ranges(r):
        if not _VERS.fullmatch(branch.name):
            yield (
                f"{branch.pointer}/name",
                f"The range {branch.name} is not VERS: check whether VERS or a list of versions can be used.",
            )


@TABLE.test("6.2.49", NEW)
def upper_open(r: Reading) -> Hits:
    """A range ends."""
    for branch in _ranges(r):
        span = span_of(branch.name)
        bounds = [comparator for comparator, _ in span.constraints if comparator != "!="] if span else []
        if bounds and bounds[-1] in (">", ">="):
            yield f"{branch.pointer}/name", f"The range {branch.name} has no upper end."


@TABLE.test("6.2.51", NEW)
def unknown_type(r: Reading) -> Hits:
    """The type of a VERS is registered."""
    for branch in _ranges(r):
        span = span_of(branch.name)
        if span and span.type and span.type not in REGISTERED:
            yield f"{branch.pointer}/name", f"The VERS type {span.type} is not registered, nor known here."


@TABLE.test("6.3.10")
def range_used(r: Reading) -> Hits:
    """Versions are listed."""
    for branch in _ranges(r):
        yield f"{branch.pointer}/category", "A range of versions is used."


@TABLE.test("6.3.11")
def v_before_version(r: Reading) -> Hits:
    """A version has no v."""
    for branch in r.branches:
        if branch.category == "product_version" and _V.fullmatch(branch.name):
            yield f"{branch.pointer}/name", f"The product version {branch.name} begins with a v."


def _below(r: Reading, branch: Branch) -> frozenset[str]:
    return r.products_below.get(id(branch), frozenset())


def _siblings(branch: Branch, category: str, holding: str) -> list[Branch]:
    """Its siblings of a category, of a level's first two hundred: all pairs of more would take too long to compare."""
    near = branch.level[:_MOST_COMPARED]
    if branch not in near:
        return []
    return [other for other in near if other is not branch and other.category == category and holding in other.node]


def _vers(span: Span) -> bool:
    return bool(span.type)


def _vls(span: Span) -> bool:
    return not span.type


def _meets(span: Span, other: Branch, kind: Callable[[Span], bool] | None) -> bool:
    """Whether a range and a sibling overlap: a range of that kind, or (kind None) a single version."""
    if kind is None:
        return bool(holds(span, other.name))
    theirs = span_of(other.name)
    return bool(theirs and kind(theirs) and overlap(span, theirs))


Stands = dict[int, frozenset[str]]


def _stands(r: Reading, branch: Branch) -> Stands:
    """The status groups of the products below a branch, by the number of the vulnerability."""
    found: dict[int, set[str]] = {}
    for name in _below(r, branch):
        for n, group in r.statuses.get(name, ()):
            found.setdefault(n, set()).add(group)
    return {n: frozenset(groups) for n, groups in found.items()}


def _overlapping(r: Reading, kind: Callable[[Span], bool] | None, *, same: bool) -> Hits:
    if not r.flaws:
        return
    known: dict[int, Stands] = {}
    for branch in _ranges(r):
        span = span_of(branch.name)
        others = _siblings(branch, "product_version" if kind is None else "product_version_range", "product")
        if not span or not others:
            continue
        for one in (branch, *others):
            if id(one) not in known:
                known[id(one)] = _stands(r, one)
        mine = known[id(branch)]
        for other in others:
            theirs = known[id(other)]
            judged = [n for n in mine.keys() & theirs.keys() if _clash(mine[n], theirs[n], same=same)]
            if judged and _meets(span, other, kind):
                word = "the same status" if same else "contradicting statuses"
                where = r.flaws[min(judged)].pointer
                yield (
                    f"{branch.pointer}/name",
                    f"The range {branch.name} overlaps with {other.name}; both have {word} ({where}).",
                )


def _clash(one: frozenset[str], other: frozenset[str], *, same: bool) -> bool:
    return bool(one & other) if same else any(other - {group} for group in one)


@TABLE.test("6.2.50.1", NEW)
def vers_contradicting(r: Reading) -> Hits:
    """Ranges that overlap do not contradict each other."""
    return _overlapping(r, _vers, same=False)


@TABLE.test("6.2.50.2", NEW)
def vls_contradicting(r: Reading) -> Hits:
    """Ranges (vls) that overlap do not contradict each other."""
    return _overlapping(r, _vls, same=False)


@TABLE.test("6.2.50.3", NEW)
def version_contradicting(r: Reading) -> Hits:
    """A version in a range does not contradict it."""
    return _overlapping(r, None, same=False)


@TABLE.test("6.3.19.1", NEW)
def vers_same(r: Reading) -> Hits:
    """Ranges of one status do not overlap."""
    return _overlapping(r, _vers, same=True)


@TABLE.test("6.3.19.2", NEW)
def vls_same(r: Reading) -> Hits:
    """Ranges (vls) of one status do not overlap."""
    return _overlapping(r, _vls, same=True)


@TABLE.test("6.3.19.3", NEW)
def version_same(r: Reading) -> Hits:
    """A version lies in no range of its status."""
    return _overlapping(r, None, same=True)


def _branching(r: Reading, category: str, kinds: tuple[Callable[[Span], bool] | None, ...]) -> Hits:
    for branch in _ranges(r):
        span = span_of(branch.name)
        others = _siblings(branch, category, "branches")
        if not span or not others:
            continue
        for other in others:
            if any(_meets(span, other, kind) for kind in kinds):
                yield f"{branch.pointer}/name", f"The range {branch.name} overlaps with the branch {other.name}."


@TABLE.test("6.3.19.4", NEW)
def range_in_branch(r: Reading) -> Hits:
    """A range overlaps with no range that branches."""
    return _branching(r, "product_version_range", (_vers, _vls))


@TABLE.test("6.3.19.5", NEW)
def version_in_branch(r: Reading) -> Hits:
    """A range holds no version that branches."""
    return _branching(r, "product_version", (None,))
