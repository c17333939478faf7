"""Dossier: put it from a file, compare versions, read and share its twin, export the documents made from it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from seatrial.cli.output import show, show_table, wants_json
from seatrial.kernel.digests import digest
from seatrial.review.dossiers.types import Audience, Form, Withheld

from .connection import As, Key, Review, connected, new_group, under
from .files import hand_over, read_bytes, write

Version = Annotated[int | None, typer.Option(help="Which version; else the newest.")]
For = Annotated[Audience, typer.Option("--for", help="For whom the twin is made.")]
Partner = Annotated[str, typer.Option(help="The partner's organisation id, if it is for a partner.")]
To = Annotated[Path | None, typer.Option(help="Where to write it; else it is printed.")]


def add_to(app: typer.Typer) -> None:
    """A group of its own, under "Documents"."""
    group = new_group("The dossier: one file, versions, twins that lack what is marked, and the documents from it.")
    under(group, "Write", {"blank": blank, "put": put, "source": source, "versions": versions, "diff": diff})
    under(group, "Share", {"twin": twin, "share": share, "sign": sign})
    under(group, "Documents", {"exports": exports, "export": export})
    app.add_typer(group, name="dossier", rich_help_panel="Documents")


def blank(to: To = None, who: As = "") -> None:
    """Write a TOML file to start from: every field with its question."""
    with connected(who) as seatrial:
        hand_over(seatrial.dossiers.blank(), to)


def put(
    review: Review,
    file: Annotated[Path, typer.Argument(help="The dossier, TOML or (*.json) JSON.")],
    based_on: Annotated[
        int | None, typer.Option(help="Only if this version (0: none) is still the newest one.")
    ] = None,
    who: As = "",
    key: Key = "",
) -> None:
    """Keep a new version from a whole file; every fault comes at once, by line and field."""
    document = read_bytes(file)
    with connected(who, key) as seatrial:
        form = "json" if file.suffix == ".json" else "toml"
        made = seatrial.dossiers.put(review, document, form=form, based_on=based_on)  # type: ignore[arg-type]
    show(
        {"review": review, "version": made.version, "digest": made.digest},
        lines=[f"Kept version {made.version}. It is yours alone until you share a twin of it."],
    )


def source(review: Review, version: Version = None, to: To = None, who: As = "") -> None:
    """Fetch the source of a version as TOML: it reads back to exactly this version."""
    with connected(who) as seatrial:
        hand_over(seatrial.dossiers.source(review, version=version), to)


def versions(review: Review, who: As = "") -> None:
    """List the versions and the twins that were shared of them."""
    with connected(who) as seatrial:
        found = seatrial.dossiers.versions(review)
    show_table(found, {"version": "version", "at": "at", "twins": "twins"}, empty="No dossier yet.")


def diff(review: Review, old: int, new: int, who: As = "") -> None:
    """Show what changed between two versions."""
    with connected(who) as seatrial:
        found = seatrial.dossiers.diff(review, old, new)
    show(found, lines=[f"{change.kind}: {change.place}" for change in found.changes] or ["Nothing changed."])


def twin(
    review: Review, audience: For = Audience.BODY, partner: Partner = "", version: Version = None, who: As = ""
) -> None:
    """Read the twin that sharing would make, before you share it."""
    with connected(who) as seatrial:
        found = seatrial.dossiers.twin(review, audience=audience, partner=partner, version=version)
    show(found, lines=[found.statement, *_withheld(found.withheld)])


def share(
    review: Review,
    audience: For = Audience.BODY,
    partner: Partner = "",
    version: Version = None,
    who: As = "",
    key: Key = "",
) -> None:
    """Share a version as the twin made for an audience. Signed in the same step if you are a signatory."""
    with connected(who, key) as seatrial:
        made = seatrial.dossiers.share(review, audience=audience, partner=partner, version=version)
    signed = "signed" if made.signature else "not signed yet"
    show(made, lines=[f"Shared with {made.partner or made.audience.value}, {signed}.", *_withheld(made.withheld)])


def sign(
    review: Review,
    version: Annotated[int, typer.Argument(help="The version whose twin was shared.")],
    audience: For = Audience.BODY,
    partner: Partner = "",
    who: As = "",
    key: Key = "",
) -> None:
    """Sign the statement beside a twin that was shared."""
    with connected(who, key) as seatrial:
        show(seatrial.dossiers.sign(review, version, audience=audience, partner=partner), lines=["Signed."])


def exports(
    review: Review,
    audience: Annotated[Audience | None, typer.Option("--for", help="As this audience may read it.")] = None,
    partner: Partner = "",
    version: Version = None,
    who: As = "",
) -> None:
    """List the documents that can be made, and what the dossier still lacks for each."""
    with connected(who) as seatrial:
        found = seatrial.dossiers.exports(review, audience=audience, partner=partner, version=version)
    if wants_json():
        show(found)
        return
    show_table(found.offers, {"title": "document", "forms": "forms", "lacks": "still lacks"}, empty="None.")


def export(
    review: Review,
    form: Annotated[Form, typer.Argument(help="Which document, and how it is written.")],
    to: Annotated[Path, typer.Option(help="Where to write it.")],
    audience: Annotated[Audience | None, typer.Option("--for", help="As this audience may read it.")] = None,
    partner: Partner = "",
    version: Version = None,
    who: As = "",
) -> None:
    """Write one document made from the dossier to a file."""
    with connected(who) as seatrial:
        data = seatrial.dossiers.export(review, form, audience=audience, partner=partner, version=version)
    write(to, data)
    show({"file": str(to), "bytes": len(data), "digest": digest(data)}, lines=[f"Wrote {to}."])


def _withheld(pieces: Iterable[Withheld]) -> list[str]:
    return [f"left out: {piece.place} ({piece.category})" for piece in pieces]
