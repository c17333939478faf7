"""Whatever stops what, the patches that are tried suffice to tell the flaws apart, and no try is asked for twice."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seatrial.clearinghouse.proofs.types import CrashFacts, Frame
from seatrial.clearinghouse.triage.core.likeness import Item, clusters, relations, wanted

CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # the machine may be busy

FLAWS = ["f1", "f2", "f3", "f4"]
KINDS = st.sampled_from([*(CrashFacts("asan", "segv", frames=(Frame("f", "a.c", line),)) for line in (1, 2)), None])
FOUND = st.lists(st.tuples(st.sampled_from(FLAWS), KINDS), min_size=1, max_size=14)


def tried(items: list[Item], truth: dict[str, str], patches: dict[str, str]) -> dict[tuple[str, str], bool]:
    results: dict[tuple[str, str], bool] = {}
    while asked := wanted(items, patches, results):
        assert not set(asked) & results.keys(), "asked twice"
        results |= {(patch, name): truth[name] == patch for patch, name in asked}
    return results


@CALM
@given(FOUND)
def test_with_a_patch_for_every_flaw_all_are_told_apart(found: list[tuple[str, CrashFacts | None]]) -> None:
    items = [Item(f"i{at:02}", "t", "p", facts) for at, (_, facts) in enumerate(found)]
    truth = {f"i{at:02}": flaw for at, (flaw, _) in enumerate(found)}
    results = tried(items, truth, dict.fromkeys(FLAWS, "t"))
    made = clusters(items, relations(results))
    assert sorted(cluster.items for cluster in made) == sorted(
        tuple(name for name in sorted(truth) if truth[name] == flaw) for flaw in set(truth.values())
    )
    assert len(results) <= len(items) * len(FLAWS)


@CALM
@given(FOUND, st.sets(st.sampled_from(FLAWS)))
def test_with_some_patches_no_flaw_that_has_one_is_mixed_where_its_group_was_tried(
    found: list[tuple[str, CrashFacts | None]], patched: set[str]
) -> None:
    items = [Item(f"i{at:02}", "t", "p", facts) for at, (_, facts) in enumerate(found)]
    truth = {f"i{at:02}": flaw for at, (flaw, _) in enumerate(found)}
    results = tried(items, truth, dict.fromkeys(sorted(patched), "t"))
    for cluster in clusters(items, relations(results)):
        stopped = {truth[name] for name in cluster.items if any(results.get((flaw, name)) for flaw in patched)}
        assert len(stopped) <= 1


def test_equal_crashes_cost_one_try_each_of_the_patch_that_stops_them() -> None:
    facts = CrashFacts("asan", "segv", frames=(Frame("f", "a.c", 1),))
    items = [Item(f"i{at:02}", "t", "p", facts) for at in range(40)]
    results = tried(items, {item.id: "f1" for item in items}, dict.fromkeys(FLAWS, "t") | {"elsewhere": "u"})
    assert len(results) == 40
    assert not any(patch == "elsewhere" for patch, _ in results)
