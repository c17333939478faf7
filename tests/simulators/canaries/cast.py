"""Who is in the world: organisations and people of every kind and role, how they joined, lent, declared and left."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from seatrial.kernel.labels import Level
from seatrial.notices import api as notices
from seatrial.notices.types import Cadence
from seatrial.parties import api as parties
from seatrial.parties.types import Actor, Interest, InterestKind, OrganisationKind, Role

from .book import Book

KINDS = {
    "lab-north": OrganisationKind.DEVELOPER,
    "lab-south": OrganisationKind.DEVELOPER,
    "lab-east": OrganisationKind.DEVELOPER,
    "body-one": OrganisationKind.BODY,
    "body-two": OrganisationKind.BODY,
    "port-trust": OrganisationKind.PARTNER,
    "quay-trust": OrganisationKind.PARTNER,
    "reef-trust": OrganisationKind.PARTNER,
    "watch-named": OrganisationKind.OVERSIGHT,  # body-one's policy names it
    "watch-other": OrganisationKind.OVERSIGHT,
    "clearinghouse": OrganisationKind.CLEARINGHOUSE,
    "water-one": OrganisationKind.OPERATOR,
    "water-two": OrganisationKind.OPERATOR,
}
_G, _S, _SIG, _ST, _C = Role.GOVERNANCE, Role.SECURITY, Role.SIGNATORY, Role.STEWARD, Role.COUNSEL
_I, _E, _A = Role.INTAKE, Role.EVALUATOR, Role.AUTHORITY
PEOPLE: dict[str, tuple[str, tuple[Role, ...]]] = {
    **{"gwen": ("lab-north", (_G,)), "sam": ("lab-north", (_S,)), "sig": ("lab-north", (_SIG, _G))},
    **{"stew": ("lab-north", (_ST,)), "cora": ("lab-north", (_C,)), "carl": ("lab-north", (_C,))},
    **{"nil-north": ("lab-north", (_G,)), "gone-north": ("lab-north", (_G,))},
    **{"riva": ("lab-south", (_G,)), "rosa": ("lab-south", (_S,)), "remo": ("lab-south", (_SIG, _G))},
    **{"rick": ("lab-south", (_ST,)), "rena": ("lab-south", (_C,))},
    **{"eda": ("lab-east", (_G, _S)), "egon": ("lab-east", (_SIG, _G)), "elsa": ("lab-east", (_ST,))},
    **{"ina": ("body-one", (_I,)), "eva": ("body-one", (_E,)), "eve": ("body-one", (_E,))},
    **{"ada": ("body-one", (_A, _SIG)), "abe": ("body-one", (_A, _SIG)), "bea": ("body-one", (_ST,))},
    **{"bob": ("body-one", (_C,)), "nil-body": ("body-one", (_E, _I)), "gone-body": ("body-one", (_I,))},
    **{"ida": ("body-two", (_I,)), "ivo": ("body-two", (_E,)), "amy": ("body-two", (_A, _SIG))},
    **{"ian": ("body-two", (_A, _SIG)), "ilse": ("body-two", (_ST,))},
    **{"pia": ("port-trust", (_E,)), "pat": ("port-trust", (_SIG,)), "pim": ("port-trust", (_ST,))},
    **{"quin": ("quay-trust", (_E,)), "quade": ("quay-trust", (_SIG,))},
    **{"ray": ("reef-trust", (_E,)), "ron": ("reef-trust", (_SIG,)), "rex": ("reef-trust", (_C,))},
    **{"olga": ("watch-named", (Role.INSPECTOR,)), "otis": ("watch-named", (_ST,))},
    **{"omar": ("watch-other", (Role.INSPECTOR,)), "oona": ("watch-other", (_ST,))},
    **{"clea": ("clearinghouse", (Role.ANALYST,)), "cleo": ("clearinghouse", (_SIG, _ST))},
    **{"wim": ("water-one", (Role.DEFENDER,)), "wes": ("water-two", (Role.DEFENDER,))},
    "dual": ("body-two", (_E,)),  # and an evaluator of port-trust
}
UNCLEARED = frozenset({"nil-north", "nil-body"})
INITIATED = frozenset({"sig"})  # read into the compartment "orca"
GONE = frozenset({"gone-north", "gone-body"})
PUBLISHED = frozenset({"body-one", "body-two", "watch-named", "ada", "amy"})  # a policy is public, and so is who signed


@dataclass(frozen=True)
class Persona:
    """Whoever asks. ``organisations`` is empty for a stranger; ``holder`` is one who was given links and codes."""

    key: str
    organisations: frozenset[str] = frozenset()
    roles: frozenset[tuple[str, Role]] = frozenset()
    cleared: bool = False
    initiated: bool = False

    def has(self, organisation: str, *roles: Role) -> bool:
        return any((organisation, role) in self.roles for role in roles)


NOBODY, HOLDER = Persona("nobody"), Persona("holder")


@dataclass
class Clock:
    """A moment later at each look; the world is made in the past and looked at in the present."""

    at: datetime

    def __call__(self) -> datetime:
        self.at += timedelta(seconds=20)
        return self.at


@dataclass
class Cast:
    """The people as actors, and what joining them left: ids and secrets by name."""

    book: Book
    clock: Clock
    policies: list[tuple[str, str]] = field(default_factory=list)
    invitations: list[tuple[str, str]] = field(default_factory=list)  # organisation, id
    delegations: list[tuple[str, str]] = field(default_factory=list)
    webhooks: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)

    def actor(self, person: str) -> Actor:
        return parties.actor(person, self.clock.at)

    def personas(self) -> tuple[Persona, ...]:
        """Everybody who can ask, and the two strangers."""
        found = []
        for key in PEOPLE:
            if key not in GONE:
                actor = self.actor(key)
                cleared, initiated = key not in UNCLEARED, key in INITIATED
                found.append(Persona(key, actor.organisations, actor.roles, cleared, initiated))
        return (*found, NOBODY, HOLDER)


def assemble(book: Book, clock: Clock) -> Cast:
    cast = Cast(book, clock)
    by = parties.operator()
    for key, kind in KINDS.items():
        known = "public" if key in PUBLISHED else "known"
        parties.create_organisation(by=by, name=book.plant("organisation name", known), kind=kind, at=clock(), id=key)
    for key, (home, roles) in PEOPLE.items():
        colleagues = frozenset({home, "port-trust"}) if key == "dual" else frozenset({home})
        parties.add_person(
            by=by,
            name=book.plant("person name", "public" if key in PUBLISHED else "known", person=key),
            email=f"{book.plant('e-mail address', 'colleagues', told=colleagues, person=key)}@{home}.example",
            password=book.plant("password", "nowhere", person=key),
            level=Level.OPEN if key in UNCLEARED else Level.CONTROLLED,
            compartments=frozenset({"orca"} if key in INITIATED else ()),
            at=clock(),
            id=key,
        )
        for role in roles:
            parties.give_role(by=by, person=key, organisation=home, role=role, at=clock())
    parties.give_role(by=by, person="dual", organisation="port-trust", role=Role.EVALUATOR, at=clock())
    for body, authority, watched in (("body-one", "ada", ["watch-named"]), ("body-two", "amy", [])):
        _policy(cast, body, authority, watched)
    return cast


def settle(cast: Cast) -> None:
    """What people do of themselves: invite, lend, declare, choose, leave."""
    book, clock, by = cast.book, cast.clock, parties.operator()
    for home, steward in (("lab-north", "stew"), ("body-one", "bea"), ("port-trust", "pim"), ("lab-south", "rick")):
        for number in range(2):
            about = {"home": home}
            made = parties.invite(
                by=cast.actor(steward),
                organisation=home,
                email=f"{book.plant('invited address', 'invited', **about)}@{home}.example",
                name=book.plant("invited name", "invited", **about),
                roles=[Role.COUNSEL],
                at=clock(),
            )
            cast.invitations.append((home, made.id))
            if number and home != "lab-north":
                parties.withdraw_invitation(by=cast.actor(steward), invitation=made.id, at=clock())
            else:
                cast.links.append(f"/join/{made.secret}/")
    until = clock() + timedelta(days=60)
    for giver, home, role, to in (
        ("gwen", "lab-north", Role.GOVERNANCE, "cora"),
        ("riva", "lab-south", Role.GOVERNANCE, "rena"),
        ("ina", "body-one", Role.INTAKE, "bob"),
    ):
        made_ = parties.delegate(by=cast.actor(giver), organisation=home, role=role, to=to, until=until, at=clock())
        cast.delegations.append((home, made_.id))
    for person, home in (("eva", "body-one"), ("ina", "body-one"), ("ivo", "body-two"), ("pia", "port-trust")):
        for developer in ("lab-north", "lab-south"):
            words = book.plant("declared interest", "declared", developer=developer, home=home, person=person)
            interests = [Interest(InterestKind.OTHER, words)]
            parties.declare(
                by=cast.actor(person), organisation=home, developer=developer, interests=interests, at=clock()
            )
    for person, home in (("stew", "lab-north"), ("rick", "lab-south"), ("bea", "body-one"), ("pim", "port-trust")):
        url = f"https://hooks.example/{book.plant('webhook address', 'stewards', home=home)}"
        hook = notices.add_webhook(by=cast.actor(person), organisation=home, url=url, at=clock())
        cast.webhooks.append(hook.webhook)
        book.secret("webhook secret", hook.secret)
    for person in set(PEOPLE) - GONE:
        notices.choose(by=cast.actor(person), cadence=Cadence.EACH, at=clock())
    for person in sorted(GONE):
        parties.remove_person(by=by, person=person, organisation=PEOPLE[person][0], at=clock())
    for person in ("sam", "ina"):
        book.secret("API token", parties.issue_token(by=cast.actor(person), at=clock()))


def _policy(cast: Cast, body: str, authority: str, watched: list[str]) -> None:
    for version in ("2026-06", "2026-07"):
        document: dict[str, Any] = {
            "format": "seatrial-policy-1",
            "organisation": body,
            "version": version,
            "valid_from": cast.clock.at.date().isoformat(),
            "longest_window_days": 30,
            "destruction_days": 30,
            "purposes": [{"id": PURPOSE, "description": cast.book.plant("purpose of a policy", "public")}],
            "terms": [{"id": "1", "text": cast.book.plant("term of a policy", "public"), "binds": "both"}],
            "oversight": watched,
            "partner_criteria": [cast.book.plant("criterion of a policy", "public")],
        }
        parties.publish_policy_document(
            by=cast.actor(authority), body=body, document=json.dumps(document).encode(), at=cast.clock()
        )
        cast.policies.append((body, version))


PURPOSE = "capability-evaluation"
