"""What people say of SSVC's points, and the lists that others publish: each changes where findings stand."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from seatrial.clearinghouse.triage.actions.placing import place
from seatrial.clearinghouse.triage.actions.recording import check_analyst, note
from seatrial.clearinghouse.triage.core.priority.evidence import Evidence, assess
from seatrial.clearinghouse.triage.core.priority.feeds import read_exploit_scores, read_known_exploited
from seatrial.clearinghouse.triage.models import ExploitScore, KnownExploited, Said
from seatrial.clearinghouse.triage.queries.evidence import naming_cves
from seatrial.clearinghouse.triage.queries.places import readable_place
from seatrial.kernel.digests import digest
from seatrial.kernel.errors import Misuse
from seatrial.kernel.labels import OPEN
from seatrial.ledger import api as ledger
from seatrial.parties.types import Actor

_AT_ONCE = 1000


@transaction.atomic
def say_point(*, by: Actor, report: str, point: str, value: str, reason: str, at: datetime) -> None:
    """Set one of SSVC's decision points for a finding; what evidence says of it no longer counts.

    Raises ``Misuse`` (``bad-point``, ``reason-missing``), ``Forbidden``, ``NotFound``.
    """
    check_analyst(by, to="set a decision point")
    readable_place(by, report)
    if not reason.strip():
        raise Misuse("reason-missing", "Say in a few words why; it stands beside the point.")
    assess(Evidence(), {point: (value, reason)})
    Said.objects.create(report_id=report, point=point, value=value, reason=reason.strip(), by=by.person, at=at)
    place([report])
    note("triage.weighed", by.person, {"report": report, "point": point, "value": value}, [report], at)


@transaction.atomic
def import_known_exploited(*, by: Actor, data: bytes, at: datetime) -> int:
    """Take in the catalogue of known exploited vulnerabilities in place of the last one; how many it lists.

    Raises ``Misuse`` (``bad-feed``): then the last one stays.
    """
    check_analyst(by, to="import the catalogue")
    listed = read_known_exploited(data)
    before = set(KnownExploited.objects.values_list("cve", flat=True))
    KnownExploited.objects.all().delete()
    rows = {one.cve: KnownExploited(cve=one.cve, since=one.since) for one in listed}
    KnownExploited.objects.bulk_create(rows.values(), batch_size=_AT_ONCE)
    place(naming_cves(before ^ set(rows)))
    _imported("triage.known-exploited", by, data, len(rows), at)
    return len(rows)


@transaction.atomic
def import_exploit_scores(*, by: Actor, data: bytes, at: datetime) -> int:
    """Take in a day's EPSS scores in place of the last ones; how many there are. Raises ``Misuse`` (``bad-feed``)."""
    check_analyst(by, to="import EPSS scores")
    found = read_exploit_scores(data)
    ExploitScore.objects.all().delete()
    rows = {
        one.cve: ExploitScore(cve=one.cve, score=one.score, percentile=one.percentile, day=found.day)
        for one in found.scores
    }
    ExploitScore.objects.bulk_create(rows.values(), batch_size=_AT_ONCE)
    place(naming_cves(None))
    _imported("triage.exploit-scores", by, data, len(rows), at)
    return len(rows)


def _imported(kind: str, by: Actor, data: bytes, count: int, at: datetime) -> None:
    ledger.append(kind=kind, actor=by.person, facts={"file": digest(data), "entries": count}, label=OPEN, at=at)
