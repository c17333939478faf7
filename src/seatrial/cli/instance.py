"""The instance as a whole: look at the machine, run the demo, serve everything, keep the database."""

from __future__ import annotations

import os
import signal
import sys
from threading import Event, Thread

import typer
from django.conf import settings
from django.core.management import call_command

from seatrial import __version__
from seatrial.clearinghouse.coordination import tasks as coordination_process
from seatrial.clearinghouse.delivery import tasks as delivery_process
from seatrial.clearinghouse.exposure import tasks as exposure_process
from seatrial.clearinghouse.members import tasks as members_process
from seatrial.clearinghouse.remediation import tasks as remediation_process
from seatrial.clearinghouse.triage import tasks as triage_process
from seatrial.compute.api import check_port, command, enqueue, supervise
from seatrial.demo import story
from seatrial.gateway import main as gateway_process
from seatrial.ledger import api as ledger
from seatrial.notices import tasks as notices_process
from seatrial.portal import assets
from seatrial.review.access import tasks as bodies_process
from seatrial.review.cases import api as cases
from seatrial.review.determinations import api as determinations
from seatrial.review.weights import tasks as weights_process

from . import database
from .doctor import examine
from .output import console, show, show_table, wants_json

db = typer.Typer(help="The database: bring it to this version.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Put the instance's own commands first in the table of contents."""
    for function in (doctor, demo, up, version):
        app.command(rich_help_panel="Start here")(function)
    app.command(rich_help_panel="Start here", name="model-check")(model_check)
    app.add_typer(db, name="db", rich_help_panel="Run an instance")
    for function in (portal, gateway, worker, notifier, judge):
        app.command(rich_help_panel="Run an instance")(function)


def doctor() -> None:
    """Say what this machine has, what it lacks, and what to do about it."""
    facts = list(examine())
    show_table(facts, {"state": "", "what": "what", "detail": "detail", "remedy": "what to do"}, empty="")
    raise typer.Exit(5 if any(fact.state == "needs" for fact in facts) else 0)


def demo() -> None:
    """Carry a real language model through a whole voluntary review, in a few minutes.

    Run again, it adds another review to the same instance; nothing that is there is touched.
    """
    database.upgrade()
    keep_public_key()
    report = story.run(settings.SEATRIAL, quiet=wants_json())
    if wants_json():
        show(report)
    raise typer.Exit(0 if report["complete"] else 1)


def up() -> None:
    """Serve the portal, the gateway, the worker, the notifier and the judge on this machine until interrupted."""
    instance = settings.SEATRIAL
    check_port(instance.host, instance.port, "SEATRIAL_PORT")
    check_port(instance.host, instance.gateway_port, "SEATRIAL_GATEWAY_PORT")
    database.upgrade()
    console.print(assets.fetch(), markup=False, highlight=False)
    keep_public_key()

    def ready() -> None:
        console.print(f"Portal   {instance.portal_url}", highlight=False)
        console.print(f"API      {instance.portal_url}/api/v1/openapi.json", highlight=False)
        console.print(f"Gateway  {instance.gateway_url}/v1", highlight=False)
        for line in story.logins(instance):
            console.print(line, markup=False, highlight=False)
        console.print("Stop with Ctrl-C.", highlight=False)

    names = ("portal", "gateway", "worker", "notifier", "judge")
    raise typer.Exit(supervise({name: command(name) for name in names}, ready=ready))


def portal() -> None:
    """Serve the portal and the HTTP API (one process of the tree)."""
    instance = settings.SEATRIAL
    check_port(instance.host, instance.port, "SEATRIAL_PORT")
    database.check()
    words = ["-m", "granian", "--interface", "asginl", "--host", instance.host, "--port", str(instance.port)]
    words += ["--no-access-log", "--log-level", "warning", "seatrial.config.asgi:application"]
    os.execv(sys.executable, [sys.executable, *words])  # noqa: S606 - the server replaces this process


def gateway() -> None:
    """Serve the access gateway (one process of the tree)."""
    database.check()
    raise typer.Exit(gateway_process.serve(settings.SEATRIAL))


def worker() -> None:
    """Run background work from the queue, destroy what is kept no longer, coordinate (one process of the tree)."""
    database.check()
    enqueue("seatrial.review.threads.tasks.sweep_attachments")  # a crash leaves strays, and is followed by a start
    enqueue("seatrial.clearinghouse.findings.tasks.sweep_attachments")
    of_reviews = (bodies_process, weights_process)
    of_findings = (coordination_process, members_process, exposure_process, remediation_process, delivery_process)
    for keeping in (*of_reviews, *of_findings):  # safe to end at any moment
        Thread(target=keeping.run, args=(Event(),), name=keeping.__name__, daemon=True).start()
    call_command("db_worker", verbosity=0)


def notifier() -> None:
    """Tell people and webhooks that something changed (one process of the tree)."""
    database.check()
    notices_process.run(_told_to_end())


def judge() -> None:
    """Run the proofs of reports as they come in (one process of the tree)."""
    database.check()
    triage_process.run(_told_to_end())


def _told_to_end() -> Event:
    """Set when this process is told to end."""
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    return stop


def version() -> None:
    """Print the version."""
    show({"version": __version__}, lines=[__version__])


def model_check() -> None:
    """Check voluntariness over every reachable state: of the review, and of a determination request."""
    found = {"review": cases.check_model(), "determination request": determinations.check_requests()}
    broken = [f"VIOLATION {what}: {violation}" for what, one in found.items() for violation in one.violations]
    show(
        {what.replace(" ", "_"): one for what, one in found.items()},
        lines=[
            *(
                f"{what.capitalize()}: {one.states:,} states and {one.transitions:,} transitions visited."
                for what, one in found.items()
            ),
            *broken,
            "Voluntariness is broken." if broken else "Every invariant holds.",
        ],
    )
    raise typer.Exit(1 if broken else 0)


@db.command()
def upgrade() -> None:
    """Bring the database to this version. Refuses one written by a newer version."""
    applied = database.upgrade()
    keep_public_key()
    show({"applied": applied}, lines=[f"{len(applied)} migrations applied; the database is as this version expects."])


@db.command()
def status() -> None:
    """Say whether the database is as this version expects."""
    missing = database.pending()
    show(
        {"pending": missing}, lines=[f"{len(missing)} migrations to apply." if missing else "As this version expects."]
    )


def keep_public_key() -> None:
    """Lay the ledger's public key beside the data, for those who verify receipts."""
    path = settings.SEATRIAL.home / "ledger.pub"
    path.write_text(ledger.public_key() + "\n")
