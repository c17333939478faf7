"""The clearinghouse's commands: report vulnerabilities, one or many, follow them, handle them."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from seatrial.clearinghouse.findings import api as findings
from seatrial.clearinghouse.findings.types import ItemResult, NewReport, Outcome
from seatrial.kernel.canonical import from_json, plain
from seatrial.kernel.clock import now
from seatrial.kernel.errors import Misuse
from seatrial.ledger import api as ledger
from seatrial.parties.types import ANYONE, Actor

from .asking import As, acting
from .bars import bar
from .database import check
from .files import read_text, write
from .output import show, show_table

app = typer.Typer(
    help="Clearinghouse: report vulnerabilities, follow them by code or account, handle reports.",
    callback=check,
    no_args_is_help=True,
)

For = Annotated[str, typer.Option("--for", help="For which organisation, if you act for several.")]
Attach = Annotated[
    list[Path] | None, typer.Option("--attach", help="A file that the report names as an attachment. Repeatable.")
]
Report = Annotated[str, typer.Argument(help="The report's id.")]
Code = Annotated[str, typer.Option(help="Its receipt code, instead of an account.")]
_MOST_SHOWN = 20


@app.command()
def report(
    title: Annotated[str, typer.Option(help="What it is, in one line.")] = "",
    description: Annotated[str, typer.Option(help="What happens, where, and how you know.")] = "",
    product: Annotated[str, typer.Option(help="What it is in, as its vendor names it.")] = "",
    version: Annotated[str, typer.Option(help="Which version.")] = "",
    finder: Annotated[str, typer.Option(help="Whom to credit; empty stays anonymous.")] = "",
    proof: Annotated[str, typer.Option(help="Input or code that shows it, if you have it.")] = "",
    tlp: Annotated[str, typer.Option(help="How far it may travel: CLEAR, GREEN, AMBER, AMBER+STRICT, RED.")] = "AMBER",
    file: Annotated[Path | None, typer.Option(help="The report as a file of the own format, instead of words.")] = None,
    attach: Attach = None,
    organisation: For = "",
    who: As = "",
) -> None:
    """Report a vulnerability. No account is needed; with --as it is your organisation's."""
    said: NewReport | dict[str, Any] = NewReport(title, description, product, version, finder, proof, tlp)
    if file is not None:
        if title or description or product:
            raise Misuse("two-reports", "Give the report as words or as --file, not both.")
        said = _document(file)
    receipt = findings.submit(
        report=said, by=_whoever(who), organisation=organisation, files=_files(attach), at=now(), source="cli"
    )
    if receipt.known:
        told = f"This was reported before, as {receipt.report}."
    elif receipt.code:
        told = f"Received. Your receipt code, shown this once: {receipt.code}"
    else:
        told = f"Received as {receipt.report}."
    show(receipt, lines=[told, f"Kept under {receipt.label}."])


@app.command(name="import")
def import_reports(
    file: Annotated[Path, typer.Argument(help="Own format, SARIF, OSV, CSAF, an array or JSON lines; also gzip.")],
    product: Annotated[str, typer.Option(help="For reports that name none, as SARIF does.")] = "",
    purl: Annotated[str, typer.Option(help="Its package URL.")] = "",
    version: Annotated[str, typer.Option(help="For reports that name none.")] = "",
    tlp: Annotated[str, typer.Option(help="For reports that say none.")] = "",
    results: Annotated[Path | None, typer.Option(help="Write each item's result here, a JSON line each.")] = None,
    organisation: For = "",
    who: As = "",
) -> None:
    """Report many at once, up to 10,000. Stopped at any moment, it can be started again: nothing is taken twice."""
    total, parts = findings.import_parts(
        data=_bytes(file),
        by=_whoever(who),
        organisation=organisation,
        given=findings.Given(product, version, tlp, purl),
        at=now(),
        source="cli",
    )
    found = _followed(total, parts, results)
    counts = {outcome.value: sum(one.outcome is outcome for one in found) for outcome in Outcome}
    refused = [one for one in found if one.outcome is Outcome.REFUSED]
    lines = [", ".join(f"{count:,} {word}" for word, count in counts.items()) + "."]
    lines += [f"{one.pointer}: {one.why}" for one in refused[:_MOST_SHOWN]]
    if len(refused) > _MOST_SHOWN:
        lines.append(f"… and {len(refused) - _MOST_SHOWN:,} more; --results FILE writes all.")
    if any(one.code for one in found):
        lines.append("Without an account each report has a receipt code, shown this once: use --results or --json.")
    show({**counts, "items": found}, lines=lines)


@app.command()
def draft(
    file: Annotated[Path, typer.Argument(help="The report as a file of the own format; parts may be missing.")],
    replace: Annotated[str, typer.Option(help="The draft in whose place this is put.")] = "",
    send: Annotated[bool, typer.Option("--send", help="Send it at once.")] = False,
    attach: Attach = None,
    organisation: For = "",
    who: As = "",
) -> None:
    """Keep a report that is not finished, for you and your organisation alone; --send sends it."""
    actor = acting(who)
    made = findings.save_draft(
        by=actor,
        report=_document(file),
        draft=replace,
        organisation=organisation,
        files=_files(attach),
        at=now(),
    )
    if send:
        receipt = findings.submit_draft(by=actor, draft=made.id, at=now())
        show(receipt, lines=[f"Received as {receipt.report}."])
    else:
        show(made, lines=[f"Kept as {made.id}; 'seatrial finding send {made.id}' sends it."])


@app.command()
def send(draft: Annotated[str, typer.Argument(help="The draft's id.")], who: As = "") -> None:
    """Send a draft as it stands."""
    receipt = findings.submit_draft(by=acting(who), draft=draft, at=now())
    show(receipt, lines=[f"Received as {receipt.report}."])


@app.command()
def drop(draft: Annotated[str, typer.Argument(help="The draft's id.")], who: As = "") -> None:
    """Throw a draft away."""
    findings.drop_draft(by=acting(who), draft=draft)
    show({"draft": draft, "dropped": True}, lines=["Dropped."])


@app.command()
def follow(code: Annotated[str, typer.Argument(help="The receipt code.")]) -> None:
    """See what became of a report."""
    show(findings.follow(code))


@app.command()
def withdraw(
    report: Annotated[str, typer.Argument(help="The report's id.")] = "", code: Code = "", who: As = ""
) -> None:
    """Take a report back, as its reporter; its attachments are deleted."""
    _one_of(report, code)
    view = findings.withdraw(report=report, code=code, by=ANYONE if code else acting(who), at=now())
    show(view, lines=[f"Withdrawn: {view.id}."])


@app.command(name="list")
def list_reports(
    mine: Annotated[bool, typer.Option("--mine", help="Only what you and your organisation reported.")] = False,
    limit: Annotated[int, typer.Option(help="At most so many.", min=1, max=10_000)] = 100,
    who: As = "",
) -> None:
    """List the reports you may see, newest first."""
    found = (findings.mine if mine else findings.reports)(acting(who), limit)
    show_table(
        found,
        {"id": "report", "title": "title", "product": "product", "state": "state", "at": "at"},
        empty="No reports that you may see.",
    )


@app.command()
def read(report: Report, who: As = "") -> None:
    """Read one report as it came, with all that joined it since."""
    show(findings.report(acting(who), report))


@app.command()
def export(
    to: Annotated[Path, typer.Argument(help="Where to write it.")],
    report: Annotated[str, typer.Option(help="The report's id.")] = "",
    code: Code = "",
    files: Annotated[bool, typer.Option(help="With the bytes of its attachments.")] = True,
    hop: Annotated[bool, typer.Option("--hop", help="Append this clearinghouse to its chain, to hand it on.")] = False,
    who: As = "",
) -> None:
    """Write a report in the own format, with all that joined it since."""
    _one_of(report, code)
    asking = ANYONE if code else acting(who)
    write(to, findings.export(asking, report, code=code, with_files=files, hop=hop))
    show({"export": str(to)}, lines=[f"Wrote {to}."])


@app.command()
def receipt(
    to: Annotated[Path, typer.Argument(help="Where to write it.")],
    report: Annotated[str, typer.Option(help="The report's id.")] = "",
    code: Code = "",
    who: As = "",
) -> None:
    """Write what shows offline that a report is on the ledger."""
    _one_of(report, code)
    made = findings.ledger_receipt(ANYONE if code else acting(who), report, code=code, at=now())
    write(to, json.dumps(made, indent=2).encode())
    show({"receipt": str(to)}, lines=[f"Wrote {to}; 'seatrial finding verify {to}' checks it."])


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(help="A receipt that 'seatrial finding receipt' wrote.")],
    key: Annotated[str, typer.Option(help="The ledger's public key; empty for this instance's.")] = "",
) -> None:
    """Check that a receipt shows its report on the ledger."""
    made = from_json(read_text(file), f"{file}")
    findings.verify_receipt(made, key or ledger.public_key())
    show({"verified": True}, lines=["Verified: this report is on the ledger."])


@app.command()
def acknowledge(report: Report, who: As = "") -> None:
    """Say that an analyst has seen it."""
    show(findings.acknowledge(by=acting(who), report=report, at=now()))


@app.command()
def accept(report: Report, who: As = "") -> None:
    """Say, as an analyst, that it is a flaw that is handled."""
    view = findings.accept(by=acting(who), report=report, at=now())
    show(view, lines=[f"Accepted: {view.id}."])


@app.command(name="return")
def return_report(
    report: Report, reason: Annotated[str, typer.Option(help="Why, for its reporter.")], who: As = ""
) -> None:
    """Give a report back, as an analyst, with a reason."""
    view = findings.return_report(by=acting(who), report=report, reason=reason, at=now())
    show(view, lines=[f"Returned: {view.id}."])


@app.command(name="passed-on")
def passed_on(
    report: Report,
    by: Annotated[str, typer.Option(help="Which organisation passed it on.")],
    identifier: Annotated[str, typer.Option(help="What they call it.")] = "",
    note: Annotated[str, typer.Option(help="What else is to be said.")] = "",
    who: As = "",
) -> None:
    """Append to a report's chain who passed it on."""
    show(findings.pass_on(by=acting(who), report=report, organisation=by, identifier=identifier, note=note, at=now()))


@app.command()
def identifier(
    report: Report,
    organisation: Annotated[str, typer.Option(help="Which coordinator.")],
    name: Annotated[str, typer.Option(help="What they call it: VU#, GHSA, an internal id.")],
    who: As = "",
) -> None:
    """Say as what another coordinator handles a report."""
    show(
        findings.exchange_identifier(
            by=acting(who), report=report, organisation=organisation, identifier=name, at=now()
        )
    )


@app.command()
def schema() -> None:
    """Print the JSON Schema of the own format."""
    print(json.dumps(findings.schema(), indent=2))


def _whoever(who: str) -> Actor:
    return acting(who) if who else ANYONE


def _one_of(report: str, code: str) -> None:
    if bool(report) == bool(code):
        raise Misuse("which-report", "Name the report by its id or by --code, one of them.")


def _document(file: Path) -> dict[str, Any]:
    found = from_json(_bytes(file), f"{file}")
    if not isinstance(found, dict):
        raise Misuse("report-invalid", f"{file} holds no report; a report is a JSON object.")
    return found


def _bytes(file: Path) -> bytes:
    """A file's bytes, or those of standard input for ``-``; no more of them are read than may be taken."""
    try:
        with sys.stdin.buffer if str(file) == "-" else file.open("rb") as opened:
            return findings.whole(iter(lambda: opened.read(2**20), b""))
    except OSError as error:
        raise Misuse("cannot-read", f"{file} cannot be read ({error.strerror}); name another file.") from error


def _files(attach: list[Path] | None) -> dict[str, Callable[[], Iterable[bytes]]]:
    return {file.name: lambda file=file: (_bytes(file),) for file in attach or []}  # type: ignore[misc]


def _followed(total: int, parts: Iterable[tuple[ItemResult, ...]], results: Path | None) -> list[ItemResult]:
    """The results as they come; written down at once, so that none is lost if this is stopped."""
    found: list[ItemResult] = []
    with bar("Taking reports") as tell:
        for part in parts:
            found += part
            if results is not None:
                _append(results, part)
            tell(len(found), total)
    return found


def _append(results: Path, part: tuple[ItemResult, ...]) -> None:
    try:
        with results.open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(plain(one), ensure_ascii=False) + "\n" for one in part)
    except OSError as error:
        raise Misuse("cannot-write", f"{results} cannot be written ({error.strerror}); name another file.") from error
