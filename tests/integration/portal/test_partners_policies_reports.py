"""Trusted partners, newer policies, and the analyst's reports: smaller journeys through the portal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from seatrial.clearinghouse.findings import api as findings
from seatrial.clearinghouse.findings.types import NewReport, ReportState
from seatrial.kernel.clock import now
from seatrial.parties import api as parties
from seatrial.parties.types import Actor, OrganisationKind, Role
from seatrial.review.cases import api as cases
from simulators.staged_reviews import Reviews

SignIn = Callable[[Actor], Client]


@pytest.fixture
def harbour(world: Any) -> str:
    made = parties.create_organisation(
        by=world.operator, name="Harbour Trust", kind=OrganisationKind.PARTNER, at=now(), id="harbour-trust"
    )
    parties.add_person(
        by=world.operator, name="Pat Partner", email="pat@harbour.example", password="pat rows a long boat",
        at=now(), id="pat",
    )  # fmt: skip
    parties.give_role(by=world.operator, person="pat", organisation=made.id, role=Role.EVALUATOR, at=now())
    return made.id


def test_a_partner_needs_terms_that_both_sign_and_either_side_ends_it(
    world: Any, reviews: Reviews, harbour: str, sign_in: SignIn
) -> None:
    address = f"/reviews/{reviews.consented}/"
    lab, body, pat = sign_in(world.signatory), sign_in(world.authority), sign_in(parties.actor("pat"))
    assert "Harbour Trust" in lab.get(f"{address}partners/").content.decode()
    why = {"organisation": harbour, "criteria": "It runs the ports."}
    proposed = lab.post(f"{address}partners/", why, follow=True).content.decode()
    assert "Not signed" in proposed
    assert "It runs the ports." in proposed
    assert "usa-alert--error" in body.post(f"{address}partners/{harbour}/sign/", follow=True).content.decode()
    assert "Nothing is shared" in pat.get("/shared/").content.decode()
    form = lab.get(f"{address}partners/{harbour}/terms/")
    typed = {name: field.initial for name, field in form.context["form"].fields.items() if field.initial is not None}
    typed |= {name: value for name, value in form.context["form"].initial.items() if name not in ("opens", "closes")}
    window = form.context["form"].initial
    typed |= {name: f"{window[name]:%Y-%m-%dT%H:%M}" for name in ("opens", "closes")} | {"people": ["pat"]}
    assert "Signed." in lab.post(f"{address}partners/{harbour}/terms/", typed, follow=True).content.decode()
    assert "Nothing is shared" in pat.get("/shared/").content.decode()
    assert "Signed. The partner" in body.post(f"{address}partners/{harbour}/sign/", follow=True).content.decode()
    assert "Both signed" in lab.get(address).content.decode()
    seen = pat.get("/shared/").content.decode()
    assert "north-7b" in seen
    assert "An open voyage" not in seen  # nothing else of the review
    assert pat.get(address).status_code == 404
    made = pat.post(f"/shared/{reviews.consented}/key/", {"purpose": "capability-evaluation"}).content.decode()
    assert "stk-" in made
    assert "Nothing else depends on it" in lab.post(f"{address}partners/{harbour}/end/", follow=True).content.decode()
    assert cases.review(world.signatory, reviews.consented, now()).partners[0].ended
    assert sign_in(world.rival).post(f"{address}partners/{harbour}/sign/").status_code == 404


def test_a_newer_policy_is_offered_beside_the_present_one_and_adopted_only_by_choice(
    world: Any, reviews: Reviews, sign_in: SignIn
) -> None:
    address = f"/reviews/{reviews.consented}/"
    client = sign_in(world.signatory)
    assert "Adopt the newer policy" not in client.get(address).content.decode()
    parties.publish_policy(
        by=world.authority,
        body=world.body,
        version="2026-09",
        max_window=timedelta(days=14),
        purposes=frozenset({"capability-evaluation"}),
        terms="Shorter, and nothing else.",
        at=now(),
    )
    assert cases.review(world.signatory, reviews.consented, now()).policy_version == "2026-06"
    assert "Adopt the newer policy" in client.get(address).content.decode()
    page = client.get(f"{address}policy/").content.decode()
    assert "Shorter, and nothing else." in page
    assert "Keep version 2026-06" in page
    assert client.post(f"{address}policy/").status_code == 302
    assert cases.review(world.signatory, reviews.consented, now()).policy_version == "2026-09"
    assert sign_in(world.intake).get(f"{address}policy/").status_code == 404


def test_an_analyst_reads_and_acknowledges_a_report_and_nobody_else_can(world: Any, sign_in: SignIn) -> None:
    house = parties.create_organisation(
        by=world.operator,
        name="Clearinghouse",
        kind=OrganisationKind.CLEARINGHOUSE,
        at=now(),
        id=findings.CLEARINGHOUSE,
    )
    parties.add_person(
        by=world.operator, name="Ann Analyst", email="ann@house.example", password="ann rows a boat", at=now(), id="ann"
    )
    parties.give_role(by=world.operator, person="ann", organisation=house.id, role=Role.ANALYST, at=now())
    analyst = parties.actor("ann")
    report = NewReport(
        title="Crash when a PNG is cut", description="It reads past the end of a buffer.", product="imgtool"
    )
    receipt = findings.submit(report=report, at=now(), source="page")
    client = sign_in(analyst)
    assert "Crash when a PNG is cut" in client.get("/").content.decode()
    assert "reads past the end" in client.get(f"/reports/{receipt.report}/").content.decode()
    for stranger in (world.governance, world.evaluator):
        assert sign_in(stranger).get(f"/reports/{receipt.report}/").status_code == 404
        assert sign_in(stranger).post(f"/reports/{receipt.report}/acknowledge/").status_code in (403, 404)
    assert client.post(f"/reports/{receipt.report}/acknowledge/").status_code == 302
    assert findings.follow(receipt.code).state is ReportState.ACKNOWLEDGED
