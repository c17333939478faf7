"""Suites: build the practice suite, verify a suite file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from seatrial.kernel.clock import now
from seatrial.kernel.errors import Misuse
from seatrial.review.benchmarks import api as benchmarks

from .asking import As, acting
from .database import check
from .output import show

app = typer.Typer(help="Sealed suites: build, verify, register.", no_args_is_help=True)


@app.command()
def build(
    seed: Annotated[str, typer.Option(help="Any text; the same seed gives the same suite.")],
    to: Annotated[Path, typer.Option(help="Where to write the suite file.")] = Path("suite.json"),
    per_family: Annotated[int, typer.Option(help="Items a family.", min=1, max=200)] = 5,
) -> None:
    """Build a fresh practice suite from a seed."""
    made = benchmarks.practice_suite(seed=seed, per_family=per_family)
    try:
        to.write_bytes(benchmarks.suite_bytes(made))
    except OSError as error:
        raise Misuse("cannot-write", f"{to} cannot be written ({error.strerror}); name another file.") from error
    show(
        {"file": str(to), "digest": made.digest, "items": len(made.items)},
        lines=[f"Wrote {to}: {len(made.items)} items, {made.digest}."],
    )


@app.command()
def verify(file: Path) -> None:
    """Check that a suite file is whole: its digest matches its content."""
    made = _read(file)
    show(
        {"digest": made.digest, "items": len(made.items), "name": made.name, "version": made.version},
        lines=[f"Whole: {made.name} {made.version}, {len(made.items)} items, {made.digest}."],
    )


@app.command()
def register(file: Path, who: As = "") -> None:
    """Keep a suite in this instance and record its digest on the ledger."""
    check()
    made = _read(file)
    benchmarks.register_suite(by=acting(who), suite=made, at=now())
    show({"digest": made.digest}, lines=[f"Registered {made.digest}."])


def _read(file: Path) -> benchmarks.Suite:
    try:
        return benchmarks.read_suite(file.read_bytes())
    except OSError as error:
        raise Misuse("cannot-read", f"{file} cannot be read ({error.strerror}); name a suite file.") from error
