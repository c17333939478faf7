"""What this instance publishes or mirrors is matched without anybody's asking."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from seatrial.clearinghouse.advisories import api as advisories
from seatrial.clearinghouse.advisories.types import Document, Form
from seatrial.clearinghouse.exposure.core.home import read_advisories
from seatrial.clearinghouse.exposure.models import Heard
from seatrial.clearinghouse.exposure.types import AdvisoryRead
from seatrial.clearinghouse.members import api as members
from seatrial.clearinghouse.members.types import Mirrored
from seatrial.kernel.canonical import plain
from seatrial.kernel.digests import digest_of
from seatrial.kernel.errors import Misuse
from seatrial.kernel.labels import OPEN

from .advisories import learn_advisories

_log = logging.getLogger(__name__)
_AT_ONCE = 50  # documents in one transaction


@transaction.atomic
def follow_published(*, at: datetime) -> int:
    """Learn what was published since the last time, at most ``_AT_ONCE`` documents; how many. Idempotent.

    Whoever may read a document sees what it matches of theirs. A withdrawn advisory says nothing any more.
    """
    Heard.objects.get_or_create(id=1)
    heard = Heard.objects.select_for_update().get(id=1)
    found = advisories.published_since(heard.number, form=Form.CSAF_20, limit=_AT_ONCE)
    for document, label in found:
        read = _read(document)
        if read is not None:
            learn_advisories(advisories=[(read, digest_of(plain(read)))], label=label, at=at)
        heard.number = document.number
    if found:
        heard.save()
    return len(found)


@transaction.atomic
def follow_members(*, at: datetime) -> int:
    """The same of what is mirrored of members: whoever sees a match may read the document, for all may. Idempotent.

    An advisory of a member is known here as ``member/its tracking id``, so that no member speaks for another.
    """
    Heard.objects.get_or_create(id=2)
    heard = Heard.objects.select_for_update().get(id=2)
    found = members.mirrored_since(heard.number, limit=_AT_ONCE)
    for document in found:
        read = _read_mirrored(document)
        if read is not None:
            learn_advisories(advisories=[(read, digest_of(plain(read)))], label=OPEN, at=at)
        heard.number = document.number
    if found:
        heard.save()
    return len(found)


def _read_mirrored(changed: Mirrored) -> AdvisoryRead | None:
    """What counts of an advisory that changed: of the versions of CSAF in which its member publishes it, the newest."""
    name = _name(f"{changed.member}/{changed.facts.tracking}")
    document = members.standing(changed.member, changed.facts.tracking)
    if document is None or document.facts.withdrawn:
        return AdvisoryRead(name, "", changed.facts.title, ())
    content = members.content(document.number)
    if content is None:  # it has changed meanwhile, and comes again under another number
        return None
    try:
        [read] = read_advisories(content, document.path)
    except Misuse as error:
        _log.error("%s cannot be matched: %s", name, error.message)
        return None
    return replace(read, id=name, statements=tuple(replace(one, advisory=name) for one in read.statements))


def _name(whole: str) -> str:
    """At most 100 characters, and still nobody else's."""
    return whole if len(whole) <= 100 else f"{whole[:80]}~{hashlib.sha256(whole.encode()).hexdigest()[:16]}"


def _read(document: Document) -> AdvisoryRead | None:
    try:
        [read] = read_advisories(document.content, document.name)
    except Misuse as error:
        _log.error("%s cannot be matched: %s", document.advisory, error.message)
        return None
    if document.withdrawn:
        return AdvisoryRead(document.advisory, str(document.revision), read.title, ())
    return read
