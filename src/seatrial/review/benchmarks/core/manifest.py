"""A suite as bytes: what it holds, and the manifest that may be shown of it.

The content is one canonical JSON document: prompts, checks, files, limits, and the seed it was made from. The
manifest tells what a plan needs (families, labels, how an item is scored, human times) and commits to each item's
content, salted, so that nobody can guess an item and be told that the guess was right. The SHA-256 of the manifest is
the suite's digest, whether the content lies open or sealed beside it. One changed byte is another suite, or none.

The salt of an item is the digest of the seed and the item's id, and the seed stands in the content only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from seatrial.kernel.canonical import canonical, from_json, plain
from seatrial.kernel.digests import Digest, commitment, digest, digest_of, same
from seatrial.kernel.errors import Misuse, SeatrialError
from seatrial.kernel.labels import Label
from seatrial.review.benchmarks.types import Check, InspectSample, Item, Manifest, ManifestItem, Step, Suite
from seatrial.sandbox.types import Host

FORMAT = "seatrial-suite/2"
SANDBOX = "sandbox"  # what an item with steps, files or hosts needs, whatever else it names
MANIFEST_FORMAT = "seatrial-manifest/1"


def make_suite(*, name: str, version: str, generator: str, seed: str, items: Sequence[Item]) -> Suite:
    """A suite with its manifest. Raises ``Misuse`` (``bad-suite``) for no items, and for one that is not whole."""
    ids = [item.id for item in items]
    if not ids:
        raise Misuse("bad-suite", f"The suite {name!r} has no items; give it at least one.")
    if len(set(ids)) != len(ids):
        twice = sorted({one for one in ids if ids.count(one) > 1})
        raise Misuse("bad-suite", f"The suite {name!r} names {', '.join(twice)} twice; give each item its own id.")
    for item in items:
        _check_item(item, name, frozenset(ids))
    return Suite(name, version, generator, seed, tuple(items), _manifest(name, version, generator, seed, items))


def suite_bytes(suite: Suite) -> bytes:
    """The suite's open file: the canonical JSON of its content with the digest as one more member."""
    return canonical({**_content(suite), "digest": suite.digest})


def read_suite(data: bytes, expected: str | None = None) -> Suite:
    """The suite in the open file ``data``; ``expected`` is the digest it was committed under, if any.

    Raises ``Misuse``: ``suite-digest-mismatch`` if a byte was changed, ``bad-suite`` if it is no suite at all.
    """
    try:
        suite = _parse(data)
    except SeatrialError as error:
        if expected is None:
            raise Misuse("bad-suite", f"This is not a suite file: {error.message}") from error
        raise mismatch(expected, digest(data)) from error
    if suite_bytes(suite) != data:
        raise mismatch(expected or "another digest", suite.digest)
    if expected is not None and not same(suite.digest, expected):
        raise mismatch(expected, suite.digest)
    return suite


def content_bytes(suite: Suite) -> bytes:
    """The content alone, without a digest: what is sealed. Its manifest, which lies open, vouches for it."""
    return canonical(_content(suite))


def read_content(data: bytes) -> Suite:
    """The suite in sealed content that was opened. Raises ``Misuse`` (``bad-suite``)."""
    try:
        return _parse(data)
    except SeatrialError as error:
        raise Misuse("bad-suite", f"What was sealed is no suite: {error.message}") from error


def manifest_bytes(manifest: Manifest) -> bytes:
    """The manifest's canonical JSON: what its digest covers."""
    return canonical(_manifest_document(manifest.name, manifest.version, manifest.generator, manifest))


def read_manifest(data: bytes) -> Manifest:
    """The manifest in ``data``. Raises ``Misuse`` (``bad-suite``)."""
    try:
        document: Any = from_json(data, "The manifest")
        if document["format"] != MANIFEST_FORMAT:
            raise Misuse("bad-suite", f"The manifest is in the format {document['format']!r}, not {MANIFEST_FORMAT}.")
        items = tuple(_read_manifest_item(item) for item in document["items"])
        found = Manifest(
            document["name"], document["version"], document["generator"], document["canary"], items, digest(data)
        )
        whole = manifest_bytes(found) == data
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise Misuse("bad-suite", f"The manifest lacks or misspells a part ({error}); ask for it again.") from error
    if not whole or not items:
        raise Misuse("bad-suite", "The manifest is not in its canonical form, or empty; ask for it again.")
    return found


def check_against(manifest: Manifest, suite: Suite) -> None:
    """Raises ``Misuse`` (``manifest-lies``) unless ``manifest`` tells the truth of the content of ``suite``."""
    told = {item.id: item for item in manifest.items}
    for item in suite.manifest.items:
        said = told.get(item.id)
        if said is not None and said.label != item.label:
            raise Misuse(
                "manifest-lies",
                f"The manifest labels the item {item.id} {said.label}, but its content is labelled {item.label}: "
                "nothing of this suite was run. Ask its makers for a suite whose manifest tells the truth.",
            )
        if said != item:
            raise Misuse(
                "manifest-lies",
                f"The manifest does not describe the item {item.id} as it is in the content: nothing of this suite "
                "was run. Ask its makers for a suite whose manifest tells the truth.",
            )
    if manifest != suite.manifest:
        raise Misuse("manifest-lies", "The manifest belongs to another content: nothing of this suite was run.")


def needs_of(item: Item) -> frozenset[str]:
    """Tools of the machine without which ``item`` cannot be scored."""
    boxed = item.files or item.hosts or (item.check is not None and item.check.steps)
    return item.needs | {SANDBOX} if boxed else item.needs


def _check_item(item: Item, name: str, ids: frozenset[str]) -> None:
    if "#" in item.id:
        raise Misuse("bad-suite", f"An item id of the suite {name!r} holds '#', which parts item and epoch; rename it.")
    if (item.check is None) == (item.inspect is None):
        raise Misuse("bad-suite", f"The item {item.id} must have a check of ours or an Inspect sample, one of the two.")
    if item.twin_of is not None and (item.twin_of not in ids or item.twin_of == item.id):
        raise Misuse("bad-suite", f"The item {item.id} is a twin of {item.twin_of}, which this suite does not hold.")
    if item.difficulty is not None and not 0 <= item.difficulty <= 1:
        raise Misuse("bad-suite", f"The difficulty of {item.id} must be a share from 0 to 1, not {item.difficulty}.")


def _parse(data: bytes) -> Suite:
    document: Any = from_json(data, "The suite")
    try:
        if document["format"] != FORMAT:
            raise Misuse("bad-suite", f"it is in the format {document['format']!r}; this version reads {FORMAT}.")
        return make_suite(
            name=document["name"],
            version=document["version"],
            generator=document["generator"],
            seed=document["seed"],
            items=[_read_item(item) for item in document["items"]],
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise Misuse("bad-suite", f"it lacks or misspells a part ({error}); generate it again.") from error


def mismatch(expected: str, found: str) -> Misuse:
    """The error for a suite that is not the one committed."""
    return Misuse(
        "suite-digest-mismatch",
        f"The suite's content has the digest {found}, but {expected} was committed: it was changed, "
        "so nothing was run. Restore the original file or register the changed suite under its own digest.",
        expected=expected,
        found=found,
    )


def _manifest(name: str, version: str, generator: str, seed: str, items: Sequence[Item]) -> Manifest:
    listed = tuple(_listed(item, seed) for item in items)
    canary = f"seatrial-canary-{digest_of([name, version, seed, 'canary']).removeprefix('sha256:')[:32]}"
    draft = Manifest(name, version, generator, canary, listed, Digest(""))
    document = _manifest_document(name, version, generator, draft)
    return Manifest(name, version, generator, canary, listed, digest_of(document))


def _listed(item: Item, seed: str) -> ManifestItem:
    return ManifestItem(
        id=item.id,
        family=item.family,
        label=item.label,
        scoring=item.check.extract if item.check is not None else f"inspect:{_sample(item).task}",
        human_minutes=item.human_minutes,
        max_tokens=item.max_tokens,
        needs=tuple(sorted(needs_of(item))),
        twin_of=item.twin_of,
        difficulty=item.difficulty,
        content=commitment(digest_of([seed, item.id, "salt"]), item.id, _item(item)),
    )


def _sample(item: Item) -> InspectSample:
    if item.inspect is None:
        raise Misuse("bad-suite", f"The item {item.id} has neither a check nor a sample.")
    return item.inspect


def _manifest_document(name: str, version: str, generator: str, manifest: Manifest) -> dict[str, Any]:
    return {
        "format": MANIFEST_FORMAT,
        "name": name,
        "version": version,
        "generator": generator,
        "canary": manifest.canary,
        "items": [{**plain(item), "label": str(item.label)} for item in manifest.items],
    }


def _read_manifest_item(written: Mapping[str, Any]) -> ManifestItem:
    return ManifestItem(
        **{
            **written,
            "label": Label.parse(written["label"]),
            "needs": tuple(written["needs"]),
            "content": Digest(written["content"]),
        }
    )


def _content(suite: Suite) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "name": suite.name,
        "version": suite.version,
        "generator": suite.generator,
        "seed": suite.seed,
        "canary": suite.manifest.canary,
        "items": [_item(item) for item in suite.items],
    }


def _item(item: Item) -> dict[str, Any]:
    written = asdict(item)
    written["label"] = str(item.label)
    written["needs"] = sorted(item.needs)
    written["hosts"] = {name: _host(item.id, host) for name, host in item.hosts.items()}
    return written


def _host(item: str, host: Host) -> dict[str, Any]:
    """A host in the format's own words; what else a sandbox can do for one, no suite may ask."""
    if host != Host(host.argv, host.files, host.ready) or not all(
        isinstance(text, str) for text in host.files.values()
    ):
        raise Misuse("bad-suite", f"A host of {item} may have argv, files of text and a port, and nothing else.")
    return {"argv": list(host.argv), "files": dict(host.files), "ready": host.ready}


def _read_item(written: Mapping[str, Any]) -> Item:
    check, sample = written["check"], written["inspect"]
    return Item(
        **{
            **written,
            "check": None if check is None else _read_check(check),
            "label": Label.parse(written["label"]),
            "needs": frozenset(written["needs"]),
            "files": dict(written["files"]),
            "hosts": {name: Host(**{**host, "argv": tuple(host["argv"])}) for name, host in written["hosts"].items()},
            "inspect": None if sample is None else InspectSample(**sample),
        }
    )


def _read_check(check: Mapping[str, Any]) -> Check:
    steps = tuple(Step(**{**step, "argv": tuple(step["argv"])}) for step in check["steps"])
    return Check(**{**check, "files": dict(check["files"]), "steps": steps})
