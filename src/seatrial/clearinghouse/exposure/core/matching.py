"""The engine: statements and releases in, hits with their reasons out. Pure; its cost grows with distinct releases.

Rules. A version that lies in a stretch or is named is what the statement says. One of which that cannot be told is
*cannot tell*, except that a statement of *not affected* which cannot be applied relieves nothing and says nothing. What
is said of a component only as a part of some platform relieves nobody elsewhere. Of several statements on one
vulnerability *not affected* and *fixed* stand before *affected* (that is what VEX is for), unless one document says
both of the very same version: then nobody is relieved.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from seatrial.clearinghouse.exposure.types import Hit, Release, Settled, Span, Statement, Verdict

from .versions import key

RELIEVING = frozenset({Verdict.NOT_AFFECTED, Verdict.FIXED})
_ORDER = (
    Verdict.NOT_AFFECTED,
    Verdict.FIXED,
    Verdict.AFFECTED,
    Verdict.UNDER_INVESTIGATION,
    Verdict.CANNOT_TELL,
)
_RANK = {verdict: place for place, verdict in enumerate(_ORDER)}


class Statements:
    """Statements by package, made ready once: bounds have their keys, named versions are looked up."""

    def __init__(self, statements: Iterable[Statement]) -> None:
        self._by_package: dict[str, list[_Ready]] = defaultdict(list)
        for statement in statements:
            self._by_package[statement.package].append(_Ready(statement))

    @property
    def packages(self) -> frozenset[str]:
        """The packages that anything is said of."""
        return frozenset(self._by_package)

    def of(self, release: Release) -> tuple[Hit, ...]:
        """Every hit of one release, in the order of the statements; one for each place in an advisory."""
        ready = self._by_package.get(release.package)
        if not ready:
            return ()
        return tuple(hit for one in ready if (hit := one.hit(release)) is not None)


def hits(statements: Statements, releases: Iterable[Release]) -> Iterator[Hit]:
    """Hits of ``releases``, each of which is looked at once even if it comes many times."""
    seen: set[Release] = set()
    for release in releases:
        if release not in seen:
            seen.add(release)
            yield from statements.of(release)


def settle(found: Sequence[Hit]) -> tuple[Settled, ...]:
    """What stands of one release for each vulnerability; hits whose names meet are about the same one."""
    groups: list[tuple[set[str], list[Hit]]] = []
    for hit in found:
        names, members = set(hit.names), [hit]
        apart = []
        for group in groups:
            if names & group[0]:
                names |= group[0]
                members = group[1] + members
            else:
                apart.append(group)
        groups = [*apart, (names, members)]
    return tuple(_settled(tuple(sorted(names)), members) for names, members in groups)


def _settled(names: tuple[str, ...], members: list[Hit]) -> Settled:
    denied = {one.advisory for one in members if one.exact and one.verdict is Verdict.AFFECTED}

    def place(hit: Hit) -> tuple[int, bool, str, str]:
        rank = _RANK[hit.verdict]
        if hit.verdict in RELIEVING and hit.advisory in denied:
            rank = len(_ORDER)  # the document contradicts itself
        return rank, not hit.exact, hit.advisory, hit.where

    first, *others = sorted(members, key=place)
    return Settled(first.release, names, first, tuple(others))


class _Ready:
    """One statement with everything worked out that does not depend on the release."""

    __slots__ = ("_bounds", "_keys", "_named", "_whole", "statement")

    def __init__(self, statement: Statement) -> None:
        self.statement = statement
        scheme = statement.scheme
        self._named = frozenset(statement.versions)
        self._bounds = [(span, _bound(scheme, span.low), _bound(scheme, span.high)) for span in statement.spans]
        self._whole = any(not span.low and not span.high for span in statement.spans)
        keys = [found for one in statement.versions if (found := key(scheme, one)) is not None]
        self._keys: frozenset[Any] | list[Any]
        try:
            self._keys = frozenset(keys)
        except TypeError:  # some schemes' versions have an order and no hash
            self._keys = keys

    def hit(self, release: Release) -> Hit | None:
        said = self.statement
        if said.distro and release.distro and said.distro != release.distro:
            return None
        spoken = self._spoken(release.version)
        if spoken is None:
            return None
        certain, words, exact = spoken
        verdict = said.verdict
        if not certain:
            if verdict is Verdict.NOT_AFFECTED:
                return None
            verdict = Verdict.CANNOT_TELL
        elif said.within and verdict in RELIEVING:
            verdict, words = (
                Verdict.CANNOT_TELL,
                f"{words}, but {said.verdict.replace('_', ' ')} only within {said.within}",
            )
        elif said.within:
            words = f"{words}, within {said.within}"
        why = f" ({said.why})" if said.why and certain else ""
        built = f", as built for release {said.distro}" if said.distro and not release.distro else ""
        reason = f"{said.advisory} says {said.verdict.replace('_', ' ')} of {said.package}: {words}{built}{why}."
        return Hit(release, said.advisory, said.names, verdict, said.where, reason, exact)

    def _spoken(self, version: str) -> tuple[bool, str, bool] | None:
        """Whether it is certain, in words, and whether this very version is named; ``None`` if nothing is said."""
        if self._whole:
            return True, f"every version, so also {version}" if version else "every version", False
        if not version:
            return False, "the inventory names no version", False
        if version in self._named:
            return True, f"{version} is named", True
        own = key(self.statement.scheme, version)
        if own is None:
            return False, f"nothing orders {version} among {self.statement.scheme} versions", False
        if own in self._keys:
            return True, f"{version} is named", True
        doubt = ""
        for span, low, high in self._bounds:
            try:
                if _within(span, low, high, own):
                    return True, f"{version} is {span}", False
            except _NoPlaceError:
                doubt = doubt or f"nothing orders the bounds {span}"
        if self.statement.unread:
            doubt = doubt or f"its versions cannot be read: {self.statement.unread}"
        return (False, doubt, False) if doubt else None


class _NoPlaceError(Exception):
    """A bound has no place in the order."""


_OPEN = object()


def _bound(scheme: str, version: str) -> Any:
    return key(scheme, version) if version else _OPEN


def _within(span: Span, low: Any, high: Any, own: Any) -> bool:
    try:
        if low is not _OPEN and low is not None and (own < low or (own == low and not span.with_low)):
            return False
        if high is not _OPEN and high is not None and (high < own or (own == high and not span.with_high)):
            return False
    except Exception as error:  # versions of one scheme that do not compare after all
        raise _NoPlaceError from error
    if low is None or high is None:
        raise _NoPlaceError
    return True
