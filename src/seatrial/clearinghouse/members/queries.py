"""Every read of members. What is mirrored is for everybody; how it was read is the analysts' to see."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count, Q

from seatrial.clearinghouse.findings.api import CLEARINGHOUSE
from seatrial.kernel.errors import NotFound
from seatrial.parties.types import Actor
from seatrial.parties.types import Role as PartyRole

from .models import Change, DocumentRow, MemberRow
from .types import Facts, FaultView, MemberView, Mirrored, Role, Shelf


def members(asking: Actor, *, ended: bool = False) -> tuple[MemberView, ...]:
    """Those that are followed, or that were, by name; nothing for whoever is no analyst."""
    if not asking.has(PartyRole.ANALYST, CLEARINGHOUSE):
        return ()
    rows = MemberRow.objects.filter(ended_at__isnull=not ended).order_by("name", "added_at")
    counted = rows.annotate(
        documents_here=Count("documents", filter=Q(documents__gone=False), distinct=True),
        faults_here=Count("faults", distinct=True),
    )
    return tuple(_member(row, row.documents_here, row.faults_here) for row in counted)


def member(asking: Actor, member_id: str) -> MemberView:
    """By its id or name. Raises ``NotFound`` (``no-such-member``), also for whoever is no analyst."""
    row = row_of(asking, member_id)
    return _member(row, row.documents.filter(gone=False).count(), row.faults.count())


def row_of(asking: Actor, member_id: str) -> MemberRow:
    """The row. Raises as ``member``."""
    if asking.has(PartyRole.ANALYST, CLEARINGHOUSE):
        found = MemberRow.objects.filter(Q(id=member_id) | Q(name=member_id, ended_at=None)).first()
        if found is not None:
            return found
    raise NotFound("no-such-member", f"There is no member {member_id[:60]!r} that you may see.")


def faults(asking: Actor, member_id: str) -> tuple[FaultView, ...]:
    """What of a member could not be mirrored, by address. Raises as ``member``."""
    rows = row_of(asking, member_id).faults.order_by("url")
    return tuple(FaultView(row.url, tuple(row.why), row.at) for row in rows)


def due(now: datetime) -> list[str]:
    """The members that are to be read now, the longest waiting first."""
    rows = MemberRow.objects.filter(ended_at=None, next_at__lte=now).order_by("next_at", "id")
    return list(rows.values_list("id", flat=True))


def followed(member_id: str) -> MemberView:
    """For the house itself."""
    return _member(MemberRow.objects.get(id=member_id), 0, 0)


def known(member_id: str) -> tuple[dict[str, str], dict[str, str]]:
    """What the list said, when last seen, of each document that is mirrored and of each that could not be."""
    documents = DocumentRow.objects.filter(member=member_id, gone=False).values_list("url", "listed")
    return dict(documents), dict(MemberRow.objects.get(id=member_id).faults.values_list("url", "listed"))


def changes() -> int:
    """Another number, and a higher one, after each change of what is told or mirrored."""
    row = Change.objects.filter(id=1).first()
    return row.last if row else 0


def shelves() -> tuple[Shelf, ...]:
    """Every member with all that is mirrored of it, the newest first."""
    found = []
    for row in MemberRow.objects.filter(ended_at=None, read_at__isnull=False).order_by("name"):
        here = row.documents.filter(gone=False).select_related("member").defer("content") if row.mirror else ()
        documents = tuple(_mirrored(one) for one in here)
        found.append(
            Shelf(
                name=row.name,
                url=row.url,
                role=Role(row.role),
                publisher=row.publisher,
                updated=row.updated,
                mirror=row.mirror,
                certificates=row.certificates,
                documents=tuple(sorted(documents, key=lambda one: (one.facts.updated, one.number), reverse=True)),
            )
        )
    return tuple(found)


def mirrored_since(after: int, *, limit: int = 100) -> tuple[Mirrored, ...]:
    """Documents with a number behind ``after``, those that are gone too, in that order."""
    rows = DocumentRow.objects.filter(number__gt=after).select_related("member").defer("content").order_by("number")
    return tuple(_mirrored(row) for row in rows[:limit])


def standing(member: str, tracking: str) -> Mirrored | None:
    """What of a member stands under a tracking id now, in its newest version of CSAF."""
    rows = DocumentRow.objects.filter(member__name=member, member__ended_at=None, tracking=tracking, gone=False)
    found = [_mirrored(row) for row in rows.select_related("member").defer("content")]
    return max(found, key=lambda one: (one.facts.version, one.number), default=None)


def content(number: int) -> bytes | None:
    """The bytes of a document; ``None`` if it has changed meanwhile, and so has another number."""
    found = DocumentRow.objects.filter(number=number).values_list("content", flat=True).first()
    return None if found is None else bytes(found)


def _mirrored(row: DocumentRow) -> Mirrored:
    return Mirrored(
        number=row.number,
        member=row.member.name,
        path=row.path,
        sha256=row.sha256,
        sha512=row.sha512,
        signature=row.signature,
        facts=Facts(**row.facts),
        gone=row.gone or row.member.ended_at is not None,
    )


def _member(row: MemberRow, documents: int, faults: int) -> MemberView:
    return MemberView(
        id=row.id,
        name=row.name,
        title=row.title,
        url=row.url,
        mirror=row.mirror,
        role=Role(row.role),
        keys=tuple(sorted(row.certificates)),
        added_at=row.added_at,
        documents=documents,
        faults=faults,
        read_at=row.read_at,
        next_at=row.next_at,
        why=row.why,
        ended_at=row.ended_at,
    )
