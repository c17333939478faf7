"""Ladders: several ways of asking planned under one error budget, with references and twins; and prompts to choose."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Annotated, Any

import typer
from django.conf import settings
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from seatrial.kernel.canonical import from_json
from seatrial.kernel.clock import now
from seatrial.kernel.digests import parse_digest
from seatrial.kernel.errors import Misuse
from seatrial.review.benchmarks import api as benchmarks
from seatrial.review.benchmarks.types import Threshold

from .asking import As, acting
from .database import check
from .evaluator import held_to
from .files import read_text
from .output import console, show, show_table, wants_json

app = typer.Typer(
    help="Ladders: the same suite asked for in several ways, under one error budget.",
    callback=check,
    no_args_is_help=True,
)

Ladder = Annotated[str, typer.Argument(help="The ladder's id.")]


@app.command()
def plan(
    review: str,
    suite: Annotated[str, typer.Option(help="Digest of a registered suite.")],
    rungs: Annotated[
        Path | None,
        typer.Option(
            help="JSON file with the rungs; without it: plain, tools, several tries, and twins if there are any."
        ),
    ] = None,
    name: Annotated[str, typer.Option(help="What you call this ladder.")] = "ladder",
    epochs: Annotated[int, typer.Option(help="How often each item may be tried.", min=1)] = 5,
    low: Annotated[float, typer.Option(help="Lower end of the indifference zone.")] = 0.45,
    high: Annotated[float, typer.Option(help="Upper end of the indifference zone.")] = 0.55,
    alpha: Annotated[float, typer.Option(help="Promised error of either word, over all rungs together.")] = 0.05,
    threshold: Annotated[
        str,
        typer.Option(help="Digest of a committed threshold: its zone and error, for --low, --high, --alpha."),
    ] = "",
    who: As = "",
) -> None:
    """Plan a ladder: every rung's order, threshold and way of asking is committed before the first attempt."""
    digest, by = parse_digest(suite), acting(who)
    chosen = (
        benchmarks.usual_rungs(by, digest) if rungs is None else benchmarks.read_rungs(_document(rungs).get("rungs"))
    )
    made = benchmarks.plan_ladder(
        by=by,
        review=review,
        suite=digest,
        epochs=epochs,
        threshold=held_to(by, threshold, Threshold(digest, "suite-mean", low, high, alpha)),
        specification=threshold,
        rungs=chosen,
        name=name,
        seed=secrets.token_hex(16),
        at=now(),
    )
    found = benchmarks.ladder(by, made)
    show(
        {"ladder": made, "rungs": [rung.id for rung in found.rungs]},
        lines=[f"Planned {made}:", *(f"  {rung.id}  {rung.purpose}, {rung.elicitation}" for rung in found.rungs)],
    )


@app.command()
def run(
    ladder: Ladder,
    key: Annotated[
        str, typer.Option(envvar="SEATRIAL_ACCESS_KEY", prompt=True, hide_input=True, help="Your access key.")
    ],
    references: Annotated[
        Path | None,
        typer.Option(help='JSON file: {"MODEL": {"url": …, "key": …}} for the references that are to run.'),
    ] = None,
    concurrency: Annotated[int, typer.Option(help="Attempts at once.", min=1)] = 2,
    who: As = "",
) -> None:
    """Run the rungs in order until the ladder is decided. Stopped or killed, it resumes where it was."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=wants_json()) as bar:
        tasks: dict[str, TaskID] = {}

        def progress(rung: str, step: benchmarks.Progress) -> None:
            if rung not in tasks:
                tasks[rung] = bar.add_task(rung, total=None)
            bar.update(tasks[rung], completed=step.counted, total=step.cells)

        done = benchmarks.run_ladder(
            by=acting(who),
            ladder=ladder,
            base_url=f"{settings.SEATRIAL.gateway_url}/v1",
            key=key,
            concurrency=concurrency,
            references=_endpoints(references),
            progress=progress,
        )
    _show(done)


@app.command(name="show")
def show_ladder(ladder: Ladder, who: As = "") -> None:
    """Show a ladder: what each rung says, and what they say together."""
    _show(benchmarks.ladder(acting(who), ladder))


@app.command(name="list")
def list_ladders(review: str, who: As = "") -> None:
    """List the ladders of a review that you may see."""
    show_table(
        benchmarks.ladders(acting(who), review),
        {"id": "ladder", "name": "name", "suite_name": "suite", "verdict": "verdict"},
        empty="No ladders that you may see.",
    )


@app.command()
def tune(
    review: str,
    suite: Annotated[
        str, typer.Option(help="Digest of a practice split: a registered suite that is not the yardstick.")
    ],
    prompts: Annotated[Path, typer.Option(help="JSON file with rungs, each a prompt to try.")],
    epochs: Annotated[int, typer.Option(help="How often each item is tried.", min=1)] = 2,
    who: As = "",
) -> None:
    """Plan one tuning campaign for each prompt; 'evaluator run' runs them, 'best' tells which solved most."""
    digest, by = parse_digest(suite), acting(who)
    made = benchmarks.plan_tuning(
        by=by,
        review=review,
        suite=digest,
        epochs=epochs,
        candidates=benchmarks.read_rungs(_document(prompts).get("rungs")),
        seed=secrets.token_hex(16),
        at=now(),
    )
    show({"campaigns": list(made)}, lines=[f"Planned {one}." for one in made])


@app.command()
def best(campaigns: Annotated[list[str], typer.Argument(help="Tuning campaigns that have run.")], who: As = "") -> None:
    """Tell which way of asking solved most of the practice split, as a rung for the file of a ladder."""
    found = benchmarks.best_prompt(acting(who), campaigns)
    rung = {"elicitation": found.method, "tuned_on": campaigns}
    share = f"{found.decision.mean:.0%} of {found.counted}"
    show({"campaign": found.id, "rung": rung}, lines=[f"{found.elicitation}: solved {share} ({found.id})."])


def _show(found: benchmarks.LadderView) -> None:
    lines = [f"{found.name}: {found.verdict}, at most {100 * found.alpha:g}% error over all rungs."]
    for rung in found.rungs:
        decision = rung.decision
        said = decision.verdict if rung.purpose == "decide" else "for comparison"
        lines.append(
            f"  {rung.state:<9} {said:<14} mean {decision.mean:.2f} after {decision.counted} of {decision.cells}, "
            f"{rung.started} started, {rung.refusals} refused  {rung.elicitation}"
        )
    for twin in found.twins:
        span = "" if twin.lower is None else f" ({twin.lower:+.2f} to {twin.upper:+.2f})"
        lines.append(
            f"  {twin.family}: twins {twin.difference:+.2f}{span}; {twin.refusals} refusals, twins {twin.twin_refusals}"
        )
    show(found, lines=lines)


def _document(file: Path) -> dict[str, Any]:
    found = from_json(read_text(file).encode(), str(file))
    if not isinstance(found, dict):
        raise Misuse("bad-ladder", f'{file} must hold one JSON object, {{"rungs": […]}}.')
    return found


def _endpoints(file: Path | None) -> dict[str, tuple[str, str]]:
    if file is None:
        return {}
    try:
        return {model: (str(said["url"]), str(said["key"])) for model, said in _document(file).items()}
    except (TypeError, KeyError) as error:
        raise Misuse("bad-ladder", f'{file} must hold {{"MODEL": {{"url": …, "key": …}}}} ({error}).') from error
