"""Which findings are one flaw: what joins, what only suggests, and who outweighs whom."""

from __future__ import annotations

import pytest

from seatrial.clearinghouse.proofs.types import CrashFacts, Frame
from seatrial.clearinghouse.triage.core.likeness import (
    Act,
    Cluster,
    Decision,
    How,
    Index,
    Item,
    Relation,
    clusters,
    exact_key,
    groups,
)

STACK = (("read_at", 8), ("parse_field", 20), ("main", 90))


def item(
    name: str,
    stack: tuple[tuple[str, int | None], ...] = STACK,
    *,
    kind: str = "heap-buffer-overflow",
    target: str = "t1",
    scope: str = "shop",
    size: int | None = 1,
) -> Item:
    frames = tuple(Frame(function, "src/prog.c", line) for function, line in stack)
    return Item(name, target, scope, CrashFacts("asan", kind, "read", size, frames))


def sets(found: tuple[Cluster, ...]) -> list[tuple[str, ...]]:
    return [cluster.items for cluster in found]


# The exact key -----------------------------------------------------------------------------------


def test_the_same_calls_at_the_same_lines_are_one() -> None:
    found = clusters([item("a"), item("b", size=4), item("c", kind="segv")])
    assert sets(found) == [("a", "b", "c")]
    assert [(link.a, link.b, link.how) for link in found[0].links] == [("a", "b", How.EXACT), ("a", "c", How.EXACT)]
    assert "read_at prog.c:8" in found[0].links[0].reason


@pytest.mark.parametrize(
    "other",
    [
        item("b", (("read_at", 9), *STACK[1:])),
        item("b", (STACK[0], ("parse_field", 21), STACK[2])),
        item("b", (*STACK[:2], ("main", 91))),
        item("b", STACK[:2]),
        item("b", kind="heap-use-after-free"),
        item("b", kind="null-dereference"),
        item("b", target="t2"),
    ],
)
def test_another_line_call_error_or_target_is_not_the_same(other: Item) -> None:
    assert sets(clusters([item("a"), other])) == [("a",), ("b",)]


def test_how_deep_a_recursion_went_does_not_matter() -> None:
    deep = (("value", 5), ("array", 9), ("value", 5), ("array", 9), ("value", 5), ("main", 1))
    assert exact_key(item("a", deep)) == exact_key(item("b", (*deep[:2], *deep)))
    full = item("a", (("value", 5), ("array", 9)) * 10, kind="stack-overflow")
    turned = item("b", (("array", 8), ("value", 5)) * 12, kind="stack-overflow")
    assert exact_key(full) == exact_key(turned)
    assert exact_key(full) is not None


@pytest.mark.parametrize(
    "vague",
    [
        Item("a", "t1", "shop"),
        item("a", (("read_at", None), ("main", None))),
        item("a", (STACK[0], ("parse", None))),
        item("a", ()),
        item("a", kind="timeout"),
        item("a", kind="out-of-memory"),
        item("a", (("f", 1), ("g", 2)), kind="stack-overflow"),
    ],
)
def test_what_cannot_be_told_apart_has_no_key(vague: Item) -> None:
    assert exact_key(vague) is None


def test_offsets_of_one_binary_do_where_there_are_no_names() -> None:
    def raw(offset: int) -> Item:
        return Item("a", "t1", "shop", CrashFacts("asan", "segv", frames=(Frame("", module="/x/prog", offset=offset),)))

    assert exact_key(raw(16)) == exact_key(raw(16))
    assert exact_key(raw(16)) != exact_key(raw(17))


# The other layers --------------------------------------------------------------------------------

APART = [item("a"), item("b", (("other", 3), ("main", 91))), item("c", (("third", 4), ("main", 92)))]


def test_a_patch_that_stops_both_joins_them() -> None:
    found = clusters(APART, [Relation("b", "a", True, "p1"), Relation("b", "c", True, "p2")])
    assert sets(found) == [("a", "b", "c")]
    assert [link.reason for link in found[0].links] == ["One patch stops both (p1).", "One patch stops both (p2)."]


def test_a_patch_that_stops_one_and_leaves_the_other_parts_what_looked_equal() -> None:
    found = clusters([item("a"), item("b"), item("c")], [Relation("a", "b", False, "p1")])
    assert sets(found) == [("a", "c"), ("b",)]
    assert "leaves the other (p1)" in found[1].objections[0].reason


def test_that_one_patch_stops_both_outweighs_that_another_does_not() -> None:
    found = clusters(APART, [Relation("a", "b", True, "p1"), Relation("a", "b", False, "p2")])
    assert sets(found) == [("a", "b"), ("c",)]
    assert found[0].objections[0].how is How.PATCH


def test_people_outweigh_a_patch_and_a_key() -> None:
    split = Decision(1, Act.SPLIT, frozenset("a"), frozenset("b"), by="Ada", reason="two checks are missing")
    found = clusters([item("a"), item("b")], [Relation("a", "b", True, "p1")], [split])
    assert sets(found) == [("a",), ("b",)]
    assert "Ada parted them: two checks are missing." in found[0].objections[0].reason


def test_the_latest_word_counts_and_taken_back_it_never_was() -> None:
    merge = Decision(1, Act.MERGE, frozenset("ab"))
    split = Decision(2, Act.SPLIT, frozenset("a"), frozenset("b"))
    again = Decision(3, Act.MERGE, frozenset("ab"))
    assert sets(clusters(APART, (), [merge])) == [("a", "b"), ("c",)]
    assert sets(clusters(APART, (), [merge, split])) == [("a",), ("b",), ("c",)]
    assert sets(clusters(APART, (), [split, again, merge])) == [("a", "b"), ("c",)]
    assert clusters(APART, (), [merge]) == clusters(APART, (), [d for d in (merge, split) if d is not split])


def test_a_split_holds_against_a_way_round() -> None:
    split = Decision(1, Act.SPLIT, frozenset("a"), frozenset("c"))
    found = clusters(APART, [Relation("a", "b", True, "p1"), Relation("b", "c", True, "p2")], [split])
    assert sets(found) == [("a", "b"), ("c",)]


def test_what_is_not_there_says_nothing() -> None:
    found = clusters(
        [item("a")],
        [Relation("a", "z", True, "p"), Relation("x", "y", False, "p")],
        [Decision(1, Act.MERGE, frozenset("az"))],
    )
    assert sets(found) == [("a",)]


# Likeness ----------------------------------------------------------------------------------------


def test_a_suggestion_says_what_it_rests_on() -> None:
    others = [item(f"x{at}", ((f"f{at}", at), ("main", 90))) for at in range(6)]
    index = Index([item("a"), item("b", (("other", 3), ("parse_field", 22), ("main", 90))), *others])
    near = index.near("b")
    assert near.exact == ()
    assert [(each.a, each.b) for each in near.suggestions] == [("a", "b")]
    reason = near.suggestions[0].reason
    assert "parse_field (second from the crash in both), as 2 of 8 crashes of this product do" in reason
    assert "the same kind of error (memory)" in reason


def test_what_everything_passes_through_suggests_nothing() -> None:
    index = Index([item(f"x{at}", ((f"f{at}", at), ("main", 90))) for at in range(30)])
    assert all(index.near(f"x{at}").suggestions == () for at in range(30))


def test_nothing_is_suggested_across_products() -> None:
    index = Index([item("a"), item("b", (("read_at", 9), *STACK[1:]), scope="other")])
    assert index.near("a").suggestions == ()


def test_the_exact_ones_are_told_apart_from_the_suggested() -> None:
    index = Index([item("a"), item("b"), item("c", (("read_at", 9), *STACK[1:]))])
    near = index.near("a")
    assert near.exact == ("b",)
    assert [(each.a, each.b) for each in near.suggestions] == [("a", "c")]


def test_a_finding_without_a_crash_is_like_nothing() -> None:
    index = Index([Item("a", "t1", "shop"), item("b")])
    assert index.near("a").suggestions == index.near("b").suggestions == ()
    with pytest.raises(KeyError):
        index.near("z")


def test_a_group_does_not_grow_along_a_chain() -> None:
    scores = {("a", "b"): 0.9, ("b", "c"): 0.5, ("c", "d"): 0.5}
    assert groups("abcd", scores, 0.4) == (("a", "b"), ("c", "d"))


def test_equal_crashes_count_once_and_one_of_them_is_suggested() -> None:
    """However often one crash is sent in, it makes no other less likely to be told."""
    other = item("z", (("other", 3), ("parse_field", 22), ("main", 90)))
    one = Index([item("a00"), other]).near("z")
    many = Index([*(item(f"a{at:02}") for at in range(50)), other]).near("z")
    assert one == many
    assert [(each.a, each.b) for each in many.suggestions] == [("a00", "z")]
