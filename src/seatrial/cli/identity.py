"""Which model it is: weigh and sign weights, take fingerprints, state whether the released one is the reviewed one.

``key``, ``manifest``, ``verify``, ``own`` and ``compare`` need no database: they run on a lab's own machine.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from django.conf import settings

from seatrial.kernel.canonical import from_json, plain
from seatrial.kernel.clock import now
from seatrial.kernel.digests import digest
from seatrial.kernel.errors import Misuse, Refused
from seatrial.review.access import api as access
from seatrial.review.identity import api as identity
from seatrial.review.identity.types import Comparison, EndpointVersion, FilesDiffer, Manifest, Sameness

from .asking import As, acting
from .bars import bar
from .database import check
from .output import show

app = typer.Typer(
    help="Model identity: manifests of weights, behavioural fingerprints, statements.", no_args_is_help=True
)

Review = Annotated[str, typer.Argument(help="The review's id.")]
Repetitions = Annotated[int, typer.Option(help="How often each of the 24 probes is asked.", min=4, max=40)]
KeyFile = Annotated[Path | None, typer.Option("--key", help="Private key file (PEM, P-256); made at first use.")]
Organisation = Annotated[str | None, typer.Option(help="Use this organisation's model-signing key on this instance.")]
Bundle = Annotated[Path | None, typer.Option("--manifest", help="A signed manifest (model.sig).")]
PublicKey = Annotated[Path | None, typer.Option(help="The public key (PEM) that the manifest verifies with.")]


@app.command()
def key(
    file: Annotated[Path | None, typer.Argument(help="Where the private key is, or is to be.")] = None,
    organisation: Organisation = None,
) -> None:
    """Print the public half of a model-signing key; the key is made, readable by you alone, if it is missing."""
    path = _key_file(file, organisation)
    public = identity.new_key(path)
    show({"key": str(path), "public": public}, lines=public.strip().splitlines())


@app.command()
def manifest(
    folder: Annotated[Path, typer.Argument(help="The model: a folder or a single file.")],
    key: KeyFile = None,
    organisation: Organisation = None,
    to: Annotated[Path, typer.Option(help="Where to write the signed manifest.")] = Path("model.sig"),
) -> None:
    """Hash a model and sign the manifest in the OpenSSF form. Interrupted, run it again: it goes on where it was."""
    path = _key_file(key, organisation)
    public = identity.new_key(path)
    with bar("bytes hashed") as progress:
        weighed = identity.weigh(folder, to=to, progress=progress)
    identity.sign_weights(weighed, folder=folder, key=path, to=to)
    show(
        {"manifest": str(to), "artefact": weighed.digest, "files": len(weighed.files), "public": public},
        lines=[
            f"Signed {len(weighed.files)} files: {to}",
            f"Artefact, for the consent: {weighed.digest}",
            f"Hand out the public key with it: seatrial identity key {path}",
        ],
    )


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(help="A signed manifest (model.sig) or a statement.")],
    key: Annotated[str, typer.Option(help="Public key: a PEM file; for a statement 64 hex digits.")],
    folder: Annotated[Path | None, typer.Option(help="The model to compare with the manifest.")] = None,
) -> None:
    """Verify a manifest or a statement offline: needs the file and the signer's public key, nothing else."""
    data = _read(file)
    found = from_json(data, str(file))
    text = _read(Path(key)).decode("utf-8", "replace").strip() if Path(key).is_file() else key
    if isinstance(found, dict) and "dsseEnvelope" in found:
        _verify_manifest(data, text, folder, file)
        return
    said = identity.verify_statement(data, key=text)
    show(said, lines=["Verified: signed with this key.", said.sentence])


@app.command()
def declare(
    review: Review,
    version: Annotated[str, typer.Option(help="The version of a hosted model.")] = "",
    build: Annotated[str, typer.Option(help="Its build.")] = "",
    system_prompt: Annotated[Path | None, typer.Option(help="File of the system prompt; its digest is kept.")] = None,
    default: Annotated[list[str] | None, typer.Option(help="A decoding default, name=value; repeat for more.")] = None,
    manifest: Bundle = None,
    public_key: PublicKey = None,
    who: As = "",
) -> None:
    """Declare which model the review is about: an endpoint's version, a signed manifest of weights, or both."""
    check()
    endpoint = None
    if version:
        prompt = digest(_read(system_prompt)) if system_prompt else None
        endpoint = EndpointVersion(version, build, prompt, identity.read_defaults("\n".join(default or [])))
    made = identity.declare(by=acting(who), review=review, at=now(), endpoint=endpoint, **_bundle(manifest, public_key))
    lines = [f"Declaration {made.number}, your own until you share it with 'seatrial identity share'."]
    show(made, lines=[*lines, *(f"Artefact, for the consent: {artefact}" for artefact in made.artefacts)])


@app.command()
def share(
    review: Review,
    declaration: Annotated[int | None, typer.Option(help="The declaration's number.")] = None,
    statement: Annotated[str | None, typer.Option(help="The statement's id.")] = None,
    who: As = "",
) -> None:
    """Let the review body read a declaration or a statement."""
    check()
    if (declaration is None) == (statement is None):
        raise Misuse("share-what", "Say what to share: --declaration NUMBER or --statement ID.")
    if declaration is not None:
        identity.share_declaration(by=acting(who), review=review, number=declaration, at=now())
    elif statement is not None:
        identity.share_statement(by=acting(who), review=review, statement=statement, at=now())
    show({"review": review, "shared": declaration or statement}, lines=["Shared with the review body."])


@app.command(name="show")
def show_identity(review: Review, who: As = "") -> None:
    """Show all you may see of a review's model identity."""
    check()
    view = identity.identity(acting(who), review, now())
    lines = []
    for declared in view.declarations:
        lines.append(f"declaration {declared.number}  {declared.at:%Y-%m-%d %H:%M}  {', '.join(declared.artefacts)}")
    for taken in view.fingerprints:
        word = taken.comparison.word if taken.comparison else "opening" if taken.digest else taken.state
        lines.append(f"{taken.id}  {taken.begun_at:%Y-%m-%d %H:%M}  {taken.origin}  {word}")
    for stated in view.statements:
        lines.append(f"{stated.id}  {stated.at:%Y-%m-%d %H:%M}  weights {stated.weights}, behaviour {stated.behaviour}")
    show(view, lines=lines or ["Nothing was declared, taken or stated that you may see."])


@app.command()
def fingerprint(
    review: Review,
    purpose: Annotated[str, typer.Option(help="One of the consented purposes.")] = "capability-evaluation",
    repetitions: Repetitions = 6,
    cost: Annotated[bool, typer.Option(help="Only say what it would take of the budget.")] = False,
    who: As = "",
) -> None:
    """Take a fingerprint through the gateway, as an evaluator whom the consent names. The first is the opening."""
    needs = identity.cost(repetitions)
    if cost:
        show(needs, lines=[f"Up to {needs.requests:,} requests and {needs.tokens:,} tokens of the consent's budget."])
        return
    _take(review, purpose, repetitions, who, again=False)


@app.command()
def recheck(
    review: Review,
    purpose: Annotated[str, typer.Option(help="One of the consented purposes.")] = "capability-evaluation",
    repetitions: Repetitions = 6,
    who: As = "",
) -> None:
    """Take it again and compare it with the opening: the same, different, or it cannot be told."""
    _take(review, purpose, repetitions, who, again=True)


@app.command()
def own(
    to: Annotated[Path, typer.Option(help="Where to write the fingerprint.")],
    url: Annotated[str, typer.Option(help="Your endpoint, e.g. http://127.0.0.1:9000/v1.")],
    model: Annotated[str, typer.Option(help="The model's name there.")],
    repetitions: Repetitions = 6,
    probabilities: Annotated[bool, typer.Option(help="Ask for probabilities of the first token too.")] = False,
    key: Annotated[str, typer.Option(envvar="SEATRIAL_UPSTREAM_KEY", help="The endpoint's API key.")] = "",
) -> None:
    """Take a fingerprint of an endpoint of your own, to a file. Nothing is recorded, no database is needed."""
    with bar("probes asked") as progress:
        made = identity.own_endpoint(
            base_url=url, key=key, model=model, repetitions=repetitions, probabilities=probabilities, progress=progress
        )
    _write(to, json.dumps(identity.to_json(made), ensure_ascii=False) + "\n")
    show({"fingerprint": str(to), "digest": made.digest}, lines=[f"Wrote {to}, {made.digest}."])


@app.command()
def compare(
    reference: Annotated[Path, typer.Argument(help="The earlier fingerprint.")],
    later: Annotated[Path, typer.Argument(help="The later one.")],
) -> None:
    """Compare two fingerprint files. No database is needed."""
    found = identity.compare(identity.read(_read(reference)), identity.read(_read(later)))
    show(found, lines=_compared(found))


@app.command()
def record(
    review: Review, file: Annotated[Path, typer.Argument(help="A fingerprint that you took with 'own'.")], who: As = ""
) -> None:
    """Bring a fingerprint of your own endpoint to a review; it is compared with the opening, and stays yours."""
    check()
    made = identity.record_fingerprint(by=acting(who), review=review, file=_read(file), at=now())
    show(made, lines=[f"Kept as {made.id}.", *(_compared(made.comparison) if made.comparison else ["No opening yet."])])


@app.command()
def statement(
    review: Review,
    to: Annotated[Path, typer.Option(help="Where to write the statement.")] = Path("statement.json"),
    manifest: Bundle = None,
    public_key: PublicKey = None,
    fingerprint: Annotated[str | None, typer.Option(help="A fingerprint you recorded of the release.")] = None,
    who: As = "",
) -> None:
    """Sign a statement whether what was released is what was reviewed. Nothing depends on it."""
    check()
    actor = acting(who)
    made = identity.state_identity(
        by=actor, review=review, at=now(), fingerprint=fingerprint, **_bundle(manifest, public_key)
    )
    _write(to, json.dumps(made.envelope, indent=2) + "\n")
    show(made, lines=[made.sentence, f"Wrote {to}; verify it with 'seatrial identity verify'."])


def _key_file(file: Path | None, organisation: str | None) -> Path:
    if (file is None) == (organisation is None):
        raise Misuse("which-key", "Say whose key it is: a key file, or --organisation on an instance.")
    if organisation is not None:
        check()
        return identity.model_key(organisation)
    return file or Path()


def _take(review: str, purpose: str, repetitions: int, who: str, *, again: bool) -> None:
    """With a key of the person's own, made for this and revoked after it."""
    check()
    actor = acting(who)
    secret = access.issue_key(by=actor, review=review, purpose=purpose, at=now())
    try:
        with bar("probes asked") as progress:
            made = identity.take_fingerprint(
                by=actor,
                review=review,
                purpose=purpose,
                repetitions=repetitions,
                again=again,
                base_url=f"{settings.SEATRIAL.gateway_url}/v1",
                key=secret.secret,
                progress=progress,
            )
    finally:
        access.revoke_key(by=actor, key=secret.id, at=now())
    found = made.comparison
    show(made, lines=[f"Taken: {made.id}.", *(_compared(found) if found else ["This is the opening."])])


def _verify_manifest(bundle: bytes, public_key: str, folder: Path | None, file: Path) -> None:
    signed = identity.verify_bundle(bundle, public_key=public_key)
    if folder is None:
        show(signed, lines=[f"Verified: {len(signed.files)} files, artefact {signed.digest}."])
        return
    found = identity.differ(signed, _weighed(folder, file))
    if found.any:
        raise Refused("weights-differ", f"{folder} is not what was signed: {_named(found)}.", **plain(found))
    show(signed, lines=[f"Verified: {folder} has exactly the {len(signed.files)} files that were signed."])


def _weighed(folder: Path, bundle: Path) -> Manifest:
    with bar("bytes hashed") as progress:
        return identity.weigh(folder, leave_out=bundle, progress=progress)


def _named(found: FilesDiffer) -> str:
    words = []
    for what, paths in (("added", found.added), ("missing", found.removed), ("changed", found.changed)):
        if paths:
            more = f" and {len(paths) - 5} more" if len(paths) > 5 else ""
            words.append(f"{what} {', '.join(paths[:5])}{more}")
    return "; ".join(words)


def _compared(found: Comparison) -> list[str]:
    lines = [f"{found.word.value.replace('-', ' ')}: {found.sentence}"]
    if found.word is Sameness.DIFFERS:
        moved = sorted(found.shifts, key=lambda row: -row.shift)
        for row in moved[:8]:
            mark = "*" if row.differs else " "
            lines += [
                f" {mark} {row.probe}  shift {row.shift:.2f}",
                f"     then {row.reference!r}",
                f"     now  {row.later!r}",
            ]
    return lines


def _bundle(manifest: Path | None, public_key: Path | None) -> dict[str, Any]:
    return {
        "bundle": _read(manifest) if manifest else None,
        "public_key": _read(public_key).decode("utf-8", "replace") if public_key else None,
    }


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Misuse("cannot-read", f"{path} cannot be read ({error.strerror}); name another file.") from error


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Misuse("cannot-write", f"{path} cannot be written ({error.strerror}); name another file.") from error
