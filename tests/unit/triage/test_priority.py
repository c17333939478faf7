"""Priority: SSVC's own table, reasons for every point, an order in which no claim passes a proof."""

from __future__ import annotations

import gzip
import itertools
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.clearinghouse.proofs.types import CrashFacts, Exploitability, OracleKind, Verdict
from seatrial.clearinghouse.triage.core.priority.cvss import severity, suggest
from seatrial.clearinghouse.triage.core.priority.evidence import POINTS, Evidence, assess
from seatrial.clearinghouse.triage.core.priority.feeds import read_exploit_scores, read_known_exploited
from seatrial.clearinghouse.triage.core.priority.order import Place, key, why, why_before
from seatrial.clearinghouse.triage.core.priority.ssvc import (
    TABLE,
    Action,
    Automatable,
    Exploitation,
    MissionImpact,
    Points,
    TechnicalImpact,
)
from seatrial.kernel.errors import Misuse

AT = datetime(2026, 7, 1, tzinfo=UTC)
OVERFLOW = CrashFacts(
    "asan",
    "heap-buffer-overflow",
    "write",
    4,
    exploitability=Exploitability.EXPLOITABLE,
    summary="heap-buffer-overflow(write)",
)
NULL = CrashFacts("asan", "SEGV", "read", exploitability=Exploitability.NOT, summary="SourceAvNearNull")
PROVEN = Evidence(verdict=Verdict.REPRODUCED, oracle=OracleKind.SANITIZER, crash=OVERFLOW)


def place(evidence: Evidence, since: datetime = AT) -> Place:
    return Place(evidence, assess(evidence), suggest(evidence), since)


def test_the_table_is_whole_and_never_calls_for_less_when_a_point_is_worse():
    assert len(TABLE) == len(Exploitation) * len(Automatable) * len(TechnicalImpact) * len(MissionImpact) == 36
    order = list(Action)
    for one, other in itertools.product(TABLE, repeat=2):
        worse = all(
            list(kind).index(getattr(one, name)) <= list(kind).index(getattr(other, name))
            for name, kind in zip(POINTS, (Exploitation, Automatable, TechnicalImpact, MissionImpact), strict=True)
        )
        if worse:
            assert order.index(TABLE[one]) <= order.index(TABLE[other])
    assert (
        TABLE[Points(Exploitation.ACTIVE, Automatable.NO, TechnicalImpact.TOTAL, MissionImpact.MEDIUM)] is Action.ATTEND
    )
    assert TABLE[Points(Exploitation.NONE, Automatable.NO, TechnicalImpact.PARTIAL, MissionImpact.HIGH)] is Action.TRACK


def test_each_point_has_its_reason_and_a_person_may_say_otherwise():
    found = assess(replace(PROVEN, exploited_since=date(2026, 5, 1), over_network=True, exposed=12))
    assert found.points == Points(Exploitation.ACTIVE, Automatable.YES, TechnicalImpact.TOTAL, MissionImpact.HIGH)
    assert found.action is Action.ACT
    assert set(found.reasons) == set(POINTS)
    assert "2026-05-01" in found.reasons["exploitation"]
    said = assess(PROVEN, {"mission_impact": ("low", "It runs in a museum.")})
    assert said.points.mission_impact is MissionImpact.LOW
    assert said.reasons["mission_impact"] == "It runs in a museum."
    assert said.said == {"mission_impact"}


@pytest.mark.parametrize(("point", "value"), [("exploitation", "often"), ("weather", "low")])
def test_a_point_that_does_not_exist_is_refused(point, value):
    with pytest.raises(Misuse, match=r"SSVC has no|cannot be"):
        assess(PROVEN, {point: (value, "so")})


def test_a_private_proof_is_no_public_one():
    assert assess(PROVEN).points.exploitation is Exploitation.NONE
    assert assess(replace(PROVEN, public=True)).points.exploitation is Exploitation.PUBLIC_POC


def test_the_vector_says_what_the_evidence_shows():
    local = suggest(PROVEN)
    assert local.vector == "CVSS:4.0/AV:L/AC:L/AT:N/PR:N/UI:P/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/E:U"
    assert set(local.reasons) == {part.split(":")[0] for part in local.vector.split("/")[1:]}
    remote = suggest(replace(PROVEN, over_network=True, public=True))
    assert remote.score > local.score
    assert suggest(replace(PROVEN, crash=NULL)).score < local.score
    claimed = suggest(Evidence(weaknesses=("CWE-22",)))
    assert "/VC:H/VI:N/VA:N/" in claimed.vector
    assert "no proof shows" in claimed.reasons["VC"]
    with pytest.raises(Misuse, match="is no CVSS"):
        severity("CVSS:4.0/AV:N", {})


evidences = st.builds(
    Evidence,
    verdict=st.sampled_from([*Verdict, None]),
    oracle=st.sampled_from([*OracleKind, None]),
    crash=st.sampled_from([None, OVERFLOW, NULL]),
    over_network=st.booleans(),
    weaknesses=st.lists(st.sampled_from(["CWE-22", "CWE-787", "CWE-9", "nonsense"])).map(tuple),
    public=st.booleans(),
    exploited_since=st.sampled_from([None, date(2026, 1, 1)]),
    epss=st.none() | st.floats(0, 1),
    exposed=st.none() | st.integers(0, 50),
)


@given(evidences, evidences)
def test_no_claim_passes_a_proof_and_every_place_says_why(one, other):
    first, second = sorted((place(one), place(other, AT + timedelta(days=1))), key=key)
    if Verdict.REPRODUCED in (one.verdict, other.verdict):
        assert first.evidence.verdict is Verdict.REPRODUCED
    assert why(first).endswith("waiting since 2026-07-01 00:00.") or why(first).endswith("2026-07-02 00:00.")
    assert why_before(first, second)


def test_among_equals_the_one_that_waited_longer_comes_first():
    old, new = place(PROVEN), place(PROVEN, AT + timedelta(hours=1))
    assert min(new, old, key=key) is old
    assert why_before(old, new) == "how long it has waited"


KEV = b'{"title": "t", "vulnerabilities": [{"cveID": "CVE-2026-12345", "dateAdded": "2026-05-01", "x": 1}]}'
EPSS = (
    b"#model_version:v2026.03.14,score_date:2026-06-30T00:00:00+0000\ncve,epss,percentile\nCVE-2026-12345,0.91,0.99\n"
)


def test_the_published_lists_are_read_plain_or_packed():
    [listed] = read_known_exploited(KEV)
    assert (listed.cve, listed.since) == ("CVE-2026-12345", date(2026, 5, 1))
    for data in (EPSS, gzip.compress(EPSS)):
        found = read_exploit_scores(data)
        assert (found.day, found.model) == (date(2026, 6, 30), "v2026.03.14")
        assert [(one.cve, one.score) for one in found.scores] == [("CVE-2026-12345", 0.91)]


@pytest.mark.parametrize(
    "data",
    [b"", b"\x1f\x8bbroken", b"{}", KEV.replace(b"2026-05-01", b"soon"), b"\xff\xfe", KEV.replace(b"CVE-", b"cve")],
)
def test_a_broken_catalogue_is_refused_whole(data):
    with pytest.raises(Misuse, match="Nothing of it was taken"):
        read_known_exploited(data)


@pytest.mark.parametrize(
    "data",
    [b"", gzip.compress(EPSS)[:-9], EPSS.replace(b"0.91", b"91"), EPSS.replace(b"cve,", b"c,"), EPSS.split(b"CVE")[0]],
)
def test_broken_scores_are_refused_whole(data):
    with pytest.raises(Misuse, match="Nothing of it was taken"):
        read_exploit_scores(data)
