"""The command line without an instance: ``seatrial lab …`` over HTTP needs neither Django nor a database.

A pipeline pays for what it starts: with SEATRIAL_URL set only the client is imported.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import typer

from . import lab
from .running import run_app, table_of_contents


def is_remote(arguments: Sequence[str], environment: Mapping[str, str]) -> bool:
    """True if these words are a lab's and the environment names an instance elsewhere."""
    first = next((word for word in arguments if not word.startswith("-")), "")
    return first == "lab" and bool(environment.get("SEATRIAL_URL"))


def needs_no_instance(arguments: Sequence[str]) -> bool:
    """True for what is done on this machine alone; then nothing may be written into an instance's folder."""
    return next((word for word in arguments if not word.startswith("-")), "") == "match"


def run(arguments: Sequence[str]) -> int:
    """Run one of the lab's commands; returns its exit code."""
    app = table_of_contents("The voyage before delivery, for frontier AI models.")
    app.callback()(_nothing_first)
    app.add_typer(lab.app, name="lab")
    return run_app(app, arguments)


def _nothing_first(_context: typer.Context) -> None:
    """Keeps ``lab`` a word of its own although it is the only one."""
