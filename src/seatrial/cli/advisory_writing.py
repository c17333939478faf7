"""Writing and publishing advisories on the command line."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from seatrial.clearinghouse.advisories import api as advisories
from seatrial.clearinghouse.advisories.types import AdvisoryView, Form
from seatrial.kernel.clock import now
from seatrial.kernel.errors import Misuse

from .asking import As, acting
from .database import check
from .output import show, show_table

One = Annotated[str, typer.Argument(help="The advisory's id.", metavar="ADVISORY")]


def list_advisories(who: As = "") -> None:
    """List what is being written and what was published, the latest change first."""
    check()
    columns = {
        "id": "advisory",
        "tracking": "name",
        "title": "title",
        "state": "state",
        "tlp": "TLP",
        "revision": "revision",
    }
    show_table(advisories.advisories(acting(who)), columns, empty="There is none that you may see.")


def draft(case: Annotated[str, typer.Argument(help="The case's id.")], who: As = "") -> None:
    """Draft one from a case: products, flaws, severities and credits as its findings say."""
    check()
    asking, at = acting(who), now()
    _said(advisories.advisory(asking, advisories.draft(by=asking, case=case, at=at), at))


def show_advisory(one: One, who: As = "") -> None:
    """Show its state, its gaps, and what you can do."""
    check()
    _said(advisories.advisory(acting(who), one, now()))


def content(one: One, who: As = "") -> None:
    """Write its content to standard output as JSON: what `edit` takes."""
    check()
    found = advisories.advisory(acting(who), one, now())
    print(json.dumps(advisories.content_document(found.content), indent=1, ensure_ascii=False))


def edit(
    one: One,
    file: Annotated[str, typer.Argument(help="The content as JSON; - reads standard input.")],
    summary: Annotated[str, typer.Option(help="Of a revision: what changed.")] = "",
    who: As = "",
) -> None:
    """Replace its content; gaps may remain, and are shown."""
    check()
    asking, at = acting(who), now()
    version = advisories.advisory(asking, one, at).version
    advisories.edit(by=asking, advisory=one, version=version, content=_read(file), summary=summary, at=at)
    _said(advisories.advisory(asking, one, at))


def submit(one: One, who: As = "") -> None:
    """Hand it to a second person."""
    check()
    asking, at = acting(who), now()
    advisories.submit(by=asking, advisory=one, version=advisories.advisory(asking, one, at).version, at=at)
    _said(advisories.advisory(asking, one, at))


def give_back(one: One, why: Annotated[str, typer.Argument(help="Why.")], who: As = "") -> None:
    """Give it back to whoever wrote it."""
    check()
    asking, at = acting(who), now()
    advisories.give_back(by=asking, advisory=one, why=why, at=at)
    _said(advisories.advisory(asking, one, at))


def publish(one: One, who: As = "") -> None:
    """Publish what somebody else submitted, in all forms, signed; not while the case's embargo is in force."""
    check()
    asking, at = acting(who), now()
    advisories.publish(by=asking, advisory=one, at=at)
    _said(advisories.advisory(asking, one, at))


def revise(one: One, who: As = "") -> None:
    """Begin a further revision of what is published."""
    check()
    asking, at = acting(who), now()
    advisories.revise(by=asking, advisory=one, at=at)
    _said(advisories.advisory(asking, one, at))


def withdraw(one: One, why: Annotated[str, typer.Argument(help="Why.")], who: As = "") -> None:
    """Withdraw it: a last revision says why, and nothing else."""
    check()
    asking, at = acting(who), now()
    advisories.withdraw(by=asking, advisory=one, why=why, at=at)
    _said(advisories.advisory(asking, one, at))


def export(
    name: Annotated[str, typer.Argument(help="What it was published as, e.g. SEATRIAL-2026-0001.")],
    form: Annotated[Form, typer.Argument(help="The form.")],
    who: As = "",
) -> None:
    """Write what was published to standard output, as the bytes that were signed."""
    check()
    sys.stdout.buffer.write(advisories.document(acting(who), name, form).content)
    sys.stdout.buffer.flush()


def add_to(app: typer.Typer) -> None:
    """Make these commands of ``app``."""
    app.command(name="list")(list_advisories)
    app.command(name="draft")(draft)
    app.command(name="show")(show_advisory)
    app.command(name="content")(content)
    app.command(name="edit")(edit)
    app.command(name="submit")(submit)
    app.command(name="give-back")(give_back)
    app.command(name="publish")(publish)
    app.command(name="revise")(revise)
    app.command(name="withdraw")(withdraw)
    app.command(name="export")(export)


def _said(found: AdvisoryView) -> None:
    lines = [
        f"{found.tracking} ({found.id}): {found.content.title}",
        f"{str(found.state).capitalize()}, TLP:{found.content.tlp.upper()}, revision {found.revision}",
        *(f"gap  {gap.pointer}  {gap.sentence}" for gap in found.gaps),
        f"You may: {', '.join(found.may) or 'nothing'}",
    ]
    show(found, lines=lines)


def _read(file: str) -> Any:
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
        return json.loads(text)
    except (OSError, UnicodeDecodeError) as error:
        raise Misuse("no-such-file", f"{file} cannot be read as UTF-8 text.") from error
    except ValueError as error:
        raise Misuse("not-json", f"{file} is no JSON: {error}.") from error
