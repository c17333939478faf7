"""OSV's API: what it finds is what the advisories say, and nothing beyond the marking."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from seatrial.clearinghouse.advisories.types import Form, Tlp
from seatrial.kernel.clock import now
from seatrial.parties import api as parties
from seatrial.parties.types import Actor
from simulators import advised


@pytest.fixture
def records(harbour: Any) -> str:
    case: str = harbour.open()

    def put(number: int, name: str, content: bytes, **more: Any) -> None:
        advised.put(case, number, name, Form.OSV, content, harbour.days(number), **more)

    at = harbour.start
    put(1, "x_1", advised.osv("x_1", at))
    put(2, "x_2", advised.osv("x_2", at, package="whey"))
    put(3, "x_3", advised.osv("x_3", at), tlp=Tlp.AMBER, audience=("vendor-a",))
    put(4, "x_4", advised.osv("x_4", at, withdrawn="2026-07-02T00:00:00Z"))
    return case


def post(path: str, said: object, actor: Actor | None = None) -> Any:
    headers = {"Authorization": f"Bearer {parties.issue_token(by=actor, at=now())}"} if actor else {}
    return Client().post(f"/osv/v1/{path}", json.dumps(said), content_type="application/json", headers=headers)


def query(version: str, name: str = "curd", actor: Actor | None = None, ecosystem: str = "PyPI") -> list[str]:
    found = post("query", {"version": version, "package": {"name": name, "ecosystem": ecosystem}}, actor)
    assert found.status_code == 200, found.content
    return [one["id"] for one in found.json().get("vulns", ())]


@pytest.mark.parametrize(
    ("version", "found"), [("0.9", []), ("1.0", ["x_1"]), ("1.3.9", ["x_1"]), ("1.4", []), ("1.4rc1", ["x_1"])]
)
def test_a_version_is_in_the_range_or_not(records: str, version: str, found: list[str]) -> None:
    assert query(version) == found
    by_purl = post("query", {"package": {"purl": f"pkg:pypi/curd@{version}"}}).json()
    assert [one["id"] for one in by_purl.get("vulns", ())] == found


def test_a_version_that_nothing_orders_is_not_silently_safe(records: str) -> None:
    assert query("not-a-version") == ["x_1"]


def test_without_a_version_every_record_of_the_package_is_given(records: str) -> None:
    assert [one["id"] for one in post("query", {"package": {"name": "Curd", "ecosystem": "PyPI"}}).json()["vulns"]] == [
        "x_1"
    ]
    assert query("1.0", ecosystem="npm") == []
    assert post("query", {"commit": "6879efc2c1596d11a6a6ad296f80063b558d5e0f"}).json() == {}


def test_nobody_is_told_beyond_their_marking(harbour: Any, records: str) -> None:
    assert query("1.2", actor=harbour.maintainer) == ["x_1", "x_3"]
    assert query("1.2", actor=harbour.other) == ["x_1"]
    assert Client().get("/osv/v1/vulns/x_3").status_code == 404
    assert Client().get("/osv/v1/vulns/x_3").json()["code"] == 5


def test_a_batch_is_answered_in_its_order(records: str) -> None:
    asked = [{"package": {"name": name, "ecosystem": "PyPI"}, "version": "1.2"} for name in ("whey", "nothing", "curd")]
    results = post("querybatch", {"queries": asked}).json()["results"]
    assert [[one["id"] for one in found.get("vulns", ())] for found in results] == [["x_2"], [], ["x_1"]]
    assert set(results[0]["vulns"][0]) == {"id", "modified"}


def test_a_record_is_given_as_it_was_published(harbour: Any, records: str) -> None:
    found = Client().get("/osv/v1/vulns/x_1")
    assert found.content == advised.osv("x_1", harbour.start)
    assert Client().get("/osv/v1/vulns/x_1", headers={"If-None-Match": found["ETag"]}).status_code == 304
    assert Client().get("/osv/v1/vulns/x_4").json()["withdrawn"]


@pytest.mark.parametrize(
    "said",
    [
        [],
        {},
        {"package": "curd"},
        {"package": {"name": "curd"}},
        {"package": {"name": 1, "ecosystem": "PyPI"}},
        {"package": {"purl": "pkg:pypi/curd@1"}, "version": "1"},
        {"package": {"purl": "pkg:pypi/curd", "name": "curd", "ecosystem": "PyPI"}},
        {"package": {"name": "curd", "ecosystem": "PyPI"}, "version": 1},
    ],
)
def test_what_is_no_query_is_refused_in_one_sentence(records: str, said: object) -> None:
    found = post("query", said)
    assert found.status_code == 400
    assert found.json()["code"] == 3
    assert found.json()["message"].endswith(".")


def test_a_broken_body_and_another_method_are_refused(records: str) -> None:
    assert Client().post("/osv/v1/query", b"{", content_type="application/json").status_code == 400
    assert post("querybatch", {"queries": [{}] * 1001}).status_code == 400
    assert post("querybatch", {"queries": 1}).status_code == 400
    assert Client().get("/osv/v1/query").status_code == 405
    assert Client().get("/osv/v1/").status_code == 404
