"""The one write: that somebody took a copy, in the record of their own side alone."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from seatrial.kernel.digests import Digest
from seatrial.kernel.labels import Label
from seatrial.ledger import api as ledger
from seatrial.ledger.types import MAIN, EntryRef
from seatrial.parties.types import Actor

from .queries import side_of
from .types import KIND


@transaction.atomic
def record(*, by: Actor, review: str, manifest: Digest, files: int, at: datetime) -> EntryRef:
    """Record an export: in the developer's own log, or for others among their own organisation only.

    The other side learns nothing of it. The right to read is asked again, since making the file takes time: raises
    ``NotFound`` (``no-such-review``) if it ended meanwhile.
    """
    side = side_of(by, review, at)
    facts = {"review": review, "manifest": manifest, "files": files}
    log = side.home if side.developer else MAIN
    return ledger.append(log=log, kind=KIND, actor=by.person, facts=facts, label=Label.among(side.home), at=at)
