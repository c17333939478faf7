"""Policies are documents: stored canonically, pinned by digest, signed by the body, in force from their day."""

from __future__ import annotations

import importlib
import json
from datetime import timedelta
from typing import Any

import pytest

from seatrial.kernel.canonical import canonical
from seatrial.kernel.digests import digest, digest_of
from seatrial.kernel.errors import Conflict, Forbidden, Misuse, NotFound
from seatrial.ledger import api as ledger
from seatrial.parties import api as parties
from seatrial.parties.types import OrganisationKind, Role


def document(world: Any, **changes: Any) -> bytes:
    said = {
        "format": "seatrial-policy-1",
        "organisation": world.body,
        "version": "2026-07",
        "valid_from": "2026-07-10",
        "longest_window_days": 14,
        "purposes": [{"id": "evaluation", "description": "Measure what the model can do."}],
        "oversight": ["inspector"],
        "partner_criteria": ["Runs a security programme of its own."],
        "destruction_days": 7,
        "terms": [
            {"id": "1", "text": "Access only as consented.", "binds": "body"},
            {"id": "2", "text": "Results are shared back.", "binds": "both"},
        ],
    }
    return json.dumps({**said, **changes}, indent=2).encode()


@pytest.fixture
def inspected(world: Any) -> Any:
    parties.create_organisation(
        by=world.operator, name="Inspector", kind=OrganisationKind.OVERSIGHT, at=world.start, id="inspector"
    )
    return world


def test_a_policy_file_is_published_pinned_and_signed(inspected: Any) -> None:
    world = inspected
    size = ledger.head()
    made = parties.publish_policy_document(
        by=world.authority, body=world.body, document=document(world), at=world.start
    )
    assert ledger.head() == size + 1
    assert made == parties.policy(world.body, "2026-07")
    assert (made.max_window, made.destruction) == (timedelta(days=14), timedelta(days=7))
    assert made.oversight == {"inspector"}
    assert made.criteria == ("Runs a security programme of its own.",)
    assert [term.id for term in made.numbered] == ["1", "2"]
    assert made.terms == "1. Access only as consented.\n2. Results are shared back."
    kept = parties.policy_document(world.body, "2026-07")
    assert digest(kept.encode()) == made.digest == parties.policy_digest_of(world.body, "2026-07")
    assert json.loads(kept) == json.loads(document(world))
    assert made.signature is not None
    assert made.signature.person == world.authority.person
    assert parties.policy_signature_holds(made)


def test_a_policy_is_in_force_from_its_day(inspected: Any) -> None:
    world = inspected
    parties.publish_policy_document(by=world.authority, body=world.body, document=document(world), at=world.start)
    assert parties.current_policy(world.body, world.start + timedelta(days=1)).version == "2026-06"
    assert parties.current_policy(world.body, world.start + timedelta(days=10)).version == "2026-07"
    assert [found.version for found in parties.policies(world.body)] == ["2026-07", "2026-06"]


def test_a_refused_policy_leaves_nothing(inspected: Any) -> None:
    world = inspected
    head = ledger.head()

    def publish(by: Any = world.authority, **changes: Any) -> None:
        parties.publish_policy_document(by=by, body=world.body, document=document(world, **changes), at=world.start)

    with pytest.raises(Forbidden, match="authority"):
        publish(by=world.intake)
    with pytest.raises(Conflict, match="never changes"):
        publish(version="2026-06")
    with pytest.raises(Misuse, match="no oversight organisation here"):
        publish(oversight=["lab-north"])
    with pytest.raises(Misuse, match="must be at most 30"):
        publish(longest_window_days=31)
    assert ledger.head() == head
    with pytest.raises(NotFound):
        parties.policy(world.body, "2026-07")


def test_the_signature_takes_a_signatory(inspected: Any) -> None:
    world = inspected
    parties.add_person(
        by=world.operator, name="Una", email="una@x.example", password="una rows a long boat", at=world.start, id="una"
    )
    parties.give_role(by=world.operator, person="una", organisation=world.body, role=Role.AUTHORITY, at=world.start)
    with pytest.raises(Forbidden, match="signatory"):
        parties.publish_policy_document(
            by=parties.actor("una"), body=world.body, document=document(world), at=world.start
        )


def test_a_policy_from_before_documents_keeps_its_digest_and_stays_readable(world: Any) -> None:
    from seatrial.parties.models import PolicyVersion

    said = {"body": world.body, "version": "old", "max_window_seconds": 86400, "purposes": ["p"], "terms": "Old."}
    PolicyVersion.objects.create(
        body_id=world.body,
        version="old",
        max_window_seconds=86400,
        purposes=["p"],
        terms="Old.",
        published_at=world.start,
        valid_from=world.start,
        document="",
        digest=digest_of(said),
    )
    importlib.import_module("seatrial.parties.migrations.0002_policy_documents").carry_over_row(
        PolicyVersion.objects.get(version="old")
    )
    found = parties.policy(world.body, "old")
    assert parties.policy_document(world.body, "old").encode() == canonical(said)
    assert digest(canonical(said)) == found.digest
    assert (found.terms, found.signature, found.oversight) == ("Old.", None, frozenset())
    assert found.numbered[0].text == "Old."
    assert not parties.policy_signature_holds(found)
