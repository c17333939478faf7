"""Hand over: what leaves your hands and who must destroy it, planted strings, leaks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import typer

from seatrial.cli.output import show, show_table
from seatrial.kernel.clock import parse_time
from seatrial.review.cases.types import ItemKind, ItemView

from .connection import As, Key, Review, connected, new_group, under

Words = Annotated[str, typer.Argument(help="In your own words.")]
ITEMS = {"id": "item", "kind": "kind", "text": "what", "holder": "with", "due_at": "due", "attested_at": "destroyed"}


def add_to(app: typer.Typer) -> None:
    """Under "Hand over", and leaks as a group of their own there."""
    under(
        app,
        "Hand over",
        {"items": items, "hand-over": hand_over, "attest": attest, "duties": duties, "shared": shared},
    )
    group = new_group("Leaks: strings to plant, reports, what was found.")
    under(
        group,
        "Leaks",
        {"canaries": canaries, "plant": plant, "list": list_leaks, "report": report, "acknowledge": acknowledge},
    )
    app.add_typer(group, name="leak", rich_help_panel="Hand over")


def items(review: Review, who: As = "") -> None:
    """List what was handed over or is kept, with its destruction duties."""
    with connected(who) as seatrial:
        _show(seatrial.handing.items(review))


def hand_over(
    review: Review,
    kind: ItemKind,
    text: Words,
    holder: Annotated[str, typer.Option(help="The organisation that has it.")],
    artefact: Annotated[str, typer.Option(help="Its digest, sha256:…")] = "",
    due: Annotated[
        datetime | None, typer.Option(parser=parse_time, metavar="TIME", help="Destroyed by then at the latest.")
    ] = None,
    who: As = "",
    key: Key = "",
) -> None:
    """Record that something leaves your hands; whoever has it owes its destruction."""
    with connected(who, key) as seatrial:
        _show(seatrial.handing.hand_over(review, kind=kind, text=text, holder=holder, artefact=artefact, due_at=due))


def attest(
    review: Review, item: Annotated[str, typer.Argument(help="Its id.")], text: Words, who: As = "", key: Key = ""
) -> None:
    """Say, signed, that something you have is destroyed, and how."""
    with connected(who, key) as seatrial:
        _show(seatrial.handing.attest(review, item, text))


def duties(who: As = "") -> None:
    """List everything your organisations still have to destroy, first due first."""
    with connected(who) as seatrial:
        _show(seatrial.handing.duties())


def shared(who: As = "") -> None:
    """List what you were given to call as a trusted partner."""
    with connected(who) as seatrial:
        found = seatrial.handing.shared()
    show_table(
        found,
        {"review": "review", "model": "model", "developer": "of", "reason": "why not now"},
        empty="Nothing was shared with you as a partner.",
    )


def canaries(review: Review, who: As = "") -> None:
    """List the strings you planted, by where; never the strings."""
    with connected(who) as seatrial:
        found = seatrial.handing.canaries(review)
    show_table(
        found, {"id": "canary", "place": "where", "planted_at": "planted", "hits": "found"}, empty="None planted."
    )


def plant(
    review: Review, place: Annotated[str, typer.Argument(help="Where you will put it.")], who: As = "", key: Key = ""
) -> None:
    """Make a string to plant in what you hand over; it is shown this once."""
    with connected(who, key) as seatrial:
        text = seatrial.handing.plant_canary(review, place)
    show({"place": place, "canary": text}, lines=[f"Shown this once: {text}"])


def list_leaks(review: Review, who: As = "") -> None:
    """List the reports of leaks; you read their words first."""
    with connected(who) as seatrial:
        found = seatrial.handing.leaks(review)
    show_table(
        found,
        {"id": "leak", "at": "at", "by": "by", "found": "found", "place": "planted in", "acknowledged_at": "read"},
        empty="No leak was reported.",
    )


def report(review: Review, text: Words, who: As = "", key: Key = "") -> None:
    """Report a leak. All access ends at once and every key is dead."""
    with connected(who, key) as seatrial:
        seatrial.handing.report_leak(review, text)
    show({"review": review, "reported": True}, lines=["Reported. All access has ended; every key is dead."])


def acknowledge(
    review: Review, leak: Annotated[str, typer.Argument(help="The report's id.")], who: As = "", key: Key = ""
) -> None:
    """Say that you have read a report; from now on the review body reads it too."""
    with connected(who, key) as seatrial:
        seatrial.handing.acknowledge_leak(review, leak)
    show({"leak": leak, "acknowledged": True}, lines=["Acknowledged."])


def _show(found: Sequence[ItemView]) -> None:
    show_table(found, ITEMS, empty="Nothing.")
