"""Identity: declare what is reviewed, bring a fingerprint of your own endpoint, state what was released.

Hashing, signing and fingerprinting themselves are ``seatrial identity …``: they run where the weights are.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from seatrial.cli.output import show
from seatrial.kernel.digests import digest
from seatrial.kernel.errors import Misuse
from seatrial.review.identity.types import EndpointVersion

from .connection import As, Key, Review, connected, new_group, under
from .files import read_object, read_text, write_json

Manifest = Annotated[Path | None, typer.Option(help="A signed manifest of weights (model.sig).")]
PublicKey = Annotated[Path | None, typer.Option(help="PEM file that the manifest's signature verifies with.")]
Statement = Annotated[str, typer.Argument(help="The statement's id.")]


def add_to(app: typer.Typer) -> None:
    """A group of its own, under "Documents"."""
    group = new_group("Model identity: what is reviewed, and whether what is released is the same.")
    under(
        group,
        "Identity",
        {
            "show": show_identity,
            "declare": declare,
            "share": share,
            "bring": bring,
            "state": state,
            "share-statement": share_statement,
            "envelope": envelope,
        },
    )
    app.add_typer(group, name="identity", rich_help_panel="Documents")


def show_identity(review: Review, who: As = "") -> None:
    """Show what was declared, taken and stated."""
    with connected(who) as seatrial:
        show(seatrial.identity.show(review))


def declare(
    review: Review,
    version: Annotated[str, typer.Option(help="Of an endpoint: the version that is served.")] = "",
    build: Annotated[str, typer.Option(help="Of an endpoint: its build.")] = "",
    system_prompt: Annotated[
        Path | None, typer.Option(help="Of an endpoint: a file with its system prompt; only its digest is sent.")
    ] = None,
    default: Annotated[list[str] | None, typer.Option(help="Of an endpoint: NAME=VALUE; repeat for more.")] = None,
    manifest: Manifest = None,
    public_key: PublicKey = None,
    who: As = "",
    key: Key = "",
) -> None:
    """Declare an endpoint's version, a signed manifest of weights, or both. Yours until you share it."""
    prompt = None if system_prompt is None else digest(read_text(system_prompt).encode())
    endpoint = EndpointVersion(version, build, prompt, _pairs(default or [])) if version else None
    with connected(who, key) as seatrial:
        made = seatrial.identity.declare(
            review,
            endpoint=endpoint,
            manifest=None if manifest is None else read_object(manifest),
            public_key=None if public_key is None else read_text(public_key),
        )
    show(made, lines=[f"Declared as number {made.number}; a consent may name {', '.join(made.artefacts)}."])


def share(
    review: Review,
    number: Annotated[int, typer.Argument(help="The declaration's number.")],
    who: As = "",
    key: Key = "",
) -> None:
    """Let the review body read a declaration."""
    with connected(who, key) as seatrial:
        seatrial.identity.share_declaration(review, number)
    show({"review": review, "number": number, "shared": True}, lines=["Shared."])


def bring(
    review: Review,
    fingerprint: Annotated[Path, typer.Argument(help="A fingerprint file of your own endpoint.")],
    who: As = "",
    key: Key = "",
) -> None:
    """Bring a fingerprint of your own endpoint; it is compared with the opening, and stays yours."""
    with connected(who, key) as seatrial:
        show(seatrial.identity.bring_fingerprint(review, read_object(fingerprint)))


def state(
    review: Review,
    manifest: Manifest = None,
    public_key: PublicKey = None,
    fingerprint: Annotated[str | None, typer.Option(help="The id of a fingerprint of what you released.")] = None,
    who: As = "",
    key: Key = "",
) -> None:
    """Sign a statement whether what was released is what was reviewed. Nothing depends on it."""
    with connected(who, key) as seatrial:
        made = seatrial.identity.state(
            review,
            manifest=None if manifest is None else read_object(manifest),
            public_key=None if public_key is None else read_text(public_key),
            fingerprint=fingerprint,
        )
    show(made, lines=[made.sentence, f"Signed as {made.id}; it is yours until you share it."])


def share_statement(review: Review, statement: Statement, who: As = "", key: Key = "") -> None:
    """Let the review body read a statement."""
    with connected(who, key) as seatrial:
        seatrial.identity.share_statement(review, statement)
    show({"statement": statement, "shared": True}, lines=["Shared."])


def envelope(
    statement: Statement,
    to: Annotated[Path | None, typer.Option(help="Where to write it; else it is printed.")] = None,
    who: As = "",
) -> None:
    """Fetch a statement as the file that verifies offline (DSSE)."""
    with connected(who) as seatrial:
        found = seatrial.identity.envelope(statement)
    if to is None:
        print(json.dumps(found, indent=2, ensure_ascii=False))
        return
    write_json(to, found)
    show({"envelope": str(to)}, lines=[f"Wrote {to}."])


def _pairs(words: list[str]) -> dict[str, str]:
    found = {}
    for word in words:
        name, separator, value = word.partition("=")
        if not separator or not name:
            raise Misuse("bad-default", f"{word!r} is no NAME=VALUE; write e.g. temperature=0.7.")
        found[name] = value
    return found
