"""Places as somebody may see them."""

from __future__ import annotations

from django.db.models import QuerySet

from seatrial.clearinghouse.triage.models import Place
from seatrial.kernel.errors import NotFound
from seatrial.kernel.labels import Label
from seatrial.parties.types import Actor


def readable_place(asking: Actor, report: str) -> Place:
    """Raises ``NotFound`` (``no-such-finding``), also for one that may not be seen to exist."""
    row = Place.objects.filter(report=report).first()
    if row is None or not asking.may_read(Label.parse(row.label)):
        raise NotFound("no-such-finding", f"No finding {report[:60]!r} that you may read has been judged.")
    return row


def readable_places(asking: Actor) -> QuerySet[Place]:
    """The rows that the asker's label rules let through."""
    labels = Place.objects.order_by("label").values_list("label", flat=True).distinct()
    return Place.objects.filter(label__in=asking.readable(labels))
