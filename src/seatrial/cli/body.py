"""The review body's commands: acknowledge, ask, determine, sign, share, publish terms."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from seatrial.kernel.clock import now
from seatrial.review.cases import api as cases
from seatrial.review.determinations import api as determinations
from seatrial.review.determinations.types import Finding, Part, Withhold
from seatrial.review.threads import api as threads

from . import consultation, determination_requests, policy
from .asking import As, acting
from .database import check
from .files import write
from .output import show, show_table

app = typer.Typer(
    help="Review body: acknowledge, ask, determine, share back. None of it moves anybody's clock.",
    callback=check,
    no_args_is_help=True,
)

app.add_typer(policy.app, name="policy")
app.add_typer(determination_requests.app, name="request")
app.add_typer(consultation.app, name="consultation")

Determination = Annotated[str, typer.Argument(help="The determination's id.")]


@app.command()
def acknowledge(review: str, who: As = "") -> None:
    """Say that the offer arrived."""
    cases.acknowledge(by=acting(who), review=review, at=now())
    show({"review": review, "acknowledged": True}, lines=["Acknowledged."])


@app.command()
def ask(
    review: str,
    text: Annotated[str, typer.Argument(help="What you want to know, in Markdown.")],
    subject: Annotated[str, typer.Option(help="What it is about, in one line.")] = "A question",
    who: As = "",
) -> None:
    """Ask the developer for information. No clock waits for the answer."""
    made = threads.ask(by=acting(who), review=review, subject=subject, text=text, at=now())
    show({"review": review, "thread": made}, lines=[f"Asked in {made}."])


@app.command()
def draft(
    review: str,
    finding: Annotated[Finding, typer.Option(help="One of the three words there are.")],
    reasons: Annotated[str, typer.Option(help="Why, for a reader who has minutes.")],
    campaign: Annotated[
        str, typer.Option(help="The campaign whose evidence this rests on; none: not_determined.")
    ] = "",
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
    """Draft a determination on a campaign's evidence, or (``not_determined``) on documents alone."""
    made = determinations.draft(
        by=acting(who),
        review=review,
        campaign=campaign or None,
        finding=finding,
        reasons=reasons,
        at=now(),
        reconsiders=reconsiders or None,
        evidence=determinations.read_evidence("\n".join(evidence or [])),
        withhold=Withhold(frozenset(withhold or []), why_withheld) if withhold or why_withheld else None,
    )
    show({"determination": made}, lines=[f"Drafted {made}; two people sign it."])


@app.command()
def sign(determination: Determination, who: As = "") -> None:
    """Sign a determination; it takes two people."""
    actor = acting(who)
    determinations.sign(by=actor, determination=determination, at=now())
    show(determinations.determination(actor, determination))


@app.command()
def share(determination: Determination, who: As = "") -> None:
    """Share a signed determination with the developer."""
    determinations.share(by=acting(who), determination=determination, at=now())
    show({"determination": determination, "state": "shared"}, lines=["Shared with the developer."])


@app.command()
def memo(
    determination: Determination,
    to: Annotated[Path, typer.Option(help="Where to write it; a name that ends in .pdf makes a PDF.")] = Path(
        "memo.html"
    ),
    twin: Annotated[bool, typer.Option("--twin", help="What the developer gets, where something is withheld.")] = False,
    who: As = "",
) -> None:
    """Write the memo as one HTML page, or as a PDF. Either carries the signed record."""
    actor = acting(who)
    if to.suffix.lower() == ".pdf":
        write(to, determinations.memo_pdf(actor, determination, twin=twin))
    else:
        write(to, determinations.memo_html(actor, determination, twin=twin).encode())
    show({"memo": str(to)}, lines=[f"Wrote {to}."])


@app.command(name="list")
def list_determinations(review: str, who: As = "") -> None:
    """List the determinations of a review that you may see."""
    show_table(
        determinations.determinations(acting(who), review),
        {"id": "determination", "finding": "finding", "state": "state", "campaign": "campaign"},
        empty="No determinations that you may see.",
    )
