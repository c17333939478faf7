"""A clearinghouse with an analyst, two vendors with maintainers, and a lab that reports."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from seatrial.clearinghouse.coordination import api as coordination
from seatrial.clearinghouse.coordination.types import PartyRole
from seatrial.clearinghouse.findings.api import CLEARINGHOUSE
from seatrial.kernel.labels import Level
from seatrial.parties import api as parties
from seatrial.parties.types import Actor, OrganisationKind, Role

SUMMARY = "A long header writes past the end of its buffer; the proof is attached to the report."


@dataclass(frozen=True)
class Harbour:
    """The people of the clearinghouse, of two vendors, and of the lab of the world."""

    analyst: Actor
    maintainer: Actor
    other: Actor
    lab: Actor
    rival: Actor
    operator: Actor
    start: datetime

    def open(self, subject: str = "flaw-1", **changes: Any) -> str:
        """A case of the analyst's alone, whose usual embargo is agreed by that."""
        given = {"title": "Overflow in curd", "summary": SUMMARY, "product": "curd", "priority": 10} | changes
        return coordination.open_case(by=self.analyst, subjects=[subject], at=self.start, **given)

    def invited(self, case: str, *, organisation: str = "vendor-a", at: datetime | None = None) -> str:
        """A vendor's party, invited."""
        when = at or self.start
        return coordination.invite(
            by=self.analyst, case=case, role=PartyRole.VENDOR, organisation=organisation, at=when
        )

    def joined(self, case: str, *, organisation: str = "vendor-a", at: datetime | None = None) -> str:
        """A vendor's party that accepted the embargo and has been told."""
        party = self.invited(case, organisation=organisation, at=at)
        by = self.maintainer if organisation == "vendor-a" else self.other
        assert coordination.join(by=by, party=party, accept_embargo=True, at=at or self.start)
        return party

    def second(self) -> Actor:
        """Another analyst."""
        parties.add_person(
            by=self.operator,
            name="Bea",
            email="bea@harbour.example",
            password="bea rows a long boat",
            level=Level.CONTROLLED,
            at=self.start,
            id="bea",
        )
        home, role = CLEARINGHOUSE, Role.ANALYST
        parties.give_role(by=self.operator, person="bea", organisation=home, role=role, at=self.start)
        return parties.actor("bea")

    def days(self, number: float) -> datetime:
        return self.start + timedelta(days=number)


def furnished(world: Any, at: datetime) -> Harbour:
    """The clearinghouse and the vendors beside the labs of ``world``; its moments count from ``at``."""
    operator = world.operator

    def organisation(key: str, kind: OrganisationKind) -> None:
        parties.create_organisation(by=operator, name=key.title(), kind=kind, at=at, id=key)

    def person(key: str, home: str, role: Role) -> Actor:
        parties.add_person(
            by=operator,
            name=key.title(),
            email=f"{key}@{home}.example",
            password=f"{key} rows a long boat",
            level=Level.CONTROLLED,
            at=at,
            id=key,
        )
        parties.give_role(by=operator, person=key, organisation=home, role=role, at=at)
        return parties.actor(key)

    organisation(CLEARINGHOUSE, OrganisationKind.CLEARINGHOUSE)
    organisation("vendor-a", OrganisationKind.VENDOR)
    organisation("vendor-b", OrganisationKind.VENDOR)
    return Harbour(
        analyst=person("ann", CLEARINGHOUSE, Role.ANALYST),
        maintainer=person("mia", "vendor-a", Role.MAINTAINER),
        other=person("otto", "vendor-b", Role.MAINTAINER),
        lab=world.security,
        rival=world.rival,
        operator=operator,
        start=at,
    )
