"""A consent that names the weights of a small model, signed by two people of each side; keys of those who fetch."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from seatrial.client import Seatrial
from seatrial.client.weights import manifest_for
from seatrial.kernel.clock import now
from seatrial.kernel.labels import Level
from seatrial.kernel.recipients import PrivateKey, new_private_key
from seatrial.parties import api as parties
from seatrial.parties.types import Actor, Role
from seatrial.review.cases import api as cases
from seatrial.review.cases.types import AccessLevel
from seatrial.review.identity import api as identity
from seatrial.review.weights.types import WeightsManifest
from simulators.staged_reviews import offered, terms

PART = 2**16
MARK = b"never in the clear on the instance"
LEVELS = frozenset({AccessLevel.API, AccessLevel.WEIGHTS})


def person(world: Any, key: str, home: str, role: Role) -> Actor:
    parties.add_person(
        by=world.operator,
        name=key.title(),
        email=f"{key}@{home}.example",
        password=f"{key} rows a long boat",
        level=Level.CONTROLLED,
        at=world.start,
        id=key,
    )
    parties.give_role(by=world.operator, person=key, organisation=home, role=role, at=world.start)
    return parties.actor(key)


@dataclass
class Voyage:
    """A review whose consent pins ``folder``; ``key`` is the evaluator's, as ``file`` holds it."""

    world: Any
    review: str
    folder: Path
    artefact: str
    file: Path
    key: PrivateKey
    client: Callable[[Actor], Seatrial]

    def manifest(self, **changes: Any) -> WeightsManifest:
        weighed = identity.weigh(self.folder)
        sizes = {path: (self.folder / path).stat().st_size for path in weighed.files}
        said = {"artefact": weighed.digest, "keys": [self.key.public], "part_bytes": PART} | changes
        return manifest_for(weighed.files, sizes, **said)

    def sent(self) -> str:
        """A transfer whose parts have come, not handed over yet."""
        with self.client(self.world.signatory) as lab:
            made = lab.weights.offer(self.review, self.manifest())
            lab.weights.send(made.id, self.folder, [self.key.public])
        return made.id

    def handed_over(self) -> str:
        transfer = self.sent()
        with self.client(self.world.signatory) as lab:
            lab.weights.complete(transfer)
        return transfer

    def countersign(self) -> None:
        second = parties.actor("tess")
        for signer in (second, self.world.authority, self.world.authority2):
            cases.countersign_consent(by=signer, review=self.review, at=now())


@pytest.fixture
def voyage(durable_world: Any, live_server: Any, tmp_path: Path) -> Voyage:
    world, folder = durable_world, tmp_path / "model"
    (folder / "layers").mkdir(parents=True)
    (folder / "config.json").write_bytes(b'{"layers": 2}')
    (folder / "empty.txt").write_bytes(b"")
    (folder / "layers" / "0.bin").write_bytes(os.urandom(3 * PART + 17) + MARK)
    (folder / "layers" / "1.bin").write_bytes(MARK * 4000)
    person(world, "tess", world.lab, Role.SIGNATORY)
    file = tmp_path / "eva.key"
    key = new_private_key(file)
    parties.register_recipient_key(by=world.evaluator, pem=key.public.pem, at=now())
    review = offered(world, "A voyage of weights")
    artefact = identity.weigh(folder).digest
    people = frozenset({world.evaluator.person, world.intake.person})
    consent = terms(people, artefact=artefact, levels=LEVELS)
    cases.sign_consent(by=world.signatory, review=review, terms=consent, at=now())

    def client(actor: Actor) -> Seatrial:
        return Seatrial(live_server.url, parties.issue_token(by=actor, at=now()))

    made = Voyage(world, review, folder, artefact, file, key, client)
    made.countersign()
    return made


def later(days: float) -> timedelta:
    return timedelta(days=days)
