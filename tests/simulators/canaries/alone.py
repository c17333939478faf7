"""What a lab does alone changes nothing that anybody else is told (V10).

Everybody else is asked everything twice: before, and after the lab has drafted, planned, weighed, written, declared,
asked of itself and given up. The answers must be the same, but for what differs between any two moments.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from django.db import transaction

from seatrial.kernel.clock import now
from seatrial.review.cases import api as cases
from seatrial.review.dossiers.types import Dossier
from seatrial.review.planning import api as planning

from .addresses import Address, share
from .answers import said
from .cast import Persona
from .papers import Filler
from .sweep import Finding, client_of, fetch, same
from .voyages import DRAFT, Skipper, Voyage
from .world import World

LAB = "lab-north"
_WRITTEN_NOW = ("export", "/case/file")
_SAMPLE = re.compile(r"/oversight/sample/?$")


def compare(world: World, personas: Iterable[Persona], addresses: list[Address]) -> tuple[int, list[Finding]]:
    """How many answers were compared, and those that differ."""
    others = [who for who in personas if LAB not in who.organisations]
    # A file that is written when it is asked for says when that was, in words and in its digests.
    read = [one for one in addresses if one.method == "GET" and not any(file in one.path for file in _WRITTEN_NOW)]
    # A sample is drawn anew each time, unless its seed is said.
    read = [replace(one, path=f"{one.path}?seed=alone") if _SAMPLE.search(one.path) else one for one in read]
    asked = {who: share(world, who, read) for who in others}
    clients = {who: client_of(who) for who in others}

    def everything() -> dict[tuple[str, str], tuple[int, str]]:
        found = {}
        for who, client in clients.items():
            for address in asked[who]:
                status, head, body = fetch(client, address)
                found[who.key, address.path] = status, same(said(head, body), ())
        return found

    with transaction.atomic():
        before = everything()
        _give_up(world)
        after = everything()
        transaction.set_rollback(True)
    differ = [
        Finding(who, "GET", path, "differs once a lab has drafted and given up", after[who, path][0])
        for who, path in before
        if before[who, path] != after[who, path]
    ]
    return len(before) + len(after), differ


def _give_up(world: World) -> None:
    """A draft with all that belongs to it, a plan and a memo, and the end of them."""
    cast, at = world.cast, now()
    voyage = Voyage(LAB, "body-one", DRAFT)
    skipper = Skipper(cast, voyage)
    skipper.draft()
    from seatrial.review.dossiers import api as dossiers

    filled = Filler(lambda place, category: skipper.plant(place, "developer"), (None,)).part(Dossier)
    dossiers.compose(by=skipper.gov, review=voyage.id, document=filled, at=at)
    content = planning.from_toml(
        planning.template(
            title=skipper.plant("plan title", "desk"),
            model=skipper.plant("plan model", "desk"),
            zone="UTC",
            partner_release=at + timedelta(days=60),
            public_release=at + timedelta(days=90),
        )
    )
    plan = planning.make_plan(by=skipper.gov, developer=LAB, plan=content, at=at)
    planning.link_review(by=skipper.gov, plan=plan, review=voyage.id, at=at)
    planning.issue_feed(by=skipper.gov, plan=plan, at=at)
    cases.record_release(by=skipper.gov, review=voyage.id, at=at)
    cases.close(by=skipper.gov, review=voyage.id, at=at)
