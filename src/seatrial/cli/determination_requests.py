"""The review body's side of determination requests: acknowledge, write, draft on documents, answer."""

from __future__ import annotations

from typing import Annotated

import typer

from seatrial.kernel.clock import now
from seatrial.review.determinations import api as determinations
from seatrial.review.determinations.types import Part, Withhold

from .asking import As, acting
from .output import show, show_table

app = typer.Typer(
    help="Determination requests: a developer asks whether a model meets the designation. No clock runs.",
    no_args_is_help=True,
)

Request = Annotated[str, typer.Argument(help="The determination request's id.")]


@app.command(name="list")
def list_requests(
    after: Annotated[str, typer.Option(help="The last id of the page before.")] = "", who: As = ""
) -> None:
    """List the determination requests you may see, newest first."""
    show_table(
        determinations.requests(acting(who), now(), after=after),
        {"id": "request", "model": "model", "state": "state", "developer_name": "from", "asked_at": "asked"},
        empty="No determination requests that you may see.",
    )


@app.command(name="show")
def show_request(request: Request, who: As = "") -> None:
    """Show one with its answers and its newest words."""
    show(determinations.request_page(acting(who), request, now()))


@app.command()
def acknowledge(request: Request, who: As = "") -> None:
    """Say that it arrived. Nothing begins to run."""
    determinations.acknowledge_request(by=acting(who), request=request, at=now())
    show({"request": request, "state": "acknowledged"}, lines=["Acknowledged."])


@app.command()
def post(request: Request, text: Annotated[str, typer.Argument(help="What you say.")], who: As = "") -> None:
    """Write words for both sides. They move nothing."""
    made = determinations.post_on_request(by=acting(who), request=request, text=text, at=now())
    show({"request": request, "post": made}, lines=["Written. Both sides can read it."])


@app.command()
def draft(
    request: Request,
    reasons: Annotated[str, typer.Option(help="Why it cannot be said without evidence.")],
    reconsiders: Annotated[str, typer.Option(help="An earlier determination that this looks at again.")] = "",
    evidence: Annotated[
        list[str] | None,
        typer.Option(help="New since then: campaign:ID, dossier:VERSION or document:sha256:…, then words. Repeatable."),
    ] = None,
    withhold: Annotated[
        list[Part] | None, typer.Option(help="A part the developer will not be given. Repeatable.")
    ] = None,
    why_withheld: Annotated[str, typer.Option(help="Why it is withheld, in one line; the twin says it.")] = "",
    who: As = "",
) -> None:
    """Draft ``not_determined`` on the documents of a request alone."""
    made = determinations.draft_for_request(
        by=acting(who),
        request=request,
        reasons=reasons,
        at=now(),
        reconsiders=reconsiders or None,
        evidence=determinations.read_evidence("\n".join(evidence or [])),
        withhold=Withhold(frozenset(withhold or []), why_withheld) if withhold or why_withheld else None,
    )
    show({"determination": made}, lines=[f"Drafted {made}; two people sign it."])


@app.command()
def offered(request: Request, who: As = "") -> None:
    """List the shared determinations that you could answer with now."""
    show_table(
        determinations.answers_offered(acting(who), request, now()),
        {"id": "determination", "finding": "finding", "campaign": "campaign", "shared_at": "shared"},
        empty="No shared determination of this developer that you could answer with.",
    )


@app.command()
def answer(
    request: Request,
    determination: Annotated[str, typer.Option(help="A shared determination of the same developer.")],
    who: As = "",
) -> None:
    """Answer with a shared determination. The developer can ask you to look again."""
    determinations.answer_request(by=acting(who), request=request, determination=determination, at=now())
    show({"request": request, "determination": determination}, lines=["Answered."])
