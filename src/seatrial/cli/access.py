"""Bodies of calls that the consent had kept: fetch a sealed file, and open one with your own key.

``open`` needs no database and no network: the private key never comes to the instance.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from seatrial.kernel.envelope import open_stream, read_header
from seatrial.kernel.errors import Misuse
from seatrial.kernel.recipients import PrivateKey, private_key
from seatrial.review.access import api as access
from seatrial.review.access.types import Side

from .asking import As, acting
from .database import check
from .lab.files import arriving
from .output import show, wants_json

app = typer.Typer(help="What passed through the gateway.", no_args_is_help=True)
body = typer.Typer(
    help="What was sent and answered, where the consent has it kept: sealed for its keys.",
    no_args_is_help=True,
)
app.add_typer(body, name="body")


@body.command()
def fetch(
    review: Annotated[str, typer.Argument(help="The review's id.")],
    exchange: Annotated[str, typer.Argument(help="The use's id (exchange-…).")],
    side: Annotated[Side, typer.Argument(help="Which of the two.")],
    to: Annotated[Path, typer.Option(help="Where to write the sealed file.")],
    who: As = "",
) -> None:
    """Write one sealed file out of this instance. It stays sealed."""
    check()
    found, file = access.body(acting(who), review, exchange, side)
    with file, arriving(to) as into:
        shutil.copyfileobj(file, into)
    show({"file": str(to), "body": found}, lines=[f"Wrote {to}, still sealed.", f"Digest: {found.digest}"])


@body.command(name="open")
def open_body(
    file: Annotated[Path, typer.Argument(help="The sealed file.")],
    key: Annotated[Path, typer.Option(help="The file of your private key.")],
    to: Annotated[Path | None, typer.Option(help="Where to write what it holds; else it is printed as it is.")] = None,
) -> None:
    """Open a sealed file with your own key, on your own machine.

    A file that a crash cut is not written; printed, it ends with the last chunk that is whole, and the command fails.
    """
    own = private_key(key)
    if to is None:
        if wants_json():
            raise Misuse("json-needs-file", "With --json say where to write what the file holds: add --to FILE.")
        for piece in _pieces(file, own):
            sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()
        return
    size = 0
    with arriving(to) as into:
        for piece in _pieces(file, own):
            size += into.write(piece)
    context = _header(file)
    what = f"the {context.get('side', 'body')} of {context.get('exchange', 'a call')}"
    show(
        {"file": str(to), "bytes": size, "context": context},
        lines=[f"Wrote {to}: {size:,} bytes, {what}."],
    )


def _pieces(file: Path, key: PrivateKey) -> Iterator[memoryview]:
    context = _header(file)
    with _opened(file) as source:
        yield from open_stream(source, key=key, context=context)


def _header(file: Path) -> dict[str, str]:
    """What the file says it is; opening it proves that."""
    with _opened(file) as source:
        context = dict(read_header(source).context)
    if context.get("kind") != "exchange-body":
        raise Misuse("not-a-body", f"{file} is sealed, and it is no body of a call; open it with what it was made for.")
    return context


def _opened(file: Path) -> BinaryIO:
    try:
        return file.open("rb")
    except OSError as error:
        raise Misuse("cannot-read", f"{file} cannot be read ({error.strerror}); name another file.") from error
