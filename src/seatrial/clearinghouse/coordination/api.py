"""The door to coordination: cases of several parties, their embargoes, what maintainers can take, who scans what."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial

from django.conf import settings

from seatrial.kernel.clock import Window
from seatrial.kernel.errors import SeatrialError
from seatrial.parties.types import Actor

from . import actions
from .actions import (
    add_contact,
    add_security_txt,
    adhere,
    answer,
    close_case,
    decline,
    heard,
    invite,
    join,
    mark_told,
    move_report,
    open_case,
    propose,
    publish_terms,
    reach_milestone,
    record_event,
    reopen_case,
    say,
    state_capacity,
    tell,
    terminate,
)
from .actions.outside import STATES_CAPACITY
from .adapters.file_keyer import FileKeyer
from .core.scanning import A_DAY as SCANS_A_DAY
from .core.terms import capacity as check_capacity
from .core.terms import written as terms_document
from .queries import (
    capacity_of,
    case,
    case_about,
    cases,
    cases_of,
    contact,
    contacts,
    inbox,
    inboxes,
    overlaps,
    progress,
    progresses,
    scans,
    terms,
    terms_in_force,
    thread,
)
from .queries.clusters import behind_their_clusters
from .queries.due import proposals_due, silent_parties, waiting_organisations
from .queries.scans import REGISTERS, untold
from .types import Registered

__all__ = [
    "REGISTERS",
    "SCANS_A_DAY",
    "STATES_CAPACITY",
    "add_contact",
    "add_security_txt",
    "adhere",
    "answer",
    "capacity_of",
    "case",
    "case_about",
    "cases",
    "cases_of",
    "check_capacity",
    "close_case",
    "contact",
    "contacts",
    "decline",
    "heard",
    "inbox",
    "inboxes",
    "invite",
    "join",
    "mark_told",
    "move_report",
    "open_case",
    "overlaps",
    "progress",
    "progresses",
    "propose",
    "publish_terms",
    "reach_milestone",
    "record_event",
    "register_scans",
    "reopen_case",
    "say",
    "scans",
    "state_capacity",
    "tell",
    "terminate",
    "terms",
    "terms_document",
    "terms_in_force",
    "thread",
    "turn",
]

_log = logging.getLogger(__name__)


def register_scans(
    *, by: Actor, organisation: str, purls: Sequence[str], window: Window, who: str, at: datetime
) -> tuple[Registered, ...]:
    """See ``actions.register_scans``; the key is a file of this instance."""
    keyer = FileKeyer(settings.SEATRIAL.keys / "scanning.key")
    return actions.register_scans(
        by=by, organisation=organisation, purls=purls, window=window, who=who, at=at, keyer=keyer
    )


def turn(*, at: datetime) -> dict[str, int]:
    """What rules and clusters ask for at a moment, each in a transaction of its own: how many of each kind were done.

    Idempotent. Nothing depends on it in time: embargoes end, proposals are decided and silences are shown by the clock.
    """
    done = {"followed": 0, "released": 0, "escalated": 0, "settled": 0, "overlaps": 0}
    for kind, act in _steps(at):
        try:
            done[kind] += act()
        except SeatrialError as error:  # what one case cannot do holds up no other
            _log.error("Coordination is delayed: %s", error)
    return done


def _steps(at: datetime) -> Iterator[tuple[str, Callable[[], int]]]:
    for case_id in behind_their_clusters():
        yield "followed", partial(actions.follow_cluster, case=case_id, at=at)
    for organisation in waiting_organisations():
        yield "released", partial(_released, organisation, at)
    for case_id in proposals_due(at):
        yield "settled", partial(actions.settle, case=case_id, at=at)
    for party in silent_parties(at):
        yield "escalated", partial(_escalated, party, at)
    for mine, other in untold(at):
        yield "overlaps", partial(actions.tell_overlap, scan=mine.id, other=other.id, at=at)


def _released(organisation: str, at: datetime) -> int:
    return len(actions.release_waiting(organisation=organisation, at=at))


def _escalated(party: str, at: datetime) -> int:
    taken = 0
    while actions.take_step(party=party, at=at) is not None:
        taken += 1
    return taken
