"""Patches as TUF targets: the ceremony of the root, a vendor's signing, what the instance takes in; `fetch-patch`."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from seatrial.clearinghouse.delivery import api as delivery
from seatrial.clearinghouse.delivery.types import ROOT, TARGETS
from seatrial.kernel.clock import now
from seatrial.kernel.errors import Misuse

from .asking import As, acting
from .database import check
from .files import read, write
from .output import show, show_table

app = typer.Typer(help="Patches that can be trusted: TUF, an offline root, vendors who sign.", no_args_is_help=True)
root = typer.Typer(help="The ceremony of the root, away from the instance.", no_args_is_help=True)
app.add_typer(root, name="root")

Key = Annotated[list[Path], typer.Option(help="A private key's file; once for each holder.")]
Days = Annotated[int, typer.Option(help="For how many days it holds.", min=1, max=1_095)]
To = Annotated[Path, typer.Option(help="The file to write.")]
STATE = Path.home() / ".seatrial" / "trust"


def add_to(app: typer.Typer) -> None:
    """``seatrial fetch-patch`` stands beside the groups."""
    app.command(name="fetch-patch", rich_help_panel="Who does what")(fetch)


@app.command()
def key(
    file: Annotated[Path, typer.Argument(help="Where the private key goes; the public one beside it as .pub.")],
) -> None:
    """Make a key for the root or a vendor (Ed25519). The file is not encrypted: keep it where it belongs."""
    pem = delivery.new_key()
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(pem)
    except OSError as error:
        raise Misuse("cannot-write", f"{file} cannot be made ({error.strerror}).") from error
    shown = file.with_name(file.name + ".pub")
    write(shown, delivery.public(pem))
    show({"private": str(file), "public": str(shown)}, lines=[f"Private: {file}", f"Public: {shown}"])


@app.command(name="online-key")
def online_key(to: To = Path("online.pub")) -> None:
    """Write the public half of this instance's online key, which a root has to name."""
    write(to, delivery.online_key())
    show({"file": str(to)}, lines=[f"Written: {to}"])


@root.command(name="new")
def new_root(
    key: Key,
    online: Annotated[Path, typer.Option(help="The instance's online key (.pub).")],
    threshold: Annotated[int, typer.Option(help="How many of the keys must sign.", min=1)],
    days: Days = 365,
    to: Annotated[Path, typer.Option(help="The folder to write into.")] = Path(),
) -> None:
    """Make the first root and the first role that delegates. No instance and no network is needed."""
    ends = now() + timedelta(days=days)
    made, targets = delivery.new_root(
        list(map(read, key)), read(online), threshold=threshold, expires=ends, role_expires=ends
    )
    files = {to / "1.root.json": made, to / "1.targets.json": targets}
    for file, data in files.items():
        write(file, data)
    show({"files": [str(file) for file in files]}, lines=[f"Written: {file}" for file in files])


@root.command()
def renew(
    old: Annotated[Path, typer.Argument(help="The root in force.")],
    key: Key,
    to: To,
    add: Annotated[list[Path] | None, typer.Option(help="A new holder's public key.")] = None,
    remove: Annotated[list[str] | None, typer.Option(help="The id of a key that counts no more.")] = None,
    online: Annotated[Path | None, typer.Option(help="Another online key.")] = None,
    threshold: Annotated[int | None, typer.Option(help="Another threshold.", min=1)] = None,
    days: Days = 365,
) -> None:
    """Make the next root: a later end, other keys. Enough of the old keys and enough of the new ones sign it."""
    data = delivery.renew_root(
        read(old),
        list(map(read, key)),
        expires=now() + timedelta(days=days),
        add=list(map(read, add or [])),
        remove=remove or [],
        online=read(online) if online else None,
        threshold=threshold,
    )
    write(to, data)
    show({"file": str(to)}, lines=[f"Written: {to}"])


@root.command()
def delegate(
    targets: Annotated[Path, typer.Argument(help="The targets role in force.")],
    vendor: Annotated[str, typer.Argument(help="The vendor's organisation, by id.")],
    key: Key,
    to: To,
    vendor_key: Annotated[
        Path | None, typer.Option(help="The key that it signs with (.pub); none takes it back.")
    ] = None,
    days: Days = 365,
) -> None:
    """Say who may sign the files of a vendor, or that nobody may any more."""
    held = read(vendor_key) if vendor_key else None
    ends = now() + timedelta(days=days)
    write(to, delivery.delegate(read(targets), list(map(read, key)), vendor=vendor, key=held, expires=ends))
    show({"file": str(to)}, lines=[f"Written: {to}"])


@root.command(name="renew-targets")
def renew_targets(
    targets: Annotated[Path, typer.Argument(help="The targets role in force.")],
    key: Key,
    to: To,
    days: Days = 365,
) -> None:
    """Sign the role that delegates anew: for a later end, or because the holders of the root changed."""
    write(to, delivery.renew_targets(read(targets), list(map(read, key)), expires=now() + timedelta(days=days)))
    show({"file": str(to)}, lines=[f"Written: {to}"])


@app.command()
def sign(
    vendor: Annotated[str, typer.Argument(help="Your organisation, by id.")],
    files: Annotated[list[Path], typer.Argument(help="The patches; each under its file's name.")],
    key: Annotated[Path, typer.Option(help="Your private key's file.")],
    to: To,
    previous: Annotated[Path | None, typer.Option(help="Your role as it is now; none the first time.")] = None,
    drop: Annotated[list[str] | None, typer.Option(help="A file that you sign no more.")] = None,
    days: Days = 90,
) -> None:
    """Sign patches as their vendor, on your own machine."""
    held = {file.name: read(file) for file in files}
    old, ends = read(previous) if previous else None, now() + timedelta(days=days)
    write(to, delivery.sign_targets(vendor, read(key), held, previous=old, expires=ends, drop=drop or []))
    show({"file": str(to)}, lines=[f"Written: {to}"])


@app.command()
def accept(
    role: Annotated[str, typer.Argument(help=f"{ROOT}, {TARGETS}, or a vendor's organisation.")],
    metadata: Annotated[Path, typer.Argument(help="What was signed.")],
    file: Annotated[
        list[Path] | None, typer.Option(help="A file that it signs and the instance does not have.")
    ] = None,
    targets: Annotated[Path | None, typer.Option(help="With a root that other keys sign: the next targets.")] = None,
    who: As = "",
) -> None:
    """Take in what was signed elsewhere, by TUF's rules; from then on it is served."""
    check()
    actor, data, at = acting(who), read(metadata), now()
    if role in (ROOT, TARGETS):
        also = read(targets) if targets else None
        version = delivery.accept(by=actor, role=role, data=data, targets=also, at=at)
    else:
        held = {one.name: read(one) for one in file or []}
        version = delivery.publish(by=actor, role=role, data=data, files=held, at=at)
    show({"role": role, "version": version}, lines=[f"{role} is at version {version}."])


@app.command()
def roles() -> None:
    """List the roles in force."""
    check()
    columns = {"role": "role", "version": "version", "expires": "expires", "threshold": "of keys", "targets": "signs"}
    show_table(delivery.roles(), columns, empty="There is no root yet.")


def fetch(
    name: Annotated[str, typer.Argument(help="VENDOR/FILE.")],
    url: Annotated[str, typer.Option("--from", help="The instance's address.")],
    trust: Annotated[Path, typer.Option(help="The root that you trust, got by another way.")],
    to: Annotated[Path, typer.Option(help="The folder to write into.")] = Path(),
    state: Annotated[Path, typer.Option(help="What was seen so far, against going back.")] = STATE,
) -> None:
    """Fetch a patch and verify it with python-tuf's own client. Needs no account and no instance of your own."""
    from seatrial.client.fetching import fetch_patch  # half a second that no other command needs

    found = fetch_patch(name, url=url, trust=read(trust), state=state, to=to)
    versions = ", ".join(f"{role} {version}" for role, version in found.versions.items())
    lines = [
        f"{found.file}: {found.length} bytes, SHA-256 {found.sha256}",
        f"Signed by {found.vendor}, to which the root delegates. Verified: {versions}.",
        f"Fresh until {found.fresh_until:%Y-%m-%d %H:%M} UTC.",
    ]
    if found.check is None:
        lines.append("No check by machines is attached.")
    else:
        lines.append(f"Checked by the instance's machines on {found.check['checkedOn']}: {found.check['verdict']}.")
    facts = {name: getattr(found, name) for name in found.__dataclass_fields__}
    show({**facts, "file": str(found.file)}, lines=lines)
