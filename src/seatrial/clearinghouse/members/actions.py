"""Every write of members: who is followed, and what a reading brought. One transaction each; the house's own readings
are told in the ledger by their sums."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from seatrial.clearinghouse.findings.api import CLEARINGHOUSE
from seatrial.kernel.errors import Conflict, Misuse, Refused
from seatrial.kernel.labels import Label
from seatrial.ledger import api as ledger
from seatrial.parties.types import Actor, Role

from .models import Change, DocumentRow, FaultRow, MemberRow
from .queries import row_of
from .types import Listed, Provider, Read

EVERY = timedelta(hours=1)
_LONGEST = timedelta(days=1)  # between two tries of a feed in trouble
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?")
_OWN = Label.among(CLEARINGHOUSE)
INSTANCE_ITSELF = "instance"


@transaction.atomic
def add_member(
    *,
    by: Actor,
    name: str,
    provider: Provider,
    publisher: Mapping[str, Any],
    certificates: Mapping[str, str],
    mirror: bool,
    at: datetime,
) -> str:
    """Follow a provider from now on; its id. ``certificates`` are those that its documents will be verified with.

    Raises ``Forbidden`` (``role-missing``), ``Misuse`` (``bad-name``), ``Conflict`` (``member-already``), ``Refused``
    (``not-wanted``).
    """
    by.require(CLEARINGHOUSE, Role.ANALYST, to="add a member")
    if not _NAME.fullmatch(name):
        raise Misuse("bad-name", "A member's name is its folder: 1 to 60 small letters, digits and dashes.")
    if not provider.listed or (mirror and not provider.mirrored):
        wish = "mirrored" if provider.listed else "listed"
        raise Refused("not-wanted", f"{provider.name} does not want to be {wish} by aggregators; ask it first.")
    if MemberRow.objects.filter(ended_at=None, name=name).exists():
        raise Conflict("member-already", f"There is a member {name!r} already; choose another name.")
    if MemberRow.objects.filter(ended_at=None, url=provider.url).exists():
        raise Conflict("member-already", f"{provider.url} is followed already.")
    row = MemberRow(
        name=name,
        url=provider.url,
        mirror=mirror,
        role=provider.role,
        title=provider.name,
        publisher=dict(publisher),
        updated=provider.updated,
        certificates=dict(certificates),
        added_at=at,
        added_by=by.person,
        next_at=at,
        number=_take(),
    )
    row.save(force_insert=True)
    facts = {"member": row.id, "name": name, "url": row.url, "mirror": mirror, "keys": sorted(certificates)}
    ledger.append(kind="members.added", actor=by.person, facts=facts, label=_OWN, at=at)
    return row.id


@transaction.atomic
def end_member(*, by: Actor, member: str, at: datetime) -> None:
    """Follow it no more; nothing of it is served or matched any longer. Raises ``NotFound``, ``Conflict``
    (``ended-already``)."""
    row = MemberRow.objects.select_for_update().get(id=row_of(by, member).id)
    if row.ended_at is not None:
        raise Conflict("ended-already", f"{row.title} is followed no more already.")
    _gone(row, row.documents.filter(gone=False))
    row.ended_at, row.ended_by, row.number = at, by.person, _take()
    row.save()
    facts = {"member": row.id, "name": row.name}
    ledger.append(kind="members.ended", actor=by.person, facts=facts, label=_OWN, at=at)


@transaction.atomic
def keep(*, member: str, read: Read, signature: str, at: datetime) -> bool:
    """Keep a document as it was read, in place of what it was before; whether its bytes are other ones. Idempotent.

    ``signature`` is the member's own or, where it has none, this instance's. Raises ``Conflict``
    (``tracking-id-taken``, ``path-taken``).
    """
    facts, listed = read.facts, read.listed
    row = DocumentRow.objects.select_for_update().filter(member=member, url=listed.url).first()
    others = DocumentRow.objects.filter(gone=False).exclude(url=listed.url, member=member)
    if others.filter(tracking=facts.tracking).exclude(member=member).exists():
        raise Conflict("tracking-id-taken", f"Another member has published under {facts.tracking[:80]!r} already.")
    path = f"{'2.1/' if facts.version == '2.1' else ''}{facts.released[:4]}/{facts.name}"
    if others.filter(member=member, path=path).exists():
        raise Conflict("path-taken", f"Two documents of this member would be {path}; the first is kept.")
    FaultRow.objects.filter(member=member, url=listed.url).delete()
    if row is not None and row.sha256 == read.sha256 and not row.gone:
        row.listed = listed.updated[:60]
        row.save(update_fields=["listed"])
        return False
    row = row or DocumentRow(member_id=member, url=listed.url)
    row.number, row.listed, row.path, row.tracking = _take(), listed.updated[:60], path, facts.tracking
    row.facts, row.content, row.sha256, row.sha512 = asdict(facts), read.content, read.sha256, read.sha512
    row.signature, row.at, row.gone = signature, at, False
    row.save()
    return True


@transaction.atomic
def refuse(*, member: str, listed: Listed, why: Sequence[str], at: datetime) -> None:
    """Note why a document is not mirrored. What was mirrored of it before stays until its member mends it."""
    FaultRow.objects.update_or_create(
        member_id=member, url=listed.url[:1000], defaults={"listed": listed.updated[:60], "why": list(why), "at": at}
    )
    DocumentRow.objects.filter(member=member, url=listed.url).update(listed=listed.updated[:60])


@transaction.atomic
def finish(
    *, member: str, provider: Provider, publisher: Mapping[str, Any], listed: Collection[str], kept: int, at: datetime
) -> int:
    """A reading is over: what is listed no more is gone; how many were. The next is due an ``EVERY`` later."""
    row = MemberRow.objects.select_for_update().get(id=member)
    standing = row.documents.filter(gone=False)
    left = [one.id for one in standing.only("id", "url") if one.url not in listed]
    gone = _gone(row, standing.filter(id__in=left))
    row.faults.exclude(url__in=list(listed)).delete()
    told = (row.title, row.role, row.publisher, row.updated)
    row.title, row.role, row.publisher, row.updated = provider.name, provider.role, dict(publisher), provider.updated
    if row.read_at is None or gone or kept or told != (row.title, row.role, row.publisher, row.updated):
        row.number = _take()
    row.read_at, row.next_at, row.failures, row.why = at, at + EVERY, 0, ""
    row.save()
    if gone or kept:
        facts = {"member": row.id, "kept": kept, "gone": gone, "refused": row.faults.count()}
        ledger.append(kind="members.read", actor=INSTANCE_ITSELF, facts=facts, label=_OWN, at=at)
    return gone


@transaction.atomic
def fail(*, member: str, why: str, at: datetime) -> None:
    """A reading did not come through: what is mirrored stays, and it is tried again, later each time."""
    row = MemberRow.objects.select_for_update().get(id=member)
    row.failures += 1
    row.why, row.next_at = why[:2000], at + min(_LONGEST, timedelta(minutes=5) * 2 ** min(row.failures - 1, 12))
    row.save()


def _gone(row: MemberRow, documents: Any) -> int:
    """Each gets a number of its own, so that whoever follows hears of it."""
    found = list(documents.select_for_update().only("id"))
    if found:
        first = _take(len(found))
        for place, one in enumerate(found):
            one.gone, one.number = True, first + place
        DocumentRow.objects.bulk_update(found, ["gone", "number"], batch_size=500)
    return len(found)


def _take(count: int = 1) -> int:
    """The first of ``count`` further numbers; nobody else takes any before this transaction has ended."""
    Change.objects.get_or_create(id=1)
    change = Change.objects.select_for_update().get(id=1)
    first = change.last + 1
    change.last += count
    change.save(update_fields=["last"])
    return first
