"""Organisations and their people: joining, roles, delegations, declarations, leaving, API tokens."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from seatrial.kernel.clock import iso, now
from seatrial.kernel.errors import Misuse
from seatrial.kernel.labels import Level
from seatrial.parties import api as parties
from seatrial.parties.types import Actor, Interest, InterestKind, OrganisationKind, Role

from .asking import As, acting
from .database import check
from .output import show, show_table

app = typer.Typer(
    help="Organisations and their people: the operator manages all, a people manager (--as) their own.",
    callback=check,
    no_args_is_help=True,
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
def give_role(person: str, organisation: str, role: Role, who: As = "") -> None:
    """Give a person a role in an organisation."""
    parties.give_role(by=_managing(who), person=person, organisation=organisation, role=role, at=now())
    show(
        {"person": person, "organisation": organisation, "role": role}, lines=[f"{person} is {role} of {organisation}."]
    )


@app.command()
def end_role(person: str, organisation: str, role: Role, who: As = "") -> None:
    """End a role at once; what was delegated of it ends too."""
    parties.end_role(by=_managing(who), person=person, organisation=organisation, role=role, at=now())
    line = f"{person} is no longer {role} of {organisation}."
    show({"person": person, "organisation": organisation, "ended": role}, lines=[line])


@app.command()
def remove(person: str, organisation: str, who: As = "") -> None:
    """Remove a person from an organisation at once: roles, delegations, and with the last one, session and tokens."""
    parties.remove_person(by=_managing(who), person=person, organisation=organisation, at=now())
    show({"person": person, "removed_from": organisation}, lines=[f"{person} is no longer of {organisation}."])


@app.command()
def deactivate(person: str) -> None:
    """End a person's part in the whole instance at once."""
    parties.deactivate_person(by=parties.operator(), person=person, at=now())
    show({"person": person, "active": False}, lines=[f"{person} can no longer sign in."])


@app.command()
def invite(
    organisation: str,
    email: str,
    name: str,
    role: Annotated[list[Role], typer.Option(help="What they will be; repeat for more.")],
    who: As = "",
) -> None:
    """Invite a person. The link is shown this once, and mailed if this instance sends mail."""
    made = parties.invite(by=_managing(who), organisation=organisation, email=email, name=name, roles=role, at=now())
    lines = [f"Invited {made.invitation.name} until {iso(made.invitation.expires_at)}. The link, shown this once:"]
    show(made, lines=[*lines, made.link])


@app.command()
def invitations(organisation: str, who: As = "") -> None:
    """List the invitations into an organisation."""
    show_table(
        parties.invitations(_managing(who), organisation, now()),
        {"id": "invitation", "name": "name", "email": "e-mail", "roles": "roles", "state": "state"},
        empty="Nobody was invited yet.",
    )


@app.command()
def uninvite(invitation: str, who: As = "") -> None:
    """Withdraw an invitation; its link opens nothing from now on."""
    parties.withdraw_invitation(by=_managing(who), invitation=invitation, at=now())
    show({"invitation": invitation, "state": "withdrawn"}, lines=["Withdrawn."])


@app.command()
def delegate(
    organisation: str,
    role: Role,
    to: Annotated[str, typer.Argument(help="The colleague's person id.")],
    days: Annotated[float, typer.Option(help="For how long, 90 at most.")],
    who: As = "",
) -> None:
    """Lend one of your roles to a colleague for a time."""
    at = now()
    made = parties.delegate(
        by=acting(who), organisation=organisation, role=role, to=to, until=at + timedelta(days=days), at=at
    )
    show(made, lines=[f"{to} is {role} of {organisation} too, until {iso(made.until)}. ({made.id})"])


@app.command()
def delegations(organisation: str, who: As = "") -> None:
    """List who lends whom which role."""
    show_table(
        parties.delegations(_managing(who), organisation, now()),
        {
            "id": "delegation",
            "role": "role",
            "delegator": "from",
            "delegate": "to",
            "until": "until",
            "in_force": "now",
        },
        empty="Nothing is delegated.",
    )


@app.command()
def end_delegation(delegation: str, who: As = "") -> None:
    """End a delegation now."""
    parties.end_delegation(by=_managing(who), delegation=delegation, at=now())
    show({"delegation": delegation, "ended": True}, lines=["Ended."])


@app.command()
def declare(
    organisation: Annotated[str, typer.Argument(help="Yours.")],
    developer: str,
    interest: Annotated[list[str] | None, typer.Option(help="KIND=WORDS; repeat for more.")] = None,
    none: Annotated[bool, typer.Option("--none", help="You have no interest in this developer.")] = False,
    who: As = "",
) -> None:
    """Declare your interests in a developer, or none. It informs that developer; nothing depends on it."""
    said = [_interest(words) for words in interest or ()]
    if bool(said) == none:
        raise Misuse("declaration-invalid", "Name each interest with --interest KIND=WORDS, or say --none; not both.")
    made = parties.declare(by=acting(who), organisation=organisation, developer=developer, interests=said, at=now())
    show(made, lines=[f"Declared; it counts until {iso(made.valid_until)}."])


@app.command()
def declarations(developer: str, who: As = "") -> None:
    """List what evaluators declare about a developer, as far as you may read it."""
    show_table(
        parties.declarations(acting(who), developer, now()),
        {"person_name": "person", "organisation": "of", "interests": "interests", "valid_until": "counts until"},
        empty="No declaration that you may read.",
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


def _managing(who: str) -> Actor:
    """The person named, or the operator: whoever runs this command on the instance's own machine."""
    return acting(who) if who else parties.operator()


def _interest(words: str) -> Interest:
    kind, separator, text = words.partition("=")
    if not separator or kind not in list(InterestKind):
        raise Misuse("declaration-invalid", f"{words!r} is no KIND=WORDS; the kinds are {', '.join(InterestKind)}.")
    return Interest(InterestKind(kind), text)
