"""`seatrial advisory validate`: CSAF documents judged on this machine; no instance or address is asked."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from seatrial.clearinghouse.advisories import api as advisories
from seatrial.kernel.clock import now
from seatrial.kernel.errors import Misuse

from .files import read
from .output import show, wants_json

INVALID, UNUSABLE = 1, 2


def add_to(app: typer.Typer) -> None:
    """Give ``seatrial advisory`` its validation."""
    app.command()(validate)


def validate(
    files: Annotated[list[Path], typer.Argument(help="CSAF 2.0 or 2.1 documents.")],
    group: Annotated[
        list[advisories.Group] | None,
        typer.Option(help="Show this group only. Repeatable; all if not given."),
    ] = None,
    prose: Annotated[bool, typer.Option(help="Look at spelling and grammar, too (slower).")] = False,
) -> None:
    """Judge CSAF documents by the schema and every official test of their version.

    Exits 0 if all are valid, 1 if one is not (schema or a mandatory test), 2 if one cannot be read.
    """
    spelling, grammar = (advisories.spelling, advisories.grammar) if prose else (None, None)
    aids = advisories.Aids(spelling=spelling, grammar=grammar)
    groups = frozenset(group or advisories.Group)
    told: list[dict[str, object]] = []
    lines: list[str] = []
    worst = 0
    for file in files:
        try:
            report = advisories.validate(advisories.parse(read(file)), now=now(), aids=aids)
        except Misuse as error:
            worst = UNUSABLE
            told.append({"file": str(file), "code": error.code, "error": error.message})
            lines.append(f"{file}: {error.message}")
            continue
        worst = max(worst, 0 if report.valid else INVALID)
        found = report.of(groups)
        told.append(
            {
                "file": str(file),
                "version": report.version,
                "valid": report.valid,
                "findings": found,
                "unjudged": report.unjudged,
            }
        )
        verdict = f"valid CSAF {report.version}" if report.valid else f"not valid CSAF {report.version}".rstrip()
        lines.append(f"{file}: {verdict}, {len(found)} findings shown.")
        lines += [f"  {one.group} {one.number} {one.pointer or '/'}: {one.sentence}" for one in found]
        if report.unjudged and not wants_json():
            lines.append(f"  Not judged here: {', '.join(report.unjudged)}.")
    show(told, lines=lines)
    if worst:
        raise typer.Exit(worst)
