"""The operators' commands: organisations, people, roles, API tokens."""

from __future__ import annotations

from typing import Annotated

import typer

from seatrial.kernel.clock import now
from seatrial.kernel.errors import Misuse
from seatrial.kernel.labels import Level
from seatrial.parties import api as parties
from seatrial.parties.types import OrganisationKind, Role

from .asking import As, acting
from .database import check
from .output import show, show_table

app = typer.Typer(
    help="Organisations, people and their roles (instance operator).", callback=check, no_args_is_help=True
)


@app.command()
def create(
    name: str,
    kind: Annotated[OrganisationKind, typer.Option(help="What it takes part as.")],
    id: Annotated[str | None, typer.Option(help="A short id; made if not given.")] = None,
) -> None:
    """Create an organisation."""
    show(parties.create_organisation(by=parties.operator(), name=name, kind=kind, id=id, at=now()))


@app.command()
def add_person(
    name: str,
    email: Annotated[str, typer.Option(help="What they sign in with.")],
    password: Annotated[str, typer.Option(envvar="SEATRIAL_PASSWORD", prompt=True, hide_input=True)],
    level: Annotated[
        str, typer.Option(help="May read up to: open, controlled, confidential, secret, top-secret.")
    ] = "controlled",
    id: Annotated[str | None, typer.Option(help="A short id; made if not given.")] = None,
) -> None:
    """Add a person who can sign in."""
    levels = {known.word: known for known in Level}
    if level not in levels:
        raise Misuse("bad-level", f"{level!r} is not a level; use one of {', '.join(levels)}.")
    show(
        parties.add_person(
            by=parties.operator(), name=name, email=email, password=password, level=levels[level], id=id, at=now()
        )
    )


@app.command()
def give_role(person: str, organisation: str, role: Role) -> None:
    """Give a person a role in an organisation."""
    parties.give_role(by=parties.operator(), person=person, organisation=organisation, role=role, at=now())
    show(
        {"person": person, "organisation": organisation, "role": role}, lines=[f"{person} is {role} of {organisation}."]
    )


@app.command(name="list")
def list_parties() -> None:
    """List the organisations."""
    show_table(
        parties.organisations(parties.operator()),
        {"id": "id", "name": "name", "kind": "kind", "public_key": "public key"},
        empty="No organisations yet; create one with 'seatrial party create'.",
    )


@app.command()
def people(organisation: str) -> None:
    """List the people of an organisation."""
    show_table(
        parties.people(parties.operator(), organisation),
        {"id": "id", "name": "name", "roles": "roles"},
        empty="Nobody yet; add people with 'seatrial party add-person' and 'give-role'.",
    )


@app.command()
def token(who: As = "") -> None:
    """Make a personal API token; it is shown this once."""
    secret = parties.issue_token(by=acting(who), at=now())
    show({"token": secret}, lines=[f"Your API token, shown this once: {secret}"])
