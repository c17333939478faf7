"""Inventories over HTTP, through the client and on pages: the same rules, for the operator's own people alone."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from seatrial.clearinghouse.exposure import api as exposure
from seatrial.clearinghouse.exposure.types import Verdict
from seatrial.client import Seatrial
from seatrial.kernel.errors import Misuse, NotFound
from seatrial.kernel.labels import OPEN
from seatrial.rest.local import InProcess
from simulators.inventories import Fleet, cyclonedx, fleet, osv

RECORD = osv("PYSEC-1", "oar", {"introduced": "1.0"}, {"fixed": "2.0"}, summary="<b>Bold</b> =cmd()")
BOAT = cyclonedx("boat <i>", "pkg:pypi/oar@1.5")


@pytest.fixture
def ours(world: Any) -> Fleet:
    found = fleet(world.operator, world.start)
    exposure.learn(
        by=found.analyst,
        files={"a.json": json.dumps(RECORD).encode()},
        label=OPEN,
        at=world.start + timedelta(days=1),
    )
    return found


def test_the_client_keeps_shows_matches_and_removes(ours: Fleet) -> None:
    mine, theirs = (Seatrial.over(InProcess(who)).inventories for who in (ours.defender, ours.stranger))
    kept = mine.add("grid", "plant", io.BytesIO(BOAT))
    assert mine.list() == (kept,)
    assert mine.show(kept.id) == kept
    assert [one.name for one in mine.systems(kept.id)] == ["boat <i>"]
    (one,) = mine.matches(inventory=kept.id, verdict=Verdict.AFFECTED)
    assert (one.system_name, one.advisory) == ("boat <i>", "PYSEC-1")
    assert [line.name for line in mine.advisories()] == ["PYSEC-1"]
    assert theirs.list() == theirs.matches() == ()
    with pytest.raises(NotFound):
        theirs.show(kept.id)
    with pytest.raises(Misuse, match="not valid JSON"):
        mine.add("grid", "plant", io.BytesIO(BOAT[:-4]))
    assert mine.add("grid", "plant", io.BytesIO(BOAT)) == kept
    mine.remove(kept.id)
    assert mine.list() == mine.matches() == ()


def test_the_pages_show_hostile_words_safely(ours: Fleet, client: Any) -> None:
    client.login(email="dora@grid.example", password="dora rows a long boat")
    assert "No inventories" in client.get("/inventories/").content.decode()
    sent = {"organisation": "grid", "name": "plant", "documents": [SimpleUploadedFile("boat.json", BOAT)]}
    made = client.post("/inventories/add/", sent)
    assert made.status_code == 302, made.content.decode()
    page = client.get(made["Location"]).content.decode()
    assert "boat &lt;i&gt;" in page
    assert "<i>" not in page.partition("<h1>")[2].partition("</main>")[0].replace("boat &lt;i&gt;", "")
    assert "PYSEC-1 says affected" in page
    assert "plant" in client.get("/inventories/").content.decode()
    bad = client.post("/inventories/add/", sent | {"documents": [SimpleUploadedFile("b.json", b"{")]})
    assert bad.status_code == 422
    assert "b.json is not valid JSON" in bad.content.decode()
    gone = client.post(made["Location"] + "remove/", follow=True).content.decode()
    assert "No inventories" in gone


def test_the_pages_are_for_the_operators_own_people(ours: Fleet, client: Any) -> None:
    kept = exposure.add_inventory(
        by=ours.defender, organisation="grid", name="plant", files={"b": BOAT}, at=ours.start + timedelta(days=2)
    )
    client.login(email="walt@water.example", password="walt rows a long boat")
    assert "plant" not in client.get("/inventories/").content.decode()
    assert client.get(f"/inventories/{kept.id}/").status_code == 404
    assert client.post(f"/inventories/{kept.id}/remove/").status_code == 404
