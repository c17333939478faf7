"""SSVC's decision points, filled from what is known, each with its reason; people may say otherwise, with theirs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from seatrial.clearinghouse.proofs.types import CrashFacts, OracleKind, Verdict
from seatrial.clearinghouse.triage.core.priority.impact import Harm, harm_of
from seatrial.clearinghouse.triage.core.priority.ssvc import (
    Action,
    Automatable,
    Exploitation,
    MissionImpact,
    Points,
    TechnicalImpact,
    decide,
)
from seatrial.kernel.errors import Misuse

WIDELY = 10  # operators who have it, from which its harm is no single organisation's


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of a finding. ``None`` and empty mean that nobody has said so."""

    verdict: Verdict | None = None  # of its proof; None without one that runs
    oracle: OracleKind | None = None
    crash: CrashFacts | None = None
    over_network: bool = False  # the proof does it by requests to a service alone
    weaknesses: tuple[str, ...] = ()  # CWE-787, …
    public: bool = False  # the flaw or a way to use it is known to the public
    exploited_since: date | None = None  # as the catalogue of known exploited vulnerabilities says
    epss: float | None = None  # probability of exploitation within thirty days, 0–1
    exposed: int | None = None  # operators who have it; None if none was asked


@dataclass(frozen=True, slots=True)
class Assessment:
    """The points, what the table makes of them, and why each is as it is."""

    points: Points
    action: Action
    reasons: Mapping[str, str]  # by the point's name
    said: frozenset[str] = frozenset()  # points that a person set


def assess(evidence: Evidence, said: Mapping[str, tuple[str, str]] | None = None) -> Assessment:
    """``said`` holds what people decided: point → (value, reason). Raises ``Misuse`` (``bad-point``)."""
    found: dict[str, tuple[Any, str]] = {
        "exploitation": _exploitation(evidence),
        "automatable": _automatable(evidence),
        "technical_impact": _technical_impact(evidence),
        "mission_impact": _mission_impact(evidence),
    }
    decided = said or {}
    for point, (value, reason) in decided.items():
        found[point] = (_value(point, value), reason)
    points = Points(**{point: value for point, (value, _) in found.items()})
    return Assessment(points, decide(points), {point: why for point, (_, why) in found.items()}, frozenset(decided))


def _value(point: str, value: str) -> Any:
    kinds = {
        "exploitation": Exploitation,
        "automatable": Automatable,
        "technical_impact": TechnicalImpact,
        "mission_impact": MissionImpact,
    }
    if point not in kinds:
        raise Misuse("bad-point", f"SSVC has no decision point {point!r}; there are {_or(kinds)}.")
    try:
        return kinds[point](value)
    except ValueError:
        raise Misuse("bad-point", f"{point} cannot be {value!r}; it is {_or(kinds[point])}.") from None


def _or(words: Any) -> str:
    *most, last = map(str, words)
    return f"{', '.join(most)} or {last}"


def _exploitation(evidence: Evidence) -> tuple[Exploitation, str]:
    if evidence.exploited_since is not None:
        return Exploitation.ACTIVE, f"It is listed as exploited since {evidence.exploited_since.isoformat()}."
    if evidence.public:
        return Exploitation.PUBLIC_POC, "The flaw, or a way to use it, is public."
    return Exploitation.NONE, "No use of it is known, and no proof of it is public."


def _automatable(evidence: Evidence) -> tuple[Automatable, str]:
    if evidence.over_network and evidence.verdict is Verdict.REPRODUCED:
        return Automatable.YES, "The proof needs nothing but requests to the service, and works every time."
    if evidence.over_network:
        return Automatable.NO, "It is said to work over a network, but no proof of that works every time."
    return Automatable.NO, "Nothing shows that it can be done over a network without a person's help."


def _technical_impact(evidence: Evidence) -> tuple[TechnicalImpact, str]:
    harm, why = harm_of(evidence.crash, evidence.oracle, evidence.weaknesses)
    return (TechnicalImpact.TOTAL if harm is Harm.CONTROL else TechnicalImpact.PARTIAL), why


def _mission_impact(evidence: Evidence) -> tuple[MissionImpact, str]:
    if evidence.exposed is None:
        return MissionImpact.MEDIUM, "No operator was asked yet; medium until then."
    if evidence.exposed >= WIDELY:
        return MissionImpact.HIGH, f"{evidence.exposed} operators of critical infrastructure have it."
    if evidence.exposed:
        return MissionImpact.MEDIUM, f"{evidence.exposed} of the operators asked have it."
    return MissionImpact.LOW, "None of the operators asked has it."


POINTS = tuple(field.name for field in fields(Points))
