"""People: who is in your organisation, who joins, who stands in for whom, and what evaluators declare."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from seatrial.cli.output import show, show_table
from seatrial.kernel.clock import iso, now
from seatrial.parties.types import Role

from .connection import As, Key, connected, new_group, under

Organisation = Annotated[str, typer.Argument(help="Your organisation's id.")]
Person = Annotated[str, typer.Argument(help="The person's id.")]


def add_to(app: typer.Typer) -> None:
    """A group of its own, under "Organisation"."""
    group = new_group("Your organisation's people: who is in it, who joins, who stands in for whom.")
    under(
        group,
        "Who there is",
        {"me": me, "list": list_people, "role": role, "end-role": end_role, "remove": remove},
    )
    under(group, "Joining", {"invite": invite, "invitations": invitations, "uninvite": uninvite})
    under(group, "Standing in", {"delegate": delegate, "delegations": delegations, "end-delegation": end_delegation})
    app.add_typer(group, name="people", rich_help_panel="Organisation")
    under(app, "Organisation", {"organisations": organisations, "declarations": declarations, "policies": policies})


def me(who: As = "") -> None:
    """Say who you are to this instance, and in which roles."""
    with connected(who) as seatrial:
        show(seatrial.parties.me())


def list_people(organisation: Organisation, who: As = "") -> None:
    """List the people of an organisation."""
    with connected(who) as seatrial:
        found = seatrial.parties.people(organisation)
    show_table(found, {"id": "id", "name": "name", "email": "e-mail", "roles": "roles"}, empty="Nobody.")


def role(organisation: Organisation, person: Person, role: Role, who: As = "", key: Key = "") -> None:
    """Give a colleague a role."""
    with connected(who, key) as seatrial:
        seatrial.parties.give_role(organisation, person, role)
    show({"person": person, "organisation": organisation, "role": role}, lines=[f"{person} is {role} now."])


def end_role(organisation: Organisation, person: Person, role: Role, who: As = "", key: Key = "") -> None:
    """End a role at once; what was delegated of it ends too."""
    with connected(who, key) as seatrial:
        seatrial.parties.end_role(organisation, person, role)
    show({"person": person, "organisation": organisation, "ended": role}, lines=[f"{person} is no longer {role}."])


def remove(organisation: Organisation, person: Person, who: As = "", key: Key = "") -> None:
    """Remove a person at once: roles, delegations, and with the last one, session and tokens."""
    with connected(who, key) as seatrial:
        seatrial.parties.remove(organisation, person)
    show({"person": person, "removed_from": organisation}, lines=[f"{person} is no longer of {organisation}."])


def invite(
    organisation: Organisation,
    email: Annotated[str, typer.Argument(help="Where the invitation goes.")],
    name: Annotated[str, typer.Argument(help="Whom you invite.")],
    roles: Annotated[list[Role], typer.Option("--role", help="What they will be; repeat for more.")],
    who: As = "",
    key: Key = "",
) -> None:
    """Invite a person. The link is shown this once, and mailed if this instance sends mail."""
    with connected(who, key) as seatrial:
        made = seatrial.parties.invite(organisation, email=email, name=name, roles=roles)
    until = iso(made.invitation.expires_at)
    show(made, lines=[f"Invited {made.invitation.name} until {until}. The link, shown this once:", made.link])


def invitations(organisation: Organisation, who: As = "") -> None:
    """List the invitations into your organisation."""
    with connected(who) as seatrial:
        found = seatrial.parties.invitations(organisation)
    show_table(
        found,
        {"id": "invitation", "name": "name", "email": "e-mail", "roles": "roles", "state": "state"},
        empty="Nobody was invited yet.",
    )


def uninvite(
    invitation: Annotated[str, typer.Argument(help="The invitation's id.")], who: As = "", key: Key = ""
) -> None:
    """Withdraw an invitation; its link opens nothing from now on."""
    with connected(who, key) as seatrial:
        seatrial.parties.withdraw_invitation(invitation)
    show({"invitation": invitation, "state": "withdrawn"}, lines=["Withdrawn."])


def delegate(
    organisation: Organisation,
    role: Role,
    to: Annotated[str, typer.Argument(help="The colleague's person id.")],
    days: Annotated[float, typer.Option(help="For how long from now, 90 at most.")],
    who: As = "",
    key: Key = "",
) -> None:
    """Lend one of your roles to a colleague for a time."""
    with connected(who, key) as seatrial:
        made = seatrial.parties.delegate(organisation, role=role, to=to, until=now() + timedelta(days=days))
    show(made, lines=[f"{to} is {role} of {organisation} too, until {iso(made.until)}. ({made.id})"])


def delegations(organisation: Organisation, who: As = "") -> None:
    """List who lends whom which role."""
    with connected(who) as seatrial:
        found = seatrial.parties.delegations(organisation)
    show_table(
        found,
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


def end_delegation(
    delegation: Annotated[str, typer.Argument(help="The delegation's id.")], who: As = "", key: Key = ""
) -> None:
    """End a delegation now."""
    with connected(who, key) as seatrial:
        seatrial.parties.end_delegation(delegation)
    show({"delegation": delegation, "ended": True}, lines=["Ended."])


def organisations(who: As = "") -> None:
    """List the organisations of this instance."""
    with connected(who) as seatrial:
        found = seatrial.parties.organisations()
    show_table(found, {"id": "id", "name": "name", "kind": "kind", "public_key": "public key"}, empty="None.")


def declarations(developer: Annotated[str, typer.Argument(help="Your organisation's id.")], who: As = "") -> None:
    """List what evaluators declare about their interests in you."""
    with connected(who) as seatrial:
        found = seatrial.parties.declarations(developer)
    show_table(
        found,
        {"person_name": "person", "organisation": "of", "interests": "interests", "valid_until": "counts until"},
        empty="No declaration that you may read.",
    )


def policies(body: Annotated[str, typer.Option(help="Of one body only.")] = "", who: As = "") -> None:
    """List the policies that bodies have published, newest first."""
    with connected(who) as seatrial:
        found = seatrial.parties.policies(body or None)
    show_table(
        found,
        {"body": "body", "version": "version", "valid_from": "in force from", "digest": "digest"},
        empty="No policy was published yet.",
    )
