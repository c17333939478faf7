"""An operator's inventories on the instance: kept, shown, matched; seen by its own people alone."""

from __future__ import annotations

import time
from collections import Counter
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

from seatrial.clearinghouse.exposure import api as exposure
from seatrial.clearinghouse.exposure.types import Verdict
from seatrial.kernel.clock import now
from seatrial.kernel.errors import SeatrialError
from seatrial.kernel.labels import Label

from .asking import As, acting
from .database import check
from .files import read
from .output import show, show_table

app = typer.Typer(
    help="What your organisation runs, and which advisories speak of it.", callback=check, no_args_is_help=True
)

Organisation = Annotated[str, typer.Argument(help="Your organisation's id.")]
Inventory = Annotated[str, typer.Argument(help="The inventory's id.")]
_KINDS = frozenset({".json", ".csv"})


@app.command()
def add(
    organisation: Organisation,
    name: Annotated[str, typer.Argument(help="What it is called; one of that name is replaced.")],
    files: Annotated[list[Path], typer.Argument(help="CycloneDX, SPDX or CSV; each bill of materials is a system.")],
    who: As = "",
) -> None:
    """Keep an inventory, all of it or nothing, and match it at once."""
    given = {file.name if len(files) < 2 else str(file): read(file) for file in files}
    kept = exposure.add_inventory(by=acting(who), organisation=organisation, name=name, files=given, at=now())
    lines = [
        f"Kept as {kept.id}: {kept.systems:,} systems, {kept.components:,} components "
        f"({kept.added:,} releases came, {kept.removed:,} went)."
    ]
    show(kept, lines=[*lines, *kept.notes])


@app.command(name="list")
def list_inventories(who: As = "") -> None:
    """List your organisations' inventories."""
    columns = {
        "id": "inventory",
        "organisation": "of",
        "name": "name",
        "form": "form",
        "systems": "systems",
        "at": "at",
    }
    show_table(exposure.inventories(acting(who)), columns, empty="No inventories.")


@app.command(name="show")
def show_inventory(
    inventory: Inventory,
    after: Annotated[str, typer.Option(help="Go on behind the system of that name.")] = "",
    who: As = "",
) -> None:
    """Show an inventory's systems, with how many matches of which verdict each has."""
    asking = acting(who)
    found = exposure.verdicts(asking, inventory)
    rows = [
        {"id": one.id, "system": one.name, "components": one.components, "matches": _said(found.get(one.id, Counter()))}
        for one in exposure.systems(asking, inventory, after=after)
    ]
    show_table(rows, {name: name for name in ("id", "system", "components", "matches")}, empty="No systems.")


@app.command()
def matches(
    inventory: Annotated[str, typer.Argument(help="An inventory's id; else all of yours.")] = "",
    verdict: Annotated[Verdict | None, typer.Option(help="Only these.")] = None,
    limit: Annotated[int, typer.Option(help="At most so many.")] = 1000,
    who: As = "",
) -> None:
    """List which advisories speak of your systems, and why."""
    columns = {
        "system_name": "system",
        "package": "package",
        "version": "version",
        "vulnerability": "vulnerability",
        "verdict": "verdict",
        "reason": "why",
    }
    found = islice(exposure.matches(acting(who), inventory=inventory, verdict=verdict), max(0, limit))
    show_table(list(found), columns, empty="No advisory speaks of anything of yours.")


@app.command()
def remove(inventory: Inventory, who: As = "") -> None:
    """Forget an inventory and all that is known of its systems."""
    exposure.remove_inventory(by=acting(who), inventory=inventory, at=now())
    show({"inventory": inventory, "removed": True}, lines=["Removed."])


@app.command()
def watch(
    organisation: Organisation,
    folder: Annotated[Path, typer.Argument(help="Each .json and .csv file in it is an inventory of its name.")],
    every: Annotated[float, typer.Option(help="Look again after so many seconds.")] = 30.0,
    once: Annotated[bool, typer.Option("--once", help="Look once and end.")] = False,
    who: As = "",
) -> None:
    """Keep what lies in a folder, and what changes there. A file that goes away changes nothing."""
    seen: dict[Path, tuple[int, int]] = {}
    while True:
        for file in sorted(one for one in folder.iterdir() if one.suffix.lower() in _KINDS and one.is_file()):
            state = file.stat()
            stamp = (state.st_mtime_ns, state.st_size)
            if seen.get(file) != stamp:
                seen[file] = stamp
                _take(organisation, file, who)
        if once:
            return
        time.sleep(max(1.0, every))


@app.command()
def learn(
    files: Annotated[list[Path], typer.Argument(help="OSV or CSAF documents, also a list or JSON lines of them.")],
    label: Annotated[str, typer.Option(help="Who may know of them.")] = "open//-//TLP:CLEAR//*",
    who: As = "",
) -> None:
    """Give advisories from elsewhere, as an analyst; they are matched with every inventory at once."""
    given = {file.name if len(files) < 2 else str(file): read(file) for file in files}
    changed = exposure.learn(by=acting(who), files=given, label=Label.parse(label), at=now())
    show({"changed": changed}, lines=[f"{len(changed):,} advisories were new or have changed."])


def _take(organisation: str, file: Path, who: str) -> None:
    """One file of a watched folder; what is wrong with it is said, and the others go on."""
    try:
        kept = exposure.add_inventory(
            by=acting(who), organisation=organisation, name=file.name, files={file.name: read(file)}, at=now()
        )
        show(kept, lines=[f"{file.name}: {kept.systems:,} systems, {kept.components:,} components."])
    except SeatrialError as error:
        typer.echo(f"{file.name}: {error.message}", err=True)


def _said(counts: Counter[Verdict]) -> str:
    return ", ".join(f"{count:,} {verdict.replace('_', ' ')}" for verdict, count in sorted(counts.items())) or "none"
