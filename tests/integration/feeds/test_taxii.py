"""TAXII 2.1: every address, filter and refusal, and nothing beyond the marking."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from django.test import Client

from seatrial.clearinghouse.advisories.types import Form
from seatrial.kernel.clock import now
from seatrial.parties import api as parties
from seatrial.parties.types import Actor
from simulators import advised

TAXII = "application/taxii+json;version=2.1"
CLEAR = "/taxii2/advisories/collections/clear/"


def ask(path: str, actor: Actor | None = None, **headers: str) -> Any:
    if actor is not None:
        headers["Authorization"] = f"Bearer {parties.issue_token(by=actor, at=now())}"
    return Client().get(path, headers={"Accept": TAXII, **headers})


def collections(actor: Actor | None) -> dict[str, Any]:
    found = ask("/taxii2/advisories/collections/", actor).json()["collections"]
    return {one["alias"]: one for one in found}


def names(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [f"{one['type']} {one['name']}" for one in answer.json().get("objects", ())]


def test_one_finds_the_way_from_the_address_alone(bundles: str) -> None:
    found = ask("/taxii2/")
    assert found["Content-Type"] == TAXII
    root = ask(found.json()["default"]).json()
    assert root["versions"] == [TAXII]
    (clear,) = collections(None).values()
    assert clear["can_read"] is True
    assert clear["can_write"] is False
    assert ask(f"/taxii2/advisories/collections/{clear['id']}/").json() == clear


def test_nobody_is_told_of_a_collection_beyond_their_marking(harbour: Any, bundles: str) -> None:
    assert list(collections(harbour.lab)) == ["clear", "green", "amber-lab-north", "red"]
    mias = collections(harbour.maintainer)
    assert list(mias) == ["clear", "green", "amber-vendor-a", "red"]
    held = {alias: names(ask(f"/taxii2/advisories/collections/{alias}/objects/", harbour.maintainer)) for alias in mias}
    assert [sum("report" in one for one in found) for found in held.values()] == [2, 1, 1, 1]
    assert "report SEA-3" in held["amber-vendor-a"]
    for id in (one["id"] for alias, one in mias.items() if alias != "clear"):
        assert ask(f"/taxii2/advisories/collections/{id}/objects/").status_code == 401
    for alias in ("amber-vendor-a", "red"):
        for rest in ("", "objects/", "manifest/"):
            address = f"/taxii2/advisories/collections/{mias[alias]['id']}/{rest}"
            assert ask(address, harbour.other).status_code == 404
    assert ask("/taxii2/advisories/collections/nothing/").status_code == 401
    assert ask("/taxii2/", Authorization="Bearer sta-nobody").status_code == 401


def test_a_token_can_be_the_password_of_basic(harbour: Any, bundles: str) -> None:
    token = parties.issue_token(by=harbour.lab, at=now())
    words = base64.b64encode(f"anything:{token}".encode()).decode()
    assert ask("/taxii2/advisories/collections/green/", Authorization=f"Basic {words}").status_code == 200
    assert ask("/taxii2/advisories/collections/green/", Authorization="Basic not64").status_code == 401


def test_the_newest_version_of_each_comes_in_the_order_in_which_it_was_added(bundles: str) -> None:
    found = ask(CLEAR + "objects/")
    assert names(found) == [
        *("identity Harbour", "software sea-1", "report SEA-6", "vulnerability SEA-6 overflow", "software sea-6"),
        *("report SEA-1", "vulnerability SEA-1 overflow"),
    ]
    assert "Revision 2." in found.content.decode()
    assert "more" not in found.json()
    manifest = ask(CLEAR + "manifest/")
    added = [one["date_added"] for one in manifest.json()["objects"]]
    assert added == sorted(set(added))
    assert (found["X-TAXII-Date-Added-First"], found["X-TAXII-Date-Added-Last"]) == (added[0], added[-1])


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
@pytest.mark.parametrize("what", ["objects", "manifest"])
def test_pages_join_to_the_whole(bundles: str, limit: int, what: str) -> None:
    whole = ask(f"{CLEAR}{what}/").json()["objects"]
    joined: list[Any] = []
    more: dict[str, Any] = {}
    while not joined or more.get("more"):
        more = ask(f"{CLEAR}{what}/?limit={limit}" + (f"&next={more['next']}" if more else "")).json()
        assert 0 < len(more["objects"]) <= limit
        joined += more["objects"]
    assert joined == whole


def test_what_came_after_the_last_page_is_what_added_after_gives(harbour: Any, bundles: str) -> None:
    last = ask(CLEAR + "objects/?limit=3")["X-TAXII-Date-Added-Last"]
    assert names(ask(f"{CLEAR}objects/?added_after={last}")) == names(ask(CLEAR + "objects/"))[3:]
    end = ask(CLEAR + "objects/")["X-TAXII-Date-Added-Last"]
    assert ask(f"{CLEAR}objects/?added_after={end}").json() == {}
    at = harbour.days(1)  # the clock went back
    advised.put(bundles, 8, "SEA-8", Form.STIX, advised.stix("SEA-8", at), at)
    assert "report SEA-8" in names(ask(f"{CLEAR}objects/?added_after={end}"))


def test_filters_narrow(bundles: str) -> None:
    flaw = next(one["id"] for one in ask(CLEAR + "objects/").json()["objects"] if one["name"] == "SEA-1 overflow")
    assert names(ask(f"{CLEAR}objects/?match[type]=report,identity")) == [
        "identity Harbour",
        "report SEA-6",
        "report SEA-1",
    ]
    assert names(ask(f"{CLEAR}objects/?match[spec_version]=2.0")) == []
    assert names(ask(f"{CLEAR}objects/?match[id]={flaw},nothing--1")) == ["vulnerability SEA-1 overflow"]
    both = ask(f"{CLEAR}objects/?match[id]={flaw}&match[version]=all").json()["objects"]
    assert [one["description"] for one in both] == ["Revision 1.", "Revision 2."]
    first = ask(f"{CLEAR}objects/{flaw}/?match[version]=first").json()["objects"]
    assert first == both[:1]
    assert (
        ask(f"{CLEAR}objects/?match[type]=vulnerability&match[version]={both[0]['modified']}").json()["objects"]
        == first
    )
    versions = ask(f"{CLEAR}objects/{flaw}/versions/")
    assert versions.json() == {"versions": [one["modified"] for one in both]}
    assert versions["X-TAXII-Date-Added-Last"]
    assert ask(f"{CLEAR}objects/vulnerability--none/").status_code == 404


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=x", "next=x", "added_after=soon", "match[version]=newest", "match[kind]=1", "limit=1&limit=2"],
)
def test_what_cannot_be_understood_is_refused_in_one_sentence(bundles: str, query: str) -> None:
    found = ask(f"{CLEAR}objects/?{query}")
    assert found.status_code == 400
    assert found["Content-Type"] == TAXII
    assert found.json()["http_status"] == "400"
    assert found.json()["description"].endswith(".")


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        (TAXII, 200),
        ("application/taxii+json", 200),
        ("application/json, */*", 200),
        ("application/taxii+json; version=2.1", 200),
        ("application/taxii+json;version=2.0", 406),
        ("text/html", 406),
    ],
)
def test_only_the_one_version_is_spoken(bundles: str, accept: str, status: int) -> None:
    assert ask("/taxii2/", Accept=accept).status_code == status


def test_nothing_can_be_written(harbour: Any, bundles: str) -> None:
    body = json.dumps({"objects": []})
    for path in (CLEAR + "objects/", CLEAR + "objects/identity--1/"):
        for method in ("post", "delete"):
            found = getattr(Client(), method)(path, body, content_type=TAXII, headers={"Accept": TAXII})
            assert found.status_code == 403
            assert "only be read" in found.json()["description"]
    assert ask("/taxii2/advisories/status/2d086da7-4bdc-4f91-900e-d77486753710/").status_code == 404
    assert ask("/taxii2/advisories/nothing/").status_code == 404


def test_what_is_known_is_not_sent_again(harbour: Any, bundles: str) -> None:
    first = ask(CLEAR + "objects/?limit=2")
    again = ask(CLEAR + "objects/?limit=2", **{"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    last = ask(CLEAR + "objects/")
    at = harbour.days(9)
    advised.put(bundles, 8, "SEA-8", Form.STIX, advised.stix("SEA-8", at), at)
    assert ask(CLEAR + "objects/", **{"If-None-Match": last["ETag"]}).status_code == 200


def test_what_was_marked_more_narrowly_is_gone_with_all_its_versions(harbour: Any, bundles: str) -> None:
    from seatrial.clearinghouse.advisories.types import Tlp

    assert "report SEA-1" in names(ask(CLEAR + "objects/"))
    at = harbour.days(9)
    advised.put(
        bundles, 8, "SEA-1", Form.STIX, advised.stix("SEA-1", at), at, tlp=Tlp.AMBER, audience=("vendor-a",), revision=3
    )
    assert not [one for one in names(ask(CLEAR + "objects/?match[version]=all")) if "SEA-1" in one]
    assert "report SEA-1" in names(ask("/taxii2/advisories/collections/amber-vendor-a/objects/", harbour.maintainer))
