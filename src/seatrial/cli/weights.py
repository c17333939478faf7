"""Weights on their way: offered, sent and handed over by the developer; fetched by whom the consent names.

Over HTTP with SEATRIAL_URL and SEATRIAL_TOKEN, else on the instance in SEATRIAL_HOME. What seals and what opens runs
here: the instance never sees the weights.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from seatrial.client import Seatrial
from seatrial.client.weights import WORKERS, altered, manifest_for
from seatrial.kernel.digests import Digest
from seatrial.kernel.errors import Misuse
from seatrial.kernel.recipients import RecipientKey, private_key, recipient_key
from seatrial.review.identity import api as identity
from seatrial.review.identity.types import Manifest
from seatrial.review.weights import api as weights
from seatrial.review.weights.types import PART_BYTES, TransferState, TransferView

from .asking import As
from .bars import bar
from .lab.connection import connected, ready
from .output import show, show_table

app = typer.Typer(
    help="Weights: sealed where they are, sent in parts, opened where they go.", callback=ready, no_args_is_help=True
)

Folder = Annotated[Path, typer.Argument(help="The model: a folder or a single file.")]
Review = Annotated[str, typer.Option(help="The review's id.")]
Transfer = Annotated[str, typer.Argument(help="The transfer's id.")]
At_once = Annotated[int, typer.Option("--at-once", help="Parts on their way at once.", min=1, max=16)]
COLUMNS = {"id": "transfer", "state": "state", "bytes": "bytes", "received": "parts", "offered_at": "offered"}


@app.command()
def digest(folder: Folder) -> None:
    """Print the digest that a consent names as its artefact. Needs no instance."""
    weighed = _weighed(folder)
    show({"artefact": weighed.digest, "files": len(weighed.files)}, lines=[weighed.digest])


@app.command()
def send(
    folder: Folder,
    review: Review,
    recipient: Annotated[
        list[str] | None,
        typer.Option(help="Id of a key to seal for; repeat for more. By default those of the people in the consent."),
    ] = None,
    part_mib: Annotated[int, typer.Option(help="MiB in a part.", min=1, max=1024)] = PART_BYTES >> 20,
    at_once: At_once = WORKERS,
    who: As = "",
) -> None:
    """Seal a model for the people whom the consent names, send it, and hand it over. Run again, it goes on.

    Compare the ids of the keys with their holders by another way than this instance, or name them by --recipient.
    """
    weighed = _weighed(folder)
    with connected(who) as seatrial:
        keys = _keys(seatrial, review, recipient or [])
        ids = tuple(key.id for key in keys)
        view = next((one for one in seatrial.weights.list(review) if _goes_on(one, weighed.digest, ids)), None)
        if view is None:
            home = folder if folder.is_dir() else folder.parent
            sizes = {path: (home / path).stat().st_size for path in weighed.files}
            offered = manifest_for(weighed.files, sizes, artefact=weighed.digest, keys=keys, part_bytes=part_mib << 20)
            view = seatrial.weights.offer(review, offered)
        with bar("bytes sent") as progress:
            view = seatrial.weights.send(view.id, folder, keys, progress=progress, workers=_workers(at_once))
        if "complete" in view.may:
            view = seatrial.weights.complete(view.id)
    _show(view, [f"Sealed for {key.id}" for key in keys])


@app.command(name="hand-over")
def hand_over(transfer: Transfer, who: As = "") -> None:
    """Hand over what has come, as a signatory of the developer ('send' does it at its end)."""
    with connected(who) as seatrial:
        _show(seatrial.weights.complete(transfer))


@app.command()
def fetch(
    transfer: Transfer,
    to: Annotated[Path, typer.Option(help="A new or empty folder.")],
    key: Annotated[Path, typer.Option(help="The file of your private key.")],
    developer_key: Annotated[
        str, typer.Option(help="The developer's public key (64 hex digits), as you know it.")
    ] = "",
    at_once: At_once = WORKERS,
    who: As = "",
) -> None:
    """Fetch a model, open it with your key, and verify all of it. Run again, it goes on."""
    own = private_key(key)
    with connected(who) as seatrial:
        view = seatrial.weights.show(transfer)
        signer = _verified(seatrial, view, developer_key)
        with bar("bytes fetched") as progress:
            manifest = seatrial.weights.fetch(transfer, to, own, progress=progress, workers=_workers(at_once))
    if identity.manifest_of("", {file.path: file.digest for file in manifest.files}).digest != view.artefact:
        raise altered("its files are not those of the artefact")
    show(
        {"folder": str(to), "files": len(manifest.files), "bytes": manifest.bytes, "artefact": view.artefact},
        lines=[
            f"Fetched {len(manifest.files):,} files, {manifest.bytes:,} bytes: {to}",
            f"Verified: each file, {view.parts:,} parts, and the signature of {view.developer} ({signer}).",
            f"Artefact: {view.artefact}",
        ],
    )


@app.command(name="list")
def list_transfers(review: Annotated[str, typer.Argument(help="The review's id.")], who: As = "") -> None:
    """List the transfers of a review."""
    with connected(who) as seatrial:
        show_table(seatrial.weights.list(review), COLUMNS, empty="No weights were offered.")


@app.command(name="show")
def show_transfer(transfer: Transfer, who: As = "") -> None:
    """Show a transfer: how far it is, and who fetched."""
    with connected(who) as seatrial:
        _show(seatrial.weights.show(transfer))


@app.command()
def cancel(transfer: Transfer, who: As = "") -> None:
    """Take a transfer back: every part that is there is destroyed."""
    with connected(who) as seatrial:
        _show(seatrial.weights.cancel(transfer))


def _weighed(folder: Path) -> Manifest:
    with bar("bytes hashed") as progress:
        return identity.weigh(folder, progress=progress)


def _keys(seatrial: Seatrial, review: str, wanted: list[str]) -> list[RecipientKey]:
    """The keys in force of the people whom the consent names, or those of them that are wanted."""
    consent = seatrial.reviews.show(review).consent
    people = sorted(consent.people) if consent is not None else []
    held = [one for person in people for one in seatrial.parties.recipient_keys(person) if one.retired_at is None]
    found = {one.id: recipient_key(one.pem) for one in held}
    strange = [one for one in wanted if one not in found]
    if strange:
        raise Misuse("no-such-recipient", f"{strange[0]} is the key in force of nobody whom the consent names.")
    if any(key.id != name for name, key in found.items()):
        raise altered("the instance names a key by an id that is not its own")
    chosen = [found[Digest(one)] for one in wanted] if wanted else list(found.values())
    if not chosen:
        raise Misuse(
            "no-recipient",
            "Nobody whom the consent names has registered a key; they do it with 'seatrial key new' and 'register'.",
        )
    return chosen


def _goes_on(view: TransferView, artefact: str, recipients: tuple[Digest, ...]) -> bool:
    return view.state is TransferState.OFFERED and view.artefact == artefact and view.recipients == recipients


def _verified(seatrial: Seatrial, view: TransferView, expected: str) -> str:
    """Whose signature the handing over carries: the developer's key in hex. Raises ``Misuse``."""
    if view.state is not TransferState.COMPLETE:
        return ""  # fetching says why
    published = next((one.public_key for one in seatrial.parties.organisations() if one.id == view.developer), "")
    weights.check_signature(view, public_key=expected or published)
    return expected or published


def _workers(at_once: int) -> int:
    """In one process with the database there is one at a time."""
    return at_once if os.environ.get("SEATRIAL_URL") else 1


def _show(view: TransferView, more: list[str] | None = None) -> None:
    lines = [f"{view.id}: {view.state}, {view.received:,} of {view.parts:,} parts, {view.bytes:,} bytes"]
    if view.state is TransferState.OFFERED and view.received == view.parts:
        lines.append(f"All parts have come. A signatory hands them over: seatrial weights hand-over {view.id}")
    if view.why:
        lines.append(f"Destroyed here on {view.destroyed_at}: {view.why}.")
    lines += [f"Fetched by {one.name} from {one.first_at}: {one.parts:,} parts asked for" for one in view.fetches]
    show(view, lines=[*lines, *(more or [])])
