"""The door to members: whose feeds are followed, what is mirrored of them, and a provider walked from elsewhere."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from seatrial.clearinghouse.advisories import api as advisories
from seatrial.clearinghouse.findings.api import CLEARINGHOUSE
from seatrial.kernel.clock import now
from seatrial.kernel.errors import SeatrialError, Unavailable
from seatrial.parties.types import Actor, Role

from . import actions, queries
from .actions import end_member
from .adapters.http_reader import HttpReader
from .adapters.sequoia import Sequoia
from .adapters.walking import Walk, plain_of, sentences
from .core.provider import place
from .queries import changes, content, faults, member, members, mirrored_since, shelves, standing
from .types import MemberView

__all__ = [
    "OWN_IDS",
    "HttpReader",
    "Sequoia",
    "Walk",
    "add_member",
    "changes",
    "content",
    "end_member",
    "faults",
    "follow",
    "follow_due",
    "member",
    "members",
    "mirrored_since",
    "place",
    "reader",
    "sentences",
    "shelves",
    "standing",
]

OWN_IDS = "SEATRIAL-"  # how the tracking ids of instances begin
_log = logging.getLogger(__name__)


def reader(url: str) -> HttpReader:
    """Reads from the host of ``url`` alone, by this instance's rules. Used in a ``with``."""
    instance = settings.SEATRIAL
    return HttpReader(url, loopback=instance.loopback_webhooks, agent=f"Seatrial ({instance.ledger_origin})")


def add_member(*, by: Actor, url: str, mirror: bool, at: datetime, name: str = "", keys: Collection[str] = ()) -> str:
    """Look at a provider, and follow it from now on; its id. ``keys`` are fingerprints that one was told by another
    way; without any, those it names now are kept, and others are refused later.

    Raises as ``Walk`` and ``actions.add_member`` do; then nothing was kept.
    """
    by.require(CLEARINGHOUSE, Role.ANALYST, to="add a member")
    with reader(place(url)) as reading:
        walk = Walk(url, reader=reading, verifier=Sequoia(), pinned=keys)
        walk.listed()  # one that lists nothing that can be read is told now
    return actions.add_member(
        by=by,
        name=name or _name_of(url),
        provider=walk.provider,
        publisher=plain_of(walk.provider),
        certificates={print_: data.decode("ascii", "replace") for print_, data in walk.certificates.items()},
        mirror=mirror,
        at=at,
    )


def follow_due(*, clock: Callable[[], datetime] = now) -> int:
    """Read whoever is due; how many were. What is wrong with one feed stops no other."""
    due = queries.due(clock())
    for one in due:
        follow(one, clock=clock)
    return len(due)


def follow(
    member: str,
    *,
    clock: Callable[[], datetime] = now,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> int:
    """Read what changed of a member's feed; how many documents are new or other than before.

    Each is kept by itself: what is cut off goes on where it was. ``progress`` is told how many of how many were looked
    at. A feed that cannot be read is noted, and tried again later.
    """
    row = queries.followed(member)
    try:
        with reader(row.url) as reading:
            walk = Walk(row.url, reader=reading, verifier=Sequoia(), pinned=row.keys)
            return _followed(row, walk, clock, progress)
    except SeatrialError as error:
        _log.warning("The feed of %s: %s", row.name, error.message)
        actions.fail(member=member, why=error.message, at=clock())
        return 0


def _followed(row: MemberView, walk: Walk, clock: Callable[[], datetime], progress: Callable[[int, int], None]) -> int:
    listed = walk.listed()
    mirrored, refused = queries.known(row.id)
    kept, wanted = 0, listed if row.mirror else ()
    for done, one in enumerate(wanted):
        progress(done, len(wanted))
        if one.updated and one.updated[:60] == refused.get(one.url, mirrored.get(one.url)):
            continue
        try:
            read = walk.document(one, own=OWN_IDS, at=clock())
            signature = read.signature or advisories.sign(read.content)
            kept += actions.keep(member=row.id, read=read, signature=signature, at=clock())
        except Unavailable:
            raise  # the host is away: what is left is read the next time
        except SeatrialError as error:
            actions.refuse(member=row.id, listed=one, why=sentences(error), at=clock())
    progress(len(wanted), len(wanted))
    told: dict[str, Any] = dict(plain_of(walk.provider))
    urls = {one.url for one in listed}
    actions.finish(member=row.id, provider=walk.provider, publisher=told, listed=urls, kept=kept, at=clock())
    return kept


def _name_of(url: str) -> str:
    host = urlsplit(url).hostname or ""
    return re.sub(r"[^a-z0-9]+", "-", host.lower()).strip("-")[:60]
