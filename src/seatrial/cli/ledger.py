"""The record both sides share: list, fetch receipts, verify them offline, audit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from django.conf import settings

from seatrial.kernel.canonical import from_json, plain
from seatrial.kernel.clock import now
from seatrial.kernel.errors import Misuse
from seatrial.ledger import api as ledger
from seatrial.ledger.types import MAIN
from seatrial.review.access import api as access

from .asking import As, acting
from .database import check
from .output import show, show_table

app = typer.Typer(help="The tamper-evident record: receipts anyone can verify offline.", no_args_is_help=True)

Log = Annotated[str, typer.Option(help="Which log; 'main' is shared.")]


@app.command(name="list")
def list_entries(
    log: Log = MAIN,
    kind: Annotated[str | None, typer.Option(help="Only kinds that start so, e.g. case.")] = None,
    limit: Annotated[int, typer.Option(help="How many, newest first.")] = 30,
    who: As = "",
) -> None:
    """List the entries you may read."""
    check()
    show_table(
        ledger.entries(acting(who), log=log, kind=kind, limit=limit, newest_first=True),
        {"index": "index", "at": "at", "kind": "kind", "leaf": "leaf hash"},
        empty="No entries that you may read.",
    )


@app.command()
def receipt(
    index: int,
    to: Annotated[Path | None, typer.Option(help="Where to write it; else it is printed.")] = None,
    log: Log = MAIN,
    who: As = "",
) -> None:
    """Fetch the receipt of one entry: the entry, its openings, its proof, a signed checkpoint."""
    check()
    made = ledger.receipt(acting(who), log=log, index=index, at=now())
    text = json.dumps(plain(made), indent=2, ensure_ascii=False) + "\n"
    if to is None:
        print(text, end="")
        return
    try:
        to.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Misuse("cannot-write", f"{to} cannot be written ({error.strerror}); name another file.") from error
    show({"receipt": str(to)}, lines=[f"Wrote {to}."])


@app.command()
def verify(
    receipt: Annotated[Path, typer.Argument(help="A receipt file.")],
    key: Annotated[str, typer.Option(help="The ledger's public key, or a file that holds it.")] = "",
) -> None:
    """Verify a receipt offline, of an entry or of one use: needs the file and the ledger's public key, nothing else."""
    try:
        data = receipt.read_bytes()
    except OSError as error:
        raise Misuse("cannot-read", f"{receipt} cannot be read ({error.strerror}); name a receipt file.") from error
    parsed = from_json(data, str(receipt))
    if not isinstance(parsed, dict):
        raise Misuse("receipt-invalid", f"{receipt} is not a receipt: it must be a JSON object.")
    verified_by = access.verify_receipt if "exchange" in parsed else ledger.verify_receipt
    proven = verified_by(parsed, key_from(key))
    show(
        proven,
        lines=[
            f"Verified: {proven.kind} at {proven.at},",
            f"entry {proven.index} of {proven.size} in the log {proven.origin}/{proven.log}.",
            *(f"  {name}: {plain(value)}" for name, value in proven.facts.items()),
        ],
    )


@app.command()
def key() -> None:
    """Print this instance's public key; hand it to whoever verifies receipts."""
    show({"key": ledger.public_key()}, lines=[ledger.public_key()])


@app.command()
def checkpoint(log: Log = MAIN) -> None:
    """Print a signed checkpoint of a log."""
    check()
    note = ledger.checkpoint(log=log, at=now())
    show({"checkpoint": note}, lines=note.rstrip("\n").split("\n"))


@app.command()
def audit(log: Log = MAIN) -> None:
    """Recompute a whole log from its stored bytes and compare with its head and last checkpoint."""
    check()
    found = ledger.audit(log)
    show(found)
    raise typer.Exit(0 if found.fault is None else 1)


def key_from(text: str) -> str:
    """A ledger's public key: given, in a file, or this instance's own. Raises ``Misuse`` (``key-missing``)."""
    if not text:
        known = settings.SEATRIAL.home / "ledger.pub"
        if not known.exists():
            raise Misuse(
                "key-missing", "Say whose ledger it is: add --key with the public key or a file that holds it."
            )
        return str(known.read_text()).strip()
    path = Path(text)
    return path.read_text().strip() if path.is_file() else text
