"""Judgements, clusters and the queue on a real database."""

from __future__ import annotations

from datetime import timedelta

import pytest

from seatrial.clearinghouse.proofs.types import Check, PatchCheck, PatchVerdict, Verdict
from seatrial.clearinghouse.triage import actions
from seatrial.clearinghouse.triage import api as triage
from seatrial.clearinghouse.triage.core.clusters import cluster_name
from seatrial.clearinghouse.triage.models import Place
from seatrial.kernel.digests import digest
from seatrial.kernel.errors import Conflict, Forbidden, Misuse, NotFound
from seatrial.ledger import api as ledger
from seatrial.parties.types import ANYONE
from simulators.judged_reports import judge

KEY = "k1"
KEV = b'{"vulnerabilities": [{"cveID": "CVE-2026-12345", "dateAdded": "2026-05-01"}]}'


def test_what_is_proven_stands_before_what_is_claimed_and_says_why(world, analyst, reported):
    claimed, shown = reported(title="Total loss of everything"), reported()
    judge(claimed, world.start, Verdict.NEEDS_A_PERSON)
    judge(shown, world.start)
    first, second = triage.queue(analyst)
    assert (first.report, second.report) == (shown, claimed)
    assert first.why.startswith("The proof works every time; SSVC says track; CVSS")
    assert first.before == "whether its proof works"
    assert first.crash == "heap-buffer-overflow(write)"
    assert triage.queue(analyst, limit=1) == (first,)
    assert [line.report for line in triage.queue(analyst, after=shown)] == [claimed]


def test_a_later_judgement_counts_and_the_earlier_one_stays(world, analyst, reported):
    report = reported()
    judge(report, world.start, Verdict.FLAKY)
    judge(report, world.start + timedelta(hours=1), Verdict.NOT_REPRODUCED)
    assert [one.verdict for one in triage.judgements(analyst, report)] == [Verdict.NOT_REPRODUCED, Verdict.FLAKY]
    [line] = triage.queue(analyst)
    assert line.verdict is Verdict.NOT_REPRODUCED


def test_each_judgement_has_one_entry_and_a_transcript_that_it_names(world, analyst, reported):
    report = reported()
    before = ledger.head()
    judgement = judge(report, world.start)
    assert ledger.head() == before + 1
    assert triage.transcript(analyst, judgement)["report"] == report


def test_the_same_crash_joins_and_a_person_has_the_last_word(world, analyst, reported):
    one, other, third = reported(), reported(), reported()
    for report in (third, one, other):
        judge(report, world.start, key=KEY)
    [line] = triage.queue(analyst)
    assert (line.cluster, line.reports, line.report) == (cluster_name(one), 3, one)
    found = triage.cluster(analyst, cluster_name(third))  # joined: found under the cluster that it is in now
    assert [each.report for each in found.reports] == [one, other, third]
    assert {link.how for link in found.links} == {"exact"}
    assert "the same calls in the same target" in found.links[0].reason
    number = triage.say_apart(by=analyst, left=[third], right=[one, other], reason="Two loops.", at=world.start)
    sizes = {line.cluster: line.reports for line in triage.queue(analyst)}
    assert sizes == {cluster_name(one): 2, cluster_name(third): 1}
    parted = triage.cluster(analyst, cluster_name(third))
    assert [each.reason for each in parted.decisions] == ["Two loops."]
    assert "ann parted them: Two loops." in parted.objections[0].reason
    judge(third, world.start + timedelta(days=1), key=KEY)  # no machine joins again what a person parted
    assert len(triage.queue(analyst)) == 2
    triage.undo_decision(by=analyst, decision=number, at=world.start)
    assert [line.reports for line in triage.queue(analyst)] == [3]
    with pytest.raises(Conflict, match="undone already"):
        triage.undo_decision(by=analyst, decision=number, at=world.start)


def test_what_a_person_joins_stays_together_when_a_proof_is_run_again(world, analyst, reported):
    one, other = reported(), reported()
    judge(one, world.start, key=KEY)
    judge(other, world.start, Verdict.NOT_REPRODUCED)
    number = triage.say_same(by=analyst, reports=[other, one], reason="The same loop.", at=world.start)
    assert [line.reports for line in triage.queue(analyst)] == [2]
    judge(one, world.start + timedelta(hours=1), Verdict.FLAKY, key=KEY)
    assert [line.reports for line in triage.queue(analyst)] == [2]
    triage.undo_decision(by=analyst, decision=number, at=world.start)
    assert [line.reports for line in triage.queue(analyst)] == [1, 1]


def test_a_proof_that_ends_otherwise_leaves_its_cluster(world, analyst, reported):
    one, other = reported(), reported()
    for report in (one, other):
        judge(report, world.start, key=KEY)
    judge(other, world.start + timedelta(hours=1), Verdict.NOT_REPRODUCED)
    assert sorted(line.reports for line in triage.queue(analyst)) == [1, 1]


@pytest.mark.parametrize(
    ("left", "right"), [((0,), ()), ((0,), (0,)), ((), (0, 1)), ((0, 1), (1,))], ids=["one", "both", "none", "overlap"]
)
def test_a_split_needs_reports_on_each_side(world, analyst, reported, left, right):
    reports = [reported(), reported()]
    for report in reports:
        judge(report, world.start)
    sides = [[reports[place] for place in side] for side in (left, right)]
    with pytest.raises(Misuse, match="Name two reports"):
        triage.say_apart(by=analyst, left=sides[0], right=sides[1], reason="r", at=world.start)


def test_what_looks_alike_is_only_suggested(world, analyst, reported):
    one, other, stranger = reported(), reported(), reported(product="other thing")
    judge(one, world.start, key=KEY)
    judge(other, world.start, key="k2")
    judge(stranger, world.start, key="k3", target="another")
    assert len(triage.queue(analyst)) == 3
    [suggestion] = triage.cluster(analyst, cluster_name(one)).suggestions
    assert suggestion.other == other
    assert suggestion.share is None or 0 < suggestion.share < 100
    assert suggestion.worth.endswith("real crashes.") or "had one fix" in suggestion.worth
    triage.say_apart(by=analyst, left=[one], right=[other], reason="Two loops.", at=world.start)
    assert triage.cluster(analyst, cluster_name(one)).suggestions == ()


def checked(patch, stopped=(), untouched=(), at=None, verdict=PatchVerdict.HOLDS):
    check = PatchCheck(
        verdict, "It holds.", (Check("proof", True, "It is silent."),), digest(b"d"), digest(b"r"), digest(b"e")
    )
    actions.record_patch_check(patch=patch, check=check, stopped=stopped, untouched=untouched, at=at)


def test_what_one_patch_stops_is_one_flaw_and_what_it_leaves_is_not(world, analyst, reported):
    one, other, third = (reported() for _ in range(3))
    judge(one, world.start, key="a")
    judge(other, world.start, key="b")
    judge(third, world.start, key="a")
    assert sorted(line.reports for line in triage.queue(analyst)) == [1, 2]
    patch = triage.give_patch(by=analyst, report=one, diff=b"--- a\n+++ b\n", at=world.start)
    assert triage.finding(analyst, one).patches[0].verdict is None
    checked(patch, stopped=[other], untouched=[third], at=world.start)
    assert {line.cluster: line.reports for line in triage.queue(analyst)} == {
        cluster_name(one): 2,
        cluster_name(third): 1,
    }
    found = triage.cluster(analyst, cluster_name(one))
    assert {link.how for link in found.links} == {"patch"}
    [shown] = triage.finding(analyst, one).patches
    assert (shown.verdict, shown.stopped, shown.untouched) == (PatchVerdict.HOLDS, (other,), (third,))
    assert shown.checks == (("proof", True, "It is silent."),)
    triage.say_same(by=analyst, reports=[one, third], reason="The patch is only half of it.", at=world.start)
    assert [line.reports for line in triage.queue(analyst)] == [3]


@pytest.mark.parametrize("diff", [b"", b"  \n", b"x" * (1024**2 + 1)])
def test_a_patch_that_is_none_is_refused(world, analyst, reported, diff):
    report = reported()
    judge(report, world.start)
    with pytest.raises(Misuse, match="unified diff"):
        triage.give_patch(by=analyst, report=report, diff=diff, at=world.start)


def test_the_same_patch_is_checked_once(world, analyst, reported):
    report = reported()
    judge(report, world.start)
    triage.give_patch(by=analyst, report=report, diff=b"--- a\n", at=world.start)
    with pytest.raises(Conflict, match="already"):
        triage.give_patch(by=analyst, report=report, diff=b"--- a\n", at=world.start)


def test_a_cluster_has_one_head_whatever_happens(world, analyst, reported):
    reports = [reported() for _ in range(5)]
    for number, report in enumerate(reports):
        judge(report, world.start, Verdict.FLAKY if number == 0 else Verdict.REPRODUCED, key="k" if number % 2 else "j")
    triage.say_same(by=analyst, reports=reports[:2], reason="One.", at=world.start)
    for cluster in set(Place.objects.values_list("cluster", flat=True)):
        assert Place.objects.filter(cluster=cluster, head=True).count() == 1
    [line] = triage.queue(analyst)
    assert line.verdict is Verdict.REPRODUCED  # the proven one stands for the cluster


def test_people_set_points_and_the_reason_stands_beside(world, analyst, reported):
    report = reported()
    judge(report, world.start)
    triage.say_point(
        by=analyst, report=report, point="exploitation", value="active", reason="Seen in logs.", at=world.start
    )
    view = triage.finding(analyst, report)
    point = next(point for point in view.points if point.name == "exploitation")
    assert (point.value, point.reason, point.said_by) == ("active", "Seen in logs.", "ann")
    assert view.action == "attend"
    with pytest.raises(Misuse, match="cannot be"):
        triage.say_point(by=analyst, report=report, point="exploitation", value="x", reason="y", at=world.start)


def test_a_catalogue_moves_what_it_names(world, analyst, reported):
    plain, named = reported(), reported()
    judge(plain, world.start)
    judge(named, world.start)
    Place.objects.filter(report=named).update(cves="CVE-2026-12345")
    assert triage.import_known_exploited(by=analyst, data=KEV, at=world.start) == 1
    with pytest.raises(Misuse):
        triage.import_known_exploited(by=analyst, data=b"{}", at=world.start)


@pytest.mark.parametrize("act", ["say_same", "undo_decision", "say_point", "import_known_exploited"])
def test_only_analysts_act(world, analyst, reported, act):
    one, other = reported(), reported()
    judge(one, world.start)
    acts = {
        "say_same": {"reports": [one, other], "reason": "r"},
        "undo_decision": {"decision": 1},
        "say_point": {"report": one, "point": "exploitation", "value": "none", "reason": "r"},
        "import_known_exploited": {"data": KEV},
    }
    with pytest.raises(Forbidden):
        getattr(triage, act)(by=world.evaluator, at=world.start, **acts[act])


def test_nobody_else_sees_that_there_is_anything(world, analyst, reported):
    report = reported()
    judgement = judge(report, world.start)
    for asking in (ANYONE, world.evaluator):
        assert triage.queue(asking) == ()
        for read in (
            lambda asking=asking: triage.finding(asking, report),
            lambda asking=asking: triage.transcript(asking, judgement),
            lambda asking=asking: triage.cluster(asking, cluster_name(report)),
        ):
            with pytest.raises(NotFound):
                read()


def test_the_flow_counts_what_came_and_what_was_distinct(world, analyst, reported):
    for report in (reported(), reported(), reported()):
        judge(report, world.start + timedelta(hours=5), key="k")
    found = triage.flow(analyst, days=7, at=world.start + timedelta(days=1))
    assert [(day.came, day.judged, day.reproduced, day.distinct) for day in found.days if day.came] == [(3, 3, 3, 1)]
    assert found.waiting == 3
    assert found.ages["this week"] + found.ages["today"] == 3
