"""A dossier in a file: check it, make documents from it. None of it needs an instance or a database."""

from __future__ import annotations

import json
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from seatrial.kernel.clock import now, parse_time
from seatrial.kernel.errors import Misuse
from seatrial.review.dossiers import api as dossiers
from seatrial.review.dossiers.types import Audience, Dossier, Form

from .output import show

app = typer.Typer(help="A dossier in a file: check it, make documents from it.", no_args_is_help=True)

File = Annotated[Path, typer.Argument(help="A dossier as TOML or JSON.", dir_okay=False)]


class For(StrEnum):
    """Who will read the document."""

    PUBLIC = "public"
    BODY = "body"
    OURSELVES = "ourselves"


@app.command()
def check(file: File) -> None:
    """Read a dossier and say what each document made from it would still lack."""
    document = _read(file)
    found = {family.value: lacks for family, lacks in dossiers.lacking(document).items()}
    lines = [f"{file} is a dossier of {document.model.name}, {dossiers.digest_of_dossier(document)}."]
    for family, lacks in found.items():
        lines.append(f"{family}: {f'{len(lacks)} fields to write' if lacks else 'nothing is missing'}")
        lines += [f"  {lack.sentence}" for lack in lacks]
    show({"model": document.model.name, "digest": dossiers.digest_of_dossier(document), "lacks": found}, lines=lines)


@app.command()
def export(
    file: File,
    form: Annotated[Form, typer.Option(help="Which document, and how it is written.")],
    to: Annotated[
        Path | None, typer.Option(help="Where to write it; beside you, by its own name, if left out.")
    ] = None,
    audience: Annotated[
        For, typer.Option("--for", help="Who will read it; what is marked to stay back from them is left out.")
    ] = For.PUBLIC,
    at: Annotated[
        datetime | None, typer.Option(parser=parse_time, metavar="TIME", help="The moment it states; now if left out.")
    ] = None,
) -> None:
    """Make one document from a dossier."""
    reader = None if audience is For.OURSELVES else Audience(audience.value)
    made = dossiers.export_document(_read(file), form, at=at or now(), audience=reader)
    target = to or Path(made.name)
    try:
        target.write_bytes(made.data)
    except OSError as error:
        raise Misuse("cannot-write", f"{target} cannot be written ({error.strerror}); name another file.") from error
    lines = [f"Wrote {target}: {len(made.data):,} bytes, {made.digest}.", *made.notes]
    if made.lacks:
        lines.append(f"It still asks for {len(made.lacks)} fields; 'seatrial dossier check {file}' names them.")
    show(
        {
            "file": str(target),
            "form": made.form,
            "media_type": made.media_type,
            "digest": made.digest,
            "lacks": made.lacks,
            "notes": made.notes,
        },
        lines=lines,
    )


@app.command()
def schema() -> None:
    """Print the JSON Schema of a dossier."""
    text = json.dumps(dossiers.schema(), indent=2, ensure_ascii=False)
    show(dossiers.schema(), lines=[text])


def _read(file: Path) -> Dossier:
    kind = "json" if file.suffix.lower() == ".json" else "toml"
    try:
        with file.open("rb") as opened:
            return dossiers.from_bytes(opened.read(dossiers.LARGEST_FILE + 1), kind)
    except OSError as error:
        raise Misuse("cannot-read", f"{file} cannot be read ({error.strerror}); name a dossier as TOML.") from error
