"""`seatrial advisory …`: what advisories say, and whether they say it rightly."""

from __future__ import annotations

import typer

from . import advisory_validation

app = typer.Typer(help="Advisories: judged by every official test of CSAF.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """Advisories: judged by every official test of CSAF."""


advisory_validation.add_to(app)
