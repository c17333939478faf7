"""Deduplication is a function of what is known, not of the order or the hour in which it became known."""

from __future__ import annotations

import itertools

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seatrial.clearinghouse.proofs.types import CrashFacts, Frame
from seatrial.clearinghouse.triage.core.likeness import (
    Act,
    Decision,
    How,
    Index,
    Item,
    Relation,
    clusters,
    exact_key,
    groups,
)
from seatrial.clearinghouse.triage.core.likeness.scores import scope, score, sketch

CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # the machine may be busy

NAMES = [f"i{at}" for at in range(9)]
FRAMES = st.builds(
    Frame, st.sampled_from(["f", "g", "h", "k", "m", "main"]), st.just("a.c"), st.sampled_from([1, 2, None])
)
FACTS = st.builds(
    CrashFacts,
    st.just("asan"),
    st.sampled_from(["segv", "heap-buffer-overflow", "double-free", "stack-overflow", "timeout"]),
    frames=st.lists(FRAMES, max_size=5).map(tuple),
)


@st.composite
def items(draw: st.DrawFn) -> list[Item]:
    names = draw(st.lists(st.sampled_from(NAMES), unique=True, min_size=1))
    facts = st.one_of(st.none(), FACTS)
    return [Item(name, draw(st.sampled_from("tu")), draw(st.sampled_from("pq")), draw(facts)) for name in names]


RELATIONS = st.lists(
    st.builds(Relation, st.sampled_from(NAMES), st.sampled_from(NAMES), st.booleans(), st.sampled_from(["p1", "p2"])),
    max_size=8,
)
SOME = st.frozensets(st.sampled_from(NAMES), max_size=3)


@st.composite
def decisions(draw: st.DrawFn) -> list[Decision]:
    count = draw(st.integers(0, 5))
    return [Decision(at, draw(st.sampled_from(Act)), draw(SOME), draw(SOME), by="Ada") for at in range(count)]


@CALM
@given(items(), RELATIONS, decisions(), st.randoms(use_true_random=False))
def test_the_order_says_nothing(found: list[Item], shown: list[Relation], said: list[Decision], chance: object) -> None:
    before = clusters(found, shown, said)
    for each in (found, shown, said):
        chance.shuffle(each)  # type: ignore[attr-defined]
    turned = [Relation(each.b, each.a, each.same, each.patch) for each in shown]
    assert clusters(found, turned, said) == before


@CALM
@given(items(), RELATIONS, decisions())
def test_every_item_is_in_one_cluster_and_every_join_has_a_reason(
    found: list[Item], shown: list[Relation], said: list[Decision]
) -> None:
    made = clusters(found, shown, said)
    assert sorted(name for cluster in made for name in cluster.items) == sorted(item.id for item in found)
    for cluster in made:
        assert cluster.id == cluster.items[0]
        assert len(cluster.links) == len(cluster.items) - 1
        joined = {cluster.id}
        links = list(cluster.links)
        while links:
            reaching = [link for link in links if {link.a, link.b} & joined]
            assert reaching, "the links do not hold the cluster together"
            joined |= {name for link in reaching for name in (link.a, link.b)}
            links = [link for link in links if link not in reaching]
        assert all(link.reason.endswith(".") for link in cluster.links)


@CALM
@given(items(), RELATIONS, decisions(), st.sampled_from(Act), SOME, SOME)
def test_undoing_a_decision_restores_what_was(
    found: list[Item],
    shown: list[Relation],
    said: list[Decision],
    act: Act,
    left: frozenset[str],
    right: frozenset[str],
) -> None:
    more = Decision(99, act, left, right)
    after = [*said, more]
    assert clusters(found, shown, [each for each in after if each.number != 99]) == clusters(found, shown, said)


@CALM
@given(items(), RELATIONS, decisions(), SOME, SOME)
def test_the_last_split_always_holds(
    found: list[Item], shown: list[Relation], said: list[Decision], left: frozenset[str], right: frozenset[str]
) -> None:
    made = clusters(found, shown, [*said, Decision(99, Act.SPLIT, left, right)])
    for cluster in made:
        for a, b in itertools.product(left & set(cluster.items), right & set(cluster.items)):
            assert a == b


@CALM
@given(items(), RELATIONS, decisions(), SOME)
def test_the_last_merge_always_holds(
    found: list[Item], shown: list[Relation], said: list[Decision], every: frozenset[str]
) -> None:
    made = clusters(found, shown, [*said, Decision(99, Act.MERGE, every)])
    there = every & {item.id for item in found}
    assert sum(bool(there & set(cluster.items)) for cluster in made) <= 1


@CALM
@given(items())
def test_without_people_and_patches_only_equal_keys_join(found: list[Item]) -> None:
    keys = {item.id: exact_key(item) for item in found}
    for cluster in clusters(found):
        shared = {keys[name] for name in cluster.items}
        assert len(shared) == 1
        assert len(cluster.items) == 1 or shared != {None}
        assert all(link.how is How.EXACT for link in cluster.links)


@CALM
@given(items(), RELATIONS, decisions())
def test_what_is_unconnected_does_not_touch(found: list[Item], shown: list[Relation], said: list[Decision]) -> None:
    """One more item changes only the clusters that something ties it to: an instance need not compute all again."""
    stranger = Item("z", "other", "other", CrashFacts("asan", "segv", frames=(Frame("z", "z.c", 7),)))
    more = clusters([*found, stranger], shown, said)
    assert [cluster for cluster in more if cluster.id != "z"] == list(clusters(found, shown, said))


@settings(CALM, max_examples=200)
@given(items(), st.sampled_from([0.05, 0.2, 0.5]), st.booleans(), st.data())
def test_the_index_finds_what_a_comparison_with_all_finds(
    found: list[Item], least: float, merged: bool, data: st.DataObject
) -> None:
    index = Index(found, merged=frozenset("pq") if merged else frozenset())
    gone = data.draw(st.lists(st.sampled_from([item.id for item in found]), unique=True, max_size=3))
    for name in gone:
        index.remove(name)
    kept = [item for item in found if item.id not in gone]
    for item in kept:
        near = index.near(item.id, least=least, most=1_000)
        peers = [other for other in kept if other.id != item.id]
        key = exact_key(item)
        assert list(near.exact) == sorted(other.id for other in peers if key is not None and exact_key(other) == key)
        expected: dict[str, tuple[float, str]] = {}
        if item.facts is not None:
            drawn = {each.id: sketch(each.facts) for each in kept if each.facts and each.scope == item.scope}
            crashes = {each.id: exact_key(each) or each.id for each in kept}
            equal: dict[str, list[str]] = {}
            for name in drawn:
                equal.setdefault(crashes[name], []).append(name)
            within = scope(([drawn[name] for name in names] for names in equal.values()), merged=merged)
            for crash, names in equal.items():
                if crash != crashes[item.id]:
                    value, other = min((-score(drawn[item.id], drawn[name], within), name) for name in names)
                    if -value >= least:
                        expected[crash] = -value, other
        suggested = {each.b if each.a == item.id else each.a: each.score for each in near.suggestions}
        assert suggested == {other: value for value, other in expected.values()}
        assert all(0 < each.score <= 1 for each in near.suggestions)


@CALM
@given(
    st.dictionaries(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), st.floats(0, 1), max_size=20),
    st.randoms(),
)
def test_groups_do_not_depend_on_the_order(scores: dict[tuple[str, str], float], chance: object) -> None:
    one_way = {(min(pair), max(pair)): round(value, 1) for pair, value in scores.items()}
    turned = list(one_way.items())
    chance.shuffle(turned)  # type: ignore[attr-defined]
    made = groups(NAMES, one_way, 0.3)
    assert groups(reversed(NAMES), dict(turned), 0.3) == made
    assert sorted(name for group in made for name in group) == NAMES
