"""What a declaration of interests says. It informs a developer; no rule anywhere reads it (V2)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from seatrial.kernel.errors import Misuse
from seatrial.kernel.text import checked
from seatrial.parties.types import Interest, OrganisationKind

VALID_FOR = timedelta(days=365)
MOST = 20  # interests in one declaration
LONGEST = 2_000  # characters of one

DECLARING = frozenset({OrganisationKind.BODY, OrganisationKind.PARTNER})  # whose people evaluate others' models


def check(interests: Sequence[Interest]) -> tuple[Interest, ...]:
    """The interests as they are kept. Raises ``Misuse`` (``declaration-invalid``, ``bad-text``)."""
    if len(interests) > MOST:
        raise Misuse("declaration-invalid", f"A declaration lists at most {MOST} interests, not {len(interests)}.")
    return tuple(
        Interest(interest.kind, checked(f"Interest {number}", interest.text, longest=LONGEST))
        for number, interest in enumerate(interests, 1)
    )
