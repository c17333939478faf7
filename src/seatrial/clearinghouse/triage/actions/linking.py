"""Reports are put together and apart; each step has its reason, and its way back."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from seatrial.clearinghouse.triage.actions.placing import set_head
from seatrial.clearinghouse.triage.actions.recording import check_analyst, note
from seatrial.clearinghouse.triage.core.clusters import Tie, clusters
from seatrial.clearinghouse.triage.models import Link, Place
from seatrial.clearinghouse.triage.queries.places import readable_place
from seatrial.clearinghouse.triage.types import LinkKind
from seatrial.kernel.errors import Conflict, Misuse, NotFound
from seatrial.parties.types import Actor

MACHINE = "machine"


@transaction.atomic
def say_same(*, by: Actor, one: str, other: str, reason: str, at: datetime) -> str:
    """Two reports are one flaw; the link's id. Raises ``Conflict`` (``said-otherwise``, ``linked-already``)."""
    return _say(by, one, other, LinkKind.SAME, reason, at)


@transaction.atomic
def say_apart(*, by: Actor, one: str, other: str, reason: str, at: datetime) -> str:
    """Two reports are two flaws, whatever machines say; the link's id. Raises as ``say_same``."""
    return _say(by, one, other, LinkKind.APART, reason, at)


@transaction.atomic
def undo_link(*, by: Actor, link: str, at: datetime) -> None:
    """Take a link back, a machine's too: from then on it is as if it had never been.

    Raises ``NotFound`` (``no-such-link``), ``Conflict`` (``undone-already``).
    """
    check_analyst(by, to="undo a link")
    row = Link.objects.select_for_update().filter(id=link).first()
    if row is None:
        raise NotFound("no-such-link", f"There is no link {link[:60]!r} that you may see.")
    for report in (row.one_id, row.other_id):
        readable_place(by, report)
    if row.undone_at is not None:
        raise Conflict("undone-already", f"The link {link} was undone already.")
    row.undone_by, row.undone_at = by.person, at
    row.save(update_fields=["undone_by", "undone_at"])
    regroup({row.one_id, row.other_id})
    note("triage.unlinked", by.person, {"link": link}, [row.one_id, row.other_id], at)


def join_by_machine(*, one: str, other: str, kind: LinkKind, reason: str, at: datetime) -> None:
    """A link that follows from what machines found; nothing if it stood before, undone or not: people have the last
    word on it. Part of the caller's transaction.
    """
    first, second = sorted((one, other))
    if first == second or Link.objects.filter(one=first, other=second, kind=kind).exists():
        return
    Link.objects.create(one_id=first, other_id=second, kind=kind, reason=reason, by=MACHINE, at=at)
    regroup({first, second})


def regroup(reports: set[str]) -> None:
    """Work out anew the clusters that ``reports`` are in."""
    named = Place.objects.filter(report__in=reports).values_list("cluster", flat=True)
    before = dict(Place.objects.filter(cluster__in=set(named)).values_list("report_id", "cluster"))
    standing = Link.objects.filter(Q(one__in=before) & Q(other__in=before), undone_at=None)
    after = clusters(before, [Tie(row.one_id, row.other_id, LinkKind(row.kind)) for row in standing]).of
    moved = {report for report, cluster in after.items() if before[report] != cluster}
    Place.objects.filter(report__in=moved).update(head=False)
    for cluster in {after[report] for report in moved}:
        Place.objects.filter(report__in=[one for one in moved if after[one] == cluster]).update(cluster=cluster)
    for cluster in {after[report] for report in moved} | {before[report] for report in moved}:
        set_head(cluster)


def _say(by: Actor, one: str, other: str, kind: LinkKind, reason: str, at: datetime) -> str:
    check_analyst(by, to="say which reports are one flaw")
    if not reason.strip():
        raise Misuse("reason-missing", "Say in a few words why; everybody who handles these reports reads it.")
    first, second = sorted((one, other))
    if first == second:
        raise Misuse("same-report", f"{one} is one report; name two.")
    for report in (first, second):
        readable_place(by, report)
    opposite = LinkKind.APART if kind is LinkKind.SAME else LinkKind.SAME
    standing = Link.objects.filter(one=first, other=second, undone_at=None)
    against = standing.filter(kind=opposite).first()
    if against is not None:
        raise Conflict("said-otherwise", f"{against.by} said the opposite ({against.id}); undo that first.")
    if standing.filter(kind=kind).exists():
        raise Conflict("linked-already", f"That {first} and {second} are {_WORDS[kind]} was said already.")
    row = Link.objects.create(one_id=first, other_id=second, kind=kind, reason=reason.strip(), by=by.person, at=at)
    regroup({first, second})
    facts = {"link": row.id, "one": first, "other": second, "kind": str(kind), "reason": row.reason}
    note("triage.linked", by.person, facts, [first, second], at)
    return row.id


_WORDS = {LinkKind.SAME: "one flaw", LinkKind.APART: "two flaws"}
