"""Engagement memos: a lab's own weighing of whether to take part. Nobody else can tell that one exists."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from seatrial.kernel.clock import now
from seatrial.parties import api as parties
from seatrial.review.planning import api as planning
from seatrial.review.planning.types import Form

from .asking import As, acting
from .database import check
from .files import read_text, write
from .output import console, show, show_table, wants_json

app = typer.Typer(help="Engagement memos: weigh engaging, partly engaging, not engaging.", no_args_is_help=True)

Memo = Annotated[str, typer.Argument(help="The memo's id.")]
File = Annotated[Path, typer.Argument(help="A memo file (TOML).")]
About = Annotated[str, typer.Option("--plan", help="The release plan it is about.")]
Version = Annotated[int | None, typer.Option(help="An earlier version.")]


@app.command()
def template(to: Annotated[Path | None, typer.Option(help="Where to write it.")] = None) -> None:
    """Print a memo file to start from: every heading with its question."""
    _hand_over(planning.blank_memo(), to)


@app.command()
def new(
    file: File,
    developer: Annotated[str, typer.Option(help="Your organisation's id.")],
    plan: About = "",
    who: As = "",
) -> None:
    """Begin a memo from a file."""
    check()
    weighing = planning.memo_from_toml(read_text(file))
    made = planning.write_memo(by=acting(who), developer=developer, weighing=weighing, plan=plan or None, at=now())
    show({"memo": made}, lines=[f"Kept as {made}. Only your organisation can see it."])


@app.command(name="write")
def write_version(
    memo: Memo,
    file: File,
    plan: About = "",
    version: Annotated[int | None, typer.Option(help="Only if this is still the newest version.")] = None,
    who: As = "",
) -> None:
    """Keep a new version of a memo; the earlier ones stay."""
    check()
    actor, weighing = acting(who), planning.memo_from_toml(read_text(file))
    about = plan or planning.memo(actor, memo).plan
    made = planning.rewrite_memo(by=actor, memo=memo, weighing=weighing, plan=about, version=version, at=now())
    show({"memo": memo, "version": made}, lines=[f"Kept as version {made}."])


@app.command(name="list")
def list_memos(who: As = "") -> None:
    """List your organisation's memos."""
    check()
    columns = {"id": "memo", "title": "title", "version": "version", "conclusion": "conclusion"}
    show_table(planning.memos(acting(who)), columns, empty="No memos that you may see.")


@app.command(name="show")
def show_memo(memo: Memo, version: Version = None, who: As = "") -> None:
    """Show a memo."""
    check()
    view = planning.memo(acting(who), memo, version)
    if wants_json():
        show(view)
        return
    console.print(
        planning.exported(view, Form.MARKDOWN, parties.names()), markup=False, highlight=False, soft_wrap=True, end=""
    )


@app.command()
def export(
    memo: Memo,
    form: Annotated[Form, typer.Option(help="The form to write it in.")] = Form.MARKDOWN,
    version: Version = None,
    to: Annotated[Path | None, typer.Option(help="Where to write it.")] = None,
    who: As = "",
) -> None:
    """Hand a memo on as a file. It leaves your compartment by your own hand only."""
    check()
    view = planning.memo(acting(who), memo, version)
    _hand_over(planning.exported(view, form, parties.names()), to)


def _hand_over(text: str, to: Path | None) -> None:
    """A file's text: where it was asked to be, or as it is on standard output."""
    if to is not None:
        write(to, text.encode())
        show({"memo": str(to)}, lines=[f"Wrote {to}."])
    elif wants_json():
        show({"memo": text})
    else:
        print(text, end="")
