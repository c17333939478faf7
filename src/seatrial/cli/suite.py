"""Suites: build the practice suite, seal one for its custodians, verify a file, register it, release a half."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from seatrial.client.seatrial import Seatrial
from seatrial.kernel.clock import now
from seatrial.kernel.errors import Misuse
from seatrial.kernel.recipients import PrivateKey, private_key, recipient_key
from seatrial.parties.types import Actor
from seatrial.review.benchmarks import api as benchmarks

from .asking import As, acting
from .database import check
from .files import read_text, write
from .output import show

app = typer.Typer(help="Sealed suites: build, seal, verify, register, release.", no_args_is_help=True)

SuiteFile = Annotated[Path, typer.Argument(help="A suite file, open or sealed.")]


@app.command()
def build(
    seed: Annotated[str, typer.Option(help="Any text; the same seed gives the same suite.")],
    to: Annotated[Path, typer.Option(help="Where to write the suite file.")] = Path("suite.json"),
    per_family: Annotated[int, typer.Option(help="Items a family.", min=1, max=200)] = 5,
    twins: Annotated[bool, typer.Option("--twins", help="Each item with its neutral twin beside it.")] = False,
) -> None:
    """Build a fresh practice suite from a seed."""
    made = benchmarks.practice_suite(seed=seed, per_family=per_family, twins=twins)
    write(to, benchmarks.suite_bytes(made))
    show(
        {"file": str(to), "digest": made.digest, "items": len(made.items)},
        lines=[f"Wrote {to}: {len(made.items)} items, {made.digest}."],
    )


@app.command()
def seal(
    file: Annotated[Path, typer.Argument(help="The open suite file. It is left as it is: delete it yourself.")],
    custodian: Annotated[list[Path], typer.Option(help="A custodian's public key (PEM); at least two.")],
    to: Annotated[Path, typer.Option(help="Where to write the sealed suite.")] = Path("suite.sealed.json"),
) -> None:
    """Seal a suite: any two of its custodians together open it, and nobody alone. Needs no database."""
    data = _bytes(file)
    if benchmarks.is_sealed(data):
        raise Misuse("already-sealed", f"{file} is sealed already; name the open suite.")
    sealed = benchmarks.seal_suite(benchmarks.read_suite(data), [recipient_key(read_text(one)) for one in custodian])
    write(to, benchmarks.sealed_bytes(sealed))
    show(
        {"file": str(to), "digest": sealed.digest, "custodians": list(sealed.custodians)},
        lines=[
            f"Wrote {to}: {sealed.digest}, sealed for {len(sealed.custodians)} custodians, any two of whom open it.",
            f"{file} still lies open.",
        ],
    )


@app.command()
def verify(file: SuiteFile) -> None:
    """Check that a suite file is whole: its digest matches its content or, if it is sealed, its manifest."""
    data = _bytes(file)
    sealed = benchmarks.is_sealed(data)
    found = benchmarks.read_sealed(data).manifest if sealed else benchmarks.read_suite(data).manifest
    words = "sealed: its content is compared with this manifest when it is opened" if sealed else "open"
    show(
        {
            "digest": found.digest,
            "items": len(found.items),
            "name": found.name,
            "version": found.version,
            "sealed": sealed,
            "canary": found.canary,
        },
        lines=[
            f"Whole: {found.name} {found.version}, {len(found.items)} items, {found.digest}.",
            f"It is {words}. Its canary: {found.canary}",
        ],
    )


@app.command()
def register(file: SuiteFile, who: As = "") -> None:
    """Keep a suite in this instance and record its digest on the ledger."""
    check()
    data, by = _bytes(file), acting(who)
    if benchmarks.is_sealed(data):
        digest = benchmarks.register_sealed_suite(by=by, sealed=benchmarks.read_sealed(data), at=now())
    else:
        digest = benchmarks.register_suite(by=by, suite=benchmarks.read_suite(data), at=now())
    show({"digest": digest}, lines=[f"Registered {digest}."])


@app.command()
def release(
    campaign: Annotated[str, typer.Argument(help="The campaign that is to run, or the ladder with all its rungs.")],
    key: Annotated[Path, typer.Option(help="The file of your private key; it is read here and goes nowhere.")],
    partner: Annotated[str, typer.Option("--with", help="The other custodian's key, where there is a choice.")] = "",
    who: As = "",
) -> None:
    """Release your half of a sealed suite for one campaign: it is on the ledger first, then opened and handed over.

    With SEATRIAL_URL and SEATRIAL_TOKEN set it goes over HTTP, from the machine where your key is; a ladder then takes
    one command for each of its rungs.
    """
    mine = private_key(key)
    if os.environ.get("SEATRIAL_URL"):
        with Seatrial.from_environment() as instance:
            whole = instance.campaigns.release_half(campaign, mine, partner=partner).whole
    else:
        check()
        whole = _release_here(acting(who), campaign, mine, partner)
    said = "Both halves are here: the campaign can run." if whole else "The other custodian's is still missing."
    show({"campaign": campaign, "whole": whole}, lines=[f"Your half is released. {said}"])


def _release_here(by: Actor, campaign: str, mine: PrivateKey, partner: str) -> bool:
    """On the instance's own machine; a ladder's rungs one after the other."""
    whole = False
    for one in benchmarks.rungs(by, campaign) or (campaign,):
        released = benchmarks.release_half(by=by, campaign=one, with_custodian=partner, at=now())
        whole = benchmarks.hand_half(by=by, campaign=one, half=released.opened(mine), at=now()).whole
    return whole


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise Misuse("cannot-read", f"{file} cannot be read ({error.strerror}); name a suite file.") from error
