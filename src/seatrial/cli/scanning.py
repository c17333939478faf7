"""Deconfliction of scanning on the command line."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from seatrial.clearinghouse.coordination import api as coordination
from seatrial.kernel.clock import Window, now, parse_time
from seatrial.kernel.errors import Misuse

from .asking import As, acting
from .database import check
from .output import show_table

app = typer.Typer(
    help="Who scans what: an overlap is shown to both sides, and to nobody else.", callback=check, no_args_is_help=True
)


@app.command()
def register(
    organisation: Annotated[str, typer.Argument(help="Your organisation's id.")],
    who_scans: Annotated[str, typer.Option(help="Shown to whom you meet: agent, networks, whom to write to.")],
    package: Annotated[list[str] | None, typer.Option(help="A package URL, e.g. pkg:pypi/requests.")] = None,
    file: Annotated[str, typer.Option(help="Or a file with one on each line; - reads standard input.")] = "",
    opens: Annotated[str, typer.Option(help="When the scan begins; else now.")] = "",
    days: Annotated[float, typer.Option(help="For how many days.")] = 14,
    who: As = "",
) -> None:
    """Register packages that you scan, all or none. Their names are not kept: note which id is which."""
    at = now()
    begins = parse_time(opens) if opens else at
    if not 0 < days < 1000:
        raise Misuse("bad-scan-window", "Say for how many days, e.g. --days 14.")
    window = Window(begins, begins + timedelta(days=days))
    named = [*(package or []), *(_lines(file) if file else [])]
    made = coordination.register_scans(
        by=acting(who), organisation=organisation, purls=named, window=window, who=who_scans, at=at
    )
    show_table(made, {"scan": "scan", "package": "package", "new": "new"}, empty="Nothing registered.")


@app.command(name="list")
def list_scans(who: As = "") -> None:
    """List your organisations' registrations, newest first."""
    columns = {"id": "scan", "organisation": "of", "window": "window", "identity": "who", "overlaps": "overlaps"}
    show_table(coordination.scans(acting(who), now()), columns, empty="No registrations.")


@app.command()
def overlaps(who: As = "") -> None:
    """List who else scans what you registered; they see you as well."""
    columns = {"scan": "your scan", "name": "lab", "window": "window", "identity": "who"}
    show_table(coordination.overlaps(acting(who), now()), columns, empty="You meet nobody.")


def _lines(file: str) -> list[str]:
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Misuse("no-such-file", f"{file} cannot be read as UTF-8 text.") from error
    return [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
