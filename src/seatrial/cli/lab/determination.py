"""Determination requests: ask whether a model meets the designation, look again, end it. No clock runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated

import typer

from seatrial.cli.output import show, show_table
from seatrial.kernel.digests import Digest
from seatrial.review.determinations.types import DeterminationRequestView, Evidence

from .connection import As, Key, Review, connected, new_group

Request = Annotated[str, typer.Argument(help="The determination request's id.")]
Determination = Annotated[str, typer.Argument(help="The determination's id.")]
Model = Annotated[str, typer.Option(help="A name by which both sides will know it.")]
Description = Annotated[str, typer.Option(help="What it is, how far along it is, why you ask.")]
Artefact = Annotated[str, typer.Option(help="The SHA-256 of its weights, if you want to name it.")]
OfReview = Annotated[str, typer.Option("--review", help="A review it belongs to. Not needed.")]
DossierVersion = Annotated[int, typer.Option(help="A version of that review's dossier, shared with the body.")]


def add_to(app: typer.Typer) -> None:
    """A group of its own, under "Talk"."""
    group = new_group("Ask whether a model meets the designation. Nothing depends on asking, or on an answer.")
    commands: Mapping[str, Callable[..., None]] = {
        "list": list_requests,
        "draft": draft,
        "revise": revise,
        "ask": ask,
        "show": show_request,
        "post": post,
        "reconsider": reconsider,
        "close": close,
        "withdraw": withdraw,
        "of-review": of_review,
        "read": read,
        "state": state,
    }
    for name, function in commands.items():
        group.command(name=name)(function)
    app.add_typer(group, name="determination", rich_help_panel="Talk")


def list_requests(who: As = "") -> None:
    """List your determination requests, newest first."""
    with connected(who) as seatrial:
        found = tuple(seatrial.determinations.all())
    show_table(
        found,
        {"id": "request", "model": "model", "state": "state", "body_name": "to", "asked_at": "asked"},
        empty="No determination requests.",
    )


def draft(
    developer: Annotated[str, typer.Option(help="Your organisation's id.")],
    body: Annotated[str, typer.Option(help="The review body's id.")],
    model: Model,
    description: Description,
    artefact: Artefact = "",
    review: OfReview = "",
    dossier_version: DossierVersion = 0,
    who: As = "",
    key: Key = "",
) -> None:
    """Draft a request. Nobody else can see it until you ask."""
    with connected(who, key) as seatrial:
        made = seatrial.determinations.draft(
            developer=developer,
            body=body,
            model=model,
            description=description,
            artefact=Digest(artefact) if artefact else None,
            review=review or None,
            dossier_version=dossier_version or None,
        )
    _show(made, "Drafted")


def revise(
    request: Request,
    model: Model,
    description: Description,
    artefact: Artefact = "",
    review: OfReview = "",
    dossier_version: DossierVersion = 0,
    who: As = "",
    key: Key = "",
) -> None:
    """Say it otherwise, while it is a draft."""
    with connected(who, key) as seatrial:
        made = seatrial.determinations.revise(
            request,
            model=model,
            description=description,
            artefact=Digest(artefact) if artefact else None,
            review=review or None,
            dossier_version=dossier_version or None,
        )
    _show(made, "Changed")


def ask(request: Request, who: As = "", key: Key = "") -> None:
    """Ask the review body. No clock begins."""
    with connected(who, key) as seatrial:
        _show(seatrial.determinations.ask(request), "Asked")


def show_request(request: Request, who: As = "") -> None:
    """Show one with its answers and its newest words."""
    with connected(who) as seatrial:
        show(seatrial.determinations.show(request))


def post(
    request: Request, text: Annotated[str, typer.Argument(help="What you say.")], who: As = "", key: Key = ""
) -> None:
    """Write words for both sides. They move nothing."""
    with connected(who, key) as seatrial:
        _show(seatrial.determinations.post(request, text).request, "Written on")


def reconsider(
    request: Request,
    reasons: Annotated[str, typer.Argument(help="Why you ask to look again.")],
    evidence: Annotated[str, typer.Option(help="What is new since the answer.")] = "",
    named: Annotated[
        list[str] | None,
        typer.Option(help="New evidence by reference: dossier:VERSION or document:sha256:…, then words. Repeatable."),
    ] = None,
    who: As = "",
    key: Key = "",
) -> None:
    """Ask the review body to look again at its answer, which stays as it is."""
    with connected(who, key) as seatrial:
        pieces = tuple(Evidence.parse(line) for line in named or [])
        made = seatrial.determinations.ask_reconsideration(request, reasons, evidence=evidence, named=pieces)
    _show(made, "Asked again")


def close(request: Request, who: As = "", key: Key = "") -> None:
    """Be done with it; both sides go on reading it."""
    with connected(who, key) as seatrial:
        _show(seatrial.determinations.close(request), "Closed")


def withdraw(request: Request, who: As = "", key: Key = "") -> None:
    """Withdraw it, at any time and without a reason."""
    with connected(who, key) as seatrial:
        _show(seatrial.determinations.withdraw(request), "Withdrawn")


def of_review(review: Review, who: As = "") -> None:
    """List the determinations of a review that were shared with you."""
    with connected(who) as seatrial:
        found = seatrial.determinations.of_review(review)
    show_table(
        found,
        {"id": "determination", "finding": "finding", "state": "state", "shared_at": "shared"},
        empty="No determination that you may see.",
    )


def read(determination: Determination, who: As = "") -> None:
    """Show one determination."""
    with connected(who) as seatrial:
        show(seatrial.determinations.read(determination))


def state(
    determination: Determination,
    text: Annotated[str, typer.Argument(help="Your own words, attached as they are.")],
    who: As = "",
    key: Key = "",
) -> None:
    """Attach your statement to a determination, once."""
    with connected(who, key) as seatrial:
        seatrial.determinations.attach_statement(determination, text)
    show({"determination": determination, "statement": text}, lines=["Attached."])


def _show(view: DeterminationRequestView, done: str) -> None:
    show({"request": view.id, "state": view.state}, lines=[f"{done} {view.id}: {view.state}."])
