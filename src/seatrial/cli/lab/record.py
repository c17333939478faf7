"""Record: the entries one may read, their receipts, the whole case as a file; each verifies offline."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from seatrial.cli.output import show, show_table
from seatrial.ledger.types import MAIN

from .connection import As, Review, connected, under
from .files import arriving, write_json

Log = Annotated[str, typer.Option(help="Which log: 'main' is shared; your organisation's id is your own.")]


def add_to(app: typer.Typer) -> None:
    """Under "Record"."""
    under(app, "Record", {"entries": entries, "receipt": receipt, "checkpoint": checkpoint, "export": export})


def entries(
    log: Log = MAIN,
    kind: Annotated[str | None, typer.Option(help="Only kinds that start so, e.g. case.")] = None,
    after: Annotated[int, typer.Option(help="Only entries after this index.")] = -1,
    limit: Annotated[int, typer.Option(help="How many, oldest first.")] = 100,
    who: As = "",
) -> None:
    """List the ledger's entries you may read."""
    with connected(who) as seatrial:
        found = seatrial.ledger.entries(log=log, kind=kind, after=after, limit=limit)
    show_table(
        found,
        {"index": "index", "at": "at", "kind": "kind", "leaf": "leaf hash"},
        empty="No entries that you may read.",
    )


def receipt(
    index: Annotated[int, typer.Argument(help="The entry's index.")],
    to: Annotated[Path | None, typer.Option(help="Where to write it; else it is printed.")] = None,
    log: Log = MAIN,
    who: As = "",
) -> None:
    """Fetch the receipt of one entry, to be verified offline by anybody."""
    with connected(who) as seatrial:
        made = seatrial.ledger.receipt(index, log=log)
    if to is None:
        print(json.dumps(made, indent=2, ensure_ascii=False))
        return
    write_json(to, made)
    show({"receipt": str(to)}, lines=[f"Wrote {to}."])


def checkpoint(log: Log = MAIN, who: As = "") -> None:
    """Print a signed checkpoint of a log."""
    with connected(who) as seatrial:
        note = seatrial.ledger.checkpoint(log=log)
    show({"checkpoint": note}, lines=note.rstrip("\n").split("\n"))


def export(
    review: Review,
    to: Annotated[Path | None, typer.Option(help="Where to write it; else only what it would hold is told.")] = None,
    who: As = "",
) -> None:
    """Write the whole case as you may read it to one file that verifies offline ('seatrial case verify')."""
    with connected(who) as seatrial:
        if to is None:
            held = seatrial.casefiles.preview(review)
            left_out = [f"left out: {piece.place} ({piece.reason})" for piece in held.withheld]
            show(held, lines=[*(f"{title}: {sentence}" for title, sentence in held.parts), *left_out])
            return
        with arriving(to) as into:
            found = seatrial.casefiles.export(review, into)
    show({"file": str(to), "digest": found.digest}, lines=[f"Wrote {to}."])
