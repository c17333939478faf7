"""The one ledger entry of each action. Labels: who exists is for every known person; the rest for those it concerns.

No fact holds an address: a person is an id, and the name belongs to that.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from seatrial.kernel.labels import Label, Tlp
from seatrial.ledger import api as ledger
from seatrial.parties.types import Actor

COMMUNITY = Label(tlp=Tlp.GREEN)  # every known person may read it


def record(kind: str, by: Actor, at: datetime, label: Label, **facts: Any) -> None:
    """Append it to the main log, in the caller's transaction."""
    ledger.append(kind=kind, actor=by.person, facts=facts, label=label, at=at)
