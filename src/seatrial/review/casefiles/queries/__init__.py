"""What of a review the asker may read, gathered through the other rooms' doors: each keeps its own labels.

To a trusted partner only what it has itself: its terms, its calls, its keys, what it holds.
"""

from __future__ import annotations

from datetime import datetime

from seatrial.ledger import api as ledger
from seatrial.ledger.types import MAIN
from seatrial.parties import api as parties
from seatrial.parties.types import Actor
from seatrial.review.casefiles.core.leaving_out import of_partner, of_side
from seatrial.review.casefiles.ports import Crate, Progress
from seatrial.review.casefiles.types import Preview, Withheld

from .case import Case, Gathered, Side, side_of
from .parts import parts_for
from .proofs import organisations, receipts

__all__ = ["Gathered", "Side", "gather", "preview", "side_of"]


def preview(asking: Actor, review: str, now: datetime) -> Preview:
    """What an export would hold for this asker. Raises ``NotFound`` (``no-such-review``)."""
    side = side_of(asking, review, now)
    parts = parts_for(side)
    title = side.view.title if side.view else "A model shared with you"
    return Preview(review, title, tuple((part.title, part.sentence) for part in parts), _left_out(side))


def gather(asking: Actor, review: str, now: datetime, crate: Crate, progress: Progress) -> Gathered:
    """Put everything the asker may read into ``crate``. Raises ``NotFound`` (``no-such-review``)."""
    side = side_of(asking, review, now)
    parts = parts_for(side)
    logs = (MAIN, side.home) if side.developer else (MAIN,)
    wanted = {log: ledger.indexes(asking, log=log, review=review) for log in logs}
    total = sum(map(len, wanted.values())) + len(parts) + 1
    it = Case(asking, review, now, side, parties.names(), crate, progress, total)
    sections = []
    for part in parts:
        sections.append(part.gather(it))
        it.step()
    sections += [receipts(it, wanted), organisations(it)]
    it.step()
    title = side.view.title if side.view else "A model shared with you"
    withheld = (*_left_out(side), *(one for made in sections for one in made.withheld))
    return Gathered(title, tuple(sections), tuple(it.files), withheld)


def _left_out(side: Side) -> tuple[Withheld, ...]:
    return of_partner() if side.view is None else of_side(developer=side.developer)
