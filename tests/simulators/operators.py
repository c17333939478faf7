"""Operators of systems that others depend on, and what is exposed there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from seatrial.clearinghouse.remediation import api as remediation
from seatrial.clearinghouse.remediation.types import ExposureView, Opened
from seatrial.kernel.labels import Level
from seatrial.parties import api as parties
from seatrial.parties.types import Actor, OrganisationKind, Role
from simulators.harbour import Harbour


@dataclass(frozen=True)
class Operators:
    """``water-0`` and so on, each with one defender."""

    defenders: tuple[Actor, ...]
    analyst: Actor
    start: datetime

    def home(self, number: int) -> str:
        return f"water-{number}"

    def found(self, number: int, count: int = 1, **changes: str) -> list[Opened]:
        """What matching tells of ``count`` pumps of an operator."""
        given = {
            "advisory": "SEA-2026-0001",
            "title": "A long header writes past its buffer",
            "urgency": "act",
            "component": "pkg:pypi/curd",
            "version": "1.2",
            "why": "1.2 is before 1.3",
            "action": "Update to 1.3.",
        } | changes
        return [
            Opened(
                match=f"{number}/{given['advisory']}/{pump}",
                organisation=self.home(number),
                system=f"pump {pump}",
                at=self.start,
                **given,
            )
            for pump in range(count)
        ]

    def exposed(self, number: int, count: int = 1, **changes: str) -> tuple[ExposureView, ...]:
        remediation.open_(opened=self.found(number, count, **changes), at=self.start)
        return remediation.exposures(self.defenders[number], limit=1000)

    def days(self, number: float) -> datetime:
        return self.start + timedelta(days=number)


def settled(harbour: Harbour, count: int) -> Operators:
    """``count`` operators beside the clearinghouse of ``harbour``."""
    by, at = harbour.operator, harbour.start
    defenders = []
    for number in range(count):
        home, person = f"water-{number}", f"nia-{number}"
        parties.create_organisation(by=by, name=f"Waterworks {number}", kind=OrganisationKind.OPERATOR, at=at, id=home)
        parties.add_person(
            by=by,
            name=f"Nia {number}",
            email=f"{person}@{home}.example",
            password=f"{person} rows a long boat",
            level=Level.CONTROLLED,
            at=at,
            id=person,
        )
        parties.give_role(by=by, person=person, organisation=home, role=Role.DEFENDER, at=at)
        defenders.append(parties.actor(person))
    return Operators(tuple(defenders), harbour.analyst, at)
