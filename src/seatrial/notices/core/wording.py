"""All that a notice ever says. Nothing here takes a title, a name, a kind or a label, so none can get in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from seatrial.kernel.canonical import canonical
from seatrial.kernel.clock import iso

TYPE = "something.changed"


def page(portal: str, review: str) -> str:
    """The address where what changed can be read, after signing in."""
    return f"{portal}/reviews/{review}/" if review else f"{portal}/notices/"


def payload(*, id: str, review: str, at: datetime, portal: str) -> bytes:
    """The body of a webhook: the standard's ``type``, ``timestamp`` and ``data``."""
    data = {"id": id, "review": review or None, "page": page(portal, review)}
    return canonical({"type": TYPE, "timestamp": iso(at), "data": data})


def subject(reviews: Sequence[str]) -> str:
    """One line of a mail's head."""
    if len(reviews) == 1 and reviews[0]:
        return f"Something changed in {reviews[0]}"
    return "Something changed"


def text(*, id: str, reviews: Sequence[str], at: datetime, portal: str) -> str:
    """A mail in plain text."""
    where = f" in {reviews[0]}" if len(reviews) == 1 and reviews[0] else ""
    lines = [
        f"Something changed{where}. Sign in to read it.",
        "",
        *(page(portal, review) for review in reviews),
        "",
        f"{at:%Y-%m-%d %H:%M} UTC, {id}",
        "",
        f"How often you are told is yours to choose: {portal}/notices/",
        "",
    ]
    return "\n".join(lines)
