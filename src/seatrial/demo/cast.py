"""The people and organisations of the demo. Made once per instance; their passwords are kept beside the data."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from seatrial.kernel.errors import NotFound
from seatrial.parties import api as parties
from seatrial.parties.types import Actor, OrganisationKind, Role

LAB = "northwind-lab"
BODY = "model-review-office"
CLEARINGHOUSE = "clearinghouse"
OVERSIGHT = "inspector-office"
PARTNER = "harbour-trust"
VENDOR = "curd-project"
OPERATOR = "brackwater"
POLICY = "2026-06"
CAPABILITY = "capability-evaluation"
_POLICY_FILE = Path(__file__).parent / "policy.json"

_ORGANISATIONS = (
    (LAB, "Northwind Lab", OrganisationKind.DEVELOPER),
    (BODY, "Model Review Office", OrganisationKind.BODY),
    (CLEARINGHOUSE, "Clearinghouse", OrganisationKind.CLEARINGHOUSE),
    (OVERSIGHT, "Office of the Inspector", OrganisationKind.OVERSIGHT),
    (PARTNER, "Harbour Trust", OrganisationKind.PARTNER),
    (VENDOR, "Curd Project", OrganisationKind.VENDOR),
    (OPERATOR, "Brackwater Waterworks", OrganisationKind.OPERATOR),
)


@dataclass(frozen=True, slots=True)
class Persona:
    """A seeded person: who they are and what they do, for the sign-in page and the tests."""

    key: str
    name: str
    organisation: str
    roles: tuple[Role, ...]
    job: str

    @property
    def email(self) -> str:
        return f"{self.key}@{self.organisation}.example"


PERSONAS = (
    Persona("lena", "Lena Varga", LAB, (Role.GOVERNANCE,), "plans the release and offers the review"),
    Persona("marco", "Marco Silva", LAB, (Role.SECURITY,), "sees every use and can end it"),
    Persona("ruth", "Ruth Adeyemi", LAB, (Role.SIGNATORY, Role.GOVERNANCE), "signs consent for the lab"),
    Persona("petra", "Petra Lindqvist", LAB, (Role.STEWARD,), "manages the lab's people"),
    Persona("ines", "Ines Ortega", BODY, (Role.INTAKE,), "receives offers and asks questions"),
    Persona("emil", "Emil Novak", BODY, (Role.EVALUATOR,), "calls the model and runs campaigns"),
    Persona("dana", "Dana Whitfield", BODY, (Role.AUTHORITY, Role.SIGNATORY), "determines, and signs first"),
    Persona("otto", "Otto Brandt", BODY, (Role.AUTHORITY, Role.SIGNATORY), "consults, and signs second"),
    Persona("bruno", "Bruno Keller", BODY, (Role.STEWARD,), "manages the review body's people"),
    Persona("mina", "Mina Park", CLEARINGHOUSE, (Role.ANALYST,), "handles vulnerability reports"),
    Persona("milo", "Milo Ferrant", CLEARINGHOUSE, (Role.ANALYST,), "publishes what a colleague wrote"),
    Persona("iris", "Iris Quine", OVERSIGHT, (Role.INSPECTOR,), "reads for coercion, changes nothing"),
    Persona("hana", "Hana Sato", PARTNER, (Role.EVALUATOR,), "tries the model for a trusted partner"),
    Persona("vera", "Vera Lund", VENDOR, (Role.MAINTAINER,), "maintains software and hears of flaws in it"),
    Persona("nils", "Nils Aalto", OPERATOR, (Role.DEFENDER,), "keeps a waterworks' systems up to date"),
    Persona("hugo", "Hugo Reyes", PARTNER, (Role.SIGNATORY,), "signs for the trusted partner"),
)


@dataclass(frozen=True, slots=True)
class Cast:
    """The demo's people as actors, by persona key."""

    actors: dict[str, Actor]

    def __getitem__(self, key: str) -> Actor:
        return self.actors[key]


def assemble(home: Path, at: datetime) -> Cast:
    """Make whatever is missing of the cast; idempotent."""
    operator = parties.operator()
    known = {organisation.id for organisation in parties.organisations(operator)}
    for key, name, kind in _ORGANISATIONS:
        if key not in known:
            parties.create_organisation(by=operator, name=name, kind=kind, id=key, at=at)
    passwords = _passwords(home)
    for persona in PERSONAS:
        try:
            parties.actor(persona.key)
        except NotFound:
            parties.add_person(
                by=operator,
                name=persona.name,
                email=persona.email,
                password=passwords[persona.key],
                id=persona.key,
                at=at,
            )
        for role in persona.roles:
            parties.give_role(by=operator, person=persona.key, organisation=persona.organisation, role=role, at=at)
    actors = {persona.key: parties.actor(persona.key) for persona in PERSONAS}
    try:
        parties.policy(BODY, POLICY)
    except NotFound:
        parties.publish_policy_document(by=actors["dana"], body=BODY, document=_POLICY_FILE.read_bytes(), at=at)
    if not parties.declared_by(actors["emil"], at):
        parties.declare(by=actors["emil"], organisation=BODY, developer=LAB, interests=(), at=at)
    return Cast(actors)


def logins(home: Path) -> list[dict[str, str]]:
    """The seeded people with their passwords, or nothing if this instance has no demo in it."""
    path = home / "demo" / "personas.json"
    return list(json.loads(path.read_text())) if path.exists() else []


def _passwords(home: Path) -> dict[str, str]:
    """Passwords of the personas, made once, readable by the owner of the data folder only."""
    path = home / "demo" / "personas.json"
    kept = {entry["key"]: entry["password"] for entry in logins(home)}
    if set(kept) >= {persona.key for persona in PERSONAS}:
        return kept
    rows = [
        {
            "key": persona.key,
            "name": persona.name,
            "email": persona.email,
            "organisation": persona.organisation,
            "roles": ", ".join(persona.roles),
            "job": persona.job,
            "password": kept.get(persona.key) or f"{persona.key}-{secrets.token_hex(6)}",
        }
        for persona in PERSONAS
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(rows, file, indent=2)
    draft.replace(path)
    return {row["key"]: row["password"] for row in rows}
