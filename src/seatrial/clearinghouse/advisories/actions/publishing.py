"""Publishing: every form is written, signed and kept in one transaction; the case and the reporter chain hear of it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from seatrial.clearinghouse.advisories.core.content import read
from seatrial.clearinghouse.advisories.core.forms import write
from seatrial.clearinghouse.advisories.core.history import moment_after
from seatrial.clearinghouse.advisories.models import Advisory, DocumentRow, Revision
from seatrial.clearinghouse.advisories.ports import Signer
from seatrial.clearinghouse.advisories.queries.earlier import earlier
from seatrial.clearinghouse.advisories.types import Change, Content, Form, Issue, Publisher, Tlp, Written
from seatrial.clearinghouse.coordination import api as coordination
from seatrial.clearinghouse.coordination.types import MilestoneKind
from seatrial.clearinghouse.findings.api import CLEARINGHOUSE
from seatrial.kernel.canonical import canonical
from seatrial.kernel.digests import digest
from seatrial.kernel.labels import Label
from seatrial.kernel.text import checked
from seatrial.parties.types import Actor

from .keeping import check_version, locked, moved, record, take


@transaction.atomic
def publish(
    *, by: Actor, advisory: str, at: datetime, signer: Signer, publisher: Publisher, version: int | None = None
) -> int:
    """Publish what another person submitted, as they were shown it if they name a ``version``. Returns the revision's
    number.

    What is marked TLP:CLEAR makes the case public; the reporter chain gets the milestone *published* either way.
    Raises ``Conflict`` (``changed-meanwhile``), ``Refused`` (``another-person``, ``embargo-over``, ``nothing-missing``,
    ``wrong-state``), ``Unavailable`` (``signing-key-missing``).
    """
    row = locked(by, advisory)
    if version is not None:
        check_version(row, version)
    writer = row.submitted_by
    moved(row, "publish", by, at)
    first = row.revision == 1
    summary = row.summary or ("First release." if first else "Revised.")
    issue = _issued(row, read(row.content), summary, writer, by, at, publisher)
    row.released_at, row.submitted_by = row.released_at or issue.released, ""
    row.save()
    facts = _kept(row, issue, signer)
    record(row, "publish", by, at, label_of(issue.content), revision=row.revision, written_by=writer, **facts)
    _told(by, row, issue.content, at)
    return row.revision


@transaction.atomic
def withdraw(*, by: Actor, advisory: str, why: str, at: datetime, signer: Signer, publisher: Publisher) -> int:
    """Take back what is published: a last revision says so in every form, with the reason. Returns its number.

    What was being written is dropped. Raises ``Refused`` (``says-why``, ``wrong-state``).
    """
    row = locked(by, advisory)
    words = checked("The reason", why, longest=2_000, optional=True)
    moved(row, "withdraw", by, at, words)
    last = row.revisions.order_by("-number")[0]
    row.content, row.withdrawn_why, row.submitted_by = last.content, words, ""
    issue = _issued(row, read(row.content), "Withdrawn.", by.person, by, at, publisher, withdrawn=words)
    row.save()
    facts = _kept(row, issue, signer)
    record(row, "withdraw", by, at, label_of(issue.content), revision=row.revision, why=words, **facts)
    return row.revision


def label_of(content: Content) -> Label:
    """Who may read the documents: whom the marking names, and always the clearinghouse."""
    audience = frozenset({*content.audience, CLEARINGHOUSE}) if content.audience else None
    return Label(tlp=content.tlp.limit, audience=audience)


def _issued(
    row: Advisory,
    content: Content,
    summary: str,
    writer: str,
    by: Actor,
    at: datetime,
    publisher: Publisher,
    *,
    withdrawn: str = "",
) -> Issue:
    """The revision, written down, with the whole history. A clock that went back does not take the history along."""
    before, said = list(row.revisions.order_by("number")), earlier(row.id, content)
    moment = moment_after((one.at for one in before), at)
    made = Revision.objects.create(
        advisory=row,
        number=row.revision,
        content=row.content,
        summary=summary,
        digest=digest(canonical(row.content)),
        at=moment,
        written_by=writer,
        published_by=by.person,
        withdrawn=bool(withdrawn),
    )
    history = tuple(Change(one.number, one.at, one.summary) for one in [*before, made])
    return Issue(row.tracking, publisher, content, history, withdrawn, said)


def _kept(row: Advisory, issue: Issue, signer: Signer) -> dict[str, object]:
    """Keep every document; what pins them, for the entry."""
    documents = write(issue)
    number = take("publication", len(documents))
    DocumentRow.objects.filter(advisory=row, current=True).update(current=False)
    DocumentRow.objects.bulk_create(_rows(row, issue, documents, number, signer))
    pins = {one.name: hashlib.sha256(one.content).hexdigest() for one in documents}
    content = {"content": digest(canonical(row.content)), "tlp": issue.content.tlp.mark}
    return {**content, "documents": digest(canonical(pins)), "first": number, "count": len(documents)}


def _rows(row: Advisory, issue: Issue, documents: Sequence[Written], number: int, signer: Signer) -> list[DocumentRow]:
    parts: dict[Form, int] = {}
    label, made = str(label_of(issue.content)), []
    for place, one in enumerate(documents):
        parts[one.form] = parts.get(one.form, 0) + 1
        made.append(
            DocumentRow(
                number=number + place,
                advisory=row,
                revision=issue.revision,
                form=one.form,
                part=parts[one.form],
                tlp=issue.content.tlp,
                label=label,
                audience=list(issue.content.audience),
                name=one.name,
                media_type=one.media_type,
                content=one.content,
                digest=hashlib.sha256(one.content).hexdigest(),
                sha512=hashlib.sha512(one.content).hexdigest(),
                signature=signer.sign(one.content),
                released=issue.released,
                updated=issue.updated,
                withdrawn=bool(issue.withdrawn),
            )
        )
    return made


def _told(by: Actor, row: Advisory, content: Content, at: datetime) -> None:
    """The case and the reporter chain, once."""
    found = coordination.case(by, row.case_id, at)
    if content.tlp is Tlp.CLEAR and "public" in found.may:
        coordination.record_event(by=by, case=row.case_id, event="public", at=at, note=f"Published as {row.tracking}.")
    elif not any(one.kind is MilestoneKind.PUBLISHED and one.party is None for one in found.milestones):
        note = f"Published as {row.tracking} under TLP:{content.tlp.mark}."
        coordination.reach_milestone(by=by, case=row.case_id, kind=MilestoneKind.PUBLISHED, at=at, note=note)
