"""Every write of dossiers: a new version, sharing a twin of one, signing that twin. All are the developer's alone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max

from seatrial.kernel.canonical import plain
from seatrial.kernel.digests import commitment, new_salt
from seatrial.kernel.errors import Conflict, Misuse, NotFound
from seatrial.kernel.labels import Label
from seatrial.ledger import api as ledger
from seatrial.ledger.types import MAIN
from seatrial.parties import api as parties
from seatrial.parties.types import Actor, Role, Signature
from seatrial.review.cases import api as cases
from seatrial.review.cases.types import ReviewState

from .core.derive import check_whole, derive, labels_of
from .core.lifecycle import MACHINE, Life, To
from .core.reading import Fault, Faulty, from_plain, kept
from .core.rules import Standing, base_label, for_reader
from .core.shape import SECTIONS
from .core.twin import statement, twin
from .core.writing import as_json, canonical_json, digest_of_dossier
from .models import DossierVersion, SharedTwin
from .queries import SOURCE, begun, standing_of, twin_view, view
from .types import Audience, Dossier, DossierView, TwinView


@transaction.atomic
def compose(*, by: Actor, review: str, document: Dossier, at: datetime, based_on: int | None = None) -> DossierView:
    """A new version of the review's dossier, the developer's alone until shared.

    ``based_on`` is the version the writer saw (0 for none): with it, nobody writes over what they have not read.
    Its entry is in the developer's own log. Raises ``Misuse`` (``dossier-invalid``) and ``Conflict``
    (``dossier-changed``).
    """
    _may_write(by, review)
    return _keep(by, review, from_plain(as_json(document)), at, based_on)


@transaction.atomic
def compose_section(
    *, by: Actor, review: str, section: str, said: Any, marking: str = "", at: datetime, based_on: int | None = None
) -> DossierView:
    """A new version in which one section says something else; every other stays as it is.

    ``said`` is the section in plain form (``writing.as_json``), ``marking`` marks it as a whole. Whoever writes it
    must be able to read all that it said before: raises ``Refused`` (``section-withheld``) otherwise; and as
    ``compose`` does.
    """
    _may_write(by, review)
    known = {field.name for field in SECTIONS}
    if section not in known:
        raise NotFound("no-such-section", f"{section!r} is no section of a dossier; there are {', '.join(known)}.")
    newest = DossierVersion.objects.filter(review_id=review).order_by("-version").first()
    whole = as_json(begun(by, review, at))
    if newest is not None:
        before, standing = kept(newest.source), standing_of(newest)
        whole = as_json(before)
        _, withheld = derive(before, for_reader(by, base_label(None, standing), standing))
        check_whole(section, withheld)
    marked = {name: mark for name, mark in whole.pop("marked", {}).items() if name != section}
    if marking:
        marked[section] = marking
    whole |= {section: said} | ({"marked": marked} if marked else {})
    return _keep(by, review, from_plain(whole), at, based_on, only=section)


@transaction.atomic
def share(
    *,
    by: Actor,
    review: str,
    at: datetime,
    version: int | None = None,
    audience: Audience = Audience.BODY,
    partner: str = "",
) -> TwinView:
    """Let the body, or a partner, read a version (the newest by default) as the twin made for ``audience``.

    The twin is proven to lack what it withholds. If whoever shares is a signatory, the statement beside it is signed.
    Raises ``NotFound`` (``no-dossier``), ``Misuse`` (``partner-unnamed``), ``Conflict`` (``not-offered``,
    ``already-shared``), or ``Refused`` (``text-would-remain``), naming both places.
    """
    found = cases.review(by, review, at)
    by.require(found.developer, Role.GOVERNANCE, to="share the dossier")
    if (audience is Audience.PARTNER) != bool(partner):
        raise Misuse("partner-unnamed", "Name the partner's organisation for a partner's twin, and for no other.")
    if partner and partner not in {one.organisation for one in found.partners}:
        raise Misuse("partner-unnamed", f"{partner} is no trusted partner of this review; propose them first.")
    row = _version(review, version)
    to = To(audience, partner)
    _happen(row, "share", to, at, offered=found.state is not ReviewState.DRAFT)
    standing = Standing(found.developer, found.body, partner)
    made = twin(kept(row.source), audience, standing)
    source = commitment(row.salt, SOURCE, row.digest)
    said = {
        "statement": statement(source, made.digest, audience, made.withheld),
        "review": review,
        "version": row.version,
        "source": source,
        "twin": made.digest,
        "audience": audience.value,
        "partner": partner,
    }
    signed: Signature | None = None
    if by.has(Role.SIGNATORY, found.developer):
        signed = parties.sign(by=by, organisation=found.developer, statement=said, at=at)
    kept_twin = SharedTwin.objects.create(
        dossier=row,
        audience=audience,
        partner=partner,
        document=canonical_json(made.document).decode(),
        digest=made.digest,
        withheld=[[piece.place, piece.category.value] for piece in made.withheld],
        statement=said,
        signature=plain(signed) if signed else None,
        shared_at=at,
    )
    _record("dossier.shared", by, kept_twin, standing, at)
    return twin_view(kept_twin)


@transaction.atomic
def sign(
    *, by: Actor, review: str, version: int, audience: Audience = Audience.BODY, partner: str = "", at: datetime
) -> TwinView:
    """The developer's signature over the statement beside a twin that somebody else shared.

    Raises ``NotFound`` (``no-dossier``) or ``Conflict`` (``not-shared``, ``already-signed``).
    """
    found = cases.review(by, review, at)
    by.require(found.developer, Role.SIGNATORY, to="sign for the developer")
    row = _version(review, version)
    _happen(row, "sign", To(audience, partner), at, offered=True)
    shared = SharedTwin.objects.select_for_update().get(dossier=row, audience=audience, partner=partner)
    shared.signature = plain(parties.sign(by=by, organisation=found.developer, statement=shared.statement, at=at))
    shared.save(update_fields=["signature"])
    _record("dossier.signed", by, shared, Standing(found.developer, found.body, partner), at)
    return twin_view(shared)


def _may_write(by: Actor, review: str) -> None:
    developer = cases.developer_of(by, review)
    by.require(developer, Role.GOVERNANCE, Role.SECURITY, to="write the dossier")


def _keep(
    by: Actor, review: str, document: Dossier, at: datetime, based_on: int | None, only: str | None = None
) -> DossierView:
    newest = DossierVersion.objects.filter(review_id=review).aggregate(newest=Max("version"))["newest"] or 0
    if based_on is not None and based_on != newest:
        raise _changed(newest)
    digest = digest_of_dossier(document)
    row = DossierVersion(
        review_id=review,
        version=newest + 1,
        source=canonical_json(document).decode(),
        digest=digest,
        salt=new_salt(),
        composed_at=at,
    )
    standing = standing_of(row)
    _readable(document, by, standing, only)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise _changed(newest + 1) from error
    facts = {"review": review, "version": row.version, "dossier": digest}
    developer = standing.developer
    ledger.append(
        log=developer, kind="dossier.composed", actor=by.person, facts=facts, label=Label.among(developer), at=at
    )
    return view(row, by)


def _readable(document: Dossier, writer: Actor, standing: Standing, only: str | None) -> None:
    """Nobody writes what would be withheld from them; ``only`` is the one section that is written, if not all are."""
    labels = labels_of(document, base_label(None, standing), standing)
    faults = [
        Fault(path, f"its label ({label}) is beyond what you may read yourself")
        for path, label in labels.items()
        if not writer.may_read(label) and only in (None, path[0])
    ]
    if faults:
        raise Faulty(faults)


def _changed(version: int) -> Conflict:
    return Conflict(
        "dossier-changed", f"Version {version} of this dossier was kept meanwhile; read it, then keep yours again."
    )


def _version(review: str, version: int | None) -> DossierVersion:
    rows = DossierVersion.objects.select_for_update().filter(review_id=review).order_by("-version")
    row = (rows if version is None else rows.filter(version=version)).first()
    if row is None:
        raise NotFound("no-dossier", f"The review {review} has no such dossier; compose one first.")
    return row


def _happen(row: DossierVersion, event: str, to: To, at: datetime, *, offered: bool) -> None:
    twins = list(row.twins.all())
    life = Life(
        offered,
        frozenset((Audience(one.audience), one.partner) for one in twins),
        frozenset((Audience(one.audience), one.partner) for one in twins if one.signature),
    )
    refusal = MACHINE.refusal(life, event, to, at)
    if refusal is not None:
        raise Conflict(refusal.code, refusal.message)


def _record(kind: str, by: Actor, shared: SharedTwin, standing: Standing, at: datetime) -> None:
    said = shared.statement
    facts = {name: said[name] for name in ("review", "version", "source", "twin", "audience")}
    facts["withheld"] = len(shared.withheld)
    reached = standing.partner or standing.body
    label = Label.among(standing.developer, reached)
    ledger.append(log=MAIN, kind=kind, actor=by.person, facts=facts, label=label, at=at)
