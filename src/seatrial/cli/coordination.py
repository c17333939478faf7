"""Coordination on the command line: cases, parties, embargoes, messages; a maintainer's inbox and capacity."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from seatrial.clearinghouse.coordination import api as coordination
from seatrial.clearinghouse.coordination.types import (
    CaseEnd,
    CoordinationView,
    Delivery,
    EndReason,
    MilestoneKind,
    PartyRole,
)
from seatrial.clearinghouse.findings import api as findings
from seatrial.kernel.clock import now, parse_time
from seatrial.kernel.errors import Misuse

from .asking import As, acting
from .database import check
from .output import show, show_table

app = typer.Typer(
    help="Cases of several parties: who knows, until when nothing is published, who has fixed what.",
    callback=check,
    no_args_is_help=True,
)
contact = typer.Typer(help="The directory of outside contacts.", no_args_is_help=True)
terms = typer.Typer(
    help="Terms of disclosure: the usual and longest embargo, what follows silence.", no_args_is_help=True
)
app.add_typer(contact, name="contact")
app.add_typer(terms, name="terms")

Case = Annotated[str, typer.Argument(help="The case's id.", metavar="CASE")]
Party = Annotated[str, typer.Argument(help="The party's id.", metavar="PARTY")]


@app.command(name="list")
def list_cases(
    closed: Annotated[bool, typer.Option("--closed", help="Those that ended, the last one first.")] = False,
    who: As = "",
) -> None:
    """List the open cases you may see, by priority and age."""
    show_table(
        coordination.cases(acting(who), now(), closed=closed),
        {
            "id": "case",
            "title": "title",
            "product": "product",
            "embargo": "embargo",
            "until": "until",
            "vendors": "vendors",
            "fixed": "with a fix",
            "silent": "silent",
            **({"ended": "closed as"} if closed else {}),
        },
        empty="No cases that you may see.",
    )


@app.command(name="open")
def open_case(
    subjects: Annotated[list[str], typer.Argument(help="Reports, findings or clusters, by id.")],
    title: Annotated[str, typer.Option(help="What it is, in one line.")],
    summary: Annotated[str, typer.Option(help="What every told party reads.")],
    product: Annotated[str, typer.Option(help="All that an invited party reads before it accepts.")],
    priority: Annotated[int, typer.Option(help="The lowest goes first.")] = 100,
    who: As = "",
) -> None:
    """Open a case; the shorter of the usual embargo and what its reports ask for is agreed."""
    actor, at = acting(who), now()
    made = coordination.open_case(
        by=actor, subjects=subjects, title=title, summary=summary, product=product, priority=priority, at=at
    )
    _show(coordination.case(actor, made, at))


@app.command(name="show")
def show_case(case: Case, who: As = "") -> None:
    """Show a case: the party matrix, the embargo's clock, what the protocol advises."""
    _show(coordination.case(acting(who), case, now()))


@app.command()
def invite(
    case: Case,
    role: PartyRole,
    organisation: Annotated[str, typer.Option(help="An organisation of this instance.")] = "",
    contact: Annotated[str, typer.Option(help="Or an outside contact.")] = "",
    chain: Annotated[int, typer.Option(help="Place in the reporter chain, the nearest first.")] = 0,
    who: As = "",
) -> None:
    """Invite a party; a maintainer that stated a capacity hears of it when there is room."""
    made = coordination.invite(
        by=acting(who), case=case, role=role, organisation=organisation, contact=contact, chain=chain, at=now()
    )
    show({"party": made}, lines=[made])


@app.command()
def inbox(who: As = "") -> None:
    """Show invitations and cases of your organisations, with the one thing that is waited for."""
    found = coordination.inboxes(acting(who), now())
    lines = []
    for box in found:
        lines.append(f"{box.organisation}: {len(box.invitations)} invitations, {box.waiting} wait for your capacity.")
        lines += [f"  invited  {one.party}  {one.product}" for one in box.invitations]
        lines += [f"  {one.case}  {one.title}  {one.waited_for or 'nothing is waited for'}" for one in box.cases]
    show(found, lines=lines or ["No inbox: you act for no organisation."])


@app.command()
def join(
    party: Party,
    accept_embargo: Annotated[
        bool, typer.Option("--accept-embargo/--no-embargo", help="Accept the embargo in force; nothing is told before.")
    ],
    who: As = "",
) -> None:
    """Take part in a case."""
    told = coordination.join(by=acting(who), party=party, accept_embargo=accept_embargo, at=now())
    said = (
        "You take part and have been told." if told else "You take part; nothing is told before you accept the embargo."
    )
    show({"party": party, "told": told}, lines=[said])


@app.command()
def decline(party: Party, why: Annotated[str, typer.Option(help="Why.")] = "", who: As = "") -> None:
    """Do not take part; joining later is possible."""
    coordination.decline(by=acting(who), party=party, why=why, at=now())
    show({"party": party, "declined": True}, lines=["Declined."])


@app.command()
def tell(party: Party, who: As = "") -> None:
    """Receive the report, once the embargo is accepted or over."""
    coordination.tell(by=acting(who), party=party, at=now())
    show({"party": party, "told": True}, lines=["Told."])


@app.command()
def report(
    party: Party,
    event: Annotated[str, typer.Argument(help="validate, invalidate, accept, defer or close.")],
    who: As = "",
) -> None:
    """Say what your party does with the report."""
    coordination.move_report(by=acting(who), party=party, event=event, at=now())
    show({"party": party, "event": event}, lines=["Recorded."])


@app.command()
def event(
    case: Case,
    what: Annotated[
        str, typer.Argument(help="vendor_aware, fix_ready, fix_deployed, public, exploit_public or attacks.")
    ],
    party: Annotated[str, typer.Option(help="For which party you speak, if not your own.")] = "",
    note: Annotated[str, typer.Option(help="Where one can see it.")] = "",
    who: As = "",
) -> None:
    """Record a fix, or what the world knows: the latter ends an embargo."""
    actor, at = acting(who), now()
    coordination.record_event(by=actor, case=case, event=what, party=party, note=note, at=at)
    _show(coordination.case(actor, case, at))


@app.command()
def propose(
    party: Party,
    until: Annotated[str, typer.Argument(help="ISO 8601, e.g. 2026-09-01T00:00:00Z.")],
    why: Annotated[str, typer.Option(help="Why this date.")] = "",
    who: As = "",
) -> None:
    """Propose a date for the embargo: the first, a counter-proposal, a shorter or a longer one."""
    coordination.propose(by=acting(who), party=party, until=parse_time(until), why=why, at=now())
    show({"party": party, "until": until}, lines=["Proposed."])


@app.command()
def answer(
    party: Party,
    accepts: Annotated[bool, typer.Option("--accept/--reject", help="What your party says to the proposed date.")],
    who: As = "",
) -> None:
    """Answer the date that is proposed."""
    coordination.answer(by=acting(who), party=party, accepts=accepts, at=now())
    show({"party": party, "accepts": accepts}, lines=["Accepted." if accepts else "Rejected."])


@app.command()
def adhere(party: Party, who: As = "") -> None:
    """Accept the embargo that is in force."""
    coordination.adhere(by=acting(who), party=party, at=now())
    show({"party": party, "bound": True}, lines=["Accepted."])


@app.command()
def terminate(case: Case, reason: EndReason, why: Annotated[str, typer.Option(help="In words.")], who: As = "") -> None:
    """End an embargo before its date, for a reason that the case shows or on evidence that attackers know."""
    actor, at = acting(who), now()
    coordination.terminate(by=actor, case=case, reason=reason, why=why, at=at)
    _show(coordination.case(actor, case, at))


@app.command()
def close(
    case: Case,
    reason: CaseEnd,
    why: Annotated[str, typer.Option(help="In words.")],
    duplicate_of: Annotated[str, typer.Option(help="The case that goes on.")] = "",
    who: As = "",
) -> None:
    """Close a case of your own, for a reason that holds; an embargo in force stays agreed."""
    actor, at = acting(who), now()
    coordination.close_case(by=actor, case=case, reason=reason, why=why, duplicate_of=duplicate_of, at=at)
    _show(coordination.case(actor, case, at))


@app.command()
def reopen(case: Case, why: Annotated[str, typer.Option(help="In words.")], who: As = "") -> None:
    """Open a closed case of your own again; it goes on where it was."""
    actor, at = acting(who), now()
    coordination.reopen_case(by=actor, case=case, why=why, at=at)
    _show(coordination.case(actor, case, at))


@app.command()
def say(
    case: Case,
    text: str,
    to: Annotated[list[str] | None, typer.Option(help="Only these parties; else all that are told.")] = None,
    who: As = "",
) -> None:
    """Write in a case."""
    made = coordination.say(by=acting(who), case=case, text=text, to=to or None, at=now())
    show({"message": made}, lines=[made])


@app.command()
def messages(
    case: Case, before: Annotated[str | None, typer.Option(help="Where the last part ended.")] = None, who: As = ""
) -> None:
    """Read what was said in a case, newest first."""
    part = coordination.thread(acting(who), case, now(), before=before)
    lines = [f"{one.at:%Y-%m-%d %H:%M}  {one.by} ({one.name}): {one.text}" for one in part.messages]
    more = [f"Earlier ones: --before {part.earlier}"] if part.earlier else []
    show(part, lines=[*(lines or ["Nothing was said that you may read."]), *more])


@app.command()
def milestone(
    case: Case,
    kind: MilestoneKind,
    party: Annotated[str, typer.Option(help="Whose it is, if it is one party's.")] = "",
    note: Annotated[str, typer.Option(help="In words.")] = "",
    who: As = "",
) -> None:
    """Record a milestone; it goes up the reporter chain."""
    coordination.reach_milestone(by=acting(who), case=case, kind=kind, party=party, note=note, at=now())
    show({"case": case, "milestone": kind}, lines=["Recorded."])


@app.command()
def relayed(case: Case, kind: MilestoneKind, party: Party, who: As = "") -> None:
    """Say that somebody of the reporter chain was told of a milestone by other means."""
    coordination.mark_told(by=acting(who), case=case, kind=kind, party=party, at=now())
    show({"case": case, "milestone": kind, "party": party}, lines=["Recorded."])


@app.command()
def heard(party: Party, who: As = "") -> None:
    """Note that an outside party gave word: its silence begins anew."""
    coordination.heard(by=acting(who), party=party, at=now())
    show({"party": party}, lines=["Noted."])


@app.command()
def progress(code: Annotated[str, typer.Argument(help="A report's receipt code.")]) -> None:
    """See what became of the case made of a report."""
    found = coordination.progress(findings.follow(code).id, now())
    lines = [f"{at:%Y-%m-%d}  {kind}" for kind, at in found.milestones]
    waits = found.waiting_for_capacity
    show(
        found,
        lines=[*lines, *([f"Waiting for capacity: {waits} maintainers have no room for it yet."] if waits else [])],
    )


@app.command()
def capacity(
    organisation: Annotated[str, typer.Argument(help="Your organisation's id.")],
    open_at_once: Annotated[int, typer.Option(help="Cases open at once.")],
    per_week: Annotated[int, typer.Option(help="Cases in any seven days.")],
    quiet_weekday: Annotated[list[int] | None, typer.Option(help="0 is Monday.")] = None,
    quiet_dates: Annotated[list[str] | None, typer.Option(help="FIRST/LAST, e.g. 2026-12-24/2027-01-02.")] = None,
    delivery: Annotated[Delivery, typer.Option(help="Each by itself, or together once a week.")] = Delivery.SINGLE,
    who: As = "",
) -> None:
    """State what your organisation can take."""
    stretches = [one.split("/") for one in quiet_dates or []]
    said = coordination.check_capacity(open_at_once, per_week, quiet_weekday or [], stretches, delivery)
    coordination.state_capacity(by=acting(who), organisation=organisation, capacity=said, at=now())
    show(said, lines=["Stated."])


@contact.command(name="list")
def list_contacts(who: As = "") -> None:
    """List the directory, for analysts."""
    columns = {"id": "contact", "name": "name", "addresses": "addresses", "expires_at": "expires", "expired": "expired"}
    show_table(coordination.contacts(acting(who), now()), columns, empty="No contacts that you may see.")


@contact.command()
def add(
    name: str,
    address: Annotated[list[str] | None, typer.Option(help="E-mail or https address, the preferred first.")] = None,
    security_txt: Annotated[
        str, typer.Option(help="Or the file of its security.txt; - reads standard input. Nothing is fetched.")
    ] = "",
    who: As = "",
) -> None:
    """Add an outside contact, by its addresses or its security.txt (RFC 9116)."""
    if bool(address) == bool(security_txt):
        raise Misuse("contact-unclear", "Name either addresses or a security.txt.")
    actor, at = acting(who), now()
    if security_txt:
        made = coordination.add_security_txt(by=actor, name=name, text=_text(security_txt), at=at)
    else:
        made = coordination.add_contact(by=actor, name=name, addresses=address or [], at=at)
    show(coordination.contact(actor, made, at), lines=[made])


@terms.command(name="list")
def list_terms() -> None:
    """List the terms of disclosure, newest first."""
    columns = {"version": "version", "usual": "usual", "longest": "longest", "answer_within": "answer within"}
    show_table(coordination.terms(), columns, empty="No terms.")


@terms.command()
def publish(
    file: Annotated[str, typer.Argument(help="JSON as 'coordination terms draft' writes; - is input.")], who: As = ""
) -> None:
    """Publish terms under which cases are opened from now on."""
    try:
        document = json.loads(_text(file))
    except ValueError as error:
        raise Misuse("not-json", f"The terms are not valid JSON: {error}.") from error
    if not isinstance(document, dict):
        raise Misuse("bad-terms", "Terms of disclosure are a JSON object.")
    version = coordination.publish_terms(by=acting(who), document=document, at=now())
    show({"version": version}, lines=[f"{version} is in force."])


@terms.command()
def draft() -> None:
    """Write the terms in force as JSON, to be edited and published under a new version; spans in seconds."""
    document = coordination.terms_document(coordination.terms_in_force())
    show(document, lines=[json.dumps(document, indent=2)])


def _text(file: str) -> str:
    if file == "-":
        return sys.stdin.read()
    try:
        return Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Misuse("no-such-file", f"{file} cannot be read as UTF-8 text.") from error


def _show(view: CoordinationView) -> None:
    clock = view.embargo
    until = f" until {clock.until:%Y-%m-%d %H:%M} UTC" if clock.until else ""
    proposed = f"; {clock.proposed_until:%Y-%m-%d} is proposed" if clock.proposed_until else ""
    matrix = [
        f"  {one.id}  {one.role:<11} {one.name}: {one.place}, report {one.status}, {one.letters}, date {one.answer}"
        for one in view.parties
    ]
    head = f"{view.id}  {view.title} ({view.product})"
    end = (
        [f"Closed on {view.ended.at:%Y-%m-%d} as {view.ended.reason}. {view.ended.why}".rstrip()] if view.ended else []
    )
    show(view, lines=[head, *end, f"Embargo {clock.state}{until}{proposed}", *matrix, *view.advice])
