"""The developer's commands: plan, offer, consent, watch, withdraw, release."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from seatrial.kernel.clock import Window, now, parse_time
from seatrial.kernel.digests import parse_digest
from seatrial.kernel.labels import Label
from seatrial.review.access import api as access
from seatrial.review.cases import api as cases
from seatrial.review.cases.types import AccessLevel, Budget, ConsentTerms

from .asking import As, acting
from .database import check
from .output import show, show_table

app = typer.Typer(
    help="Developer: plan a release, consent to access, see every use, end it.", callback=check, no_args_is_help=True
)

Review = Annotated[str, typer.Argument(help="The review's id.")]
Time = Annotated[datetime, typer.Option(parser=parse_time, metavar="TIME", help="ISO 8601 with a time zone.")]


@app.command()
def reviews(who: As = "") -> None:
    """List the reviews you may see."""
    show_table(
        cases.reviews(acting(who), now()),
        {"id": "review", "title": "title", "model": "model", "state": "state", "body_name": "with"},
        empty="No reviews yet; start one with 'seatrial lab plan'.",
    )


@app.command(name="show")
def show_review(review: Review, who: As = "") -> None:
    """Show one review: its clock, its consent, what you may do now."""
    show(cases.review(acting(who), review, now()))


@app.command()
def plan(
    developer: Annotated[str, typer.Option(help="Your organisation's id.")],
    body: Annotated[str, typer.Option(help="The review body's organisation id.")],
    title: Annotated[str, typer.Option(help="What you call this review.")],
    model: Annotated[str, typer.Option(help="The model's name at your endpoint.")],
    partner_release: Time,
    public_release: Time,
    who: As = "",
) -> None:
    """Plan a release and draft a review. Nobody else can see a draft."""
    made = cases.draft(
        by=acting(who),
        developer=developer,
        body=body,
        title=title,
        model=model,
        partner_release=partner_release,
        public_release=public_release,
        at=now(),
    )
    show(
        {"review": made}, lines=[f"Drafted {made}. Only your organisation can see it; 'seatrial lab offer' shares it."]
    )


@app.command()
def offer(review: Review, who: As = "") -> None:
    """Share the plan with the review body. This opens no access yet."""
    cases.offer(by=acting(who), review=review, at=now())
    show({"review": review, "state": "offered"}, lines=["Offered. Access opens only with a signed consent."])


@app.command()
def consent(
    review: Review,
    upstream: Annotated[str, typer.Option(help="Base address of your endpoint, e.g. https://api.lab.example/v1.")],
    artefact: Annotated[str, typer.Option(help="Digest of the weights or of the declared version, sha256:…")],
    person: Annotated[list[str], typer.Option(help="A person id of the body; repeat for more.")],
    purpose: Annotated[list[str], typer.Option(help="A purpose of the policy; repeat for more.")],
    opens: Time,
    closes: Time,
    requests: Annotated[int, typer.Option(help="The most requests.")],
    tokens: Annotated[int, typer.Option(help="The most tokens, in and out.")],
    concurrency: Annotated[int, typer.Option(help="The most requests at once.")] = 4,
    variant: Annotated[str, typer.Option(help="Which variant is served.")] = "safeguarded",
    level: Annotated[AccessLevel, typer.Option(help="How deep the access goes.")] = AccessLevel.API,
    model: Annotated[str, typer.Option(help="The model's name at your endpoint, if not as planned.")] = "",
    label: Annotated[str, typer.Option(help="Label of what may pass through the channel.")] = "open//-//TLP:CLEAR//*",
    who: As = "",
) -> None:
    """Sign consent: these people, this purpose, this window, this budget, and nothing else."""
    actor = acting(who)
    terms = ConsentTerms(
        model=model or cases.review(actor, review, now()).model,
        artefact=parse_digest(artefact),
        variant=variant,
        people=frozenset(person),
        purposes=frozenset(purpose),
        level=level,
        upstream=upstream,
        budget=Budget(requests=requests, tokens=tokens, concurrency=concurrency),
        window=Window(opens, closes),
        label=Label.parse(label),
    )
    show(cases.sign_consent(by=actor, review=review, terms=terms, at=now()))


@app.command()
def credential(
    review: Review,
    secret: Annotated[str, typer.Option(envvar="SEATRIAL_UPSTREAM_KEY", prompt=True, hide_input=True)],
    who: As = "",
) -> None:
    """Store your endpoint's API key, sealed: only the gateway ever uses it."""
    access.set_upstream_credential(by=acting(who), review=review, credential=secret, at=now())
    show({"review": review, "credential": "stored"}, lines=["Stored, sealed. It never leaves the gateway."])


@app.command()
def uses(
    review: Review, limit: Annotated[int, typer.Option(help="How many, newest first.")] = 20, who: As = ""
) -> None:
    """See every use of your model: who, for what, how much."""
    show_table(
        access.exchanges(acting(who), review, limit=limit),
        {
            "at": "at",
            "person": "person",
            "purpose": "purpose",
            "path": "path",
            "status": "status",
            "prompt_tokens": "in",
            "completion_tokens": "out",
            "ended": "ended",
            "index": "receipt",
        },
        empty="No uses yet.",
    )


@app.command()
def move(review: Review, partner_release: Time, public_release: Time, who: As = "") -> None:
    """Move the planned dates. An earlier partner release shortens the window; a later one prolongs nothing."""
    cases.move_release(
        by=acting(who), review=review, partner_release=partner_release, public_release=public_release, at=now()
    )
    show({"review": review, "moved": True}, lines=["Moved."])


@app.command()
def withdraw(review: Review, who: As = "") -> None:
    """End all access now. No reason is asked, nobody can undo it."""
    cases.withdraw(by=acting(who), review=review, at=now())
    show(
        {"review": review, "state": "withdrawn"},
        lines=["Withdrawn. Every key is dead; streams in flight are being cut."],
    )


@app.command()
def release(review: Review, who: As = "") -> None:
    """Record that you released the model. Always possible; ends pre-release access in the same instant."""
    cases.record_release(by=acting(who), review=review, at=now())
    show({"review": review, "state": "released"}, lines=["Release recorded. Pre-release access has ended."])


@app.command()
def close(review: Review, who: As = "") -> None:
    """Close the review."""
    cases.close(by=acting(who), review=review, at=now())
    show({"review": review, "state": "closed"}, lines=["Closed."])
