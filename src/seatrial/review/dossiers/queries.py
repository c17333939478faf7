"""Every read of dossiers. The developer reads every version, others the twins shared with them; each by their label."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q, QuerySet

from seatrial.kernel.digests import Digest, commitment
from seatrial.kernel.errors import Misuse, NotFound
from seatrial.parties import api as parties
from seatrial.parties.types import Actor, Signature
from seatrial.review.cases import api as cases

from .core.derive import derive
from .core.diff import changes
from .core.reading import kept
from .core.rules import Standing, base_label, for_reader
from .core.twin import Twin, derived, statement, twin
from .core.writing import digest_of_dossier
from .models import DossierVersion, SharedTwin
from .types import (
    Audience,
    Category,
    DiffView,
    Dossier,
    DossierView,
    Model,
    TwinPreview,
    TwinView,
    VersionView,
    Withheld,
)

SOURCE = "dossier"  # the name inside the commitment to a source's digest


def dossier(asking: Actor, review: str, version: int | None = None) -> DossierView:
    """A version of a review's dossier, the newest by default. Raises ``NotFound`` (``no-dossier``)."""
    row = _rows(asking, review, version).order_by("-version").first()
    if row is None:
        raise _nothing(review)
    return view(row, asking)


def versions(asking: Actor, review: str) -> tuple[VersionView, ...]:
    """The versions the asker may know of, newest first."""
    found = []
    for row in _rows(asking, review, None).order_by("-version"):
        twins = _twins(row, asking)
        found.append(VersionView(row.version, row.composed_at, tuple(map(twin_view, twins))))
    return tuple(found)


def diff(asking: Actor, review: str, old: int, new: int) -> DiffView:
    """What changed between two versions, of what the asker may read in both. Raises ``NotFound`` (``no-dossier``)."""
    before, after = dossier(asking, review, old), dossier(asking, review, new)
    found, hidden = changes(before.document, after.document)
    return DiffView(review, old, new, found, hidden)


def preview(
    asking: Actor, review: str, audience: Audience, partner: str = "", version: int | None = None
) -> TwinPreview:
    """The twin that sharing would make, for the developer who may read all of the source.

    Raises ``NotFound`` (``no-dossier``), ``Refused`` (``text-would-remain``), or ``Misuse`` (``source-withheld``) if
    something of the source is withheld from the asker, who could then not tell what the twin leaves out.
    """
    row, standing = _own(asking, review, version)
    made = twin(kept(row.source), audience, Standing(standing.developer, standing.body, partner))
    pin = commitment(row.salt, SOURCE, row.digest)
    said = statement(pin, made.digest, audience, made.withheld)
    return TwinPreview(audience, partner, row.version, made.document, made.withheld, made.digest, said)


def source(asking: Actor, review: str, version: int | None = None) -> Dossier:
    """The whole source, for a file that is to be read back. Raises as ``preview`` does."""
    return kept(_own(asking, review, version)[0].source)


def leaving(
    asking: Actor, review: str, version: int | None = None, audience: Audience | None = None, partner: str = ""
) -> tuple[int, Twin]:
    """What a file made for the asker may hold, with the version.

    That is the twin for ``audience`` (its developer's to make), or what the asker may read. Its ``protected`` is what
    ``redaction.check_leaving`` looks for in the finished file.

    Raises ``NotFound`` (``no-dossier``), ``Misuse`` (``source-withheld``) or ``Refused`` (``text-would-remain``).
    """
    if audience is not None:
        row, standing = _own(asking, review, version)
        return row.version, twin(kept(row.source), audience, Standing(standing.developer, standing.body, partner))
    newest = _rows(asking, review, version).order_by("-version").first()
    if newest is None:
        raise _nothing(review)
    document, _, reached, standing = _text(newest, asking)
    return newest.version, derived(document, for_reader(asking, base_label(reached, standing), standing))


def begun(asking: Actor, review: str, at: datetime) -> Dossier:
    """What a first dossier starts from: the names that the review already has."""
    found = cases.review(asking, review, at)
    names = parties.names()
    return Dossier(model=Model(name=found.model, developer=names.get(found.developer, found.developer)))


def view(row: DossierVersion, asking: Actor) -> DossierView:
    """The frozen form, without what the asker may not read."""
    text, before, reached, standing = _text(row, asking)
    document, withheld = derive(text, for_reader(asking, base_label(reached, standing), standing))
    return DossierView(
        review=row.review_id,
        version=row.version,
        document=document,
        withheld=(*before, *withheld),
        digest=digest_of_dossier(document),
        source=commitment(row.salt, SOURCE, row.digest),
        at=row.composed_at,
        twins=tuple(map(twin_view, _twins(row, asking))),
    )


def twin_view(row: SharedTwin) -> TwinView:
    """The frozen form of a shared twin."""
    return TwinView(
        audience=Audience(row.audience),
        partner=row.partner,
        digest=Digest(row.digest),
        source=Digest(row.statement["source"]),
        withheld=_pieces(row.withheld),
        at=row.shared_at,
        statement=row.statement,
        signature=Signature(**row.signature | {"at": datetime.fromisoformat(row.signature["at"])})
        if row.signature
        else None,
    )


def standing_of(row: DossierVersion) -> Standing:
    return Standing(row.review.developer_id, row.review.body_id)


def _text(row: DossierVersion, asking: Actor) -> tuple[Dossier, tuple[Withheld, ...], Audience | None, Standing]:
    """What this asker reads from: the source, or the twin that reached them; what that lacks; for whom it was made."""
    standing = standing_of(row)
    if standing.developer in asking.organisations:
        return kept(row.source), (), None, standing
    for shared in _twins(row, asking):
        audience = Audience(shared.audience)
        reached = Standing(standing.developer, standing.body, shared.partner)
        if asking.may_read(base_label(audience, reached)):
            return kept(shared.document), _pieces(shared.withheld), audience, reached
    raise _nothing(row.review_id)


def _rows(asking: Actor, review: str, version: int | None) -> QuerySet[DossierVersion]:
    developer = cases.developer_of(asking, review)
    rows = DossierVersion.objects.select_related("review").prefetch_related("twins").filter(review_id=review)
    if developer not in asking.organisations:
        reached = Q(twins__audience=Audience.PARTNER, twins__partner__in=asking.organisations)
        reached |= Q(twins__audience=Audience.PUBLIC)
        rows = rows.filter(reached | Q(twins__audience=Audience.BODY, review__body__in=asking.organisations)).distinct()
    return rows if version is None else rows.filter(version=version)


def _twins(row: DossierVersion, asking: Actor) -> list[SharedTwin]:
    """The twins of a version that the asker may know of, those made for them first."""
    own = standing_of(row).developer in asking.organisations

    def reaches(shared: SharedTwin) -> bool:
        if own or shared.audience == Audience.PUBLIC:
            return True
        if shared.audience == Audience.BODY:
            return row.review.body_id in asking.organisations
        return shared.partner in asking.organisations

    twins = [shared for shared in row.twins.all() if reaches(shared)]
    return sorted(twins, key=lambda shared: (shared.audience == Audience.PUBLIC, shared.shared_at))


def _own(asking: Actor, review: str, version: int | None) -> tuple[DossierVersion, Standing]:
    """A version of which the asker, of the developer, may read everything."""
    developer = cases.developer_of(asking, review)
    row = _rows(asking, review, version).order_by("-version").first() if developer in asking.organisations else None
    if row is None:
        raise _nothing(review)
    standing = standing_of(row)
    _, withheld = derive(kept(row.source), for_reader(asking, base_label(None, standing), standing))
    if withheld:
        raise Misuse(
            "source-withheld",
            f"{len(withheld)} pieces of this dossier are beyond what you may read; ask somebody who may read it all.",
        )
    return row, standing


def _signature(raw: dict[str, str]) -> Signature:
    return Signature(
        organisation=raw["organisation"],
        person=raw["person"],
        at=datetime.fromisoformat(raw["at"]),
        statement=Digest(raw["statement"]),
        public_key=raw["public_key"],
        value=raw["value"],
    )


def _pieces(raw: Iterable[tuple[str, str]]) -> tuple[Withheld, ...]:
    return tuple(Withheld(place, Category(category)) for place, category in raw)


def _nothing(review: str) -> NotFound:
    return NotFound("no-dossier", f"The review {review} has no dossier that you may see.")
