"""Registering what one scans, and telling both sides of an overlap. Entries are in each lab's own log, so that nobody
else can read, count or time them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from seatrial.clearinghouse.coordination.core.scanning import A_DAY, check_count, check_window, identity
from seatrial.clearinghouse.coordination.models import ScannerRow, ScanRow, ToldOverlap
from seatrial.clearinghouse.coordination.ports import Keyer
from seatrial.clearinghouse.coordination.queries.scans import REGISTERS, in_a_day
from seatrial.clearinghouse.coordination.types import Registered
from seatrial.kernel.clock import Window
from seatrial.kernel.errors import Misuse
from seatrial.kernel.labels import Label
from seatrial.kernel.text import checked
from seatrial.ledger import api as ledger
from seatrial.parties import api as parties
from seatrial.parties.types import Actor

from .keeping import INSTANCE_ITSELF


@transaction.atomic
def register_scans(
    *, by: Actor, organisation: str, purls: Sequence[str], window: Window, who: str, at: datetime, keyer: Keyer
) -> tuple[Registered, ...]:
    """``organisation`` scans these packages in ``window``; all are registered, or none. One entry in its own log.

    ``who`` is what the other side of an overlap is shown: the scanner's agent and networks, and whom to write to. What
    is registered in a window that is not over counts and is kept once. The packages' names are not kept. Raises
    ``Misuse`` (``bad-purl``, ``bad-scan-window``), ``Refused`` (``scan-quota``), ``Unavailable``.
    """
    by.require(organisation, *REGISTERS, to="register scans")
    parties.organisation(organisation)
    ScannerRow.objects.get_or_create(organisation_id=organisation)
    ScannerRow.objects.select_for_update().get(
        organisation=organisation
    )  # two requests are counted one after the other
    who = checked("Who scans", who, longest=200, lines=False)
    check_window(window, at)
    if not 1 <= len(purls) <= A_DAY:
        raise Misuse("bad-scan", f"Register 1 to {A_DAY} packages at once.")
    named = {purl: identity(purl) for purl in purls}
    digests = {package: keyer.digest(package) for package in set(named.values())}
    rows = ScanRow.objects.filter(organisation=organisation, digest__in=digests.values(), closes__gt=at)
    known = {row.digest: row for row in rows.order_by("registered_at", "id")}
    new = [digest for digest in dict.fromkeys(digests[package] for package in named.values()) if digest not in known]
    check_count(len(new), in_a_day(organisation, at))
    for digest in new:
        known[digest] = ScanRow.objects.create(
            organisation_id=organisation,
            digest=digest,
            opens=window.opens,
            closes=window.closes,
            identity=who,
            registered_at=at,
            registered_by=by.person,
        )
    facts = {"scans": [known[digest].id for digest in new], "opens": window.opens, "closes": window.closes, "who": who}
    label = Label.among(organisation)
    ledger.append(log=organisation, kind="scanning.registered", actor=by.person, facts=facts, label=label, at=at)
    return tuple(
        Registered(purl, package, known[digests[package]].id, digests[package] in new)
        for purl, package in named.items()
    )


@transaction.atomic
def tell_overlap(*, scan: str, other: str, at: datetime) -> bool:
    """One side of an overlap is told, once, by an entry in its own log; true if it was told now. Idempotent."""
    mine = ScanRow.objects.select_for_update().get(id=scan)
    theirs = ScanRow.objects.get(id=other)
    _, new = ToldOverlap.objects.get_or_create(scan=mine, other=theirs, defaults={"at": at})
    if new:
        facts = {"scan": mine.id, "organisation": theirs.organisation_id, "who": theirs.identity}
        label = Label.among(mine.organisation_id)
        log = mine.organisation_id
        ledger.append(log=log, kind="scanning.overlapped", actor=INSTANCE_ITSELF, facts=facts, label=label, at=at)
    return new
