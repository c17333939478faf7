"""Campaigns before they are planned: what one would take, by simulation of the very decision that would run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from seatrial.kernel.canonical import plain
from seatrial.kernel.digests import digest
from seatrial.kernel.errors import Misuse
from seatrial.review.benchmarks import api as benchmarks
from seatrial.review.benchmarks.types import Manifest, Threshold

from .files import write
from .output import console, show, show_table, wants_json

app = typer.Typer(help="Campaigns: what one would take in attempts, money and days.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Campaigns: what one would take in attempts, money and days."""


@app.command()
def plan(
    items: Annotated[int | None, typer.Option(help="Items of the suite.", min=1, max=2000)] = None,
    suite: Annotated[
        Path | None, typer.Option(help="A suite file, open or sealed: its items and their calibrated difficulties.")
    ] = None,
    epochs: Annotated[int, typer.Option(help="How often each item may be tried.", min=1, max=100)] = 5,
    low: Annotated[float, typer.Option(help="Lower end of the indifference zone.")] = 0.45,
    high: Annotated[float, typer.Option(help="Upper end of the indifference zone.")] = 0.55,
    alpha: Annotated[float, typer.Option(help="Promised error of either word.")] = 0.05,
    concurrency: Annotated[int, typer.Option(help="Attempts at once.", min=1)] = 8,
    seconds_an_attempt: Annotated[float | None, typer.Option(help="How long one attempt takes.")] = None,
    tokens_an_attempt: Annotated[float | None, typer.Option(help="Tokens one attempt takes.")] = None,
    price: Annotated[float | None, typer.Option(help="Price of a million tokens, in your currency.")] = None,
    window_days: Annotated[float | None, typer.Option(help="Days the consent leaves for it.")] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same figures.", min=0)] = 0,
    to: Annotated[Path | None, typer.Option(help="Where to write the figure (SVG).")] = None,
) -> None:
    """Foretell attempts, cost and days at each true rate. Simulates 2,000 campaigns a rate; needs no database."""
    manifest = None if suite is None else _manifest(suite)
    if manifest is None and items is None:
        raise Misuse("no-items", "A plan needs --items or --suite; give one of them.")
    if manifest is not None and items not in (None, len(manifest.items)):
        raise Misuse("bad-plan", f"{suite} has {len(manifest.items)} items, not {items}; leave --items out.")
    many = len(manifest.items) if manifest is not None else items or 0
    if many * epochs > 10_000:
        raise Misuse("bad-plan", f"{many * epochs} cells are too many to simulate in seconds; ask for 10000 at most.")
    threshold = Threshold(manifest.digest if manifest else digest(b"no suite yet"), "mean", low, high, alpha)
    rows = benchmarks.expected(
        threshold,
        items=many,
        epochs=epochs,
        predictions=None if manifest is None else benchmarks.calibrated(manifest),
        concurrency=concurrency,
        price=benchmarks.Price(seconds_an_attempt, tokens_an_attempt, price),
        window_days=window_days,
        seed=seed,
    )
    fixed = benchmarks.fixed_sample(threshold)
    if to is not None:
        write(to, benchmarks.plan_figure(rows, threshold, fixed=fixed).encode())
    if wants_json():
        show({"cells": many * epochs, "fixed_sample": fixed, "figure": to and str(to), "rates": plain(rows)})
        return
    show_table([_words(row) for row in rows], _columns(rows[0]), empty="")
    console.print(
        f"Of {many * epochs} cells at most, with the {concurrency} attempts that a verdict finds running. "
        f"A fixed sample with the same errors takes {fixed}.",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )
    if to is not None:
        console.print(f"Wrote {to}.", markup=False, highlight=False, soft_wrap=True)


def _words(row: benchmarks.Expectation) -> dict[str, str]:
    return {
        "rate": f"{row.rate:g}",
        "attempts": f"{row.attempts:.0f}",
        "range": f"{row.tenth} to {row.ninetieth}",
        "meets": f"{row.meets:.1%}",
        "tokens": "" if row.tokens is None else f"{row.tokens:,.0f}",
        "cost": "" if row.cost is None else f"{row.cost:,.2f}",
        "days": "" if row.days is None else f"{row.days:.2f}",
        "days_ninetieth": "" if row.days_ninetieth is None else f"{row.days_ninetieth:.2f}",
        "in_window": "" if row.in_window is None else f"{row.in_window:.0%}",
    }


def _columns(row: benchmarks.Expectation) -> dict[str, str]:
    """Only what can be told."""
    columns = {
        "rate": "true rate",
        "attempts": "attempts",
        "range": "8 of 10 campaigns",
        "meets": "say meets",
        "tokens": "tokens",
        "cost": "cost",
        "days": "days",
        "days_ninetieth": "days, 9 of 10",
        "in_window": "in the window",
    }
    told = {name for name, words in _words(row).items() if words}
    return {name: heading for name, heading in columns.items() if name in told}


def _manifest(file: Path) -> Manifest:
    try:
        data = file.read_bytes()
    except OSError as error:
        raise Misuse("cannot-read", f"{file} cannot be read ({error.strerror}); name another file.") from error
    return benchmarks.read_sealed(data).manifest if benchmarks.is_sealed(data) else benchmarks.read_suite(data).manifest
