"""The pages of joining, roles, delegations, declarations and policies: what each shows to whom, and what it does."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from seatrial.kernel.clock import now
from seatrial.kernel.digests import digest
from seatrial.parties import api as parties
from seatrial.parties.types import Actor, Interest, InterestKind, Role

SignIn = Callable[[Actor], Client]
PASSWORD = "a boat long enough for nine"


@pytest.fixture
def stella(world: Any) -> Actor:
    parties.add_person(
        by=world.operator,
        name="Stella",
        email="stella@lab-north.example",
        password=PASSWORD,
        at=world.start,
        id="stella",
    )
    parties.give_role(by=world.operator, person="stella", organisation=world.lab, role=Role.STEWARD, at=world.start)
    return parties.actor("stella")


def text(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status, answer.content.decode()[:2000]
    return str(answer.content.decode())


def test_a_steward_invites_and_the_invited_person_joins_and_signs_in(
    world: Any, stella: Actor, sign_in: SignIn
) -> None:
    steward = sign_in(stella)
    said = {"name": "عبد الرحمن", "email": "nia@new.example", "roles": ["security"]}
    page = text(steward.post(f"/organisations/{world.lab}/invite/", said))
    link = page.split('id="secret">')[1].split("<")[0]
    assert link.startswith("http")
    path = "/join/" + link.split("/join/")[1]
    home = text(steward.get(f"/organisations/{world.lab}/"))
    assert "Open until" in home
    assert path not in home, "the link is shown once"

    visitor = Client()
    hello = visitor.get(path)
    assert "عبد الرحمن" in text(hello)
    assert "no-store" in hello["Cache-Control"]
    typed = {"name": "عبد الرحمن", "password": PASSWORD, "again": "another"}
    assert "The two passwords differ" in text(visitor.post(path, typed), 422)
    short = text(visitor.post(path, {**typed, "password": "short", "again": "short"}), 422)
    assert "too short" in short
    assert "short" not in short.split('name="password"')[1].split(">")[0], "a password is not echoed"
    done = text(visitor.post(path, {**typed, "again": PASSWORD}, follow=True))
    assert "Sign in with nia@new.example" in done
    assert visitor.login(email="nia@new.example", password=PASSWORD)
    for over in (path, "/join/never-was/"):
        assert "This invitation is not open" in text(Client().get(over), 404)
        assert "This invitation is not open" in text(Client().post(over, typed), 404)


def test_somebody_who_can_sign_in_joins_as_themselves(world: Any, stella: Actor, sign_in: SignIn) -> None:
    made = parties.invite(
        by=stella,
        organisation=world.lab,
        email="eva@body-one.example",
        name="Eva",
        roles=[Role.COUNSEL],
        at=now(),
    )
    path = f"/join/{made.secret}/"
    assert f"/accounts/login/?next={path}" in text(Client().get(path))
    assert "signed in as somebody else" in text(sign_in(world.intake).get(path))
    assert "sign in as them" in text(sign_in(world.intake).post(path), 422)
    eva = sign_in(world.evaluator)
    assert "Join as Eva Evaluator" in text(eva.get(path))
    assert "You act for North Lab" in text(eva.post(path, follow=True))
    assert "Your organisations" in text(eva.get("/organisations/"))


def test_an_organisations_page_is_its_peoples_alone(world: Any, stella: Actor, sign_in: SignIn) -> None:
    page = f"/organisations/{world.lab}/"
    assert "gwen@lab-north.example" in text(sign_in(world.security).get(page))
    for stranger in (world.rival, world.authority):
        for address in (page, f"{page}invite/", f"{page}delegate/", f"{page}people/gwen/"):
            nothing = text(sign_in(stranger).get(address), 404)
            assert "North Lab" not in nothing
            assert "gwen@" not in nothing
    for address in (f"{page}invite/", f"{page}people/gwen/", f"{page}people/gwen/remove/"):
        text(sign_in(world.governance).get(address), 404)
    assert sign_in(world.governance).get("/organisations/").url == page


def test_roles_are_given_and_ended_and_people_removed(world: Any, stella: Actor, sign_in: SignIn) -> None:
    steward, page = sign_in(stella), f"/organisations/{world.lab}/people/gwen/"
    assert "Gwen Governance is security from now on" in text(steward.post(page, {"role": "security"}, follow=True))
    text(steward.post(page, {"role": "evaluator"}), 422)
    assert "counts for nothing" in text(steward.post(f"{page}roles/security/end/", follow=True))
    text(steward.post(f"{page}roles/nonsense/end/"), 404)
    text(sign_in(world.rival).post(f"{page}roles/governance/end/"), 403)
    gwen = sign_in(world.governance)
    assert "What will happen" in text(steward.get(f"{page}remove/"))
    assert "Removed." in text(steward.post(f"{page}remove/", follow=True))
    assert gwen.get("/reviews/").status_code == 302, "the session is dead"
    mine = f"/organisations/{world.lab}/people/stella/"
    assert "no people manager left" in text(steward.post(f"{mine}remove/", follow=True))
    assert "Nobody gives themselves" in text(steward.post(mine, {"role": "security"}), 422)


def test_a_delegated_role_works_on_the_pages_until_it_is_ended(world: Any, stella: Actor, sign_in: SignIn) -> None:
    gwen, sam = sign_in(world.governance), sign_in(world.security)
    page = f"/organisations/{world.lab}/"
    assert "Plan a review" not in text(sam.get("/"))
    until = f"{now() + timedelta(days=3):%Y-%m-%dT%H:%M}"
    said = {"role": "governance", "to": "sam", "until": until}
    late = {**said, "until": f"{now() + timedelta(days=91):%Y-%m-%dT%H:%M}"}
    assert "within 90 days" in text(gwen.post(f"{page}delegate/", late), 422)
    assert "Sam Security" in text(gwen.post(f"{page}delegate/", said, follow=True))
    assert "Plan a review" in text(sam.get("/"))
    assert sam.get(f"{page}delegate/").status_code == 200, "of their own role, security"
    assert "Governance: plans" not in text(sam.get(f"{page}delegate/")), "what was lent is not lent on"
    made = parties.delegations(stella, world.lab, now())[0]
    assert "counts for nothing" in text(sam.post(f"{page}delegations/{made.id}/end/", follow=True))
    assert "Plan a review" not in text(sam.get("/"))
    text(sign_in(stella).get(f"{page}delegate/"), 404)


def test_interests_are_declared_and_read_by_whom_they_concern(world: Any, sign_in: SignIn) -> None:
    eva, lab = sign_in(world.evaluator), sign_in(world.governance)
    page = f"/declarations/{world.lab}/"
    assert "not both" in text(eva.post(page, {"family": " "}), 422)
    assert "not both" in text(eva.post(page, {"none": "on", "equity": "Shares."}), 422)
    assert "Declared." in text(eva.post(page, {"equity": "Shares.", "family": "A cousin."}, follow=True))
    assert "2 interests" in text(eva.get("/declarations/"))
    assert "Shares." in text(eva.get(page)), "the form starts from what was declared"
    assert "A cousin." in text(lab.get("/declarations/"))
    assert "A cousin." in text(sign_in(world.intake).get("/declarations/"))
    assert "A cousin." not in text(sign_in(world.rival).get("/declarations/"))
    text(lab.get(page), 404)
    text(eva.get(f"/declarations/{world.body}/"), 404)


def test_the_consent_page_says_what_each_person_declared(world: Any, sign_in: SignIn, reviews: Any) -> None:
    for by, interests in ((world.evaluator, ()), (world.intake, (Interest(InterestKind.EQUITY, "Shares."),))):
        parties.declare(by=by, organisation=world.body, developer=world.lab, interests=interests, at=now())
    page = text(sign_in(world.signatory).get(f"/reviews/{reviews.offered}/consent/"))
    assert "Eva Evaluator (evaluator); declared no interests on" in page
    assert "Ina Intake (intake); declared 1 interest on" in page
    assert "Ada Authority (authority, signatory); has declared nothing" in page


def test_policies_are_read_by_anybody_and_the_file_is_what_the_digest_pins(world: Any) -> None:
    anybody, page = Client(), f"/policies/{world.body}/2026-06/"
    assert "In force" in text(anybody.get("/policies/"))
    shown, found = text(anybody.get(page)), parties.policy(world.body, "2026-06")
    assert "The signature verifies." in shown
    assert found.digest in shown
    assert digest(anybody.get(f"{page}policy.json").content) == found.digest
    assert json.loads(text(anybody.get("/schemas/policy-1.json")))["$id"] == "urn:seatrial:schema:policy-1"
    text(anybody.get("/schemas/policy-2.json"), 404)
    text(anybody.get(f"/policies/{world.body}/none/"), 404)


def test_the_pages_take_a_bounded_number_of_queries(
    world: Any, stella: Actor, sign_in: SignIn, django_assert_max_num_queries: Any
) -> None:
    for number in range(12):
        parties.invite(
            by=stella,
            organisation=world.lab,
            email=f"p{number}@new.example",
            name=f"P {number}",
            roles=[Role.COUNSEL],
            at=now(),
        )
        parties.declare(by=world.evaluator, organisation=world.body, developer=world.lab, interests=(), at=now())
    steward, eva = sign_in(stella), sign_in(world.evaluator)
    with django_assert_max_num_queries(16):
        text(steward.get(f"/organisations/{world.lab}/"))
    with django_assert_max_num_queries(16):
        text(eva.get("/declarations/"))
    with django_assert_max_num_queries(8):
        text(Client().get("/policies/"))
