"""Inventories and advisories meet, whichever comes first; nobody sees another's."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from seatrial.clearinghouse.exposure import api as exposure
from seatrial.clearinghouse.exposure.models import Holding, ReleaseRow
from seatrial.clearinghouse.exposure.types import InventoryView, Verdict
from seatrial.kernel.errors import Forbidden, Misuse, NotFound
from seatrial.kernel.labels import OPEN, Label
from seatrial.ledger import api as ledger
from seatrial.parties.types import ANYONE
from simulators.inventories import Fleet, csaf, cyclonedx, fleet, osv, product

RECORD = osv("PYSEC-1", "oar", {"introduced": "1.0"}, {"fixed": "2.0"}, aliases=["CVE-2026-1"])
TREE = {"full_product_names": [product("exact", purl="pkg:pypi/oar@1.5")]}
VEX = csaf("VEX-1", {"known_not_affected": ["exact"]}, TREE)


@pytest.fixture
def ours(world: Any) -> Fleet:
    return fleet(world.operator, world.start)


def add(ours: Fleet, *systems: bytes, name: str = "plant", day: int = 0, other: bool = False) -> InventoryView:
    return exposure.add_inventory(
        by=ours.stranger if other else ours.defender,
        organisation=ours.elsewhere if other else ours.home,
        name=name,
        files={f"{place}.json": data for place, data in enumerate(systems)},
        at=ours.start + timedelta(days=day),
    )


def learn(ours: Fleet, *documents: dict[str, Any], label: Label = OPEN, day: int = 0) -> tuple[str, ...]:
    files = {f"{place}.json": json.dumps(one).encode() for place, one in enumerate(documents)}
    return exposure.learn(by=ours.analyst, files=files, label=label, at=ours.start + timedelta(days=day))


def found(ours: Fleet, *, other: bool = False) -> list[tuple[str, str, Verdict]]:
    asking = ours.stranger if other else ours.defender
    return sorted((one.system_name, one.version, one.verdict) for one in exposure.matches(asking))


BOATS = cyclonedx("boat-1", "pkg:pypi/oar@1.5"), cyclonedx("boat-2", "pkg:pypi/oar@1.5", "pkg:pypi/sail@3")
AFFECTED = [("boat-1", "1.5", Verdict.AFFECTED), ("boat-2", "1.5", Verdict.AFFECTED)]


@pytest.mark.parametrize("first", ["inventory", "advisory"])
def test_whichever_comes_first(ours: Fleet, first: str) -> None:
    if first == "advisory":
        learn(ours, RECORD)
    add(ours, *BOATS)
    if first == "inventory":
        learn(ours, RECORD)
    assert found(ours) == AFFECTED
    (one, _) = exposure.matches(ours.defender)
    assert one.reason == "PYSEC-1 says affected of pkg:pypi/oar: 1.5 is >= 1.0, < 2.0."
    assert (one.vulnerability, one.title) == ("CVE-2026-1", "In oar")
    assert exposure.match(ours.defender, one.id) == one
    assert len(exposure.every_match("PYSEC-1")) == 2
    (reached,) = exposure.reach("PYSEC-1")
    assert (reached.organisation, reached.verdict, reached.systems) == ("grid", Verdict.AFFECTED, 2)


def test_vex_is_honoured_and_says_what_it_stands_before(ours: Fleet) -> None:
    add(ours, *BOATS)
    learn(ours, RECORD, VEX)
    assert {verdict for _, _, verdict in found(ours)} == {Verdict.NOT_AFFECTED}
    assert "PYSEC-1 says affected" in next(exposure.matches(ours.defender)).gave_way[0]
    exposure.forget_advisories(names=["VEX-1"])
    assert found(ours) == AFFECTED


def test_what_one_may_not_know_of_changes_nothing_for_one(ours: Fleet) -> None:
    add(ours, *BOATS)
    add(ours, *BOATS, other=True)
    learn(ours, RECORD)
    learn(ours, VEX, label=Label.among(ours.elsewhere))
    assert found(ours) == AFFECTED
    assert {verdict for _, _, verdict in found(ours, other=True)} == {Verdict.NOT_AFFECTED}
    assert [one.name for one in exposure.advisories(ours.defender)] == ["PYSEC-1"]


def test_a_replaced_inventory_differs_and_ids_stay(ours: Fleet) -> None:
    learn(ours, RECORD)
    before = add(ours, *BOATS)
    ids = {one.system_name: one.id for one in exposure.matches(ours.defender)}
    after = add(ours, BOATS[0], cyclonedx("boat-2", "pkg:pypi/oar@2.0"), day=1)
    assert (after.id, after.added, after.removed) == (before.id, 1, 1)
    assert found(ours) == AFFECTED[:1]
    assert {one.system_name: one.id for one in exposure.matches(ours.defender)}.items() <= ids.items()
    assert not ReleaseRow.objects.filter(package="pkg:pypi/sail").exists()  # nobody has it any more
    assert add(ours, BOATS[0], cyclonedx("boat-2", "pkg:pypi/oar@2.0"), day=2) == after  # the same changes nothing


def test_a_revised_advisory_takes_the_place_of_what_it_said(ours: Fleet) -> None:
    add(ours, *BOATS)
    learn(ours, RECORD)
    assert learn(ours, RECORD, day=1) == ()
    wider = osv("PYSEC-1", "oar", {"introduced": "0"}, {"fixed": "3.0"}, modified="2026-02-01T00:00:00Z")
    assert learn(ours, wider, day=1) == ("PYSEC-1",)
    assert {one.since for one in exposure.matches(ours.defender)} == {ours.start}
    assert learn(ours, RECORD | {"withdrawn": "2026-03-01T00:00:00Z"}, day=2) == ("PYSEC-1",)
    assert found(ours) == []


def test_only_the_operators_own_people_read_it(ours: Fleet, world: Any) -> None:
    kept = add(ours, *BOATS)
    learn(ours, RECORD)
    (one, *_) = exposure.matches(ours.defender)
    for asking in (ours.stranger, ours.analyst, world.operator, world.security, ANYONE):
        assert list(exposure.matches(asking)) == []
        assert exposure.inventories(asking) == ()
        for read in (exposure.inventory, exposure.systems):
            with pytest.raises(NotFound):
                read(asking, kept.id)
        with pytest.raises(NotFound):
            exposure.match(asking, one.id)
        with pytest.raises(NotFound):
            exposure.remove_inventory(by=asking, inventory=kept.id, at=ours.start)
    with pytest.raises(Forbidden):
        exposure.add_inventory(by=ours.stranger, organisation="grid", name="x", files={}, at=ours.start)
    with pytest.raises(Forbidden):
        exposure.learn(by=ours.defender, files={}, label=OPEN, at=ours.start)


def test_the_ledger_learns_counts_and_digests_alone(ours: Fleet) -> None:
    add(ours, *BOATS)
    entries = list(ledger.entries(ours.defender, log="grid"))
    assert [one.kind for one in entries] == ["inventory.kept"]
    assert "oar" not in str(entries)
    assert "boat" not in str(entries)
    assert list(ledger.entries(ours.stranger, log="grid")) == []


def test_nothing_is_half_written(ours: Fleet) -> None:
    with pytest.raises(Misuse):
        add(ours, BOATS[0], BOATS[1][:-5])
    with pytest.raises(Misuse):
        add(ours, cyclonedx("", components=[]))
    assert exposure.inventories(ours.defender) == ()
    with pytest.raises(Misuse):
        learn(ours, RECORD, {"id": ""})
    assert exposure.advisories(ours.analyst) == ()


def test_a_removed_inventory_leaves_nothing(ours: Fleet) -> None:
    learn(ours, RECORD)
    kept = add(ours, *BOATS)
    add(ours, BOATS[0], other=True)
    exposure.remove_inventory(by=ours.defender, inventory=kept.id, at=ours.start)
    assert found(ours) == []
    assert found(ours, other=True) == AFFECTED[:1]
    assert Holding.objects.count() == ReleaseRow.objects.count() == 2  # the other's


def test_equal_systems_cost_nothing_more(ours: Fleet, django_assert_max_num_queries: Any) -> None:
    learn(ours, RECORD)
    add(ours, *(cyclonedx(f"boat-{place}", "pkg:pypi/oar@1.5", "pkg:pypi/sail@3") for place in range(300)))
    assert Holding.objects.filter(release__package="pkg:pypi/oar").count() == 1
    with django_assert_max_num_queries(6):
        assert len(list(exposure.matches(ours.defender))) == 300
