"""Your own key, for which files are sealed: ``new`` makes it where you are, ``register`` says its public half.

``new`` and ``public`` need no database and no network; the private half is read by nothing else than what opens a file.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from seatrial.kernel.clock import iso, now
from seatrial.kernel.recipients import RecipientKey, new_private_key, private_key, recipient_key
from seatrial.parties import api as parties

from .asking import As, acting
from .database import check
from .files import read_text
from .output import show, show_table

app = typer.Typer(
    help="Your own key, for which files are sealed. The private half stays in your file: lost, nobody opens them.",
    no_args_is_help=True,
)

KeyFile = Annotated[Path, typer.Argument(help="The file of your private key.")]


@app.command()
def new(file: Annotated[Path, typer.Argument(help="Where the private key is, or is to be.")]) -> None:
    """Make a key pair if there is none, readable by you alone, and print the public half. Nothing is sent."""
    _show_public(file, new_private_key(file).public)


@app.command()
def public(file: KeyFile) -> None:
    """Print the public half of a key that is there, and its id: compare ids by another way than this instance."""
    _show_public(file, private_key(file).public)


@app.command()
def register(
    public_key: Annotated[Path, typer.Argument(help="A file with the public half (PEM), as 'new' prints it.")],
    who: As = "",
) -> None:
    """Have files sealed for you with this key from now on. The one before is retired; keep its private half."""
    check()
    pem = read_text(public_key)
    recipient_key(pem)
    made = parties.register_recipient_key(by=acting(who), pem=pem, at=now())
    show(made, lines=[f"Registered {made.id}, on the ledger since {iso(made.registered_at)}."])


@app.command()
def retire(key: Annotated[str, typer.Argument(help="The key's id (sha256:…).")], who: As = "") -> None:
    """Have nothing sealed for a key of yours any more; what was, you still open."""
    check()
    made = parties.retire_recipient_key(by=acting(who), key=key, at=now())
    show(made, lines=["Retired."])


@app.command(name="list")
def list_keys(person: Annotated[str, typer.Argument(help="Whose: a person id.")], who: As = "") -> None:
    """List a person's public keys, the newest first."""
    check()
    show_table(
        parties.recipient_keys(acting(who), person),
        {"id": "key", "registered_at": "registered", "retired_at": "retired"},
        empty="No key yet; its holder makes one with 'seatrial key new'.",
    )


def _show_public(file: Path, key: RecipientKey) -> None:
    show({"key": str(file), "id": key.id, "public": key.pem}, lines=key.pem.strip().splitlines())
