"""What importers of OpenCTI and MISP have after each run: everything, nothing twice, what was withdrawn as revoked."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from stix2 import Filter, TAXIICollectionSource
from taxii2client.v21 import Collection, Server

from seatrial.clearinghouse.advisories import api as advisories
from seatrial.clearinghouse.advisories.types import Content, Tlp
from seatrial.feeds import serving
from seatrial.kernel.clock import now
from seatrial.parties import api as parties
from simulators.harbour import Harbour, furnished
from simulators.importers import Connector, Ingestion, Module, Store
from simulators.issues import CONTENT, single

pytestmark = pytest.mark.django_db(transaction=True)
OWN = ("report", "vulnerability", "relationship", "course-of-action")


class House:
    """A clearinghouse that publishes, revises and withdraws, as two people do."""

    def __init__(self, harbour: Harbour, url: str) -> None:
        self.harbour, self.second, self.url = harbour, harbour.second(), url
        self.root = f"{url}/taxii2/advisories/"

    def publish(self, subject: str, day: float, content: Content = CONTENT) -> str:
        by, at = self.harbour.analyst, self.harbour.days(day)
        advisory = advisories.draft(by=by, case=self.harbour.open(subject), at=at)
        self._out(advisory, day, content)
        return advisory

    def revise(self, advisory: str, day: float, content: Content) -> None:
        advisories.revise(by=self.harbour.analyst, advisory=advisory, at=self.harbour.days(day))
        self._out(advisory, day, content)

    def withdraw(self, advisory: str, day: float) -> None:
        by, at = self.harbour.analyst, self.harbour.days(day)
        advisories.withdraw(by=by, advisory=advisory, why="It was no flaw.", at=at)

    def _out(self, advisory: str, day: float, content: Content) -> None:
        by, at = self.harbour.analyst, self.harbour.days(day)
        version = advisories.advisory(by, advisory, at).version
        document = advisories.content_document(content)
        version = advisories.edit(by=by, advisory=advisory, version=version, content=document, at=at)
        advisories.submit(by=by, advisory=advisory, version=version, at=at)
        advisories.publish(by=self.second, advisory=advisory, at=at)

    def token(self) -> str:
        return parties.issue_token(by=self.harbour.maintainer, at=now())

    @property
    def clear(self) -> str:
        """The address of the public collection, with its id: taxii2-client takes no alias there."""
        return str(Server(f"{self.url}/taxii2/").default.collections[0].url)

    def standing(self) -> dict[str, Any]:
        """What a newcomer is given, by id."""
        return {one["id"]: one for one in Module(self.clear).run()}


@pytest.fixture
def house(live_server: Any, world: Any) -> Iterator[House]:
    serving.forget()
    yield House(furnished(world, world.start), live_server.url)
    serving.forget()


def between(house: House, first: str, third: str) -> None:
    """In one moment: an advisory more, one that loses a flaw, one that is withdrawn."""
    house.publish("flaw-4", 50, replace(CONTENT, title="Overflow in whey"))
    house.revise(first, 50, single())
    house.withdraw(third, 50)


def carried(house: House, store: Callable[[], Store], run: Callable[[float], None]) -> None:
    """Two runs with changes between them, and a third that finds nothing new."""
    first = house.publish("flaw-1", 46)
    house.publish("flaw-2", 46.5)
    third = house.publish("flaw-3", 47)
    run(48)
    assert store().newest == house.standing()
    assert not any(one.get("revoked") for one in store().came)
    between(house, first, third)
    run(51)
    assert store().newest == house.standing()
    assert store().twice == []
    by, at = house.harbour.analyst, house.harbour.days(51)
    tracking = {one: advisories.advisory(by, one, at).tracking for one in (first, third)}
    revoked = [one for one in store().newest.values() if one.get("revoked")]
    assert {one["type"] for one in revoked} == set(OWN)
    gone = {one["name"] for one in revoked if one["type"] == "vulnerability"}
    assert f"{tracking[third]}-loop" in gone  # withdrawn with its advisory
    assert f"{tracking[first]}-loop" in gone  # no longer in an advisory that stands
    count = len(store().came)
    run(52)
    assert len(store().came) == count


@pytest.mark.parametrize("limit", [None, 3])
def test_opencti_reads_a_collection(house: House, limit: int | None) -> None:
    importer = Ingestion(house.root, "clear", limit=limit)
    carried(house, lambda: importer.store, lambda day: importer.run())


def test_opencti_is_between_two_pages_while_something_is_published(house: House) -> None:
    first, third = house.publish("flaw-1", 46), house.publish("flaw-3", 47)
    importer = Ingestion(house.root.rstrip("/"), "clear", limit=4)
    importer.turn()
    importer.turn()
    between(house, first, third)
    importer.run()
    assert importer.store.newest == house.standing()
    assert importer.store.twice == []


def test_opencti_signs_in_by_basic_and_by_bearer(house: House) -> None:
    house.publish("flaw-1", 46, single(Tlp.AMBER, ("vendor-a",)))
    token = house.token()
    for words in (f"Basic {base64.b64encode(f'mia:{token}'.encode()).decode()}", f"Bearer {token}"):
        importer = Ingestion(house.root, "amber-vendor-a", words)
        importer.run()
        assert any(one["type"] == "report" for one in importer.store.came)
    with pytest.raises(Exception, match="401"):
        Ingestion(house.root, "amber-vendor-a").run()


def test_opencti_s_connector_reads_every_collection(house: House) -> None:
    importer = Connector(f"{house.url}/taxii2/", {}, limit=5, history=timedelta(days=30))
    carried(house, lambda: importer.store, lambda day: importer.run(house.harbour.days(day)))


def test_opencti_s_connector_signs_in_and_finds_what_is_for_it(house: House) -> None:
    house.publish("flaw-1", 46, single(Tlp.AMBER, ("vendor-a",)))
    house.publish("flaw-2", 46, single())
    credentials = {"user": "mia", "password": house.token()}
    importer = Connector(f"{house.url}/taxii2/", credentials, limit=5, history=timedelta(days=30))
    importer.run(house.harbour.days(47))
    assert [one["type"] for one in importer.store.came].count("report") == 2


def test_misp_s_module_reads_from_where_it_was_told(house: House) -> None:
    first, third = house.publish("flaw-1", 46), house.publish("flaw-3", 47)
    importer, store = Module(house.clear), Store()
    store.take(importer.run())
    between(house, first, third)
    later = importer.run(added_after=house.harbour.days(48))
    assert not {(one["id"], one.get("modified")) for one in store.came} & {(o["id"], o.get("modified")) for o in later}
    store.take(later)
    assert store.newest == house.standing()
    flaws = importer.run(type="vulnerability", version="all")
    assert {one["id"] for one in flaws} == {id for id, one in store.newest.items() if one["type"] == "vulnerability"}
    assert len(flaws) > len({one["id"] for one in flaws})
    one = importer.run(id=flaws[0]["id"], version="first")
    assert one == [flaws[0]]


def test_the_stix_library_s_source_reads_it(house: House) -> None:
    first, third = house.publish("flaw-1", 46), house.publish("flaw-3", 47)
    between(house, first, third)
    source = TAXIICollectionSource(Collection(house.clear), items_per_page=7)
    flaws = source.query([Filter("type", "=", "vulnerability")])
    assert {str(one["id"]) for one in flaws} == {
        id for id, one in house.standing().items() if one["type"] == "vulnerability"
    }
    gone = next(one for one in flaws if one.get("revoked"))
    assert source.get(gone["id"]).revoked
    assert [one.get("revoked", False) for one in source.all_versions(gone["id"])].count(False) == 1
    assert source.query([Filter("added_after", "=", "2027-01-01T00:00:00Z")]) == []
