"""Thresholds as committed data: check a file, commit it, list and show what is committed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from seatrial.kernel.clock import now
from seatrial.review.benchmarks import api as benchmarks

from . import database
from .asking import As, acting
from .files import read_text, write
from .output import show, show_table

app = typer.Typer(help="Thresholds: check, commit, list, show. A committed one is never edited.", no_args_is_help=True)

File = Annotated[Path, typer.Argument(help="A threshold specification: JSON in the format seatrial-threshold/1.")]


@app.command()
def check(file: File) -> None:
    """Check a specification, and that a committed one was not edited. Needs no database."""
    found = benchmarks.read_specification(read_text(file).encode())
    show(
        {**benchmarks.document_of(found), "digest": found.digest},
        lines=[
            f"In order: {found.name}, zone {found.low:g} to {found.high:g}, error {found.alpha:g} at most.",
            f"{found.digest}",
        ],
    )


@app.command()
def commit(file: File, who: As = "") -> None:
    """Commit a specification for your review body; its digest and content are on the ledger from then on."""
    database.check()
    made = benchmarks.commit_specification(by=acting(who), data=read_text(file).encode(), at=now())
    show({"digest": made}, lines=[f"Committed {made}."])


@app.command(name="list")
def list_thresholds(who: As = "") -> None:
    """List the committed thresholds that you may see, every version, newest first."""
    database.check()
    rows = [
        {
            "digest": one.digest,
            "name": one.specification.name,
            "zone": f"{one.specification.low:g} to {one.specification.high:g}",
            "alpha": one.specification.alpha,
            "superseded": one.superseded_by or "",
        }
        for one in benchmarks.specifications(acting(who))
    ]
    columns = {"digest": "threshold", "name": "name", "zone": "zone", "alpha": "error", "superseded": "superseded by"}
    show_table(rows, columns, empty="No thresholds that you may see.")


@app.command(name="show")
def show_threshold(
    digest: Annotated[str, typer.Argument(help="The threshold's digest.")],
    to: Annotated[Path | None, typer.Option(help="Also write the committed file here.")] = None,
    who: As = "",
) -> None:
    """Show a committed threshold; ``--to`` writes the file as it was committed."""
    database.check()
    found = benchmarks.specification(acting(who), digest)
    if to is not None:
        write(to, benchmarks.specification_bytes(found.specification))
    show(
        {
            **benchmarks.document_of(found.specification),
            "digest": found.digest,
            "owner": found.owner,
            "committed_at": found.committed_at,
            "superseded_by": found.superseded_by,
        }
    )
