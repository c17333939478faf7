"""Whom the review body consulted: record it, list it. Nothing waits for a consultation."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from seatrial.kernel.clock import now
from seatrial.review.determinations import api as determinations
from seatrial.review.determinations.types import ConsultationView, Consulted, Stance

from .asking import As, acting
from .output import show, show_table

app = typer.Typer(
    help="Consultations: who was asked, and what they said. Every memo drafted afterwards lists them.",
    no_args_is_help=True,
)

About = Annotated[str, typer.Argument(help="A review's id, or a determination request's.")]


@app.command()
def record(
    about: About,
    organisation: Annotated[str, typer.Option(help="An organisation's id here, or any other name.")],
    capacity: Annotated[str, typer.Option(help="In which capacity, in one line.")],
    stance: Annotated[Stance, typer.Option(help="What they said of the question.")],
    on: Annotated[datetime, typer.Option(help="The day it took place (UTC).", formats=["%Y-%m-%d"])],
    person: Annotated[str, typer.Option(help="Who spoke; none if the organisation did as a whole.")] = "",
    words: Annotated[str, typer.Option(help="Their words, as they are.")] = "",
    who: As = "",
) -> None:
    """Record a consultation. It is kept as it is, with an entry of its own."""
    review, request = _about(about)
    made = determinations.record_consultation(
        by=acting(who),
        review=review,
        request=request,
        consulted=Consulted(organisation, person, capacity, stance, words, on.date()),
        at=now(),
    )
    show({"consultation": made}, lines=[f"Recorded {made}."])


@app.command(name="list")
def list_consultations(about: About, who: As = "") -> None:
    """List those of a review or of a request that you may see, oldest first."""
    review, request = _about(about)
    found: tuple[ConsultationView, ...] = (
        determinations.consultations(acting(who), review)
        if review is not None
        else determinations.consultations_for_request(acting(who), str(request))
    )
    rows = [
        {
            "consultation": one.id,
            "who": ", ".join(filter(None, (one.consulted.person, one.consulted.organisation))),
            "capacity": one.consulted.capacity,
            "stance": one.consulted.stance,
            "on": one.consulted.on,
            "words": one.consulted.words,
        }
        for one in found
    ]
    columns = {"consultation": "consultation", "who": "who", "capacity": "capacity", "stance": "said", "on": "on"}
    show_table(rows, columns, empty="No consultation that you may see.")


def _about(about: str) -> tuple[str | None, str | None]:
    return (None, about) if about.startswith("request-") else (about, None)
