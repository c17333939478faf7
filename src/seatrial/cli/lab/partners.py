"""Trusted partners: access needs both signatures, and either side ends it."""

from __future__ import annotations

from typing import Annotated

import typer

from seatrial.cli.output import show
from seatrial.review.cases.types import ReviewView

from .connection import As, Key, Review, connected, new_group

Organisation = Annotated[str, typer.Argument(help="The partner's organisation id.")]


def add_to(app: typer.Typer) -> None:
    """A group of its own, under "Consent"."""
    group = new_group("Trusted partners: propose, sign, end. Declining one changes nothing else.")
    for function in (propose, sign, end):
        group.command()(function)
    app.add_typer(group, name="partner", rich_help_panel="Consent")


def propose(review: Review, organisation: Organisation, who: As = "", key: Key = "") -> None:
    """Propose a trusted partner; your side has signed by proposing."""
    with connected(who, key) as seatrial:
        _show(seatrial.reviews.propose_partner(review, organisation), organisation, "Proposed, and signed by you.")


def sign(review: Review, organisation: Organisation, who: As = "", key: Key = "") -> None:
    """Sign for your side. The partner's access needs both."""
    with connected(who, key) as seatrial:
        _show(seatrial.reviews.sign_partner(review, organisation), organisation, "Signed.")


def end(review: Review, organisation: Organisation, who: As = "", key: Key = "") -> None:
    """End a partnership, at once."""
    with connected(who, key) as seatrial:
        _show(seatrial.reviews.end_partner(review, organisation), organisation, "Ended.")


def _show(review: ReviewView, organisation: str, line: str) -> None:
    show(next((partner for partner in review.partners if partner.organisation == organisation), {}), lines=[line])
