"""What an operator says of an exposure, in the words of VEX.

Statuses and justifications are those that CSAF, OpenVEX and CycloneDX share (CISA, *Minimum Requirements for VEX*,
2023). An answer never undoes what was said before: the latest counts, and all are kept. Nobody has to answer: what an
operator has not answered stays what the matching says, with no date but the operator's own.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from seatrial.clearinghouse.remediation.core.dates import LONGEST, OVER
from seatrial.clearinghouse.remediation.types import Over, Said, Status
from seatrial.kernel.errors import Misuse
from seatrial.kernel.text import checked

LONGEST_NOTE = 4000
AT_ONCE = 1000  # exposures answered in one call


def check(said: Said, at: datetime) -> Said:
    """As VEX wants it, blanks trimmed. Raises ``Misuse`` with one sentence."""
    note = checked("The note", said.note, longest=LONGEST_NOTE, optional=True)
    action = checked("The action", said.action, longest=LONGEST_NOTE, optional=True)
    if said.status is Status.NOT_AFFECTED and said.justification is None and not note:
        raise Misuse("answer-without-reason", "Say why it is not affected: choose a justification, or write a note.")
    if said.status is not Status.NOT_AFFECTED and said.justification is not None:
        raise Misuse("answer-contradicts", "A justification says why something is not affected; leave it out here.")
    if said.status in OVER and said.until is not None:
        raise Misuse("answer-contradicts", f"What is {said.status.replace('_', ' ')} needs no date; leave it out.")
    if said.until is not None and not at.date() <= said.until <= at.date() + timedelta(days=LONGEST):
        raise Misuse("answer-date", "Choose a date from today on, within ten years.")
    return Said(said.status, said.justification, note, action, said.until)


def over_after(over: Over | None, said: Said) -> Over | None:
    """What ends the exposure once this is said. What matching finds no more, no answer brings back."""
    if over is Over.GONE:
        return over
    return Over.ANSWER if said.status in OVER else None
