"""`seatrial advisory …`: what advisories say, and whether they say it rightly."""

from __future__ import annotations

import typer

from . import advisory_conversion, advisory_validation, advisory_writing

app = typer.Typer(
    help="Advisories: written from cases, published in every form, judged by every test of CSAF.", no_args_is_help=True
)


@app.callback()
def group() -> None:
    """Advisories: written from cases, published in every form, judged by every test of CSAF."""


advisory_writing.add_to(app)
advisory_validation.add_to(app)
advisory_conversion.add_to(app)
