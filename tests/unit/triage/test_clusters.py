"""Clusters follow from the links that stand, whatever the order, and nothing joins what a person put apart."""

from __future__ import annotations

import itertools
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from seatrial.clearinghouse.triage.core.clusters import Tie, cluster_name, clusters, first_report
from seatrial.clearinghouse.triage.types import LinkKind

REPORTS = [f"report-{number:03}" for number in range(8)]


def ties():
    pairs = st.sampled_from(list(itertools.combinations(REPORTS, 2)))
    return st.builds(lambda pair, kind: Tie(*pair, kind), pairs, st.sampled_from(LinkKind))


def groups(found):
    members = {}
    for report, name in found.of.items():
        members.setdefault(name, set()).add(report)
    return members


@given(st.lists(ties(), max_size=20), st.integers(0, 99))
def test_the_order_of_the_links_does_not_matter(links, seed):
    random = Random(seed)
    shuffled, reports = list(links), list(REPORTS)
    random.shuffle(shuffled)
    random.shuffle(reports)
    assert clusters(reports, shuffled) == clusters(REPORTS, links)


@given(st.lists(ties(), max_size=20))
def test_nothing_joins_what_a_person_put_apart(links):
    found = clusters(REPORTS, links)
    for tie in links:
        if tie.kind is LinkKind.APART:
            assert found.of[tie.one] != found.of[tie.other]


@given(st.lists(ties(), max_size=20))
def test_each_link_joins_or_is_said_to_be_held(links):
    found = clusters(REPORTS, links)
    for tie in links:
        if tie.kind is not LinkKind.APART:
            assert (found.of[tie.one] == found.of[tie.other]) or tie in found.held_apart


@given(st.lists(ties(), max_size=12), ties())
def test_a_link_that_is_undone_is_as_if_it_had_never_been(links, undone):
    others = [tie for tie in links if tie != undone]
    before = clusters(REPORTS, others)
    clusters(REPORTS, [*others, undone])
    assert clusters(REPORTS, others) == before


@given(st.lists(ties(), max_size=20))
def test_a_cluster_is_named_after_its_first_report(links):
    for name, members in groups(clusters(REPORTS, links)).items():
        assert name == cluster_name(min(members))
        assert first_report(name) == min(members)


def test_a_person_outweighs_a_machine():
    a, b, c = REPORTS[:3]
    machine = [Tie(a, b, LinkKind.EXACT), Tie(b, c, LinkKind.EXACT)]
    assert len(set(clusters([a, b, c], machine).of.values())) == 1
    parted = clusters([a, b, c], [*machine, Tie(a, c, LinkKind.APART)])
    assert parted.of[a] != parted.of[c]
    said = clusters([a, b, c], [*machine, Tie(a, c, LinkKind.APART), Tie(b, c, LinkKind.SAME)])
    assert said.of[b] == said.of[c] != said.of[a]
    assert said.held_apart == {Tie(a, b, LinkKind.EXACT)}
