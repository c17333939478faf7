"""Running one command line: ``--json`` may stand anywhere, errors become one sentence and an exit code."""

from __future__ import annotations

import os
from collections.abc import Sequence

import typer

from seatrial.kernel.errors import SeatrialError

from .output import EXIT_CODES, fail

CODES = "  ".join(f"{code} {meaning};" for code, meaning in EXIT_CODES.items()).rstrip(";")


def table_of_contents(help: str) -> typer.Typer:
    """An empty ``seatrial`` that explains itself and its exit codes."""
    return typer.Typer(
        name="seatrial",
        help=help,
        epilog=f"Exit codes: {CODES}.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich",
    )


def run_app(app: typer.Typer, arguments: Sequence[str]) -> int:
    """Run one command of ``app``; returns its exit code."""
    words = [word for word in arguments if word != "--json"]
    if len(words) < len(arguments):
        os.environ["SEATRIAL_JSON"] = "1"
    try:
        app(args=words, prog_name="seatrial")
    except SystemExit as stop:  # how a command line library says: help was shown, words were wrong, or done
        return stop.code if isinstance(stop.code, int) else 0
    except SeatrialError as error:
        return fail(error)
    return 0
