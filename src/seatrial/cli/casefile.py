"""The whole case as one signed file: take it out, and verify one. Verifying needs no database and no network."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from seatrial.kernel.clock import now
from seatrial.review.casefiles import api as casefiles

from .asking import As, acting
from .bars import bar
from .database import check
from .ledger import key_from
from .output import show

app = typer.Typer(help="The whole case as one file that verifies anywhere.", no_args_is_help=True)


@app.command()
def export(
    review: Annotated[str, typer.Argument(help="The review's id.")],
    to: Annotated[Path, typer.Option(help="Where to write the file.")],
    who: As = "",
) -> None:
    """Write everything you may read of a review into one ZIP, with receipts and signatures."""
    check()
    with bar("gathered") as progress:
        made = casefiles.export_to(to, by=acting(who), review=review, at=now(), progress=progress)
    show(
        {
            "file": str(to),
            "bytes": made.bytes,
            "files": made.files,
            "digest": made.digest,
            "entry": [made.log, made.index],
        },
        lines=[
            f"Wrote {to}: {made.files} files, {made.bytes:,} bytes.",
            f"Digest: {made.digest}",
            f"Verify it anywhere: seatrial case verify {to} --key ledger.pub",
        ],
    )


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(help="A case file.")],
    key: Annotated[str, typer.Option(help="The ledger's public key, or a file that holds it.")] = "",
) -> None:
    """Verify a case file offline: every file, receipt and signature. Exit code 1 if anything does not hold."""
    found = casefiles.verify(file, key_from(key))
    marks = {True: "holds   ", False: "DOES NOT"}
    verdict = "Everything in it holds." if found.holds else "This file cannot be relied on."
    show(found, lines=[*(f"{marks[one.holds]}  {one.sentence}" for one in found.checks), verdict])
    raise typer.Exit(0 if found.holds else 1)
