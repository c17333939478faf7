"""What became of one's reports, what one scans and whom one meets, and a case opened from a finding."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from seatrial.clearinghouse.coordination import api as coordination
from seatrial.clearinghouse.coordination.types import Capacity, PartyRole
from seatrial.clearinghouse.findings import api as findings
from seatrial.clearinghouse.findings.types import NewReport
from seatrial.kernel.clock import now
from seatrial.ledger import api as ledger
from seatrial.parties.types import Actor
from simulators.harbour import Harbour, furnished
from simulators.judged_reports import judge

SignIn = Callable[[Actor], Client]
HOSTILE = "<script>alert(1)</script> & 'quotes'"


@pytest.fixture
def harbour(world: Any) -> Harbour:
    return furnished(world, now() - timedelta(hours=1))


def reported(harbour: Harbour, by: Actor, number: int = 0, **said: str) -> Any:
    words = {"title": f"Overflow number {number}", "description": f"{HOSTILE} in row {number}.", "product": "curd"}
    return findings.submit(
        report=NewReport(**{**words, **said}), by=by, at=harbour.start + timedelta(seconds=number), source="api"
    )


def page(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, address
    return answer.content.decode()


def test_a_lab_sees_its_reports_with_milestones_and_what_waits(harbour: Harbour, sign_in: SignIn) -> None:
    report = reported(harbour, harbour.lab, title=HOSTILE).report
    client = sign_in(harbour.lab)
    assert "No case has been made of it yet" in page(client, "/portfolio/")
    case = harbour.open(report, title="Overflow in curd")
    coordination.state_capacity(
        by=harbour.maintainer, organisation="vendor-a", capacity=Capacity(1, 1), at=harbour.start
    )
    harbour.invited(case)
    text = page(client, "/portfolio/")
    for said in ("Waiting for capacity", "1 maintainer has no room", "Found valid", "Received", f"/cases/{case}/"):
        assert said in text
    assert "<script>alert" not in text
    assert "Vendor-A" not in text
    assert "Your reports</a>" in page(client, "/")
    receipt = client.get(f"/portfolio/{report}/receipt.json")
    assert "attachment" in receipt["Content-Disposition"]
    findings.verify_receipt(json.loads(receipt.content), ledger.public_key())
    stranger = sign_in(harbour.rival)
    assert "None yet." in page(stranger, "/portfolio/")
    page(stranger, f"/portfolio/{report}/receipt.json", 404)
    assert Client().get("/portfolio/").status_code == 302


def test_a_long_portfolio_comes_in_parts_at_a_bounded_cost(
    harbour: Harbour, sign_in: SignIn, django_assert_max_num_queries: Any
) -> None:
    reports = [reported(harbour, harbour.lab, number).report for number in range(53)]
    for one in reports[:3]:
        harbour.open(one)
    client = sign_in(harbour.lab)
    with django_assert_max_num_queries(25):
        text = page(client, "/portfolio/")
    assert f'"/portfolio/?after={reports[3]}"' in text
    rest = page(client, f"/portfolio/?after={reports[3]}")
    assert [one in rest for one in reports[:5]] == [True, True, True, False, False]
    assert "That was the last one" in page(client, f"/portfolio/?after={reports[0]}")
    assert "That was the last one" in page(sign_in(harbour.rival), f"/portfolio/?after={reports[0]}")


def test_whoever_follows_by_code_sees_what_waits_too(harbour: Harbour) -> None:
    receipt = findings.submit(
        report=NewReport("Overflow in curd", "A long header writes past its end.", "curd"),
        at=harbour.start,
        source="page",
    )
    case = harbour.open(receipt.report)
    coordination.invite(by=harbour.analyst, case=case, role=PartyRole.VENDOR, organisation="vendor-a", at=harbour.start)
    text = Client().post("/reports/follow/", {"code": receipt.code}).content.decode()
    assert "Vendor contacted" in text
    assert "Vendor-A" not in text


def test_an_analyst_opens_a_case_about_a_findings_cluster(harbour: Harbour, sign_in: SignIn) -> None:
    report = reported(harbour, harbour.lab).report
    judge(report, harbour.start)
    client = sign_in(harbour.analyst)
    address = f"/findings/{report}/case/"
    assert address in page(client, f"/findings/{report}/")
    form = page(client, address)
    assert "Overflow number 0" in form
    assert "<script>alert" not in form
    given = {"title": "Rows overflow", "summary": HOSTILE, "product": "curd", "priority": "10"}
    refused = client.post(address, {**given, "priority": "-1"})
    assert refused.status_code == 422
    assert "Rows overflow" in refused.content.decode()
    opened = client.post(address, given)
    assert opened.status_code == 302
    text = page(client, opened["Location"])
    assert report in text
    assert "<script>alert" not in text
    assert opened["Location"] in page(client, f"/findings/{report}/")
    again = client.post(address, given)
    assert again.status_code == 422
    assert "is the subject of the case" in again.content.decode()
    page(sign_in(harbour.lab), address, 404)
    page(sign_in(harbour.rival), address, 404)
    assert address not in page(sign_in(harbour.lab), "/portfolio/")


def test_packages_are_registered_and_an_overlap_is_seen_by_both_and_nobody_else(
    harbour: Harbour, sign_in: SignIn
) -> None:
    first, second = sign_in(harbour.lab), sign_in(harbour.rival)
    assert "Register packages" in page(first, "/scanning/")
    begins = now()

    def typed(home: str, **changes: str) -> dict[str, str]:
        return {
            "organisation": home,
            "purls": "pkg:pypi/Requests\n\npkg:npm/left-pad",
            "opens": f"{begins:%Y-%m-%dT%H:%M}",
            "closes": f"{begins + timedelta(days=14):%Y-%m-%dT%H:%M}",
            "who": HOSTILE,
        } | changes

    for changes, why in (
        ({"purls": "left-pad"}, "names no package"),
        ({"closes": f"{begins + timedelta(days=400):%Y-%m-%dT%H:%M}"}, "A scan is declared for"),
        ({"purls": "\n".join(f"pkg:npm/a{number}" for number in range(201))}, "packages"),
        ({"organisation": "vendor-a"}, "Select a valid choice"),
        ({"closes": f"{begins - timedelta(days=3):%Y-%m-%dT%H:%M}"}, "Not done yet"),
    ):
        refused = first.post("/scanning/register/", typed("lab-north", **changes))
        assert refused.status_code == 422, changes
        assert why in refused.content.decode()
    made = first.post("/scanning/register/", typed("lab-north")).content.decode()
    assert "pkg:pypi/requests" in made
    assert "shown once" in made
    listed = page(first, "/scanning/")
    assert "left-pad" not in listed
    assert "Nobody, in windows" in listed
    second.post("/scanning/register/", typed("lab-south", purls="pkg:pypi/requests"))
    for client, other in ((first, "South Lab"), (second, "North Lab")):
        text = page(client, "/scanning/")
        assert f"<strong>{other}</strong>" in text
        assert "<script>alert" not in text
    for actor in (harbour.analyst, harbour.maintainer):
        text = page(sign_in(actor), "/scanning/")
        assert "North Lab" not in text
        assert "Nobody, in windows" in text
