"""Joining, lending, declaring and publishing over HTTP."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from seatrial.client import Seatrial
from seatrial.kernel.clock import iso, now
from seatrial.kernel.recipients import new_private_key
from seatrial.parties import api as parties
from seatrial.parties.types import Role
from seatrial.rest.local import InProcess

PASSWORD = "a boat long enough for nine"


class Api:
    """A client that sends one person's token."""

    def __init__(self, actor: Any = None) -> None:
        self._client = Client(enforce_csrf_checks=True)
        self._headers = {}
        if actor is not None:
            self._headers = {"Authorization": f"Bearer {parties.issue_token(by=actor, at=now())}"}

    def get(self, path: str) -> Any:
        return self._client.get(f"/api/v1{path}", headers=self._headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self._client.post(
            f"/api/v1{path}",
            json.dumps(body or {}),
            content_type="application/json",
            headers={**self._headers, **{name.replace("_", "-"): value for name, value in headers.items()}},
        )

    def delete(self, path: str) -> Any:
        return self._client.delete(f"/api/v1{path}", headers=self._headers)


def code(answer: Any, status: int) -> str:
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    return str(answer.json()["type"].removeprefix("urn:seatrial:problem:"))


@pytest.fixture
def steward(world: Any) -> Any:
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


def test_a_person_is_invited_joins_is_given_a_role_and_leaves(world: Any, steward: Any) -> None:
    stella, anyone = Api(steward), Api()
    said = {"email": "nia@new.example", "name": "Nia", "roles": ["counsel"]}
    assert code(Api(world.governance).post(f"/organisations/{world.lab}/invitations", said), 403) == "role-missing"
    made = stella.post(f"/organisations/{world.lab}/invitations", said)
    assert made.status_code == 201
    secret = made.json()["secret"]
    assert secret not in stella.get(f"/organisations/{world.lab}/invitations").content.decode()
    assert anyone.post("/invitations/read", {"secret": secret}).json()["known"] is False
    weak = {"secret": secret, "password": "short"}
    assert code(anyone.post("/invitations/accept", weak), 400) == "weak-password"
    joined = anyone.post("/invitations/accept", {"secret": secret, "password": PASSWORD})
    nia = joined.json()["person"]
    assert code(anyone.post("/invitations/accept", {"secret": secret, "password": PASSWORD}), 404) == "invitation-over"
    assert code(anyone.post("/invitations/read", {"secret": secret}), 404) == "invitation-over"
    assert stella.post(f"/organisations/{world.lab}/people/{nia}/roles", {"role": "security"}).status_code == 200
    her = Api(parties.actor(nia))
    assert sorted(role for _, role in her.get("/people/me").json()["roles"]) == ["counsel", "security"]
    assert stella.delete(f"/organisations/{world.lab}/people/{nia}/roles/security").status_code == 204
    assert stella.delete(f"/organisations/{world.lab}/people/{nia}").status_code == 204
    assert code(her.get("/people/me"), 401) == "unknown-token"


def test_a_link_asked_for_twice_with_one_key_is_shown_once(world: Any, steward: Any) -> None:
    stella, said = Api(steward), {"email": "nia@new.example", "name": "Nia", "roles": ["counsel"]}
    first = stella.post(f"/organisations/{world.lab}/invitations", said, Idempotency_Key="once-only-1")
    assert first.status_code == 201
    again = stella.post(f"/organisations/{world.lab}/invitations", said, Idempotency_Key="once-only-1")
    assert code(again, 409) == "already-done"
    assert first.json()["secret"] not in again.content.decode()


def test_a_withdrawn_invitation_opens_nothing(world: Any, steward: Any) -> None:
    said = {"email": "nia@new.example", "name": "Nia", "roles": ["counsel"]}
    made = Api(steward).post(f"/organisations/{world.lab}/invitations", said).json()
    assert code(Api(world.rival).post(f"/invitations/{made['id']}/withdraw"), 404) == "no-such-invitation"
    assert Api(steward).post(f"/invitations/{made['id']}/withdraw").status_code == 204
    assert code(Api().post("/invitations/read", {"secret": made["secret"]}), 404) == "invitation-over"


def test_an_existing_person_joins_with_their_own_token(world: Any, steward: Any) -> None:
    said = {"email": "eva@body-one.example", "name": "Eva", "roles": ["counsel"]}
    secret = Api(steward).post(f"/organisations/{world.lab}/invitations", said).json()["secret"]
    assert code(Api().post("/invitations/accept", {"secret": secret, "password": PASSWORD}), 409) == "sign-in-as"
    assert Api(world.evaluator).post("/invitations/accept", {"secret": secret}).json() == {"person": "eva"}


def test_a_role_is_lent_and_ended(world: Any) -> None:
    gwen, until = Api(world.governance), iso(now() + timedelta(days=5))
    made = gwen.post(f"/organisations/{world.lab}/delegations", {"role": "governance", "to": "sam", "until": until})
    assert made.status_code == 201, made.content
    plan = {
        "developer": world.lab,
        "body": world.body,
        "title": "By delegation",
        "model": "m",
        "partner_release": iso(now() + timedelta(days=40)),
        "public_release": iso(now() + timedelta(days=50)),
    }
    sam = Api(world.security)
    assert sam.post("/reviews", plan).status_code == 201
    assert sam.get(f"/organisations/{world.lab}/delegations").json()[0]["in_force"] is True
    assert Api(world.rival).get(f"/organisations/{world.lab}/delegations").json() == []
    assert sam.post(f"/delegations/{made.json()['id']}/end").status_code == 204
    assert code(sam.post("/reviews", plan), 403) == "role-missing"
    naive = {"role": "governance", "to": "sam", "until": "2030-01-01T00:00:00"}
    assert code(gwen.post(f"/organisations/{world.lab}/delegations", naive), 400) == "naive-time"


def test_a_declaration_is_read_by_its_developer(world: Any) -> None:
    said = {
        "organisation": world.body,
        "developer": world.lab,
        "interests": [{"kind": "family", "text": "A cousin works there."}],
    }
    assert Api(world.evaluator).post("/declarations", said).status_code == 201
    (found,) = Api(world.governance).get(f"/declarations?developer={world.lab}").json()
    assert found["interests"] == said["interests"]
    assert Api(world.rival).get(f"/declarations?developer={world.lab}").json() == []
    assert code(Api(world.governance).post("/declarations", said), 403) == "not-of-organisation"


def test_policies_are_public_and_published_as_the_file_itself(world: Any) -> None:
    anyone = Api()
    assert anyone.get("/policies/schema").json()["$id"] == "urn:seatrial:schema:policy-1"
    document = json.loads(anyone.get(f"/policies/{world.body}/2026-06/document").content)
    shown = anyone.get(f"/policies/{world.body}/2026-06").json()
    assert shown["signature"]["organisation"] == world.body
    later = {**document, "version": "2026-08"}
    assert code(Api(world.intake).post(f"/policies/{world.body}", later), 403) == "role-missing"
    wrong = Api(world.authority).post(f"/policies/{world.body}", {**later, "longest_window_days": 31})
    assert code(wrong, 400) == "policy-file"
    assert "longest_window_days must be at most 30" in wrong.json()["detail"]
    assert Api(world.authority).post(f"/policies/{world.body}", later).status_code == 201
    assert [found["version"] for found in anyone.get(f"/policies?body={world.body}").json()] == ["2026-08", "2026-06"]


def test_addresses_are_shown_to_colleagues_only(world: Any) -> None:
    assert Api(world.security).get("/people/gwen").json()["email"] == "gwen@lab-north.example"
    assert Api(world.authority).get("/people/gwen").json()["email"] == ""
    emails = {found["email"] for found in Api(world.authority).get(f"/organisations/{world.lab}/people").json()}
    assert emails == {""}
    assert code(Api().get("/organisations"), 401) == "sign-in-needed"


def test_a_person_registers_the_key_that_files_are_sealed_for(world: Any, tmp_path: Path) -> None:
    eva, rival = Api(world.evaluator), Api(world.rival)
    public = new_private_key(tmp_path / "own.key").public
    made = eva.post("/people/me/recipient-keys", {"public_key": public.pem})
    assert (made.status_code, made.json()["id"]) == (201, public.id)
    assert rival.get("/people/eva/recipient-keys").json() == [made.json()]
    assert code(rival.post("/people/me/recipient-keys", {"public_key": public.pem}), 409) == "recipient-key-known"
    assert code(rival.post(f"/people/me/recipient-keys/{public.id}/retire"), 404) == "no-such-recipient-key"
    assert code(eva.post("/people/me/recipient-keys", {"public_key": "x"}), 400) == "bad-recipient-key"
    assert eva.post(f"/people/me/recipient-keys/{public.id}/retire").json()["retired_at"] is not None
    assert code(eva.get("/people/nobody/recipient-keys"), 404) == "no-such-person"
    assert Api().get("/people/eva/recipient-keys").status_code == 401


def test_the_client_does_the_same(world: Any, tmp_path: Path) -> None:
    public = new_private_key(tmp_path / "own.key").public
    with Seatrial.over(InProcess(world.evaluator)) as seatrial:
        made = seatrial.parties.register_recipient_key(public.pem)
        assert seatrial.parties.recipient_keys("eva") == (made,)
        assert seatrial.parties.retire_recipient_key(made.id).retired_at is not None
