"""A body's policy as a file: its schema, a check, publishing, reading."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from seatrial.kernel.clock import now
from seatrial.parties import api as parties

from .asking import As, acting
from .files import read
from .output import show, show_table

app = typer.Typer(
    help="The body's terms as a JSON file: schema, check, publish, show. Reviews in flight keep theirs.",
    no_args_is_help=True,
)

File = Annotated[Path, typer.Argument(help="A policy file (JSON).")]
Body = Annotated[str, typer.Argument(help="The body's organisation id.")]


@app.command()
def schema() -> None:
    """Print the JSON Schema of a policy file."""
    print(parties.policy_schema(), end="")


@app.command()
def check(file: File) -> None:
    """Say what a policy file still needs, by line and field, or that it is ready."""
    said = parties.check_policy_document(read(file))
    line = f"Ready to publish: version {said['version']} of {said['organisation']}."
    show({"organisation": said["organisation"], "version": said["version"], "ready": True}, lines=[line])


@app.command()
def publish(
    file: File,
    body: Annotated[str, typer.Option(help="The body that publishes; the file names it too.")],
    who: As = "",
) -> None:
    """Publish a policy file, signed with the body's key. A published version never changes."""
    made = parties.publish_policy_document(by=acting(who), body=body, document=read(file), at=now())
    show(
        made,
        lines=[
            f"Published version {made.version} of {made.body}, in force from {made.valid_from:%Y-%m-%d}.",
            made.digest,
        ],
    )


@app.command(name="show")
def show_policy(body: Body, version: Annotated[str, typer.Argument(help="Without it, the one in force.")] = "") -> None:
    """Show one policy: what it says, its digest, whether its signature holds."""
    found = parties.policy(body, version) if version else parties.current_policy(body, now())
    signed = "signed by the body, and the signature holds" if parties.policy_signature_holds(found) else "not signed"
    show(
        found,
        lines=[
            f"Policy {found.version} of {found.body}, in force from {found.valid_from:%Y-%m-%d}; {signed}",
            f"Longest window: {found.max_window.days} days. Destroyed within {found.destruction.days} days of the end.",
            *(f"Purpose {purpose.id}: {purpose.description}" for purpose in found.described),
            *(f"A trusted partner: {criterion}" for criterion in found.criteria),
            *(f"May inspect: {inspector}" for inspector in sorted(found.oversight)),
            *(f"{term.id}. (binds {term.binds}) {term.text}" for term in found.numbered),
            found.digest,
        ],
    )


@app.command(name="list")
def list_policies(body: Annotated[str, typer.Argument(help="Of one body only.")] = "") -> None:
    """List the published policies, newest first."""
    show_table(
        parties.policies(body or None),
        {"body": "body", "version": "version", "valid_from": "in force from", "digest": "digest"},
        empty="No policy was published yet.",
    )
