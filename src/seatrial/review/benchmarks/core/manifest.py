"""A suite as bytes: one canonical JSON document, whose SHA-256 is the suite's digest.

The document holds everything that decides a score (prompts, checks, files, limits, labels), and the
order of items and steps. Its file holds the digest as one more member, so that a file can be checked
by itself; the digest does not cover that member. One changed byte is another suite, or none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from seatrial.kernel.canonical import canonical, from_json
from seatrial.kernel.digests import digest, digest_of, same
from seatrial.kernel.errors import Misuse, SeatrialError
from seatrial.kernel.labels import Label
from seatrial.review.benchmarks.types import Check, Item, Step, Suite

FORMAT = "seatrial-suite/1"


def make_suite(*, name: str, version: str, generator: str, seed: str, items: Sequence[Item]) -> Suite:
    """A suite with its digest. Raises ``Misuse`` (``bad-suite``) if it has no items or names one twice."""
    ids = [item.id for item in items]
    if not ids:
        raise Misuse("bad-suite", f"The suite {name!r} has no items; give it at least one.")
    if len(set(ids)) != len(ids):
        twice = sorted({one for one in ids if ids.count(one) > 1})
        raise Misuse("bad-suite", f"The suite {name!r} names {', '.join(twice)} twice; give each item its own id.")
    if any("#" in one for one in ids):
        raise Misuse("bad-suite", f"An item id of the suite {name!r} holds '#', which parts item and epoch; rename it.")
    return Suite(
        name, version, generator, seed, tuple(items), digest_of(_document(name, version, generator, seed, items))
    )


def suite_bytes(suite: Suite) -> bytes:
    """The suite's file: the canonical JSON of its document with the digest as one more member."""
    return canonical(
        {**_document(suite.name, suite.version, suite.generator, suite.seed, suite.items), "digest": suite.digest}
    )


def read_suite(data: bytes, expected: str | None = None) -> Suite:
    """The suite in the file ``data``; ``expected`` is the digest it was committed under, if any.

    Raises ``Misuse``: ``suite-digest-mismatch`` if a byte was changed, ``bad-suite`` if it is no suite at all.
    """
    try:
        suite = _parse(data)
    except SeatrialError as error:
        if expected is None:
            raise Misuse("bad-suite", f"This is not a suite file: {error.message}") from error
        raise _mismatch(expected, digest(data)) from error
    if suite_bytes(suite) != data:
        raise _mismatch(expected or "another digest", suite.digest)
    if expected is not None and not same(suite.digest, expected):
        raise _mismatch(expected, suite.digest)
    return suite


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


def _mismatch(expected: str, found: str) -> Misuse:
    return Misuse(
        "suite-digest-mismatch",
        f"The suite's content has the digest {found}, but {expected} was committed: it was changed, "
        "so nothing was run. Restore the original file or register the changed suite under its own digest.",
        expected=expected,
        found=found,
    )


def _document(name: str, version: str, generator: str, seed: str, items: Sequence[Item]) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "name": name,
        "version": version,
        "generator": generator,
        "seed": seed,
        "items": [_item(item) for item in items],
    }


def _item(item: Item) -> dict[str, Any]:
    written = asdict(item)
    written["label"] = str(item.label)
    written["needs"] = sorted(item.needs)
    written["check"]["files"] = dict(item.check.files)
    return written


def _read_item(written: Mapping[str, Any]) -> Item:
    check = written["check"]
    steps = tuple(Step(**{**step, "argv": tuple(step["argv"])}) for step in check["steps"])
    return Item(
        **{
            **written,
            "check": Check(**{**check, "files": dict(check["files"]), "steps": steps}),
            "label": Label.parse(written["label"]),
            "needs": frozenset(written["needs"]),
        }
    )
