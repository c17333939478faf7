"""The typed client of the HTTP API: what a lab's pipeline imports. Knows no Django, and opens nothing when imported.

    from seatrial.client import Seatrial

    with Seatrial("https://review.example", token) as seatrial:
        review = seatrial.reviews.plan(developer="lab-north", body="body-one", …)
        seatrial.reviews.offer(review.id)

Answers are the rooms' own frozen dataclasses, refusals the errors of ``seatrial.kernel.errors``. Every change carries
an idempotency key, so a lost answer is asked for again and nothing happens twice.
"""

from __future__ import annotations

from .calling import Keys, Patience
from .seatrial import Seatrial
from .transport import Http, Lost, Transport

__all__ = ["Http", "Keys", "Lost", "Patience", "Seatrial", "Transport"]
