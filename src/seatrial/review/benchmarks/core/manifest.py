"""A suite as bytes: one canonical JSON document, whose SHA-256 is the suite's digest.

The document holds everything that decides a score (prompts, checks, files, limits, labels), and the
order of items and steps. It does not hold the digest itself. One changed byte is another suite.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from seatrial.kernel.canonical import canonical, from_json
from seatrial.kernel.digests import digest, same
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
    return Suite(name, version, generator, seed, tuple(items), digest(_bytes(name, version, generator, seed, items)))


def suite_bytes(suite: Suite) -> bytes:
    """The canonical JSON whose SHA-256 is ``suite.digest``."""
    return _bytes(suite.name, suite.version, suite.generator, suite.seed, suite.items)


def read_suite(data: bytes, expected: str) -> Suite:
    """The suite in ``data``, which must have the digest ``expected``.

    Raises ``Misuse``: ``suite-digest-mismatch`` if a byte differs, ``bad-suite`` if it is no suite.
    """
    found = digest(data)
    if not same(found, expected):
        raise Misuse(
            "suite-digest-mismatch",
            f"The stored suite has the digest {found}, but {expected} was committed: it was changed, "
            "so nothing was run. Restore the original file or register the changed suite under its own digest.",
            expected=expected,
            found=found,
        )
    document: Any = from_json(data, "The suite")
    try:
        if document["format"] != FORMAT:
            raise Misuse(
                "bad-suite", f"The suite is in the format {document['format']!r}; this version reads {FORMAT}."
            )
        suite = make_suite(
            name=document["name"],
            version=document["version"],
            generator=document["generator"],
            seed=document["seed"],
            items=[_read_item(item) for item in document["items"]],
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise Misuse("bad-suite", f"The suite lacks or misspells a part ({error}); generate it again.") from error
    except SeatrialError as error:
        raise Misuse("bad-suite", f"The suite cannot be read: {error.message}") from error
    if not same(suite.digest, expected):
        raise Misuse("bad-suite", "The suite is not written in canonical form; generate it again.")
    return suite


def _bytes(name: str, version: str, generator: str, seed: str, items: Sequence[Item]) -> bytes:
    return canonical(
        {
            "format": FORMAT,
            "name": name,
            "version": version,
            "generator": generator,
            "seed": seed,
            "items": [_item(item) for item in items],
        }
    )


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
