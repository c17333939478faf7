"""Matching at an operator's home: ``seatrial match``. It needs no instance, and tells nobody what runs here."""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

import typer

from seatrial.clearinghouse.exposure import api as exposure
from seatrial.clearinghouse.exposure.types import AdvisoryRead, LocalMatch, Reading, Verdict
from seatrial.kernel.clock import iso, now
from seatrial.kernel.errors import Misuse

from .feed_kept import followed
from .files import read, write
from .output import show_table, wants_json

EXPOSED = 10  # the exit code where --fail was given and something is not known to be safe
_SAFE = frozenset({Verdict.NOT_AFFECTED, Verdict.FIXED})
_KINDS = frozenset({".json", ".jsonl", ".ndjson"})


class Form(enum.StrEnum):
    TABLE = "table"
    CSV = "csv"
    VEX = "vex"  # OpenVEX


def add_to(app: typer.Typer) -> None:
    """``seatrial match`` stands beside the groups."""
    app.command(rich_help_panel="Who does what")(match)


def match(
    inventories: Annotated[list[Path], typer.Argument(help="CycloneDX, SPDX or CSV files, or folders of them.")],
    advisories: Annotated[
        list[Path] | None, typer.Option(help="OSV or CSAF files, JSON lines, or folders. Repeatable.")
    ] = None,
    feed: Annotated[
        list[str] | None, typer.Option(help="A CSAF provider, verified and kept for the next time. Repeatable.")
    ] = None,
    key: Annotated[list[str] | None, typer.Option(help="A fingerprint that it must sign with. Repeatable.")] = None,
    state: Annotated[Path | None, typer.Option(help="Where feeds are kept; ~/.seatrial/feeds if not given.")] = None,
    form: Annotated[Form, typer.Option(help="table, csv (safe for spreadsheets) or vex (OpenVEX).")] = Form.TABLE,
    into: Annotated[Path | None, typer.Option("--output", help="Write it here instead of showing it.")] = None,
    author: Annotated[str, typer.Option(help="Who says so, in a VEX document.")] = "unnamed operator",
    fail: Annotated[bool, typer.Option("--fail", help=f"Exit {EXPOSED} if anything is not known to be safe.")] = False,
) -> None:
    """Match inventories with advisories on this machine: nobody is told what is in them.

    A feed is read as everybody reads it; what was read is kept, so that the next time only what is new is read.
    """
    if not advisories and not feed:
        raise Misuse("no-advisories", "Name advisories with --advisories, or a feed with --feed.")
    reading = exposure.merged(exposure.read(read(file), file.name) for file in _files(inventories, with_csv=True))
    known: list[AdvisoryRead] = []
    for file in _files(advisories or ()):
        known += exposure.read_advisories(read(file), file.name)
    notes: list[str] = []
    for url in feed or ():
        kept = followed(url, state or Path.home() / ".seatrial" / "feeds", pinned=key or ())
        notes += kept.notes
        for name, content in kept.documents:
            known += exposure.read_advisories(content, name)
    found = list(exposure.match_at_home(reading, known))
    if form is Form.CSV:
        _out(exposure.as_csv(found), into)
    elif form is Form.VEX:
        _out(exposure.as_vex(found, author=author, at=iso(now())), into)
    else:
        _table(found, into)
    _notes([*notes, *reading.notes, *(note for one in known for note in one.notes)], reading, known, found)
    if fail and any(one.settled.hit.verdict not in _SAFE for one in found):
        raise typer.Exit(EXPOSED)


def _files(given: Iterable[Path], *, with_csv: bool = False) -> Iterator[Path]:
    """Files as they are named, and in folders those that end as such files do. Raises ``Misuse`` (``cannot-read``)."""
    kinds = _KINDS | ({".csv"} if with_csv else set())
    for one in given:
        if not one.is_dir():
            yield one
            continue
        found = sorted(file for file in one.rglob("*") if file.suffix.lower() in kinds and file.is_file())
        if not found:
            raise Misuse("cannot-read", f"{one} holds no file that ends in {', '.join(sorted(kinds))}; name another.")
        yield from found


def _out(text: str, into: Path | None) -> None:
    if into is None:
        typer.echo(text, nl=False)
    else:
        write(into, text.encode())


def _table(found: list[LocalMatch], into: Path | None) -> None:
    if into is not None:
        raise Misuse("table-into-file", "A table is for the eye; write a file with --form csv or --form vex.")
    columns = {
        "system": "system",
        "component": "component",
        "version": "version",
        "vulnerability": "vulnerability",
        "verdict": "verdict",
    }
    rows = sorted(exposure.table(found), key=lambda row: (row["verdict"], row["system"], row["component"]))
    show_table(rows, columns | {"reason": "why"}, empty="No advisory speaks of anything here.")


def _notes(notes: list[str], reading: Reading, known: list[AdvisoryRead], found: list[LocalMatch]) -> None:
    """On standard error, so that what was asked for can be piped."""
    if wants_json():
        return
    counts = Counter(one.settled.hit.verdict.replace("_", " ") for one in found)
    said = ", ".join(f"{count:,} {word}" for word, count in sorted(counts.items())) or "nothing"
    typer.echo(f"{len(reading.systems):,} systems, {len(known):,} advisories: {said}.", err=True)
    for note in notes[:20]:
        typer.echo(note, err=True)
