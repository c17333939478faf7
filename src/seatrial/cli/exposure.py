"""An operator's exposures on the command line."""

from __future__ import annotations

import sys
from datetime import date
from typing import Annotated

import typer
from django.conf import settings
from django.urls import reverse

from seatrial.clearinghouse.remediation import api as remediation
from seatrial.clearinghouse.remediation.types import Justification, PaceView, Said, Status
from seatrial.kernel.clock import now
from seatrial.kernel.errors import Misuse

from .asking import As, acting
from .database import check
from .output import show, show_table

app = typer.Typer(
    help="Which of your systems, how bad, what to do, by when; and what you say of it.",
    callback=check,
    no_args_is_help=True,
)
undertaking = typer.Typer(help="What an operator is asked to take upon itself; it may decline.", no_args_is_help=True)
app.add_typer(undertaking, name="undertaking")

Home = Annotated[str, typer.Argument(help="The operator's id.", metavar="ORGANISATION")]
Advisory = Annotated[str, typer.Option(help="Of this advisory alone.")]


@app.command(name="list")
def list_exposures(
    over: Annotated[bool, typer.Option("--over", help="Those that are over.")] = False,
    advisory: Advisory = "",
    search: Annotated[str, typer.Option(help="A part of the system, component or title.")] = "",
    limit: Annotated[int, typer.Option(help="At most so many.")] = 100,
    who: As = "",
) -> None:
    """List your exposures: the nearest date first, then the most urgent."""
    found = remediation.exposures(acting(who), over=over, advisory=advisory, search=search, limit=limit)
    columns = {
        "id": "exposure",
        "system": "system",
        "component": "component",
        "version": "version",
        "advisory": "advisory",
        "urgency": "urgency",
        "due": "your date",
        "status": "your answer",
    }
    show_table(found, columns, empty="None of your systems is exposed." if not over else "None is over.")


@app.command(name="show")
def show_exposure(exposure: Annotated[str, typer.Argument(help="Its id.")], who: As = "") -> None:
    """Show one with all that was said of it."""
    found = remediation.exposure(acting(who), exposure)
    lines = [
        f"{found.system}: {found.component} {found.version}",
        f"{found.title} ({found.advisory}), {found.urgency}",
        f"Why: {found.why}",
        f"What to do: {found.action or 'nothing is known'}",
        f"Since {found.since:%Y-%m-%d}; your date: {found.due or 'none'}; over: {found.over or 'no'}",
        *(
            " ".join(filter(None, (f"{one.at:%Y-%m-%d}", one.said.status, one.said.justification, one.said.note)))
            for one in found.answers
        ),
    ]
    show(found, lines=lines)


@app.command()
def answer(
    status: Annotated[Status, typer.Argument(help="A VEX status.")],
    exposures: Annotated[list[str], typer.Argument(help="Exposures by id, all of one organisation.")],
    justification: Annotated[Justification | None, typer.Option(help="Why it is not affected.")] = None,
    note: Annotated[str, typer.Option(help="In your words.")] = "",
    action: Annotated[str, typer.Option(help="What you will do.")] = "",
    until: Annotated[str, typer.Option(help="By when, your own date: 2026-12-24.")] = "",
    who: As = "",
) -> None:
    """Say the same of several exposures, or of none."""
    said = Said(status, justification, note, action, _day(until) if until else None)
    count = remediation.answer(by=acting(who), exposures=exposures, said=said, at=now())
    show({"answered": count}, lines=[f"Answered {count} exposure{'s' if count > 1 else ''}."])


@app.command()
def export(
    form: Annotated[str, typer.Argument(help="csv (tickets), ics (a calendar) or vex (OpenVEX).")],
    organisation: Annotated[str, typer.Option(help="Of this organisation; vex needs it.")] = "",
    over: Annotated[bool, typer.Option("--over", help="Tickets that are over.")] = False,
    who: As = "",
) -> None:
    """Write your exposures to standard output for another tool."""
    asking = acting(who)
    if form == "vex":
        show(remediation.own_vex(asking, organisation))
        return
    found = remediation.exposures(asking, over=over, organisation=organisation, limit=remediation.MOST)
    if form == "csv":
        sys.stdout.write(remediation.as_csv(found))
    elif form == "ics":
        sys.stdout.write(remediation.calendar(found).decode())
    else:
        raise Misuse("bad-form", f"{form!r} is no form to export; write csv, ics or vex.")


@app.command()
def pace(
    organisation: Home,
    act: Annotated[int | None, typer.Option(help="Days for what is to be acted on.")] = None,
    attend: Annotated[int | None, typer.Option(help="Days for what is to be attended to.")] = None,
    track_more: Annotated[int | None, typer.Option(help="Days for what is tracked closely.")] = None,
    track: Annotated[int | None, typer.Option(help="Days for what is tracked.")] = None,
    remind: Annotated[int | None, typer.Option(help="Be reminded so many days before a date.")] = None,
    sector: Annotated[str, typer.Option(help="Your sector, for sums in which nobody is found out.")] = "",
    clear: Annotated[bool, typer.Option("--clear", help="Set nothing: no dates, no reminders.")] = False,
    who: As = "",
) -> None:
    """Set the days you give yourself; what you leave out stays as it is. Without options, show them."""
    asking = acting(who)
    said = {"act": act, "attend": attend, "track_more": track_more, "track": track, "remind": remind}
    if clear or sector or any(days is not None for days in said.values()):
        known = PaceView(organisation) if clear else remediation.pace(asking, organisation)
        kept = {name: getattr(known, name) if days is None else days for name, days in said.items()}
        stated = PaceView(organisation, sector=sector or known.sector, **kept)
        remediation.state_pace(by=asking, pace=stated, at=now())
    show(remediation.pace(asking, organisation))


@app.command()
def calendar(
    organisation: Home, end: Annotated[bool, typer.Option(help="End the address instead.")] = False, who: As = ""
) -> None:
    """Issue a secret address of your dates for calendars, shown this once; an earlier one ends."""
    asking = acting(who)
    if end:
        remediation.end_calendar(by=asking, organisation=organisation, at=now())
        show({"organisation": organisation, "calendar": None}, lines=["Ended. Nobody can read your dates there."])
        return
    secret = remediation.issue_calendar(by=asking, organisation=organisation, at=now())
    address = settings.SEATRIAL.portal_url + reverse("exposures-calendar", args=[secret])
    said = {"organisation": organisation, "calendar": address}
    show(said, lines=["Whoever has this address reads your systems and their dates:", address])


@app.command()
def sectors(who: As = "") -> None:
    """Show sums by sector: nothing where fewer than five operators stand behind a number."""
    columns = {
        "sector": "sector",
        "open": "open",
        "over": "over",
        "half": "days to half",
        "most": "days to 95 %",
    }
    show_table(remediation.sectors(acting(who), now()), columns, empty="No sector that you may see.")


@app.command()
def curve(advisory: Advisory = "", who: As = "") -> None:
    """Show how long exposures last: days until half and until 95 % were over."""
    found = remediation.curves(acting(who), now(), advisory=advisory)
    rows = [
        {
            "of": name,
            "exposures": steps[0].at_risk,
            "half": remediation.days_until(steps, 0.5),
            "most": remediation.days_until(steps, 0.95),
            "open": f"{steps[-1].share:.0%}",
        }
        for name, steps in found.items()
        if steps
    ]
    columns = {
        "of": "of",
        "exposures": "exposures",
        "half": "days to half",
        "most": "days to 95 %",
        "open": "still open",
    }
    show_table(rows, columns, empty="Nothing was exposed that you may see.")


@undertaking.command(name="list")
def list_undertakings(who: As = "") -> None:
    """List what was asked, and what was said to it."""
    columns = {"id": "undertaking", "organisation": "of", "text": "what", "state": "state", "may": "you may"}
    show_table(remediation.undertakings(acting(who)), columns, empty="Nothing is asked.")


@undertaking.command()
def offer(organisation: Home, text: Annotated[str, typer.Argument(help="What is asked.")], who: As = "") -> None:
    """Ask an operator for something."""
    made = remediation.offer_undertaking(by=acting(who), organisation=organisation, text=text, at=now())
    show({"undertaking": made}, lines=[f"Asked: {made}. It may decline."])


def _move(name: str) -> None:
    @undertaking.command(name=name)
    def command(one: Annotated[str, typer.Argument(help="Its id.", metavar="UNDERTAKING")], who: As = "") -> None:
        state = remediation.move_undertaking(by=acting(who), undertaking=one, move=name, at=now())
        show({"undertaking": one, "state": state}, lines=[f"{one} is {state}."])

    command.__doc__ = f"{name.capitalize()} {'to it' if name == 'agree' else 'it'}."


for _name in ("agree", "decline", "end"):
    _move(_name)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Misuse("bad-date", f"{text!r} is no day; write 2026-12-24.") from None
