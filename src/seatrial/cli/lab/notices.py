"""Notices: your own, how often you are told, and the webhooks that wake a pipeline."""

from __future__ import annotations

from typing import Annotated

import typer

from seatrial.cli.output import show, show_table
from seatrial.kernel.labels import Label
from seatrial.notices.types import Cadence, NewSecret

from .connection import As, Key, connected, new_group, under

Hook = Annotated[str, typer.Argument(help="The webhook's id.", metavar="WEBHOOK")]
COLUMNS = {"id": "notice", "review": "review", "at": "at", "state": "state", "attempts": "tries", "reason": "trouble"}


def add_to(app: typer.Typer) -> None:
    """A group of its own, under "Watch"."""
    group = new_group("That something changed, and nothing of what: your notices, and webhooks for pipelines.")
    under(group, "You", {"list": list_notices, "choices": choices, "choose": choose})
    under(
        group,
        "Webhooks",
        {
            "webhooks": webhooks,
            "add-webhook": add_webhook,
            "rotate-secret": rotate_secret,
            "remove-webhook": remove_webhook,
            "deliveries": deliveries,
            "redeliver": redeliver,
            "send-test": send_test,
        },
    )
    app.add_typer(group, name="notices", rich_help_panel="Watch")


def list_notices(limit: Annotated[int, typer.Option(help="How many, newest first.")] = 50, who: As = "") -> None:
    """List your own notices, newest first."""
    with connected(who) as seatrial:
        show_table(seatrial.notices.list(limit=limit), COLUMNS, empty="No notices yet.")


def choices(who: As = "") -> None:
    """Show how often you are told by mail."""
    with connected(who) as seatrial:
        show(seatrial.notices.choices())


def choose(
    cadence: Cadence,
    review: Annotated[str, typer.Option(help="Only of this review; else of all without a choice of their own.")] = "",
    who: As = "",
    key: Key = "",
) -> None:
    """Choose how often you are told by mail: of each change, once a day, or never."""
    with connected(who, key) as seatrial:
        show(seatrial.notices.choose(cadence, review=review), lines=[f"{review or 'All reviews'}: {cadence.value}."])


def webhooks(who: As = "") -> None:
    """List the webhooks you look after."""
    with connected(who) as seatrial:
        found = seatrial.notices.webhooks()
    show_table(
        found,
        {"id": "webhook", "organisation": "of", "url": "address", "state": "state", "waiting": "not arrived"},
        empty="No webhooks that you look after.",
    )


def add_webhook(
    organisation: Annotated[str, typer.Argument(help="Your organisation's id.")],
    url: Annotated[str, typer.Argument(help="A public https address.")],
    label: Annotated[str | None, typer.Option(help="Tell it of nothing beyond this; else your organisation's.")] = None,
    who: As = "",
    key: Key = "",
) -> None:
    """Register an address that is told; its secret is shown this once."""
    with connected(who, key) as seatrial:
        bound = None if label is None else Label.parse(label)
        _show(seatrial.notices.add_webhook(organisation, url, label=bound))


def rotate_secret(hook: Hook, who: As = "", key: Key = "") -> None:
    """Make a new secret, shown this once; the one before signs too for 24 hours."""
    with connected(who, key) as seatrial:
        _show(seatrial.notices.rotate_secret(hook))


def remove_webhook(hook: Hook, who: As = "", key: Key = "") -> None:
    """Send nothing there any more."""
    with connected(who, key) as seatrial:
        seatrial.notices.remove_webhook(hook)
    show({"webhook": hook, "removed": True}, lines=["Removed; its secrets are erased."])


def deliveries(
    hook: Hook,
    undelivered: Annotated[bool, typer.Option(help="Only those that have not arrived.")] = False,
    limit: Annotated[int, typer.Option(help="How many, newest first.")] = 50,
    who: As = "",
) -> None:
    """List the last notices to a webhook, newest first."""
    with connected(who) as seatrial:
        found = seatrial.notices.deliveries(hook, undelivered=undelivered, limit=limit)
    show_table(found, {**COLUMNS, "status": "answer"}, empty="Nothing was sent there.")


def redeliver(
    hook: Hook,
    notice: Annotated[str | None, typer.Option(help="Only this one; else all that has not arrived.")] = None,
    who: As = "",
    key: Key = "",
) -> None:
    """Send again what has not arrived."""
    with connected(who, key) as seatrial:
        again = seatrial.notices.redeliver(hook, notice=notice)
    show({"webhook": hook, "again": again}, lines=[f"{again} will be sent again."])


def send_test(hook: Hook, who: As = "", key: Key = "") -> None:
    """Send a notice that belongs to no review."""
    with connected(who, key) as seatrial:
        made = seatrial.notices.send_test(hook)
    show({"webhook": hook, "notice": made}, lines=[f"{made} is on its way; 'deliveries' shows how it went."])


def _show(made: NewSecret) -> None:
    show(made, lines=[made.webhook, f"Its secret, shown this once: {made.secret}"])
