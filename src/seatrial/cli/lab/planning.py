"""Plan: the reviews there are, a new one, its offer, its dates."""

from __future__ import annotations

from typing import Annotated

import typer

from seatrial.cli.output import show, show_table

from .connection import As, Key, Review, Time, connected, under


def add_to(app: typer.Typer) -> None:
    """Under "Plan"."""
    under(
        app,
        "Plan",
        {"reviews": reviews, "show": show_review, "plan": plan, "offer": offer, "move": move},
    )


def reviews(
    find: Annotated[str, typer.Option(help="Only those whose title or model holds this.")] = "", who: As = ""
) -> None:
    """List the reviews you may see, newest first."""
    with connected(who) as seatrial:
        found = tuple(seatrial.reviews.all(find=find))
    show_table(
        found,
        {"id": "review", "title": "title", "model": "model", "state": "state", "body_name": "with"},
        empty="No reviews yet; start one with 'seatrial lab plan'.",
    )


def show_review(review: Review, who: As = "") -> None:
    """Show one review: its clock, its consent, what you may do now."""
    with connected(who) as seatrial:
        show(seatrial.reviews.show(review))


def plan(
    developer: Annotated[str, typer.Option(help="Your organisation's id.")],
    body: Annotated[str, typer.Option(help="The review body's organisation id.")],
    title: Annotated[str, typer.Option(help="What you call this review.")],
    model: Annotated[str, typer.Option(help="The model's name at your endpoint.")],
    partner_release: Time,
    public_release: Time,
    who: As = "",
    key: Key = "",
) -> None:
    """Plan a release and draft a review. Nobody else can see a draft."""
    with connected(who, key) as seatrial:
        made = seatrial.reviews.plan(
            developer=developer,
            body=body,
            title=title,
            model=model,
            partner_release=partner_release,
            public_release=public_release,
        )
    show(
        {"review": made.id},
        lines=[f"Drafted {made.id}. Only your organisation can see it; 'seatrial lab offer' shares it."],
    )


def offer(review: Review, who: As = "", key: Key = "") -> None:
    """Share the plan with the review body. This opens no access yet."""
    with connected(who, key) as seatrial:
        seatrial.reviews.offer(review)
    show({"review": review, "state": "offered"}, lines=["Offered. Access opens only with a signed consent."])


def move(review: Review, partner_release: Time, public_release: Time, who: As = "", key: Key = "") -> None:
    """Move the planned dates. An earlier partner release shortens the window; a later one prolongs nothing."""
    with connected(who, key) as seatrial:
        seatrial.reviews.move(review, partner_release=partner_release, public_release=public_release)
    show({"review": review, "moved": True}, lines=["Moved."])
