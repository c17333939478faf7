"""The door to proofs.

    shelf = Shelf(Path("targets"))
    recipe, files = parse(Path("proof.json").read_bytes())
    validation = await validate(recipe, {**files, recipe.target.digest: archive}, shelf=shelf)

``parse`` and ``written`` read and write recipes; ``validate`` and ``validate_many`` run them; ``check_patch`` asks what
a candidate patch does to one.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any

from .adapters.environment import environment, environment_digest
from .adapters.patching import check_patch
from .adapters.shelf import Shelf
from .adapters.validating import validate
from .core import transcript as transcripts
from .core.recipe import check, digest_of_recipe, needed, parse, schema_text, written
from .core.transcript import Replay, digest_of_transcript
from .types import Attachments, Proof, Recipe, Validation

__all__ = [
    "Replay",
    "Shelf",
    "check",
    "check_patch",
    "digest_of_recipe",
    "digest_of_transcript",
    "environment",
    "environment_digest",
    "needed",
    "parse",
    "replay",
    "schema_text",
    "transcript",
    "validate",
    "validate_many",
    "validate_now",
    "written",
]


def validate_now(recipe: Recipe, attachments: Attachments, *, shelf: Shelf) -> Validation:
    """``validate`` for callers outside of an event loop."""
    return asyncio.run(validate(recipe, attachments, shelf=shelf))


async def transcript(validation: Validation, *, recipe: Recipe) -> dict[str, Any]:
    """``validation``, made here of ``recipe``, as JSON's own types (``seatrial-transcript/1``), to be made again by
    ``replay``. Raises ``Misuse`` (``other-recipe``, ``other-environment``)."""
    return transcripts.transcript(validation, recipe=recipe, environment=await environment())


async def replay(document: Mapping[str, Any], attachments: Attachments, *, shelf: Shelf) -> Replay:
    """Validate once more what a transcript tells of, and compare.

    Raises ``Misuse`` (``bad-transcript``, ``bad-recipe``) for what is no transcript, ``Unavailable`` without a sandbox.
    """
    recipe, was, then = transcripts.read(document)
    now = await validate(recipe, attachments, shelf=shelf)
    differs = transcripts.differences(then, await environment())
    return Replay(now.verdict is was, was, now, differs)


async def validate_many(
    proofs: Iterable[Proof], *, shelf: Shelf, at_once: int | None = None
) -> AsyncIterator[tuple[int, Validation]]:
    """Each proof's place in ``proofs`` and its validation, in the order in which they end.

    ``at_once`` are under way at a time (two for each processor, if nothing is said), and no more are taken from
    ``proofs`` meanwhile. Leaving early ends those under way. Raises ``Unavailable`` without a sandbox.
    """
    most = at_once or 2 * (os.cpu_count() or 1)
    coming = enumerate(proofs)
    under_way: set[asyncio.Task[tuple[int, Validation]]] = set()

    async def one(place: int, proof: Proof) -> tuple[int, Validation]:
        return place, await validate(proof.recipe, proof.attachments, shelf=shelf)

    try:
        while True:
            while len(under_way) < most and (taken := next(coming, None)) is not None:
                under_way.add(asyncio.ensure_future(one(*taken)))
            if not under_way:
                return
            ended, under_way = await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
            for task in ended:
                yield task.result()
    finally:
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
