"""Memos in hand: verify one offline, down to every figure."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Annotated

import typer

from seatrial.kernel import recipients
from seatrial.kernel.envelope import MAGIC, open_stream, read_header
from seatrial.kernel.errors import Misuse
from seatrial.review.determinations import api as determinations

from .files import read, read_text
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
    private_key: Annotated[
        Path | None, typer.Option(help="Your own private key (PEM), for a campaign's file that was sealed for it.")
    ] = None,
) -> None:
    """Verify a memo: digest, both signatures, the page around them, and every figure from the campaign's attempts.

    Ends with 1 if anything fails, and names each figure that differs with both values.
    """
    known = read_text(Path(key)).strip() if key and Path(key).is_file() else key
    campaigns = [_opened(one, private_key) for one in campaign_file or []]
    found = determinations.verify_memo(read(file), campaigns=campaigns, key=known)
    lines = [f"{found.determination}: {'everything that could be checked holds' if found.holds else 'DOES NOT HOLD'}."]
    lines += [f"  {_WORDS[check.holds]:<12} {check.what}: {check.said}" for check in found.checks]
    for one in found.differences[:_MOST]:
        lines.append(f"  {one.what}: the memo says {one.memo}, the attempts give {one.record}")
    if len(found.differences) > _MOST:
        lines.append(f"  and {len(found.differences) - _MOST} figures more")
    show({"holds": found.holds, "checks": found.checks, "differences": found.differences}, lines=lines)
    raise typer.Exit(0 if found.holds else 1)


def _opened(file: Path, private: Path | None) -> bytes:
    """A campaign's file as it is, or opened. Whose it is, the memo tells by its digest."""
    data = read(file)
    if not data.startswith(MAGIC):
        return data
    if private is None:
        raise Misuse("sealed-file", f"{file} is sealed; add --private-key with the key it was sealed for.")
    context = read_header(io.BytesIO(data)).context
    pieces = open_stream(io.BytesIO(data), key=recipients.private_key(private), context=context)
    return b"".join(bytes(piece) for piece in pieces)
