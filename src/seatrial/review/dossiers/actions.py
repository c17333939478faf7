"""Every write of dossiers: a new version, and sharing one. Both are the developer's alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Max

from seatrial.kernel.errors import Conflict, NotFound
from seatrial.kernel.labels import Label
from seatrial.ledger import api as ledger
from seatrial.ledger.types import MAIN
from seatrial.parties.types import Actor, Role
from seatrial.review.cases import api as cases
from seatrial.review.cases.types import ReviewState

from .core.outline import check, pin
from .models import DossierVersion, SectionRow
from .queries import view
from .types import DossierView, Section


@transaction.atomic
def compose(*, by: Actor, review: str, sections: Sequence[Section], at: datetime) -> DossierView:
    """A new version of the review's dossier, the developer's alone until shared.

    Its entry is in the developer's own log. Raises ``Misuse`` (``dossier-invalid``) and ``Conflict``
    (``dossier-changed``).
    """
    developer = cases.developer_of(by, review)
    by.require(developer, Role.GOVERNANCE, Role.SECURITY, to="write the dossier")
    sections = [replace(section, title=section.title.strip()) for section in sections]
    check(sections, writer=by)
    newest = DossierVersion.objects.filter(review_id=review).aggregate(newest=Max("version"))["newest"]
    version = (newest or 0) + 1
    row = DossierVersion(review_id=review, version=version, digest=pin(version, sections), composed_at=at)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(
            "dossier-changed", f"Version {version} of this dossier was kept meanwhile; read it, then keep yours again."
        ) from error
    SectionRow.objects.bulk_create(
        SectionRow(dossier=row, place=place, key=s.key, title=s.title, body=s.body, label=str(s.label))
        for place, s in enumerate(sections)
    )
    facts = {"review": review, "version": version, "dossier": row.digest}
    ledger.append(
        log=developer, kind="dossier.composed", actor=by.person, facts=facts, label=Label.among(developer), at=at
    )
    return view(row, by)


@transaction.atomic
def share(*, by: Actor, review: str, at: datetime) -> None:
    """Let the body read the newest version, as far as its sections' labels allow.

    Raises ``NotFound`` (``no-dossier``) or ``Conflict`` (``not-offered``, ``already-shared``).
    """
    found = cases.review(by, review, at)
    by.require(found.developer, Role.GOVERNANCE, to="share the dossier")
    if found.state is ReviewState.DRAFT:
        raise Conflict("not-offered", "This review is still a draft; offer it first, then share its dossier.")
    row = DossierVersion.objects.select_for_update().filter(review_id=review).order_by("-version").first()
    if row is None:
        raise NotFound("no-dossier", f"The review {review} has no dossier yet; compose one first.")
    if row.shared_at is not None:
        raise Conflict("already-shared", f"Version {row.version} was shared already; compose a new one to share more.")
    row.shared_at = at
    row.save(update_fields=["shared_at"])
    facts = {"review": review, "version": row.version, "dossier": row.digest}
    label = Label.among(found.developer, found.body)
    ledger.append(log=MAIN, kind="dossier.shared", actor=by.person, facts=facts, label=label, at=at)
