"""What this instance publishes is matched without anybody's asking."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import transaction

from seatrial.clearinghouse.advisories import api as advisories
from seatrial.clearinghouse.advisories.types import Document, Form
from seatrial.clearinghouse.exposure.core.home import read_advisories
from seatrial.clearinghouse.exposure.models import Heard
from seatrial.clearinghouse.exposure.types import AdvisoryRead
from seatrial.kernel.canonical import plain
from seatrial.kernel.digests import digest_of
from seatrial.kernel.errors import Misuse

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


def _read(document: Document) -> AdvisoryRead | None:
    try:
        [read] = read_advisories(document.content, document.name)
    except Misuse as error:
        _log.error("%s cannot be matched: %s", document.advisory, error.message)
        return None
    if document.withdrawn:
        return AdvisoryRead(document.advisory, str(document.revision), read.title, ())
    return read
