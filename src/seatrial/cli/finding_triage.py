"""`seatrial finding queue`, `show`, `cluster` and what people decide: the analyst's part of `seatrial finding`."""

from __future__ import annotations

import asyncio
import json
import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer

from seatrial.clearinghouse.proofs import api as proofs
from seatrial.clearinghouse.triage import api as triage
from seatrial.kernel.canonical import from_json
from seatrial.kernel.clock import now
from seatrial.kernel.digests import digest

from .asking import As, acting
from .bars import bar
from .files import read, write
from .output import show, show_table

Report = Annotated[str, typer.Argument(help="The report's id.")]
Why = Annotated[str, typer.Option(help="Why; everybody who handles these reports reads it.")]


def add_to(app: typer.Typer) -> None:
    """Give ``seatrial finding`` the analyst's commands."""
    for command in (judge, queue, flow, cluster, same, apart, undo, point, patch, transcript, replay):
        app.command()(command)
    app.command(name="show")(show_finding)
    app.command(name="import-kev")(import_kev)
    app.command(name="import-epss")(import_epss)


def judge(
    most: Annotated[int, typer.Option(help="How many at most; 0 for all that wait.", min=0)] = 0,
) -> None:
    """Run the proofs of reports that wait. Stopped or killed, the next call goes on where it was."""
    with bar("reports judged") as shown:
        done = triage.judge_waiting(most=most or None, progress=lambda done, left: shown(done, done + left))
    show({"judged": done}, lines=[f"{done} judged."])


def queue(
    limit: Annotated[int, typer.Option(help="How many lines.", min=1, max=500)] = 20,
    after: Annotated[str, typer.Option(help="Go on behind the line of this report.")] = "",
    who: As = "",
) -> None:
    """List what waits, one line a flaw, what is proven first."""
    show_table(
        triage.queue(acting(who), limit=limit, after=after),
        {
            "report": "report",
            "title": "title",
            "verdict": "verdict",
            "action": "SSVC",
            "score": "CVSS",
            "reports": "reports",
            "why": "why",
        },
        empty="Nothing waits that you may see.",
    )


def show_finding(report: Report, who: As = "") -> None:
    """Show a finding: what machines saw of it, how urgent it is, and why."""
    view = triage.finding(acting(who), report)
    lines = [f"{view.report.title} ({view.report.product} {view.report.version})".strip(), view.line.why]
    for one in view.judgements[:1]:
        lines.append(f"{one.verdict}: {one.reason} Shown in {one.fired} of {one.runs} runs; judgement {one.id}.")
        if one.crash is not None:
            lines.append(f"{one.crash.summary or one.crash.kind}, {one.crash.exploitability}")
            lines += [
                f"  #{number} {frame.function} {frame.file or frame.module}{f':{frame.line}' if frame.line else ''}"
                for number, frame in enumerate(one.crash.frames)
            ]
    lines += [f"{each.name.replace('_', ' ')}: {each.value}. {each.reason}" for each in view.points]
    lines += [view.vector, f"SSVC: {view.action}; cluster {view.line.cluster} ({view.line.reports} reports)"]
    lines += [f"patch {one.digest}: {one.verdict or 'not checked yet'}. {one.reason}" for one in view.patches]
    show(view, lines=lines)


def cluster(name: Annotated[str, typer.Argument(help="The cluster's id.")], who: As = "") -> None:
    """Show reports of one flaw: why they are together, what people decided, what looks like them."""
    view = triage.cluster(acting(who), name)
    lines = [f"{view.id}: {len(view.reports)} reports"]
    lines += [f"  {line.report}  {line.title}" for line in view.reports]
    lines += [f"{link.one} and {link.other}: {link.reason}" for link in view.links]
    lines += [f"but {one.one} and {one.other}: {one.reason}" for one in view.objections]
    lines += [
        f"decision {one.number} ({one.act}), {one.by}: {one.reason}{' Undone.' if one.undone_at else ''}"
        for one in view.decisions
    ]
    lines += [f"like {one.other}: {one.reason} {one.worth}" for one in view.suggestions]
    show(view, lines=lines)


def same(
    reports: Annotated[list[str], typer.Argument(help="Two reports or more.")],
    reason: Why,
    who: As = "",
) -> None:
    """Say that reports are one flaw."""
    number = triage.say_same(by=acting(who), reports=reports, reason=reason, at=now())
    show({"decision": number}, lines=[f"Said, as decision {number}."])


def apart(
    left: Annotated[list[str], typer.Argument(help="Reports on one side.")],
    other: Annotated[list[str], typer.Option("--from", help="A report on the other side; may stand again.")],
    reason: Why,
    who: As = "",
) -> None:
    """Say that nothing on one side is the flaw of anything on the other."""
    number = triage.say_apart(by=acting(who), left=left, right=other, reason=reason, at=now())
    show({"decision": number}, lines=[f"Said, as decision {number}."])


def undo(decision: Annotated[int, typer.Argument(help="The decision's number.")], who: As = "") -> None:
    """Take a decision back, as if it had never been."""
    triage.undo_decision(by=acting(who), decision=decision, at=now())
    show({"decision": decision}, lines=[f"Decision {decision} is undone."])


def point(
    report: Report,
    name: Annotated[str, typer.Argument(help="exploitation, automatable, technical_impact or mission_impact.")],
    value: Annotated[str, typer.Argument(help="Its value.")],
    reason: Why,
    who: As = "",
) -> None:
    """Set one of SSVC's decision points."""
    triage.say_point(by=acting(who), report=report, point=name, value=value, reason=reason, at=now())
    show(triage.finding(acting(who), report).line, lines=["Set."])


def transcript(
    judgement: Annotated[str, typer.Argument(help="The judgement's id, as 'show' names it.")],
    to: Annotated[Path, typer.Option(help="The file to write.")] = Path("transcript.json"),
    who: As = "",
) -> None:
    """Write what ran and what was seen, for 'seatrial finding replay'."""
    write(to, json.dumps(dict(triage.transcript(acting(who), judgement)), indent=1).encode())
    show({"file": str(to)}, lines=[f"Written: {to}"])


def replay(
    transcript: Annotated[Path, typer.Argument(help="The transcript's file.")],
    files: Annotated[list[Path], typer.Argument(help="The files that it names by digest: archives, inputs.")],
) -> None:
    """Run a transcript's proof again, here, and compare. Needs no account and no instance of your own."""
    document: Any = from_json(read(transcript), "The transcript")
    attachments = {digest(data): data for data in map(read, files)}
    with tempfile.TemporaryDirectory(prefix="seatrial-replay-") as place:
        found = asyncio.run(proofs.replay(document, attachments, shelf=proofs.Shelf(Path(place))))
    lines = [f"{found.now.verdict}: {found.now.reason}", f"The transcript says {found.was}."]
    lines += [f"The environment differs: {one}" for one in found.differs]
    show(
        {"same": found.same, "was": found.was, "now": found.now.verdict, "differs": found.differs},
        lines=[*lines, "The same." if found.same else "NOT the same."],
    )
    raise typer.Exit(0 if found.same else 1)


def flow(days: Annotated[int, typer.Option(help="How many days back.", min=1, max=366)] = 30, who: As = "") -> None:
    """Show what came in, was judged, reproduced and distinct by day, and how old what waits is."""
    found = triage.flow(acting(who), days=days, at=now())
    lines = [f"{one.day}  came {one.came}, judged {one.judged}, reproduced {one.reproduced}, distinct {one.distinct}"
             for one in found.days if one.came or one.judged]  # fmt: skip
    ages = ", ".join(f"{count} {name}" for name, count in found.ages.items())
    show(found, lines=[*lines, f"{found.waiting} wait: {ages}."])


def patch(
    report: Report,
    diff: Annotated[Path, typer.Argument(help="The unified diff.")],
    now_: Annotated[bool, typer.Option("--check", help="Check what waits at once, here.")] = False,
    who: As = "",
) -> None:
    """Give a candidate patch to be checked by machine. Nothing is ever applied."""
    made = triage.give_patch(by=acting(who), report=report, diff=read(diff), at=now())
    if now_:
        triage.check_waiting_patches()
    found = next(one for one in triage.finding(acting(who), report).patches if one.id == made)
    lines = [f"{found.id}: {found.verdict or 'waits'}. {found.reason}".strip()]
    words = {True: "yes", False: "NO", None: "could not be asked"}
    show(found, lines=[*lines, *(f"  {name}: {words[passed]}. {why}" for name, passed, why in found.checks)])


def import_kev(file: Annotated[Path, typer.Argument(help="The catalogue's JSON file.")], who: As = "") -> None:
    """Import the catalogue of known exploited vulnerabilities, in place of the last one."""
    entries = triage.import_known_exploited(by=acting(who), data=read(file), at=now())
    show({"entries": entries}, lines=[f"{entries} are listed as exploited."])


def import_epss(file: Annotated[Path, typer.Argument(help="The day's CSV file, plain or gzip.")], who: As = "") -> None:
    """Import a day's EPSS scores, in place of the last ones."""
    entries = triage.import_exploit_scores(by=acting(who), data=read(file), at=now())
    show({"entries": entries}, lines=[f"{entries} have a score."])
