"""Notices on the command line: one's own, how often one is told, the webhooks of one's organisation."""

from __future__ import annotations

from typing import Annotated

import typer

from seatrial.kernel.clock import now
from seatrial.kernel.labels import Label
from seatrial.notices import api as notices
from seatrial.notices.types import Cadence, NewSecret

from .asking import As, acting
from .database import check
from .output import show, show_table

app = typer.Typer(
    help="That something changed, and nothing of what: mail and webhooks.", callback=check, no_args_is_help=True
)
webhook = typer.Typer(help="The webhooks of your organisation (Standard Webhooks 1.0).", no_args_is_help=True)
app.add_typer(webhook, name="webhook")

Hook = Annotated[str, typer.Argument(help="The webhook's id.", metavar="WEBHOOK")]

_COLUMNS = {
    "id": "notice",
    "review": "review",
    "at": "at",
    "state": "state",
    "attempts": "tries",
    "next_try": "next try",
    "reason": "last trouble",
}


@app.command(name="list")
def list_notices(who: As = "") -> None:
    """List your own notices, newest first."""
    show_table(notices.notices(acting(who)), _COLUMNS, empty="No notices yet.")


@app.command()
def choices(who: As = "") -> None:
    """Show how often you are told by mail."""
    show(notices.choices(acting(who)))


@app.command()
def choose(
    cadence: Cadence,
    review: Annotated[str, typer.Option(help="Only of this review; else of all without a choice of their own.")] = "",
    who: As = "",
) -> None:
    """Choose how often you are told by mail: of each change, once a day, or never."""
    actor = acting(who)
    notices.choose(by=actor, cadence=cadence, review=review, at=now())
    show(notices.choices(actor), lines=[f"{review or 'All reviews'}: {cadence.value}."])


@webhook.command(name="list")
def list_webhooks(who: As = "") -> None:
    """List the webhooks you look after."""
    show_table(
        notices.webhooks(acting(who)),
        {
            "id": "webhook",
            "organisation": "of",
            "url": "address",
            "state": "state",
            "waiting": "not arrived",
            "next_try": "next try",
        },
        empty="No webhooks that you look after; add one with 'seatrial notices webhook add'.",
    )


@webhook.command()
def add(
    url: Annotated[str, typer.Argument(help="A public https address.")],
    organisation: Annotated[str, typer.Option(help="Your organisation's id.")],
    label: Annotated[str | None, typer.Option(help="Tell it of nothing beyond this; else your organisation's.")] = None,
    who: As = "",
) -> None:
    """Register an address that is told; its secret is shown this once."""
    bound = None if label is None else Label.parse(label)
    _show_secret(notices.add_webhook(by=acting(who), organisation=organisation, url=url, label=bound, at=now()))


@webhook.command()
def rotate(hook: Hook, who: As = "") -> None:
    """Make a new secret, shown this once; the one before signs too for 24 hours."""
    _show_secret(notices.rotate_secret(by=acting(who), webhook=hook, at=now()))


@webhook.command()
def remove(hook: Hook, who: As = "") -> None:
    """Send nothing there any more."""
    notices.remove_webhook(by=acting(who), webhook=hook, at=now())
    show({"webhook": hook, "removed": True}, lines=["Removed; its secrets are erased."])


@webhook.command()
def redeliver(
    hook: Hook,
    notice: Annotated[str | None, typer.Option(help="Only this one; else all that has not arrived.")] = None,
    who: As = "",
) -> None:
    """Send again what has not arrived."""
    again = notices.redeliver(by=acting(who), webhook=hook, notice=notice, at=now())
    show({"webhook": hook, "again": again}, lines=[f"{again} will be sent again."])


@webhook.command(name="test")
def send_test(hook: Hook, who: As = "") -> None:
    """Send a notice that belongs to no review."""
    made = notices.send_test(by=acting(who), webhook=hook, at=now())
    show({"webhook": hook, "notice": made}, lines=[f"{made} is on its way; 'webhook deliveries' shows how it went."])


@webhook.command()
def deliveries(
    hook: Hook,
    undelivered: Annotated[bool, typer.Option(help="Only those that have not arrived.")] = False,
    who: As = "",
) -> None:
    """List the last notices to a webhook, newest first."""
    found = notices.deliveries(acting(who), hook, limit=100, undelivered=undelivered)
    show_table(found, {**_COLUMNS, "status": "answer"}, empty="Nothing was sent there.")


def _show_secret(made: NewSecret) -> None:
    show(made, lines=[f"{made.webhook}", f"Its secret, shown this once: {made.secret}"])
