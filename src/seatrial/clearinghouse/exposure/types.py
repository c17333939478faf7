"""What matching is about: systems and their components, statements of advisories, and what follows. Pure."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime


class Verdict(enum.StrEnum):
    """What an advisory says of one version of one package. Silence is no verdict: nothing is kept of it."""

    AFFECTED = "affected"
    NOT_AFFECTED = "not_affected"
    FIXED = "fixed"
    UNDER_INVESTIGATION = "under_investigation"
    CANNOT_TELL = "cannot_tell"  # no scheme orders the version, or the advisory does not say enough


@dataclass(frozen=True, slots=True, order=True)
class Release:
    """One version of one package: what is evaluated once, however many systems have it.

    ``package`` is a key of ``core.coordinates``; ``scheme`` says how its versions are ordered (a package URL's
    type, else ``generic``); ``distro`` is the distribution's release where its package URL names one.
    """

    package: str
    version: str
    scheme: str = "generic"
    distro: str = ""


@dataclass(frozen=True, slots=True)
class Component:
    """One line of an inventory, as it was named there. Its releases are its names: by package URL, by CPE, by vendor
    and product; each may be what an advisory speaks of."""

    name: str
    version: str
    releases: tuple[Release, ...]


@dataclass(frozen=True, slots=True)
class System:
    """One thing that runs: what a bill of materials describes, or a device of a list. ``name`` is unique in its
    inventory."""

    name: str
    components: tuple[Component, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """An inventory as it was read. ``notes`` are sentences about what could not be used."""

    form: str  # "CycloneDX 1.6", "SPDX 2.3", "CSV"
    systems: tuple[System, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of versions; empty bounds are open."""

    low: str = ""
    high: str = ""
    with_low: bool = True
    with_high: bool = False

    def __str__(self) -> str:
        if not self.low and not self.high:
            return "every version"
        if self.low == self.high:
            return f"= {self.low}"
        low = f"{'>=' if self.with_low else '>'} {self.low}" if self.low else ""
        high = f"{'<=' if self.with_high else '<'} {self.high}" if self.high else ""
        return ", ".join(filter(None, (low, high)))


@dataclass(frozen=True, slots=True)
class Statement:
    """What an advisory says of some versions of a package.

    ``names`` are the vulnerability's identifiers, aliases too. ``unread`` is what stands there and could not be read as
    versions: then nothing can be told of those that ``spans`` and ``versions`` do not hold. ``within`` is the platform
    in which alone it is said.
    """

    advisory: str
    names: tuple[str, ...]
    package: str
    verdict: Verdict
    where: str  # JSON pointer
    scheme: str = "generic"
    distro: str = ""
    spans: tuple[Span, ...] = ()
    versions: tuple[str, ...] = ()
    unread: str = ""
    within: str = ""
    why: str = ""  # a justification of VEX, or the advisory's words


@dataclass(frozen=True, slots=True)
class Hit:
    """A statement that speaks of a release, and why: a match for every system that has it."""

    release: Release
    advisory: str
    names: tuple[str, ...]
    verdict: Verdict
    where: str
    reason: str  # one sentence
    exact: bool = False  # the statement names this very version


@dataclass(frozen=True, slots=True)
class AdvisoryRead:
    """An advisory as the matching reads it; withdrawn ones have no statements."""

    id: str
    revision: str
    title: str
    statements: tuple[Statement, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Settled:
    """What stands of a release for one vulnerability, all advisories taken together; ``others`` gave way."""

    release: Release
    names: tuple[str, ...]
    hit: Hit
    others: tuple[Hit, ...] = ()


@dataclass(frozen=True, slots=True)
class AdvisoryLine:
    """An advisory that matching knows."""

    name: str
    revision: str
    title: str
    notes: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class LocalMatch:
    """A match at an operator's home: a system, its component, and what stands of it."""

    system: str
    component: str
    version: str
    settled: Settled


@dataclass(frozen=True, slots=True)
class InventoryView:
    """An operator's inventory, for its own people."""

    id: str
    organisation: str
    name: str
    form: str
    systems: int
    components: int  # rows: what each system has, counted in each
    digest: str
    notes: tuple[str, ...]
    at: datetime
    added: int  # against what it took the place of: releases that came
    removed: int  # and that went


@dataclass(frozen=True, slots=True)
class SystemView:
    """One system of an inventory."""

    id: str
    inventory: str
    organisation: str
    name: str
    components: int


@dataclass(frozen=True, slots=True)
class MatchView:
    """One match of one system, for its operator. ``id`` stays the same while system, release and vulnerability do,
    also when inventories are replaced and advisories revised."""

    id: str
    organisation: str
    inventory: str
    system: str
    system_name: str
    package: str
    version: str
    advisory: str
    title: str
    vulnerability: str  # its CVE where it has one
    names: tuple[str, ...]
    verdict: Verdict
    reason: str
    gave_way: tuple[str, ...]  # what other advisories say, and this stands before
    since: datetime  # when it was first found


@dataclass(frozen=True, slots=True)
class Reach:
    """Whom an advisory reaches, for the house itself: an organisation, how many of its systems, which verdict."""

    organisation: str
    verdict: Verdict
    systems: int
