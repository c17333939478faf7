"""The whole case as one signed file. 'seatrial case verify' checks it offline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO

from seatrial.review.casefiles.types import Preview

from .calling import Caller, Received, at


@dataclass(frozen=True, slots=True)
class Casefiles:
    """A case file holds what its asker may read, and says what it leaves out."""

    _caller: Caller

    def preview(self, review: str) -> Preview:
        """What the case's file would hold for you, and what it leaves out."""
        return self._caller.get(Preview, at("reviews", review, "case"))

    def export(self, review: str, into: IO[bytes]) -> Received:
        """Write the case's file (a ZIP) into a file open for writing, as it comes; checked by its digest.

        Each time it is made anew, with an entry in your own side's record.
        """
        return self._caller.get_file(at("reviews", review, "case", "file"), into)
