"""Every read of dossiers. The developer sees every version, the body what was shared; each section by its label."""

from __future__ import annotations

from seatrial.kernel.digests import Digest
from seatrial.kernel.errors import NotFound
from seatrial.kernel.labels import Label
from seatrial.parties.types import Actor
from seatrial.review.cases import api as cases

from .models import DossierVersion
from .types import DossierView, Section


def dossier(asking: Actor, review: str, version: int | None = None) -> DossierView:
    """A version of a review's dossier, the newest by default. Raises ``NotFound`` (``no-dossier``)."""
    developer = cases.developer_of(asking, review)
    rows = DossierVersion.objects.filter(review_id=review)
    if developer not in asking.organisations:
        rows = rows.filter(shared_at__isnull=False)
    if version is not None:
        rows = rows.filter(version=version)
    row = rows.order_by("-version").first()
    if row is None:
        raise NotFound("no-dossier", f"The review {review} has no dossier that you may see.")
    return view(row, asking)


def view(row: DossierVersion, asking: Actor) -> DossierView:
    """The frozen form; a section that the asker may not read is counted and left out."""
    sections = [Section(s.key, s.title, s.body, Label.parse(s.label)) for s in row.sections.order_by("place")]
    read = tuple(section for section in sections if asking.may_read(section.label))
    return DossierView(
        review=row.review_id,
        version=row.version,
        sections=read,
        withheld=len(sections) - len(read),
        digest=Digest(row.digest),
        at=row.composed_at,
    )
