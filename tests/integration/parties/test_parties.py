"""Organisations, people, policies, tokens and signatures on a real database."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from seatrial.kernel.errors import Conflict, Forbidden, Misuse, NotFound
from seatrial.ledger import api as ledger
from seatrial.parties import api as parties
from seatrial.parties.types import ANYONE, OrganisationKind, Role


def test_an_organisation_and_a_person_are_made_once(world: Any) -> None:
    with pytest.raises(Conflict, match="already"):
        parties.create_organisation(
            by=world.operator, name="North Lab", kind=OrganisationKind.DEVELOPER, at=world.start
        )
    with pytest.raises(Conflict, match="signs in with"):
        parties.add_person(
            by=world.operator, name="G", email="GWEN@lab-north.example", password="a long enough one", at=world.start
        )


def test_a_weak_password_is_refused_with_the_reason(world: Any) -> None:
    with pytest.raises(Misuse, match="too short"):
        parties.add_person(by=world.operator, name="N", email="n@x.example", password="short", at=world.start)


def test_only_the_operator_makes_parties(world: Any) -> None:
    for attempt in (
        lambda by: parties.create_organisation(by=by, name="X", kind=OrganisationKind.PARTNER, at=world.start),
        lambda by: parties.add_person(
            by=by, name="X", email="x@x.example", password="a long enough one", at=world.start
        ),
        lambda by: parties.give_role(by=by, person="gwen", organisation=world.lab, role=Role.SIGNATORY, at=world.start),
    ):
        for by in (world.governance, world.authority, ANYONE):
            with pytest.raises(Forbidden):
                attempt(by)


def test_a_role_that_does_not_fit_is_refused(world: Any) -> None:
    with pytest.raises(Misuse, match="has no role evaluator"):
        parties.give_role(by=world.operator, person="gwen", organisation=world.lab, role=Role.EVALUATOR, at=world.start)


def test_giving_a_role_twice_changes_and_records_nothing(world: Any) -> None:
    before = ledger.head()
    parties.give_role(by=world.operator, person="gwen", organisation=world.lab, role=Role.GOVERNANCE, at=world.start)
    assert ledger.head() == before


def test_addresses_and_clearances_are_shown_to_colleagues_only(world: Any) -> None:
    by_colleague = parties.person(world.security, "gwen")
    by_other = parties.person(world.intake, "gwen")
    assert by_colleague.email == "gwen@lab-north.example"
    assert (by_other.email, by_other.name) == ("", "Gwen Governance")
    assert parties.people(ANYONE, world.lab) == ()
    assert parties.organisations(ANYONE) == ()
    with pytest.raises(NotFound):
        parties.person(ANYONE, "gwen")


def test_a_policy_version_is_published_once_and_by_the_authority(world: Any) -> None:
    def publish(by: Any, version: str, days: float = 10) -> None:
        parties.publish_policy(
            by=by,
            body=world.body,
            version=version,
            max_window=timedelta(days=days),
            purposes=frozenset({"p"}),
            terms="Terms.",
            at=world.start + timedelta(days=1),
        )

    with pytest.raises(Forbidden):
        publish(world.intake, "2")
    with pytest.raises(Misuse, match="at most 30 days"):
        publish(world.authority, "2", 31)
    publish(world.authority, "2")
    with pytest.raises(Conflict, match="never changes"):
        publish(world.authority, "2")
    assert parties.current_policy(world.body).version == "2"
    assert parties.policy(world.body, "2026-06").max_window == timedelta(days=30)


def test_a_signature_covers_exactly_its_statement_and_its_signatory(world: Any) -> None:
    statement = {"a": [1, "two"]}
    made = parties.sign(by=world.signatory, organisation=world.lab, statement=statement, at=world.start)
    assert parties.verify(made, statement)
    assert not parties.verify(made, {"a": [1, "three"]})
    assert not parties.verify(replace(made, person="gwen"), statement)
    assert not parties.verify(replace(made, organisation=world.body), statement)
    assert not parties.verify(replace(made, at=world.start + timedelta(seconds=1)), statement)
    with pytest.raises(Forbidden):
        parties.sign(by=world.governance, organisation=world.lab, statement=statement, at=world.start)


def test_a_token_is_known_by_its_secret_and_kept_as_a_digest(world: Any) -> None:
    from seatrial.parties.models import Token

    secret = parties.issue_token(by=world.governance, at=world.start)
    assert parties.actor_by_token(secret) == world.governance
    assert secret not in str(list(Token.objects.values()))
    with pytest.raises(Misuse, match="not known or was revoked"):
        parties.actor_by_token(secret + "x")
    Token.objects.update(revoked_at=world.start)
    with pytest.raises(Misuse):
        parties.actor_by_token(secret)
    with pytest.raises(Misuse):
        parties.issue_token(by=world.operator, at=world.start)


def test_signing_keys_are_private_files_outside_the_database(world: Any) -> None:
    from django.conf import settings

    folder = settings.SEATRIAL.keys / "organisations"
    for path in folder.iterdir():
        assert path.stat().st_mode & 0o077 == 0
    assert {path.name for path in folder.iterdir()} >= {f"{world.lab}.key", f"{world.body}.key"}
