"""Record whom the body consulted: written once, one entry each. Drafting is possible without any."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from seatrial.kernel.digests import digest_of
from seatrial.kernel.errors import Misuse, Refused
from seatrial.kernel.labels import Label
from seatrial.ledger import api as ledger
from seatrial.parties.types import Actor, Role
from seatrial.review.cases import api as cases
from seatrial.review.cases.types import ReviewState
from seatrial.review.determinations.core.consultation import checked_consulted
from seatrial.review.determinations.core.lifecycle import WITHDRAWN
from seatrial.review.determinations.models import Consultation
from seatrial.review.determinations.queries import readable_request
from seatrial.review.determinations.types import Consulted


@transaction.atomic
def record_consultation(
    *, by: Actor, consulted: Consulted, at: datetime, review: str | None = None, request: str | None = None
) -> str:
    """Keep what somebody said, for a review or for a determination request: one of the two. Returns its id.

    It stands in every memo that is drafted afterwards. Raises ``Forbidden`` (``role-missing``), ``Refused``
    (``review-withdrawn``), ``Misuse`` (``bad-text``, ``not-yet``, ``on-one-thing``), ``NotFound``.
    """
    if (review is None) == (request is None):
        raise Misuse("on-one-thing", "A consultation belongs to a review or to a determination request; name one.")
    row = Consultation(recorded_by_id=by.person, recorded_at=at)
    if review is not None:
        found = cases.brief(by, review, at)
        if found.state is ReviewState.WITHDRAWN:
            raise Refused("review-withdrawn", WITHDRAWN)
        row.body_id, row.review_id, label = found.body, review, found.label
    else:
        asked = readable_request(by, str(request))
        if asked.withdrawn_at is not None:
            raise Refused("review-withdrawn", WITHDRAWN)
        row.body_id, row.request_id, label = asked.body_id, asked.id, Label.parse(asked.label)
    by.require(row.body_id, Role.AUTHORITY, to="record a consultation")
    said = checked_consulted(consulted, at)
    label = Label.among(row.body_id).join(label)
    row.organisation, row.person, row.capacity = said.organisation, said.person, said.capacity
    row.stance, row.words, row.on, row.label = said.stance, said.words, said.on, str(label)
    row.save(force_insert=True)
    stands_on = {"review": review} if review is not None else {"request": request}
    ledger.append(
        kind="determination.consulted",
        actor=by.person,
        facts={**stands_on, "consultation": row.id, "said": digest_of(said)},
        label=label,
        at=at,
    )
    return row.id
