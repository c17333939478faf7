"""`seatrial suite adapt`: somebody else's Inspect task as a suite."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from seatrial.kernel.labels import Label
from seatrial.review.benchmarks import api as benchmarks

from .files import write
from .output import show


def add_to(app: typer.Typer) -> None:
    """Give ``seatrial suite`` its ``adapt``."""
    app.command()(adapt)


def adapt(
    task: Annotated[str, typer.Argument(help="As Inspect names it: package/task, or path/file.py@task.")],
    arg: Annotated[list[str] | None, typer.Option(help="An argument of the task, name=value; may stand again.")] = None,
    to: Annotated[Path, typer.Option(help="Where to write the suite file.")] = Path("suite.json"),
    label: Annotated[str, typer.Option(help="The label of every item (open//-//TLP:CLEAR//*).")] = "",
    family_from: Annotated[str, typer.Option(help="The field of the samples' metadata that is their family.")] = "task",
    minutes: Annotated[float, typer.Option(help="Minutes a person needs where no sample says it.", min=0.0)] = 0.0,
    minutes_from: Annotated[str, typer.Option(help="The field that says it: minutes, or h:mm:ss.")] = "human_minutes",
    limit: Annotated[int, typer.Option(help="The first so many samples; 0 takes all.", min=0)] = 0,
    score: Annotated[str, typer.Option(help="Which of several scores counts: a scorer, or scorer.key.")] = "",
    needs: Annotated[list[str] | None, typer.Option(help="A tool its boxes must have (cc, python3 …).")] = None,
    seed: Annotated[str, typer.Option(help="Of the random numbers that the task draws; drawn if left out.")] = "",
    name: Annotated[str, typer.Option(help="The suite's name; the task's if left out.")] = "",
) -> None:
    """Adapt an Inspect task: one item a sample, solved and scored as the task does it. Runs the task's code."""
    made = benchmarks.adapt(
        benchmarks.Adapting(
            task=task,
            arguments=benchmarks.read_arguments(arg or ()),
            label=Label.parse(label) if label else Label(),
            family_from=family_from,
            minutes=minutes or None,
            minutes_from=minutes_from,
            limit=limit or None,
            score=score,
            needs=tuple(needs or ()),
            seed=seed,
            name=name,
        )
    )
    write(to, benchmarks.suite_bytes(made))
    families = sorted({item.family for item in made.items})
    wanted = sorted({need for item in made.manifest.items for need in item.needs})
    show(
        {"file": str(to), "digest": made.digest, "items": len(made.items), "families": families, "needs": wanted},
        lines=[
            f"Wrote {to}: {len(made.items)} items in {len(families)} families, {made.digest}.",
            f"It was {made.generator}; to run, the items need {', '.join(wanted) or 'no tools'}.",
        ],
    )
