"""What is known of reports, gathered for the rules: judgements, words, lists that others publish, what people said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass

from seatrial.clearinghouse.findings import api as findings
from seatrial.clearinghouse.findings.types import ReportState, ReportView
from seatrial.clearinghouse.proofs.types import OracleKind, Verdict
from seatrial.clearinghouse.triage.core.claims import cves_of, is_public, weaknesses_of
from seatrial.clearinghouse.triage.core.facts import read_facts
from seatrial.clearinghouse.triage.core.priority.evidence import Evidence
from seatrial.clearinghouse.triage.models import ExploitScore, Judgement, KnownExploited, Place, Said
from seatrial.clearinghouse.triage.types import KnownUse
from seatrial.kernel.parts import in_parts

_SETTLED = frozenset({ReportState.DRAFT, ReportState.RETURNED, ReportState.WITHDRAWN})


@dataclass(frozen=True, slots=True)
class Known:
    """A report, as far as its place in the queue goes."""

    view: ReportView
    scope: str
    waiting: bool
    cves: tuple[str, ...]
    evidence: Evidence
    said: Mapping[str, tuple[str, str]]  # SSVC's point → (value, reason)


def known_use(cves: Iterable[str]) -> dict[str, KnownUse]:
    """What the lists of the known exploited and of probabilities say of ``cves``; those in neither are left out."""
    exploited: set[str] = set()
    scores: dict[str, float] = {}
    for part in in_parts(sorted(set(cves))):
        exploited |= set(KnownExploited.objects.filter(cve__in=part).values_list("cve", flat=True))
        scores |= dict(ExploitScore.objects.filter(cve__in=part).values_list("cve", "score"))
    return {cve: KnownUse(cve in exploited, scores.get(cve)) for cve in sorted(exploited | scores.keys())}


def naming_cves(cves: Set[str] | None) -> list[str]:
    """The placed reports that name one of ``cves``; any at all if it is ``None``."""
    rows = Place.objects.exclude(cves="").values_list("report_id", "cves")
    return sorted(report for report, named in rows if cves is None or cves & set(named.split()))


def known(reports: Iterable[str]) -> dict[str, Known]:
    """By report. For the house itself: nothing of it is shown to anyone without a look at the label."""
    stated = findings.stated(reports)
    judged = {row.report_id: row for row in Judgement.objects.filter(report__in=stated, latest=True)}
    cves = {report: cves_of(view.document) for report, view in stated.items()}
    named = {cve for several in cves.values() for cve in several}
    exploited = {row.cve: row.since for row in KnownExploited.objects.filter(cve__in=named)}
    scores = {row.cve: row.score for row in ExploitScore.objects.filter(cve__in=named)}
    said: dict[str, dict[str, tuple[str, str]]] = {}
    for row in Said.objects.filter(report__in=stated).order_by("at", "id"):
        said.setdefault(row.report_id, {})[row.point] = (row.value, row.reason)
    found = {}
    for report, view in stated.items():
        judgement = judged.get(report)
        evidence = Evidence(
            verdict=Verdict(judgement.verdict) if judgement else None,
            oracle=OracleKind(judgement.oracle) if judgement and judgement.oracle else None,
            crash=read_facts(judgement.crash) if judgement and judgement.crash else None,
            over_network=judgement.over_network if judgement else False,
            weaknesses=weaknesses_of(view.document),
            public=is_public(view.label),
            exploited_since=min((exploited[cve] for cve in cves[report] if cve in exploited), default=None),
            epss=max((scores[cve] for cve in cves[report] if cve in scores), default=None),
        )
        waiting = view.state not in _SETTLED
        found[report] = Known(
            view=view,
            scope=view.product.casefold()[:200],
            waiting=waiting,
            cves=cves[report],
            evidence=evidence,
            said=said.get(report, {}),
        )
    return found
