"""Watch: every use of the model, what was spent, and the keys."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from seatrial.cli.output import show, show_table
from seatrial.review.access.types import Side

from .connection import As, Key, Review, connected, under
from .files import arriving


def add_to(app: typer.Typer) -> None:
    """Under "Watch"."""
    under(app, "Watch", {"uses": uses, "fetch-body": fetch_body, "usage": usage, "keys": keys, "revoke": revoke})


def uses(
    review: Review,
    limit: Annotated[int, typer.Option(help="How many, newest first.")] = 20,
    every: Annotated[bool, typer.Option("--all", help="All of them, however many.")] = False,
    table: Annotated[bool, typer.Option("--csv", help="As a table for a spreadsheet (at most 1000).")] = False,
    who: As = "",
) -> None:
    """See every use of your model: who, for what, how much."""
    with connected(who) as seatrial:
        if table:
            sys.stdout.write(seatrial.access.uses_csv(review, limit=limit).decode())
            return
        found = tuple(seatrial.access.all_uses(review)) if every else seatrial.access.uses(review, limit=limit)
    show_table(
        found,
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


def fetch_body(
    review: Review,
    exchange: Annotated[str, typer.Argument(help="The use's id (exchange-…).")],
    side: Annotated[Side, typer.Argument(help="Which of the two.")],
    to: Annotated[Path, typer.Option(help="Where to write the sealed file.")],
    who: As = "",
) -> None:
    """Fetch what was sent or answered, sealed, where your consent has it kept; 'seatrial access body open' opens it."""
    with connected(who) as seatrial, arriving(to) as into:
        received = seatrial.access.body(review, exchange, side, into)
    show({"file": str(to), "bytes": received.bytes, "digest": received.digest}, lines=[f"Wrote {to}, still sealed."])


def usage(review: Review, who: As = "") -> None:
    """Say what the standing consent was charged so far."""
    with connected(who) as seatrial:
        show(seatrial.access.usage(review))


def keys(review: Review, who: As = "") -> None:
    """List the keys that were made for your review; never their secrets."""
    with connected(who) as seatrial:
        found = seatrial.access.keys(review)
    show_table(
        found,
        {"id": "key", "person": "person", "purpose": "purpose", "issued_at": "made", "revoked_at": "revoked"},
        empty="No keys yet.",
    )


def revoke(
    access_key: Annotated[str, typer.Argument(help="The access key's id (key-…).")], who: As = "", key: Key = ""
) -> None:
    """Revoke an access key; streams that use it are cut."""
    with connected(who, key) as seatrial:
        seatrial.access.revoke_key(access_key)
    show({"key": access_key, "revoked": True}, lines=["Revoked."])
