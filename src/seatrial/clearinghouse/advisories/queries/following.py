"""What was published since somebody last looked: for rooms of the house that follow it."""

from __future__ import annotations

from seatrial.clearinghouse.advisories.models import DocumentRow
from seatrial.clearinghouse.advisories.queries.published import view
from seatrial.clearinghouse.advisories.types import Document, Form
from seatrial.kernel.labels import Label


def published_since(after: int, *, form: Form, limit: int = 100) -> tuple[tuple[Document, Label], ...]:
    """Documents in force with a number behind ``after``, each with its label, whoever may read it."""
    rows = DocumentRow.objects.filter(form=form, current=True, number__gt=after).order_by("number")
    return tuple((view(row), Label.parse(row.label)) for row in rows.select_related("advisory")[:limit])
