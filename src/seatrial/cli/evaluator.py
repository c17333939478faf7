"""The evaluators' commands: keys, and campaigns through the gateway."""

from __future__ import annotations

import io
import secrets
from pathlib import Path
from typing import Annotated

import typer
from django.conf import settings
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from seatrial.compute.api import enqueue
from seatrial.kernel.clock import now
from seatrial.kernel.digests import parse_digest
from seatrial.kernel.envelope import seal
from seatrial.kernel.recipients import private_key, recipient_key
from seatrial.parties.types import Actor
from seatrial.review.access import api as access
from seatrial.review.benchmarks import api as benchmarks
from seatrial.review.benchmarks.types import Threshold

from .asking import As, acting
from .database import check
from .files import read_text, write
from .output import console, show, show_table, wants_json

app = typer.Typer(
    help="Evaluator: get a key, plan and run campaigns through the gateway.", callback=check, no_args_is_help=True
)

Campaign = Annotated[str, typer.Argument(help="The campaign's id.")]


@app.command()
def key(
    review: str,
    purpose: Annotated[str, typer.Option(help="One of the consented purposes.")] = "capability-evaluation",
    who: As = "",
) -> None:
    """Get your own access key for a review; it is shown this once."""
    made = access.issue_key(by=acting(who), review=review, purpose=purpose, at=now())
    url = f"{settings.SEATRIAL.gateway_url}/v1"
    show(made, lines=[f"Your access key, shown this once: {made.secret}", f"Use it at {url} with any OpenAI client."])


@app.command()
def revoke(key: Annotated[str, typer.Argument(help="The key's id.")], who: As = "") -> None:
    """Revoke a key; streams that use it are cut."""
    access.revoke_key(by=acting(who), key=key, at=now())
    show({"key": key, "revoked": True}, lines=["Revoked."])


@app.command()
def plan(
    review: str,
    suite: Annotated[str, typer.Option(help="Digest of a registered suite.")],
    name: Annotated[str, typer.Option(help="What you call this campaign.")] = "campaign",
    epochs: Annotated[int, typer.Option(help="How often each item may be tried.", min=1)] = 5,
    low: Annotated[float, typer.Option(help="Lower end of the indifference zone.")] = 0.45,
    high: Annotated[float, typer.Option(help="Upper end of the indifference zone.")] = 0.55,
    alpha: Annotated[float, typer.Option(help="Promised error of either word.")] = 0.05,
    threshold: Annotated[
        str,
        typer.Option(help="Digest of a committed threshold: its zone and error, for --low, --high, --alpha."),
    ] = "",
    who: As = "",
) -> None:
    """Plan a campaign: suite, threshold, order and seed are committed before the first attempt."""
    digest, by = parse_digest(suite), acting(who)
    made = benchmarks.plan_campaign(
        by=by,
        review=review,
        suite=digest,
        epochs=epochs,
        threshold=held_to(by, threshold, Threshold(digest, "suite-mean", low, high, alpha)),
        specification=threshold,
        name=name,
        seed=secrets.token_hex(16),
        at=now(),
    )
    show({"campaign": made}, lines=[f"Planned {made}; its threshold and order are on the ledger."])


def held_to(by: Actor, digest: str, otherwise: Threshold) -> Threshold:
    """The committed threshold of that digest for the suite of ``otherwise``, or that one if none is named."""
    if not digest:
        return otherwise
    found = benchmarks.specification(by, digest).specification
    return Threshold(otherwise.suite, found.metric, found.low, found.high, found.alpha)


@app.command()
def run(
    campaign: Campaign,
    key: Annotated[
        str, typer.Option(envvar="SEATRIAL_ACCESS_KEY", prompt=True, hide_input=True, help="Your access key.")
    ],
    concurrency: Annotated[int, typer.Option(help="Attempts at once.", min=1)] = 2,
    who: As = "",
) -> None:
    """Run a campaign until its decision is certain. Stopped or killed, it resumes where it was."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=wants_json()) as bar:
        task = bar.add_task("attempts counted", total=None)
        said: list[str] = []  # that it will not be finished: once

        def progress(step: benchmarks.Progress) -> None:
            bar.update(task, completed=step.counted, total=step.cells)
            if step.forecast is not None and step.forecast.short and not said:
                said.append(step.forecast.short)
                console.print(step.forecast.short)

        done = benchmarks.run_campaign(
            by=acting(who),
            campaign=campaign,
            base_url=f"{settings.SEATRIAL.gateway_url}/v1",
            key=key,
            concurrency=concurrency,
            progress=progress,
        )
    decision = done.decision
    show(
        done,
        lines=[
            f"{done.state}: {decision.verdict} after {decision.counted} counted attempts "
            f"({done.started} started; a fixed sample would take {done.fixed_sample}).",
            f"Suite mean {decision.mean:.3f}, confidence sequence {decision.lower:.3f} to {decision.upper:.3f}.",
        ],
    )


@app.command()
def start(campaign: Campaign, who: As = "") -> None:
    """Run a campaign in the background: the worker takes it up, with a key of yours made for this run."""
    actor = acting(who)
    benchmarks.campaign(actor, campaign)
    job = enqueue("seatrial.review.benchmarks.tasks.run_campaign", person=actor.person, campaign=campaign)
    show({"campaign": campaign, "job": job}, lines=["Queued. 'seatrial evaluator show' tells how far it is."])


@app.command(name="show")
def show_campaign(campaign: Campaign, who: As = "") -> None:
    """Show one campaign."""
    show(benchmarks.campaign(acting(who), campaign))


@app.command()
def export(
    campaign: Campaign,
    to: Annotated[Path, typer.Option(help="Where to write the record.")],
    recipient: Annotated[
        list[Path] | None, typer.Option("--for", help="Seal it for this public key (PEM); may be given several times.")
    ] = None,
    who: As = "",
) -> None:
    """Write a campaign that has ended as one file: plan, seed and every attempt; the ledger pins its digest."""
    record = benchmarks.ended_record(acting(who), campaign)
    data, pinned = benchmarks.record_bytes(record), benchmarks.record_digest(record)
    if recipient:
        context = {"what": "campaign", "campaign": record.id, "record": pinned}
        sealed = io.BytesIO()
        seal(io.BytesIO(data), sealed, context=context, recipients=[recipient_key(read_text(one)) for one in recipient])
        data = sealed.getvalue()
    write(to, data)
    show(
        {"file": str(to), "record": pinned, "attempts": len(record.attempts), "sealed": bool(recipient)},
        lines=[f"Wrote {to}: {len(record.attempts)} attempts, {pinned}."],
    )


@app.command()
def logs(
    campaign: Campaign,
    key: Annotated[Path, typer.Option(help="The file of your private key, for the logs of a sealed suite.")],
    to: Annotated[Path, typer.Option(help="A folder for the open logs: they hold the items.")],
    who: As = "",
) -> None:
    """Open the complete logs of a campaign, for 'inspect view --log-dir'. A sealed suite's open for its custodians."""
    made = benchmarks.campaign_logs(acting(who), campaign, to=to, key=private_key(key))
    show(
        {"folder": str(to), "logs": [log.name for log in made]},
        lines=[f"{len(made)} logs in {to}: inspect view --log-dir {to}"],
    )


@app.command(name="list")
def list_campaigns(review: str, who: As = "") -> None:
    """List the campaigns of a review that you may see."""
    show_table(
        benchmarks.campaigns(acting(who), review),
        {"id": "campaign", "name": "name", "state": "state", "counted": "counted", "started": "started"},
        empty="No campaigns that you may see.",
    )
