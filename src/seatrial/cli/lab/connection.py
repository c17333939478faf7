"""Which instance a lab's command speaks to, and what every such command takes."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated

import typer

from seatrial.cli.asking import As
from seatrial.client import Keys, Seatrial
from seatrial.kernel.clock import parse_time
from seatrial.kernel.errors import Misuse

__all__ = ["As", "Key", "Review", "Time", "connected", "new_group", "ready", "under"]

Review = Annotated[str, typer.Argument(help="The review's id.")]
Time = Annotated[datetime, typer.Option(parser=parse_time, metavar="TIME", help="ISO 8601 with a time zone.")]
Key = Annotated[
    str,
    typer.Option(
        "--idempotency-key",
        help="Names this change: run again with the same key within 24 hours, it acts once. A fresh one by default.",
        show_default=False,
    ),
]


def new_group(help: str, callback: Callable[..., None] | None = None) -> typer.Typer:
    """A group of commands that shows its contents when called alone."""
    return typer.Typer(help=help, callback=callback, no_args_is_help=True, rich_markup_mode="rich")


def ready() -> None:
    """Before a command that works on the instance in SEATRIAL_HOME: is its database as this version expects?"""
    if not _url():
        from seatrial.cli import database

        database.check()


def connected(who: str, key: str = "") -> Seatrial:
    """The instance as the person who acts. Raises ``Misuse`` (``nobody-acts``, ``as-over-http``, ``bad-setting``)."""
    if _url():
        if who:
            raise Misuse(
                "as-over-http", "Over HTTP the token says who acts: leave out --as (and SEATRIAL_AS), or SEATRIAL_URL."
            )
        return Seatrial.from_environment(os.environ, key=key or None)
    from seatrial.cli.asking import acting
    from seatrial.rest.local import InProcess

    keys = Keys(exact=key or None, prefix=os.environ.get("SEATRIAL_IDEMPOTENCY_KEY"))
    return Seatrial.over(InProcess(acting(who)), keys=keys)


def under(app: typer.Typer, title: str, commands: Mapping[str, Callable[..., None]]) -> None:
    """Put commands, by the word that calls them, under one heading of the table of contents."""
    for name, function in commands.items():
        app.command(name=name, rich_help_panel=title)(function)


def _url() -> str:
    return os.environ.get("SEATRIAL_URL", "")
