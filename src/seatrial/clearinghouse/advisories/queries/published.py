"""What is published, as somebody may read it: the newest state of each advisory, in the order of publication."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Max, QuerySet

from seatrial.clearinghouse.advisories.models import DocumentRow
from seatrial.clearinghouse.advisories.types import Document, Form, Tlp
from seatrial.kernel.errors import NotFound
from seatrial.parties.types import ANYONE, Actor

MOST = 1_000


def published(
    actor: Actor | None, *, form: Form, tlp: Tlp | None = None, after: int = 0, limit: int = 100
) -> tuple[Document, ...]:
    """The newest document of each advisory in ``form`` that the asker may read, by publication number.

    ``after`` is the number to go on behind, ``tlp`` only those so marked; at most 1,000 at once. ``None`` asks for the
    public, who read TLP:CLEAR. An advisory that was revised stands where its last revision does.
    """
    rows = _readable(actor).filter(form=form, current=True, number__gt=after).order_by("number")
    if tlp is not None:
        rows = rows.filter(tlp=tlp)
    return tuple(map(view, rows.select_related("advisory")[: min(max(limit, 1), MOST)]))


def parts(actor: Actor | None, advisory: str, form: Form, revision: int | None = None) -> tuple[Document, ...]:
    """The documents of an advisory in ``form``: one, but for CVE, which has one a flaw. Newest revision by default.

    Raises ``NotFound`` (``no-such-advisory``), also for what the asker must not know of.
    """
    rows = _readable(actor).filter(advisory__tracking=advisory, form=form)
    rows = rows.filter(current=True) if revision is None else rows.filter(revision=revision)
    found = tuple(map(view, rows.select_related("advisory").order_by("part")))
    if not found:
        raise no_such_advisory(advisory)
    return found


def document(actor: Actor | None, advisory: str, form: Form, revision: int | None = None) -> Document:
    """The first of ``parts``. Raises ``NotFound`` (``no-such-advisory``)."""
    return parts(actor, advisory, form, revision)[0]


def changes(after: int = 0) -> int:
    """The number of the last document published; ``after`` if there was none behind it."""
    last: int | None = DocumentRow.objects.aggregate(last=Max("number"))["last"]
    return max(after, last or 0)


def numbers(
    actor: Actor | None, *, form: Form, tlps: Iterable[Tlp] | None = None, older: bool = False
) -> tuple[int, ...]:
    """The numbers of what ``published`` gives, all at once and without a byte of a document, in their order.

    ``older`` adds the earlier revisions of the same advisories, where the asker may read those too.
    """
    rows = _readable(actor).filter(form=form)
    if tlps is not None:
        rows = rows.filter(tlp__in=list(tlps))
    standing = rows.filter(current=True)
    if older:
        standing = rows.filter(advisory__in=standing.values("advisory"))
    return tuple(standing.order_by("number").values_list("number", flat=True))


def numbered(actor: Actor | None, wanted: Iterable[int]) -> tuple[Document, ...]:
    """The documents of those numbers (a hundred at most) that the asker may read, by number."""
    rows = _readable(actor).filter(number__in=list(wanted)[:100])
    return tuple(map(view, rows.select_related("advisory").order_by("number")))


def no_such_advisory(name: str) -> NotFound:
    """The one sentence for what is not there and what must not be seen to be there."""
    return NotFound("no-such-advisory", f"There is no advisory {name[:60]!r} that you may see.")


def _readable(actor: Actor | None) -> QuerySet[DocumentRow]:
    asking = actor or ANYONE
    labels = DocumentRow.objects.order_by("label").values_list("label", flat=True).distinct()
    return DocumentRow.objects.filter(label__in=asking.readable(labels))


def view(row: DocumentRow) -> Document:
    """The frozen form of a row; whoever calls has checked the label."""
    return Document(
        number=row.number,
        advisory=row.advisory.tracking,
        revision=row.revision,
        form=Form(row.form),
        tlp=Tlp(row.tlp),
        name=row.name,
        media_type=row.media_type,
        content=bytes(row.content),
        digest=row.digest,
        sha512=row.sha512,
        signature=row.signature,
        released=row.released,
        updated=row.updated,
        withdrawn=row.withdrawn,
        audience=tuple(row.audience),
    )
