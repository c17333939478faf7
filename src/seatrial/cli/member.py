"""Members on the command line: CSAF providers whose feeds this instance follows and mirrors."""

from __future__ import annotations

from typing import Annotated

import typer

from seatrial.clearinghouse.members import api as members
from seatrial.kernel.clock import now

from .asking import As, acting
from .bars import bar
from .database import check
from .output import show, show_table

app = typer.Typer(
    help="CSAF providers whose feeds this instance follows, mirrors and matches.", callback=check, no_args_is_help=True
)

Member = Annotated[str, typer.Argument(help="The member's name or id.")]


@app.command()
def add(
    url: Annotated[str, typer.Argument(help="A domain's address, or that of a provider-metadata.json.")],
    name: Annotated[str, typer.Option(help="Its folder here; its host if not given.")] = "",
    lister: Annotated[bool, typer.Option("--list-only", help="List it, and mirror nothing of it.")] = False,
    key: Annotated[list[str] | None, typer.Option(help="A fingerprint told by another way. Repeatable.")] = None,
    who: As = "",
) -> None:
    """Look at a provider, and follow it from now on. Without --key those it names now are kept."""
    asking = acting(who)
    made = members.add_member(by=asking, url=url, name=name, mirror=not lister, keys=key or (), at=now())
    found = members.member(asking, made)
    keys = ", ".join(found.keys) or "it signs nothing"
    show(found, lines=[f"{found.title} is followed as {found.name}. Its keys: {keys}."])


@app.command(name="list")
def list_members(ended: Annotated[bool, typer.Option(help="Those that were followed.")] = False, who: As = "") -> None:
    """List whose feeds are followed."""
    columns = {
        "name": "member",
        "title": "publisher",
        "documents": "documents",
        "faults": "not mirrored",
        "read_at": "read",
        "why": "trouble",
    }
    show_table(members.members(acting(who), ended=ended), columns, empty="No member.")


@app.command()
def faults(member: Member, who: As = "") -> None:
    """List what of a member could not be mirrored, and why."""
    show_table(members.faults(acting(who), member), {"url": "document", "why": "why"}, empty="Everything is mirrored.")


@app.command()
def follow(member: Member, who: As = "") -> None:
    """Read a member's feed now; the worker does it every hour."""
    found = members.member(acting(who), member)
    with bar("read") as progress:
        kept = members.follow(found.id, progress=progress)
    after = members.member(acting(who), found.id)
    said = after.why or f"{kept:,} documents are new or other than before; {after.faults:,} could not be mirrored."
    show(after, lines=[said])


@app.command()
def end(member: Member, who: As = "") -> None:
    """Follow it no more; nothing of it is served or matched any longer."""
    members.end_member(by=acting(who), member=member, at=now())
    show({"member": member, "ended": True}, lines=["It is followed no more."])
