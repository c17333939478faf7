"""Memos in hand: verify one offline, down to every figure."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from seatrial.kernel.errors import Misuse
from seatrial.review.determinations import api as determinations

from .files import read_text
from .output import show

app = typer.Typer(help="Memos in hand: verify one offline. Needs no instance.", no_args_is_help=True)

_WORDS = {True: "holds", False: "FAILS", None: "not checked"}
_MOST = 50


@app.callback()
def memos() -> None:
    """A group, so that its one command keeps its name."""


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(help="The memo: its HTML page, its PDF, or the JSON of its record.")],
    campaign_file: Annotated[
        list[Path] | None,
        typer.Option(help="A campaign as 'seatrial evaluator export' wrote it. Repeatable, for every campaign named."),
    ] = None,
    key: Annotated[str, typer.Option(help="The review body's public key in hex, or a file that holds it.")] = "",
) -> None:
    """Verify a memo: digest, both signatures, the page around them, and every figure from the campaign's attempts.

    Ends with 1 if anything fails, and names each figure that differs with both values.
    """
    known = read_text(Path(key)).strip() if key and Path(key).is_file() else key
    found = determinations.verify_memo(_bytes(file), campaigns=[_bytes(one) for one in campaign_file or []], key=known)
    lines = [f"{found.determination}: {'everything that could be checked holds' if found.holds else 'DOES NOT HOLD'}."]
    lines += [f"  {_WORDS[check.holds]:<12} {check.what}: {check.said}" for check in found.checks]
    for one in found.differences[:_MOST]:
        lines.append(f"  {one.what}: the memo says {one.memo}, the attempts give {one.record}")
    if len(found.differences) > _MOST:
        lines.append(f"  and {len(found.differences) - _MOST} figures more")
    show({"holds": found.holds, "checks": found.checks, "differences": found.differences}, lines=lines)
    raise typer.Exit(0 if found.holds else 1)


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise Misuse("cannot-read", f"{file} cannot be read ({error.strerror}); name another file.") from error
