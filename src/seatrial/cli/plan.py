"""Release plans: as a file with nothing else, and on the instance.

``template``, ``schema`` and ``check`` need no database and no review: a lab plans with them alone.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from django.conf import settings
from django.urls import reverse

from seatrial.kernel.canonical import plain
from seatrial.kernel.clock import now, parse_time
from seatrial.kernel.errors import Refused
from seatrial.review.planning import api as planning
from seatrial.review.planning.types import (
    Milestone,
    Progress,
    ReleasePlan,
    Schedule,
    Side,
    Track,
    Unit,
    WhatIf,
)

from . import engagement
from .asking import As, acting
from .database import check as check_database
from .files import read_text, write
from .output import console, show, show_table, wants_json

app = typer.Typer(help="Release plans, with or without a review; engagement memos.", no_args_is_help=True)
app.add_typer(engagement.app, name="memo")

Plan = Annotated[str, typer.Argument(help="The plan's id.")]
Key = Annotated[str, typer.Argument(help="The milestone's key.")]
File = Annotated[Path, typer.Argument(help="A plan file (TOML).")]
Moves = Annotated[
    list[str] | None,
    typer.Option("--move", help="What if: partner=+7d, public=2026-10-01T09:00, MILESTONE=5d; repeat for more."),
]
Time = Annotated[datetime | None, typer.Option(parser=parse_time, metavar="TIME", help="ISO 8601 with a time zone.")]

_FIRST = timedelta(days=75)  # from today to the release to partners that the template proposes
_BETWEEN = timedelta(days=21)


@app.command()
def template(
    title: Annotated[str, typer.Option(help="What you call the plan.")] = "Release plan",
    model: Annotated[str, typer.Option(help="The model's name.")] = "model",
    zone: Annotated[str, typer.Option(help="IANA time zone, e.g. America/New_York.")] = "UTC",
    partner_release: Time = None,
    public_release: Time = None,
    to: Annotated[Path | None, typer.Option(help="Where to write it.")] = None,
) -> None:
    """Print a plan file to start from: the usual milestones around a window of 30 days."""
    first = datetime.combine(planning.local_day(now(), zone) + _FIRST, time(9))
    partner = partner_release or planning.moment(first, zone)
    text = planning.template(
        title=title,
        model=model,
        zone=zone,
        partner_release=partner,
        public_release=public_release or partner + _BETWEEN,
    )
    planning.from_toml(text)
    _hand_over(text, to, "plan")


@app.command()
def schema(to: Annotated[Path | None, typer.Option(help="Where to write it.")] = None) -> None:
    """Print the JSON Schema of a plan file."""
    _hand_over(json.dumps(plain(planning.schema()), indent=2) + "\n", to, "schema")


@app.command()
def check(
    file: File,
    move: Moves = None,
    calendar: Annotated[Path | None, typer.Option("--ics", help="Write the schedule as a calendar file.")] = None,
    alarm: Annotated[
        int | None, typer.Option(help="In the calendar: remind so many days ahead.", min=0, max=60)
    ] = None,
    strict: Annotated[bool, typer.Option(help="End with exit code 3 if anything is late.")] = False,
    as_of: Annotated[
        datetime | None, typer.Option(parser=parse_time, metavar="TIME", help="Which now; the present if left out.")
    ] = None,
) -> None:
    """Work out a plan file: when everything begins and is due, what is late, what a move would make slip."""
    content, at = planning.from_toml(read_text(file)), as_of or now()
    shown = planning.what_if(content, planning.parse_moves(move, content), at) if move else None
    final = shown.plan if shown else content
    made = planning.schedule(final, at)
    if calendar is not None:
        write(calendar, planning.ics(planning.file_calendar(final, at), alarm_days=alarm))
    _show_schedule(final, made, shown, {"calendar": str(calendar)} if calendar else {})
    if strict and made.late:
        keys = ", ".join(item.milestone.key for item in made.late)
        raise Refused("plan-late", f"{len(made.late)} of {len(made.items)} milestones are late: {keys}.")


@app.command()
def new(file: File, developer: Annotated[str, typer.Option(help="Your organisation's id.")], who: As = "") -> None:
    """Keep a plan file on the instance. Only your organisation can see it."""
    check_database()
    content = planning.from_toml(read_text(file))
    made = planning.make_plan(by=acting(who), developer=developer, plan=content, at=now())
    show({"plan": made}, lines=[f"Kept as {made}. Only your organisation can see it."])


@app.command(name="list")
def list_plans(who: As = "") -> None:
    """List your organisation's plans."""
    check_database()
    columns = {"id": "plan", "title": "title", "model": "model", "partner_release": "to partners", "done": "done"}
    show_table(planning.plans(acting(who)), columns | {"milestones": "of"}, empty="No plans that you may see.")


@app.command(name="show")
def show_plan(plan: Plan, who: As = "") -> None:
    """Show one plan, worked out."""
    check_database()
    view = planning.plan(acting(who), plan, now())
    if wants_json():
        show(view)
        return
    _show_schedule(view.plan, view.schedule, None, {})
    if view.linked is not None:
        words = "has other dates, which this plan does not move" if view.linked.differs else "has the same dates"
        console.print(f"Review {view.linked.id} ({view.linked.state}) {words}.", markup=False, highlight=False)


@app.command()
def export(
    plan: Plan,
    to: Annotated[Path | None, typer.Option(help="Where to write it.")] = None,
    calendar: Annotated[Path | None, typer.Option("--ics", help="Write it as a calendar file instead.")] = None,
    who: As = "",
) -> None:
    """Print a plan as a file that 'check', 'new' and 'edit' read."""
    check_database()
    actor = acting(who)
    if calendar is not None:
        write(calendar, planning.ics(planning.calendar(actor, plan, now())))
        show({"calendar": str(calendar)}, lines=[f"Wrote {calendar}."])
        return
    _hand_over(planning.to_toml(planning.plan(actor, plan, now()).plan), to, "plan")


@app.command()
def edit(
    plan: Plan,
    file: File,
    revision: Annotated[int | None, typer.Option(help="Only if the plan is still at this revision.")] = None,
    who: As = "",
) -> None:
    """Replace what a plan says by a file."""
    check_database()
    content = planning.from_toml(read_text(file))
    planning.rewrite_plan(by=acting(who), plan=plan, content=content, revision=revision, at=now())
    show({"plan": plan, "changed": True}, lines=["Changed."])


@app.command()
def move(
    plan: Plan,
    moves: Annotated[list[str], typer.Argument(metavar="MOVE...", help="partner=+7d, public=TIME, MILESTONE=5d.")],
    save: Annotated[bool, typer.Option(help="Make the move; without it this only shows what would slip.")] = False,
    who: As = "",
) -> None:
    """Show what a move would make slip; with --save, make it. It prolongs no window and moves no review's dates."""
    check_database()
    actor, at = acting(who), now()
    view = planning.plan(actor, plan, at)
    wanted = planning.parse_moves(moves, view.plan)
    shown = planning.what_if(view.plan, wanted, at)
    if save:
        planning.move_plan(by=actor, plan=plan, move=wanted, revision=view.revision, at=at)
    _show_schedule(shown.plan, planning.schedule(shown.plan, at), shown, {"saved": save})
    if not wants_json():
        console.print("Saved." if save else "Nothing is saved; add --save to make the move.", highlight=False)


@app.command()
def milestone(
    plan: Plan,
    key: Key,
    title: Annotated[str, typer.Option(help="What it is.")] = "",
    track: Annotated[Track, typer.Option(help="Whose work.")] = Track.PRODUCT,
    owner: Annotated[str, typer.Option(help="A name, or a person's id.")] = "",
    days: Annotated[int, typer.Option(help="How many days from the anchor.")] = 0,
    unit: Annotated[Unit, typer.Option(help="Which days count.")] = Unit.WORKING,
    when: Annotated[Side, typer.Option(help="Before or after the anchor.")] = Side.BEFORE,
    anchor: Annotated[str, typer.Option(help="A date of the plan, or another milestone's key.")] = "partner-release",
    length: Annotated[int, typer.Option(help="How many days it takes.")] = 1,
    needs: Annotated[list[str] | None, typer.Option(help="A milestone that must be done first; repeat.")] = None,
    remove: Annotated[bool, typer.Option(help="Take it out instead.")] = False,
    who: As = "",
) -> None:
    """Write a milestone, or take it out."""
    check_database()
    actor, at = acting(who), now()
    if remove:
        planning.remove_milestone(by=actor, plan=plan, milestone=key, at=at)
        show({"plan": plan, "removed": key}, lines=["Taken out."])
        return
    made = Milestone(key, title, track, owner, days, unit, when, anchor, length, tuple(needs or ()))
    planning.set_milestone(by=actor, plan=plan, milestone=made, at=at)
    show({"plan": plan, "milestone": key}, lines=["Written."])


@app.command()
def begin(plan: Plan, key: Key, who: As = "") -> None:
    """Say that a milestone is begun."""
    _mark(plan, key, Progress.BEGUN, who)


@app.command()
def done(plan: Plan, key: Key, who: As = "") -> None:
    """Say that a milestone is done."""
    _mark(plan, key, Progress.DONE, who)


@app.command()
def reopen(plan: Plan, key: Key, who: As = "") -> None:
    """Say that a milestone is open again."""
    _mark(plan, key, Progress.OPEN, who)


@app.command()
def link(
    plan: Plan,
    review: Annotated[str, typer.Argument(help="A review of yours; leave it out to unlink.")] = "",
    who: As = "",
) -> None:
    """Say which review a plan is about. Neither moves the other's dates."""
    check_database()
    planning.link_review(by=acting(who), plan=plan, review=review or None, at=now())
    show({"plan": plan, "review": review or None}, lines=["Linked." if review else "Unlinked."])


@app.command()
def feed(plan: Plan, end: Annotated[bool, typer.Option(help="End the address instead.")] = False, who: As = "") -> None:
    """Issue a secret calendar address, shown this once; an earlier one ends."""
    check_database()
    actor = acting(who)
    if end:
        planning.revoke_feed(by=actor, plan=plan, at=now())
        show({"plan": plan, "feed": None}, lines=["Ended. Nobody can read this calendar any more."])
        return
    secret = planning.issue_feed(by=actor, plan=plan, at=now())
    address = settings.SEATRIAL.portal_url + reverse("plan-calendar", args=[secret])
    show({"plan": plan, "feed": address}, lines=["Whoever has this address can read the plan:", address])


def _mark(plan: str, key: str, progress: Progress, who: str) -> None:
    check_database()
    planning.mark_milestone(by=acting(who), plan=plan, milestone=key, progress=progress, at=now())
    show({"plan": plan, "milestone": key, "progress": progress}, lines=[f"{key}: {progress.value}."])


def _hand_over(text: str, to: Path | None, what: str) -> None:
    """A file's text: where it was asked to be, or as it is on standard output, for others to read."""
    if to is not None:
        write(to, text.encode())
        show({what: str(to)}, lines=[f"Wrote {to}."])
    elif wants_json():
        show({what: text})
    else:
        print(text, end="")


def _show_schedule(content: ReleasePlan, made: Schedule, shown: WhatIf | None, more: dict[str, Any]) -> None:
    """JSON with everything, or a few lines and a table."""
    if wants_json():
        said = {"plan": content, "schedule": made, "late": [item.milestone.key for item in made.late]}
        show(said | ({"what_if": shown} if shown else {}) | more)
        return
    for line in _head(content, made):
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    if shown is not None:
        headings = ("milestone", "was due", "would begin", "and be due", "moves", "slips")
        show_table(_shifts(shown), {heading: heading for heading in headings}, empty="No milestones.")
        return
    show_table(
        [
            {
                "key": item.milestone.key,
                "begins": item.starts,
                "due": item.due,
                "track": item.milestone.track,
                "owner": item.milestone.owner,
                "state": f"late {item.late} d" if item.late else item.milestone.progress,
            }
            for item in made.items
        ],
        {"key": "milestone", "begins": "begins", "due": "due", "track": "track", "owner": "owner", "state": "state"},
        empty="No milestones.",
    )


def _head(content: ReleasePlan, made: Schedule) -> Sequence[str]:
    def local(at: datetime) -> str:
        return f"{planning.local_time(at, content.zone):%Y-%m-%d %H:%M} {content.zone}"

    lines = [
        f"{content.title} ({content.model})",
        f"  to trusted partners  {local(content.partner_release)}",
        f"  public               {local(content.public_release)}",
    ]
    if made.window is not None:
        days = made.window.length / timedelta(days=1)
        lines.append(
            f"  window               {local(made.window.opens)} to {local(made.window.closes)}, {days:g} × 24 h"
        )
    late = len(made.late)
    lines.append(f"  late                 {late} of {len(made.items)} milestones" if late else "  nothing is late")
    return lines


def _shifts(shown: WhatIf) -> list[dict[str, str]]:
    return [
        {
            "milestone": shift.key,
            "was due": shift.due_before.isoformat(),
            "would begin": shift.starts_after.isoformat(),
            "and be due": shift.due_after.isoformat(),
            "moves": f"{shift.days:+d} d" if shift.days else "–",
            "slips": f"{shift.slips} d" if shift.slips else "–",
        }
        for shift in shown.shifts
    ]
