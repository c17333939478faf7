"""Desk: release plans and engagement memos, each kept from a file. Nobody but your own people can tell of them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from seatrial.cli.output import show, show_table
from seatrial.kernel.clock import parse_time
from seatrial.kernel.errors import Misuse
from seatrial.review.planning.types import Form, PlanView, Progress

from .connection import As, Key, connected, new_group, under
from .files import hand_over, read_text

Plan = Annotated[str, typer.Argument(help="The plan's id.")]
Memo = Annotated[str, typer.Argument(help="The memo's id.")]
File = Annotated[Path, typer.Argument(help="A TOML file.")]
Developer = Annotated[str, typer.Option(help="Your organisation's id.")]
To = Annotated[Path | None, typer.Option(help="Where to write it; else it is printed.")]
Moment = Annotated[
    datetime | None, typer.Option(parser=parse_time, metavar="TIME", help="ISO 8601 with a time zone; else as it is.")
]
Lengths = Annotated[list[str] | None, typer.Option("--length", help="MILESTONE=DAYS; repeat for more.")]
LINES = {"id": "id", "title": "title", "model": "model", "partner_release": "partners", "public_release": "public"}


def add_to(app: typer.Typer) -> None:
    """Two groups, under "Plan"."""
    plans = new_group("Release plans: kept from a file, moved, marked. 'seatrial plan' works on files alone.")
    under(
        plans,
        "Plans",
        {"list": list_plans, "show": show_plan, "check": check, "keep": keep, "rewrite": rewrite, "file": plan_file},
    )
    under(plans, "Changes", {"what-if": what_if, "move": move, "mark": mark, "link": link})
    under(plans, "Calendar", {"calendar": calendar, "feed": feed, "end-feed": end_feed})
    app.add_typer(plans, name="plans", rich_help_panel="Plan")
    memos = new_group("Engagement memos: your own weighing of engaging, partly engaging, or not.")
    under(
        memos,
        "Memos",
        {
            "list": list_memos,
            "show": show_memo,
            "write": write_memo,
            "rewrite": rewrite_memo,
            "export": export_memo,
        },
    )
    app.add_typer(memos, name="memos", rich_help_panel="Plan")


def list_plans(who: As = "") -> None:
    """List your organisation's release plans."""
    with connected(who) as seatrial:
        show_table(seatrial.plans.list(), LINES, empty="No plans yet.")


def show_plan(plan: Plan, who: As = "") -> None:
    """Show one plan, worked out as of now."""
    with connected(who) as seatrial:
        show(seatrial.plans.show(plan))


def check(file: File, who: As = "") -> None:
    """Work out a plan file without keeping it; faults name line and field."""
    with connected(who) as seatrial:
        made = seatrial.plans.check(read_text(file))
    show(made, lines=[f"{item.due}  {item.milestone.title}" for item in made.items] or ["No milestones."])


def keep(file: File, developer: Developer, who: As = "", key: Key = "") -> None:
    """Keep a plan from its file."""
    with connected(who, key) as seatrial:
        _kept(seatrial.plans.keep(developer, read_text(file)), "Kept")


def rewrite(
    plan: Plan,
    file: File,
    revision: Annotated[int | None, typer.Option(help="Only if it is still this revision.")] = None,
    who: As = "",
    key: Key = "",
) -> None:
    """Replace all a plan says by its file."""
    with connected(who, key) as seatrial:
        _kept(seatrial.plans.rewrite(plan, read_text(file), revision=revision), "Rewritten:")


def plan_file(plan: Plan, to: To = None, who: As = "") -> None:
    """Fetch a plan as the file it can be kept from."""
    with connected(who) as seatrial:
        hand_over(seatrial.plans.toml(plan), to)


def what_if(
    plan: Plan,
    partner_release: Moment = None,
    public_release: Moment = None,
    lengths: Lengths = None,
    who: As = "",
) -> None:
    """Show what a move would make slip. Nothing is saved."""
    with connected(who) as seatrial:
        found = seatrial.plans.what_if(
            plan, partner_release=partner_release, public_release=public_release, lengths=_days(lengths)
        )
    lines = [f"{shift.title}: {shift.days:+d} days, {shift.slips} late" for shift in found.shifts]
    show(found, lines=lines or ["Nothing moves."])


def move(
    plan: Plan,
    partner_release: Moment = None,
    public_release: Moment = None,
    lengths: Lengths = None,
    who: As = "",
    key: Key = "",
) -> None:
    """Move dates or change lengths of milestones. No window is longer for it."""
    with connected(who, key) as seatrial:
        made = seatrial.plans.move(
            plan, partner_release=partner_release, public_release=public_release, lengths=_days(lengths)
        )
    _kept(made, "Moved:")


def mark(
    plan: Plan,
    milestone: Annotated[str, typer.Argument(help="The milestone's key.")],
    progress: Progress,
    who: As = "",
    key: Key = "",
) -> None:
    """Say that a milestone is begun, done, or open again."""
    with connected(who, key) as seatrial:
        _kept(seatrial.plans.mark(plan, milestone, progress), "Marked:")


def link(
    plan: Plan,
    review: Annotated[str, typer.Argument(help="A review of yours; leave it out to link none.")] = "",
    who: As = "",
    key: Key = "",
) -> None:
    """Say which review the plan is about. Neither moves the other's dates."""
    with connected(who, key) as seatrial:
        _kept(seatrial.plans.link(plan, review or None), "Linked:")


def calendar(plan: Plan, to: To = None, who: As = "") -> None:
    """Fetch a plan as a calendar file."""
    with connected(who) as seatrial:
        hand_over(seatrial.plans.calendar(plan), to)


def feed(plan: Plan, who: As = "", key: Key = "") -> None:
    """Make a secret calendar address, shown this once; an earlier one ends."""
    with connected(who, key) as seatrial:
        address = seatrial.plans.issue_feed(plan)
    show({"plan": plan, "feed": address}, lines=[f"Shown this once: {address}"])


def end_feed(plan: Plan, who: As = "", key: Key = "") -> None:
    """End the calendar address at once."""
    with connected(who, key) as seatrial:
        _kept(seatrial.plans.revoke_feed(plan), "Its calendar address is dead:")


def list_memos(who: As = "") -> None:
    """List your organisation's engagement memos."""
    with connected(who) as seatrial:
        found = seatrial.memos.list()
    show_table(
        found, {"id": "memo", "title": "title", "version": "version", "conclusion": "conclusion"}, empty="No memos yet."
    )


def show_memo(
    memo: Memo, version: Annotated[int | None, typer.Option(help="Else the newest.")] = None, who: As = ""
) -> None:
    """Show one memo."""
    with connected(who) as seatrial:
        show(seatrial.memos.show(memo, version=version))


def write_memo(file: File, developer: Developer, who: As = "", key: Key = "") -> None:
    """Begin a memo from its file."""
    with connected(who, key) as seatrial:
        made = seatrial.memos.write(developer, read_text(file))
    show({"memo": made.id, "version": made.version}, lines=[f"Kept {made.id}. Only your own people can see it."])


def rewrite_memo(
    memo: Memo,
    file: File,
    version: Annotated[int | None, typer.Option(help="Only if this is still the newest.")] = None,
    who: As = "",
    key: Key = "",
) -> None:
    """Keep a new version of a memo from its file."""
    with connected(who, key) as seatrial:
        made = seatrial.memos.rewrite(memo, read_text(file), version=version)
    show({"memo": made.id, "version": made.version}, lines=[f"Kept version {made.version}."])


def export_memo(
    memo: Memo,
    form: Annotated[Form, typer.Argument(help="As what.")] = Form.MARKDOWN,
    version: Annotated[int | None, typer.Option(help="Else the newest.")] = None,
    to: To = None,
    who: As = "",
) -> None:
    """Fetch a memo as Markdown, HTML, JSON, CSV or the TOML it can be written from."""
    with connected(who) as seatrial:
        hand_over(seatrial.memos.export(memo, form, version=version), to)


def _kept(plan: PlanView, done: str) -> None:
    late = len(plan.schedule.late)
    show(
        {"plan": plan.id, "revision": plan.revision, "late": late},
        lines=[f"{done} {plan.id}, revision {plan.revision}; {late} milestones late."],
    )


def _days(words: list[str] | None) -> dict[str, int]:
    found = {}
    for word in words or ():
        name, separator, days = word.partition("=")
        if not separator or not days.isdigit():
            raise Misuse("bad-length", f"{word!r} is no MILESTONE=DAYS; write e.g. red-team=5.")
        found[name] = int(days)
    return found
