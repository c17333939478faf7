"""The command line's table of contents, and the one place where errors become exit codes."""

from __future__ import annotations

import os
from collections.abc import Sequence

import typer

from seatrial.kernel.errors import SeatrialError

from . import body, evaluator, finding, instance, lab, ledger, notices, party, suite
from .output import EXIT_CODES, fail

_CODES = "  ".join(f"{code} {meaning};" for code, meaning in EXIT_CODES.items()).rstrip(";")

app = typer.Typer(
    name="seatrial",
    help="The voyage before delivery, for frontier AI models. Every command takes --json.",
    epilog=f"Exit codes: {_CODES}.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
instance.add_to(app)
app.add_typer(lab.app, name="lab", rich_help_panel="Who does what")
app.add_typer(body.app, name="body", rich_help_panel="Who does what")
app.add_typer(evaluator.app, name="evaluator", rich_help_panel="Who does what")
app.add_typer(finding.app, name="finding", rich_help_panel="Who does what")
app.add_typer(party.app, name="party", rich_help_panel="Who does what")
# planning
# oversight
# notices
app.add_typer(notices.app, name="notices", rich_help_panel="What both sides share")
app.add_typer(suite.app, name="suite", rich_help_panel="What both sides share")
app.add_typer(ledger.app, name="ledger", rich_help_panel="What both sides share")


def run(arguments: Sequence[str]) -> int:
    """Run one command; returns its exit code. ``--json`` may stand anywhere."""
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
