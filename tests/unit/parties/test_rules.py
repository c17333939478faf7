"""Roles fit organisations; a policy never allows more than thirty days; signatures bind who, when and what."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from seatrial.kernel.errors import Forbidden, Misuse
from seatrial.parties.core.rules import ROLES, check_policy, check_role, signed_bytes
from seatrial.parties.types import Actor, OrganisationKind, Role

AT = datetime(2026, 7, 1, tzinfo=UTC)


@pytest.mark.parametrize("kind", OrganisationKind)
def test_a_role_is_given_only_where_it_fits(kind: OrganisationKind) -> None:
    for role in Role:
        if role in ROLES[kind]:
            check_role(kind, role)
        else:
            with pytest.raises(Misuse, match=f"has no role {role}"):
                check_role(kind, role)


@pytest.mark.parametrize("days", [0, -1, 30.001, 31, 365])
def test_a_policy_beyond_thirty_days_is_refused(days: float) -> None:
    with pytest.raises(Misuse, match="at most 30 days"):
        check_policy(timedelta(days=days), frozenset({"p"}), "terms")


def test_a_policy_of_exactly_thirty_days_stands() -> None:
    check_policy(timedelta(days=30), frozenset({"p"}), "terms")


@pytest.mark.parametrize(("purposes", "terms"), [(frozenset(), "terms"), (frozenset({"p"}), "  ")])
def test_a_policy_says_purposes_and_terms(purposes: frozenset[str], terms: str) -> None:
    with pytest.raises(Misuse, match="at least one purpose"):
        check_policy(timedelta(days=1), purposes, terms)


def test_signed_bytes_change_with_every_part() -> None:
    base = signed_bytes("org", "person", AT, {"a": 1})
    others = [
        signed_bytes("org2", "person", AT, {"a": 1}),
        signed_bytes("org", "person2", AT, {"a": 1}),
        signed_bytes("org", "person", AT + timedelta(seconds=1), {"a": 1}),
        signed_bytes("org", "person", AT, {"a": 2}),
    ]
    assert len({base, *others}) == 5


def test_a_missing_role_is_said_with_the_role_it_takes() -> None:
    actor = Actor(person="p", name="Pat", roles=frozenset({("lab", Role.SECURITY)}))
    actor.require("lab", Role.SECURITY, Role.GOVERNANCE, to="withdraw")
    with pytest.raises(Forbidden, match="Pat may not sign: that takes the role signatory in lab"):
        actor.require("lab", Role.SIGNATORY, to="sign")
    with pytest.raises(Forbidden):
        actor.require("other-lab", Role.SECURITY, to="withdraw")
