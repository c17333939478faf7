"""Consultations of a review or of a request, oldest first: the body's working material."""

from __future__ import annotations

from django.db.models import QuerySet

from seatrial.kernel.labels import Label
from seatrial.parties import api as parties
from seatrial.parties.types import Actor
from seatrial.review.cases import api as cases
from seatrial.review.determinations.models import Consultation
from seatrial.review.determinations.types import ConsultationView, Consulted, Stance

from .requests import readable_request


def consultations(asking: Actor, review: str) -> tuple[ConsultationView, ...]:
    """Those of a review that the asker may see. Raises ``NotFound`` (``no-such-review``)."""
    cases.developer_of(asking, review)
    return _views(asking, Consultation.objects.filter(review_id=review))


def consultations_for_request(asking: Actor, request: str) -> tuple[ConsultationView, ...]:
    """Those of a determination request that the asker may see. Raises ``NotFound`` (``no-such-request``)."""
    return _views(asking, Consultation.objects.filter(request_id=readable_request(asking, request).id))


def _views(asking: Actor, rows: QuerySet[Consultation]) -> tuple[ConsultationView, ...]:
    names = parties.names()
    return tuple(
        ConsultationView(
            id=row.id,
            review=row.review_id,
            request=row.request_id,
            consulted=Consulted(row.organisation, row.person, row.capacity, Stance(row.stance), row.words, row.on),
            recorded_by=names.get(row.recorded_by_id, row.recorded_by_id),
            recorded_at=row.recorded_at,
        )
        for row in rows.order_by("number")
        if asking.may_read(Label.parse(row.label))
    )
