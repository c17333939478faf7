"""The clearinghouse's commands: report a vulnerability, follow it, handle it."""

from __future__ import annotations

from typing import Annotated

import typer

from seatrial.clearinghouse.findings import api as findings
from seatrial.clearinghouse.findings.types import NewReport
from seatrial.kernel.clock import now

from .asking import As, acting
from .database import check
from .output import show, show_table

app = typer.Typer(
    help="Clearinghouse: report a vulnerability, follow it by its code, handle reports.",
    callback=check,
    no_args_is_help=True,
)


@app.command()
def report(
    title: Annotated[str, typer.Option(help="What it is, in one line.")],
    description: Annotated[str, typer.Option(help="What happens, where, and how you know.")],
    product: Annotated[str, typer.Option(help="What it is in, as its vendor names it.")],
    version: Annotated[str, typer.Option(help="Which version.")] = "",
    finder: Annotated[str, typer.Option(help="Whom to credit; empty stays anonymous.")] = "",
    proof: Annotated[str, typer.Option(help="A runnable proof, if you have one.")] = "",
    tlp: Annotated[str, typer.Option(help="How far it may travel: CLEAR, GREEN, AMBER, AMBER+STRICT, RED.")] = "AMBER",
) -> None:
    """Report a vulnerability. No account is needed."""
    new = NewReport(title, description, product, version, finder, proof, tlp)
    receipt = findings.submit(report=new, at=now(), source="cli")
    show(
        receipt, lines=[f"Received. Your receipt code, shown this once: {receipt.code}", f"Kept under {receipt.label}."]
    )


@app.command()
def follow(code: Annotated[str, typer.Argument(help="The receipt code.")]) -> None:
    """See what became of a report."""
    show(findings.follow(code))


@app.command(name="list")
def list_reports(who: As = "") -> None:
    """List the reports you may see."""
    show_table(
        findings.reports(acting(who)),
        {"id": "report", "title": "title", "product": "product", "state": "state", "at": "at"},
        empty="No reports that you may see.",
    )


@app.command()
def acknowledge(report: Annotated[str, typer.Argument(help="The report's id.")], who: As = "") -> None:
    """Say that an analyst has seen it."""
    show(findings.acknowledge(by=acting(who), report=report, at=now()))
