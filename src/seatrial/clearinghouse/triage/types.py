"""The words of triage: what a machine found of a report, which reports are one flaw, what comes first. Pure."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from seatrial.clearinghouse.findings.types import ReportView
from seatrial.clearinghouse.proofs.types import CrashFacts, OracleKind, PatchVerdict, Verdict
from seatrial.kernel.digests import Digest
from seatrial.kernel.labels import Label


@dataclass(frozen=True, slots=True)
class JudgementView:
    """What came of running a report's proof once; the latest counts."""

    id: str
    report: str
    verdict: Verdict
    reason: str
    fired: int
    runs: int
    oracle: OracleKind | None
    over_network: bool
    crash: CrashFacts | None
    target: str  # the digest of what was run; empty where nothing was
    recipe: str
    environment: str
    seconds: float
    at: datetime


class Act(enum.StrEnum):
    """What a person decides of reports."""

    MERGE = "merge"  # all of them are one flaw
    SPLIT = "split"  # nothing on one side is the flaw of anything on the other


@dataclass(frozen=True, slots=True)
class DecisionView:
    """A person's word on reports, and who took it back if somebody did."""

    number: int
    act: Act
    left: tuple[str, ...]
    right: tuple[str, ...]
    reason: str
    by: str
    at: datetime
    undone_by: str = ""
    undone_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LinkView:
    """Why one report is with another, or (among objections) what spoke for it and was outweighed."""

    one: str
    other: str
    how: str  # people, patch or exact
    reason: str


@dataclass(frozen=True, slots=True)
class SuggestionView:
    """Two reports of different clusters that look alike; nothing follows from it until somebody says so.

    ``share``: how many in 100 such pairs of real crashes had one fix; ``None`` where that was not measured.
    """

    one: str
    other: str
    share: int | None
    reason: str
    worth: str  # one sentence that says ``share`` and what it was counted on


@dataclass(frozen=True, slots=True)
class QueueLine:
    """A finding in the analyst's queue. ``why`` says what put it there."""

    report: str
    title: str
    product: str
    version: str
    verdict: Verdict | None
    crash: str  # the short description of how the proof ended
    action: str  # what SSVC says
    score: float  # CVSS
    word: str
    cluster: str
    reports: int  # how many of this cluster the asker may read
    why: str
    before: str  # what put it before the next one; empty for the last
    label: Label
    at: datetime


@dataclass(frozen=True, slots=True)
class PointView:
    """One of SSVC's decision points, or a metric of the vector, with its reason."""

    name: str
    value: str
    reason: str
    said_by: str = ""  # the person who set it


@dataclass(frozen=True, slots=True)
class PatchView:
    """A candidate patch and what was found of it. Nothing is ever applied."""

    id: str
    report: str
    digest: Digest
    verdict: PatchVerdict | None  # None until it was checked
    reason: str
    checks: tuple[tuple[str, bool | None, str], ...]  # what was asked, whether it passed (None: could not be), why
    stopped: tuple[str, ...]  # other reports whose proofs it silences: one flaw
    untouched: tuple[str, ...]  # those that it leaves
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class CheckedPatch:
    """What machines found of a patch, without a word about the flaw: ``checks`` are (what was asked, passed)."""

    digest: str
    report: str
    verdict: str
    checks: tuple[tuple[str, bool | None], ...]
    checked_at: datetime


@dataclass(frozen=True, slots=True)
class FindingView:
    """Everything that is known of a report: its words, what machines found, and why it stands where it does."""

    line: QueueLine
    report: ReportView
    judgements: tuple[JudgementView, ...]  # the one that counts first
    points: tuple[PointView, ...]  # SSVC's
    action: str
    vector: str  # CVSS 4.0
    metrics: tuple[PointView, ...]
    patches: tuple[PatchView, ...]


@dataclass(frozen=True, slots=True)
class ClusterView:
    """One flaw as far as is known: its reports, why they are together, what people decided, and what looks like it."""

    id: str
    reports: tuple[QueueLine, ...]
    links: tuple[LinkView, ...]
    objections: tuple[LinkView, ...]
    decisions: tuple[DecisionView, ...]
    suggestions: tuple[SuggestionView, ...]


@dataclass(frozen=True, slots=True)
class FlowPoint:
    """What passed through on a day."""

    day: date
    came: int
    judged: int
    reproduced: int
    distinct: int


@dataclass(frozen=True, slots=True)
class Flow:
    """The clearinghouse's own figures: by day, and how old what waits is (days → count)."""

    days: tuple[FlowPoint, ...]
    waiting: int
    oldest: datetime | None
    ages: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class KnownUse:
    """Of a flaw by its CVE: whether it is known to be exploited, and how probably it will be within thirty days."""

    exploited: bool
    epss: float | None
