"""`seatrial advisory convert`: CSAF 2.0 written as 2.1 on this machine; no instance or address is asked."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from seatrial.clearinghouse.advisories import api as advisories

from .files import read, write
from .output import show

NOT_TAKEN = 1


def add_to(app: typer.Typer) -> None:
    """Give ``seatrial advisory`` its conversion."""
    app.command()(convert)


def convert(
    file: Annotated[Path, typer.Argument(help="A valid CSAF 2.0 document.")],
    out: Annotated[Path, typer.Argument(help="Where to write it as CSAF 2.1.")],
) -> None:
    """Write a CSAF 2.0 document as CSAF 2.1; each uncertain step is told with its place in the original.

    Exits 0 if it was written, 1 if 2.1 does not take the result (nothing is written), 2 if it is no valid 2.0.
    """
    found = advisories.convert(advisories.parse(read(file)))
    valid = found.report.valid
    if valid:
        write(out, advisories.written(found.document))
    verdict = f"written to {out} as CSAF 2.1" if valid else "not written: CSAF 2.1 does not take what it became"
    lines = [f"{file}: {verdict}; {len(found.warnings)} warnings."]
    lines += [f"  warning {one.pointer or '/'}: {one.sentence}" for one in found.warnings]
    lines += [f"  {one.group} {one.number} {one.pointer or '/'}: {one.sentence}" for one in found.report.findings]
    show(
        {"file": str(file), "written": valid, "warnings": found.warnings, "findings": found.report.findings},
        lines=lines,
    )
    if not valid:
        raise typer.Exit(NOT_TAKEN)
