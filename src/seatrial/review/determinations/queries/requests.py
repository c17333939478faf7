"""Determination requests: a draft is its developer's alone, and so is what was withdrawn (V10). Partners are in no
label here. Oversight reads a request as far as the label of the review it is linked to named it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from itertools import islice
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce

from seatrial.kernel.digests import Digest, digest
from seatrial.kernel.errors import Misuse, NotFound
from seatrial.kernel.labels import Label
from seatrial.parties import api as parties
from seatrial.parties.types import Actor, Role
from seatrial.review.cases import api as cases
from seatrial.review.determinations.core.documents import Document
from seatrial.review.determinations.core.request import BODY, DEVELOPER, MACHINE, ROLES, Answer, Request, state_of
from seatrial.review.determinations.models import DeterminationRequest, RequestPost
from seatrial.review.determinations.types import (
    AnswerView,
    DeterminationRequestLine,
    DeterminationRequestPage,
    DeterminationRequestView,
    DeterminationView,
    Evidence,
    EvidenceKind,
    ReconsiderationView,
    RequestPostView,
)
from seatrial.review.dossiers import api as dossiers
from seatrial.review.dossiers.types import Audience

from .determinations import read_all, shared_between, standing_on

POSTS = 50  # on a page
_MOST = 200


def requests(
    asking: Actor, now: datetime, *, after: str = "", limit: int = 100, review: str | None = None
) -> tuple[DeterminationRequestLine, ...]:
    """At most ``limit`` requests the asker may see, newest first; ``after`` is the last id of the page before.

    ``review`` keeps those linked to a review that the asker may see; raises ``NotFound`` (``no-such-review``).

    Its order tells the body nothing of drafts: what was asked counts from when it was asked.
    """
    rows = _visible(asking).annotate(place=Coalesce("asked_at", "drafted_at")).order_by("-place", "-id")
    if review is not None:
        cases.developer_of(asking, review)
        rows = rows.filter(review_id=review)
    last = rows.filter(id=after).values_list("place", "id").first() if after else None
    if last is not None:
        rows = rows.filter(Q(place__lt=last[0]) | Q(place=last[0], id__lt=last[1]))
    rows = rows.prefetch_related("answers", "reconsiderations")
    names, most = parties.names(), max(1, min(limit, _MOST))
    readable = (row for row in rows.iterator(chunk_size=most) if asking.may_read(Label.parse(row.label)))
    return tuple(
        DeterminationRequestLine(
            id=row.id,
            developer=row.developer_id,
            developer_name=names.get(row.developer_id, row.developer_id),
            body=row.body_id,
            body_name=names.get(row.body_id, row.body_id),
            model=row.model,
            state=state_of(request_facts(row), now),
            asked_at=row.asked_at,
            answers=len(row.answers.all()),
        )
        for row in islice(readable, most)
    )


def one_request(asking: Actor, request_id: str, now: datetime) -> DeterminationRequestView:
    """Raises ``NotFound`` (``no-such-request``), also for one the asker may not know of."""
    return _view(readable_request(asking, request_id), asking, now)


def request_page(
    asking: Actor, request_id: str, now: datetime, *, before: str | None = None, limit: int = POSTS
) -> DeterminationRequestPage:
    """A request with its newest words; ``before`` is an earlier part's ``earlier``.

    Raises ``NotFound`` (``no-such-request``), ``Misuse`` (``bad-place``).
    """
    row, most = readable_request(asking, request_id), max(1, min(limit, _MOST))
    posts = RequestPost.objects.filter(request=row).select_related("by").order_by("-number")
    if before is not None:
        number = posts.filter(id=before).values_list("number", flat=True).first()
        if number is None:
            raise Misuse("bad-place", f"This request has no words {before!r} to go back from; begin with the newest.")
        posts = posts.filter(number__lt=number)
    part = list(posts[: most + 1])
    return DeterminationRequestPage(
        request=_view(row, asking, now),
        posts=tuple(RequestPostView(one.id, one.at, one.by.name, one.side, one.text) for one in part[:most]),
        earlier=part[most - 1].id if len(part) > most else None,
    )


def answers_offered(asking: Actor, request_id: str, now: datetime) -> tuple[DeterminationView, ...]:
    """The determinations that could answer a request now, newest first; none to whoever may not answer."""
    row = readable_request(asking, request_id)
    if not _may(row, "answer", asking, now):
        return ()
    facts = request_facts(row)
    found = shared_between(asking, row.developer_id, row.body_id, row.id)
    offered = ((one, Answer(one.id, one.developer, one.body, one.request, shared=True)) for one in found)
    return tuple(one for one, answer in offered if MACHINE.refusal(facts, "answer", answer, now) is None)


def drafted_for(asking: Actor, request_id: str) -> tuple[DeterminationView, ...]:
    """The determinations on a request's documents that the asker may read: the body's until shared, newest first."""
    return standing_on(asking, readable_request(asking, request_id).id)


def readable_request(asking: Actor, request_id: str) -> DeterminationRequest:
    """The row, for an asker who may read it. Raises ``NotFound`` (``no-such-request``)."""
    row = _visible(asking).prefetch_related("answers", "reconsiderations").filter(id=request_id).first()
    if row is None or not asking.may_read(Label.parse(row.label)):
        raise NotFound("no-such-request", f"There is no determination request {request_id!r} that you may see.")
    return row


def request_facts(row: DeterminationRequest) -> Request:
    """The facts of a row, for the pure rules. Uses what was fetched with it."""
    return Request(
        id=row.id,
        developer=row.developer_id,
        body=row.body_id,
        asked_at=row.asked_at,
        acknowledged_at=row.acknowledged_at,
        answers=tuple(one.determination_id for one in sorted(row.answers.all(), key=lambda one: one.pk)),
        reconsiderations=len(row.reconsiderations.all()),
        closed_at=row.closed_at,
        withdrawn_at=row.withdrawn_at,
    )


def documents_of(
    asking: Actor, *, review: str | None = None, request: DeterminationRequest | None = None
) -> tuple[Document, ...]:
    """What there is to read without a campaign: of a review, or of a request. The dossier is the body's twin of it."""
    found, version = [], None
    if request is not None:
        found.append(Document("What the developer wrote", Digest(digest(request.description.encode()))))
        if request.artefact:
            found.append(Document("The artefact the developer names", Digest(request.artefact)))
        review, version = seen_review(asking, request), request.dossier_version
    if review is not None and (request is None or version is not None):
        found += shared_dossier(asking, review, version)
    return tuple(found)


def side_of(asking: Actor, row: DeterminationRequest) -> str | None:
    """``developer`` or ``body``: for whom the asker acts on this request."""
    if row.developer_id in asking.organisations:
        return DEVELOPER
    return BODY if row.body_id in asking.organisations else None


def shared_dossier(asking: Actor, review: str, version: int | None) -> list[Document]:
    """The newest version of a dossier that is shared with the body, or that ``version``; none if there is none."""
    for one in dossiers.versions(asking, review):
        for twin in one.twins:
            if twin.audience is Audience.BODY and version in (None, one.version):
                return [Document(f"The dossier, version {one.version}, as shared with the review body", twin.digest)]
    return []


def _visible(asking: Actor) -> QuerySet[DeterminationRequest]:
    """The rows an asker's organisations take part in; for an inspector also those whose label then decides."""
    home = asking.organisations
    seen = Q(developer_id__in=home) | Q(body_id__in=home, asked_at__isnull=False, withdrawn_at__isnull=True)
    inspecting = any(role is Role.INSPECTOR for _, role in asking.roles)
    if inspecting:
        seen |= Q(asked_at__isnull=False, review__isnull=False) & ~Q(body_id__in=home)
    return DeterminationRequest.objects.filter(seen)


def seen_review(asking: Actor, row: DeterminationRequest) -> str | None:
    """The review a request is linked to, for whoever may see that review."""
    if row.review_id is None:
        return None
    try:
        cases.developer_of(asking, row.review_id)
    except NotFound:
        return None
    return str(row.review_id)


def _may(row: DeterminationRequest, event: str, asking: Actor, now: datetime) -> bool:
    """The table's states and the person's roles; what an answer must be is asked when there is one."""
    side = side_of(asking, row)
    transition = MACHINE.transitions[event]
    if side is None or side not in transition.by or state_of(request_facts(row), now) not in transition.sources:
        return False
    home = row.developer_id if side == DEVELOPER else row.body_id
    return any(asking.has(role, home) for role in ROLES[event, side])


def _view(row: DeterminationRequest, asking: Actor, now: datetime) -> DeterminationRequestView:
    names, facts = parties.names(), request_facts(row)
    review = seen_review(asking, row)
    return DeterminationRequestView(
        id=row.id,
        developer=row.developer_id,
        developer_name=names.get(row.developer_id, row.developer_id),
        body=row.body_id,
        body_name=names.get(row.body_id, row.body_id),
        model=row.model,
        artefact=Digest(row.artefact) if row.artefact else None,
        description=row.description,
        review=review,
        dossier_version=row.dossier_version if review else None,
        state=state_of(facts, now),
        asked_at=row.asked_at,
        acknowledged_at=row.acknowledged_at,
        closed_at=row.closed_at,
        withdrawn_at=row.withdrawn_at,
        answers=_answers(row, facts, asking, names),
        reconsiderations=tuple(
            ReconsiderationView(one.at, names.get(one.by_id, one.by_id), one.reasons, one.evidence, _named(one.named))
            for one in sorted(row.reconsiderations.all(), key=lambda one: one.pk)
        ),
        may=tuple(event for event in MACHINE.transitions if _may(row, event, asking, now)),
        label=Label.parse(row.label),
    )


def _named(rows: list[list[Any]]) -> tuple[Evidence, ...]:
    return tuple(Evidence(EvidenceKind(kind), ref, what, digest) for kind, ref, what, digest in rows)


def _answers(
    row: DeterminationRequest, facts: Request, asking: Actor, names: Mapping[str, str]
) -> tuple[AnswerView, ...]:
    read = read_all(asking, facts.answers, names) if facts.answers else {}
    return tuple(
        AnswerView(one.at, names.get(one.by_id, one.by_id), read.get(one.determination_id))
        for one in sorted(row.answers.all(), key=lambda one: one.pk)
    )
