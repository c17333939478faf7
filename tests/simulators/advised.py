"""Published documents without the work of writing an advisory: rows as publication leaves them, in three forms."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from seatrial.clearinghouse.advisories.models import Advisory, DocumentRow
from seatrial.clearinghouse.advisories.types import AdvisoryState, Form, Tlp
from seatrial.kernel.labels import Label

_HOUSE = uuid.UUID("4a3a3f0c-4f0f-4cc1-9d2c-3e62b5b0a001")


def stix(tracking: str, at: datetime, *, revision: int = 1, released: datetime | None = None) -> bytes:
    """A bundle of an identity, a report, a vulnerability and an observable without a version."""
    created = _moment(released or at)

    def one(kind: str, *, own: str = tracking, **more: Any) -> dict[str, Any]:
        return {"type": kind, "spec_version": "2.1", "id": f"{kind}--{uuid.uuid5(_HOUSE, own + kind)}", **more}

    who = one("identity", own="house", created="2026-01-01T00:00:00.000Z", modified="2026-01-01T00:00:00.000Z")
    who |= {"name": "Harbour", "identity_class": "organization"}
    times = {"created": created, "modified": _moment(at), "created_by_ref": who["id"]}
    flaw = one("vulnerability", name=f"{tracking} overflow", description=f"Revision {revision}.", **times)
    package = one("software", name=tracking.lower(), vendor="Dairy")
    report = one("report", name=tracking, published=created, object_refs=[flaw["id"], package["id"]], **times)
    objects = [who, report, flaw, package]
    return json.dumps({"type": "bundle", "id": f"bundle--{uuid.uuid5(_HOUSE, tracking)}", "objects": objects}).encode()


def _moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def put(
    case: str,
    number: int,
    tracking: str,
    form: Form,
    content: bytes,
    at: datetime,
    *,
    tlp: Tlp = Tlp.CLEAR,
    audience: Sequence[str] = (),
    revision: int = 1,
    released: datetime | None = None,
    name: str = "",
    media_type: str = "application/json",
    signature: str = "",
) -> None:
    """One document, published under ``number``; the same advisory's document of that form before it stands no more."""
    common = {"created_at": at, "edited_at": at, "created_by": "ann", "edited_by": "ann"}
    advisory, _ = Advisory.objects.get_or_create(
        tracking=tracking,
        defaults={"case_id": case, "state": AdvisoryState.PUBLISHED, "content": {}, "revision": 1, **common},
    )
    DocumentRow.objects.filter(advisory=advisory, form=form, current=True).update(current=False)
    DocumentRow.objects.create(
        number=number,
        advisory=advisory,
        revision=revision,
        form=form,
        tlp=tlp,
        label=str(Label(tlp=tlp.limit, audience=frozenset(audience) if audience else None)),
        audience=list(audience),
        name=name or f"{tracking.lower()}.json",
        media_type=media_type,
        content=content,
        digest=hashlib.sha256(content).hexdigest(),
        sha512=hashlib.sha512(content).hexdigest(),
        signature=signature,
        released=released or at,
        updated=at,
    )


def osv(name: str, at: datetime, *, package: str = "curd", fixed: str = "1.4", **more: Any) -> bytes:
    """A record about versions from 1.0 until ``fixed`` of a package of PyPI."""
    affected = {
        "package": {"ecosystem": "PyPI", "name": package},
        "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "1.0"}, {"fixed": fixed}]}],
    }
    said = {"schema_version": "1.7.0", "id": name, "modified": _moment(at), "summary": f"Overflow in {package}"}
    return json.dumps({**said, "affected": [affected], **more}).encode()
