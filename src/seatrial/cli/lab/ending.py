"""End: withdraw, release, close. Each is the developer's alone, and works at once."""

from __future__ import annotations

import typer

from seatrial.cli.output import show

from .connection import As, Key, Review, connected, under


def add_to(app: typer.Typer) -> None:
    """Under "End"."""
    under(app, "End", {"withdraw": withdraw, "release": release, "close": close})


def withdraw(review: Review, who: As = "", key: Key = "") -> None:
    """End all access now. No reason is asked, nobody can undo it."""
    with connected(who, key) as seatrial:
        seatrial.reviews.withdraw(review)
    show(
        {"review": review, "state": "withdrawn"},
        lines=["Withdrawn. Every key is dead; streams in flight are being cut."],
    )


def release(review: Review, who: As = "", key: Key = "") -> None:
    """Record that you released the model. Always possible; ends pre-release access in the same instant."""
    with connected(who, key) as seatrial:
        seatrial.reviews.release(review)
    show({"review": review, "state": "released"}, lines=["Release recorded. Pre-release access has ended."])


def close(review: Review, who: As = "", key: Key = "") -> None:
    """Close the review."""
    with connected(who, key) as seatrial:
        seatrial.reviews.close(review)
    show({"review": review, "state": "closed"}, lines=["Closed."])
