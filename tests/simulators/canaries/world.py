"""The whole world: made once, in an order of its own, from a seed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from seatrial.kernel.clock import now
from seatrial.review.benchmarks import api as benchmarks

from .book import Book
from .cast import Cast, Clock, Persona, assemble, settle
from .desks import Desk, bring, furnish
from .papers import evidence, share_dossier, write_dossier
from .questions import Questions, ask
from .voyages import (
    BODIES,
    CONTAINED,
    DRAFT,
    EXPIRED,
    FLEET,
    OFFERED,
    OPEN_NOW,
    WITHDRAWN,
    Skipper,
    Voyage,
    sail,
)

__all__ = ["A_FEW", "FLEET", "OTHERS", "SMALL_FLEET", "World", "make"]

SMALL_FLEET = (
    *(("lab-north", "body-one", stage) for stage in (DRAFT, OPEN_NOW, CONTAINED, WITHDRAWN)),
    ("lab-south", "body-one", OFFERED),
)
A_FEW = frozenset({"gwen", "riva", "nil-body", "nobody"})
OTHERS = frozenset({"riva", "nobody"})


@dataclass
class World:
    book: Book
    cast: Cast
    desk: Desk
    questions: Questions
    voyages: list[Voyage]
    personas: tuple[Persona, ...]

    def __post_init__(self) -> None:
        self.by_handle = {voyage.handle: voyage for voyage in self.voyages}

    @property
    def objects(self) -> int:
        """How many labelled things there are, of every kind that has an address or a row of its own."""
        own = (self.cast.policies, self.cast.invitations, self.cast.delegations, self.cast.webhooks)
        desk = (self.desk.plans, self.desk.memos, self.desk.reports, self.questions.asked, self.questions.drafts)
        kinds = ("threads", "attachments", "items", "leaks", "keys", "fingerprints", "statements", "campaigns",
                 "ladders", "determinations")  # fmt: skip
        each = sum(1 + sum(len(getattr(voyage, kind)) for kind in kinds) for voyage in self.voyages)
        return each + sum(map(len, (*own, *desk)))


def make(seed: str = "sea trial", fleet: tuple[tuple[str, str, str], ...] = FLEET) -> World:
    """The world, in a migrated database that is empty."""
    present = now()
    book, clock = Book(seed), Clock(present - timedelta(days=45))
    cast = assemble(book, clock)
    prove = {body: evidence(benchmarks.practice_suite(seed=f"{seed} {body}", per_family=1)) for body in BODIES}

    def proven(skipper: Skipper) -> None:
        share_dossier(skipper)
        prove[skipper.voyage.body](skipper)

    voyages = [Voyage(*one) for one in fleet]
    for voyage in sorted(voyages, key=lambda one: one.stage != EXPIRED):
        if voyage.stage != EXPIRED and clock.at < present - timedelta(days=2):
            clock.at = present - timedelta(hours=30)
        sail(cast, voyage, proven, write_dossier)
        if voyage.stage == OFFERED:
            share_dossier(Skipper(cast, voyage))
    desk = furnish(cast, voyages)
    bring(cast, desk)
    questions = ask(cast)
    settle(cast)
    clock.at = max(clock.at, now())
    return World(book, cast, desk, questions, voyages, cast.personas())
