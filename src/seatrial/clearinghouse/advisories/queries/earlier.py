"""What earlier revisions of an advisory said to those who read this one."""

from __future__ import annotations

from seatrial.clearinghouse.advisories.core.content import read
from seatrial.clearinghouse.advisories.models import Revision
from seatrial.clearinghouse.advisories.types import Content


def earlier(advisory: str, content: Content) -> tuple[Content, ...]:
    """The contents of the published revisions of ``advisory`` (its id) with the marking and audience of ``content``.

    Others are left out: who reads this revision may not have been meant to read those.
    """
    rows = Revision.objects.filter(advisory_id=advisory).order_by("number").values_list("content", flat=True)
    same = (content.tlp, frozenset(content.audience))
    return tuple(one for one in map(read, rows) if (one.tlp, frozenset(one.audience)) == same)
