"""A validation as a document that anybody can have made again: JSON ``seatrial-transcript/1``. Pure.

It holds the recipe as written, the digests of all that it names, the environment with its digest, every run, and the
verdict. Files are not in it: they are named by digest and handed over beside it. What a second making may differ in is
what the runs printed (addresses, times, the tokens of their plants); what it must not differ in is the verdict.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from seatrial.clearinghouse.proofs.types import Recipe, Validation, Verdict
from seatrial.kernel.canonical import plain
from seatrial.kernel.digests import Digest, digest_of
from seatrial.kernel.errors import Misuse

from .recipe import digest_of_recipe, needed, parse, written

FORMAT = "seatrial-transcript/1"


@dataclass(frozen=True, slots=True)
class Replay:
    """A validation made again, beside what the transcript says."""

    same: bool  # the verdict is the same
    was: Verdict
    now: Validation
    differs: tuple[str, ...]  # what the environments differ in, one clause each


def transcript(validation: Validation, *, recipe: Recipe, environment: Mapping[str, Any]) -> dict[str, Any]:
    """The document. Raises ``Misuse`` (``other-recipe``, ``other-environment``) for what the validation is not of."""
    if digest_of_recipe(recipe) != validation.recipe:
        raise Misuse("other-recipe", "This recipe is not the one that was validated.")
    if digest_of(environment) != validation.environment:
        raise Misuse("other-environment", "This environment is not the one in which the proof was validated.")
    return {
        "format": FORMAT,
        "verdict": validation.verdict.value,
        "reason": validation.reason,
        "fired": validation.fired,
        "recipe": written(recipe),
        "recipe_digest": str(validation.recipe),
        "needs": [str(named) for named in needed(recipe)],
        "environment": plain(environment),
        "environment_digest": str(validation.environment),
        "crash": None if validation.crash is None else plain(validation.crash),
        "built": validation.built,
        "runs": [
            {
                "fired": run.fired,
                "why": run.why,
                "status": run.status,
                "seconds": round(run.seconds, 4),
                "truncated": run.truncated,
                "stdout": _shown(run.stdout),
                "stderr": _shown(run.stderr),
            }
            for run in validation.runs
        ],
        "seconds": round(validation.seconds, 4),
    }


def read(document: Mapping[str, Any]) -> tuple[Recipe, Verdict, Mapping[str, Any]]:
    """The recipe of a transcript, its verdict and its environment. Raises ``Misuse`` (``bad-transcript``)."""
    if document.get("format") != FORMAT:
        raise Misuse("bad-transcript", f"This is no transcript that is read here; its format is not {FORMAT}.")
    recipe, _ = parse(document.get("recipe") or {})
    environment = document.get("environment")
    try:
        verdict = Verdict(str(document.get("verdict")))
    except ValueError as error:
        raise Misuse("bad-transcript", "The transcript tells no verdict.") from error
    if digest_of_recipe(recipe) != document.get("recipe_digest"):
        raise Misuse("bad-transcript", "The recipe in the transcript is not the one that it names.")
    if not isinstance(environment, Mapping) or digest_of(environment) != document.get("environment_digest"):
        raise Misuse("bad-transcript", "The environment in the transcript is not the one that it names.")
    return recipe, verdict, environment


def differences(was: Mapping[str, Any], now: Mapping[str, Any], at: Sequence[str] = ()) -> tuple[str, ...]:
    """What two environments differ in, each a clause: ``tools gcc: 12.2 was, 13.1 is``."""
    found: list[str] = []
    for name in sorted({*was, *now}):
        old, new = was.get(name), now.get(name)
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            found += differences(old, new, (*at, name))
        elif old != new:
            found.append(f"{' '.join((*at, name))}: {_said(old)} was, {_said(new)} is")
    return tuple(found)


def digest_of_transcript(document: Mapping[str, Any]) -> Digest:
    """SHA-256 of its canonical JSON."""
    return digest_of(document)


def _said(value: object) -> str:
    return "nothing" if value is None else str(value)[:120]


def _shown(data: bytes) -> dict[str, str]:
    """Text where it is text, else base64."""
    try:
        return {"text": data.decode("utf-8")}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(data).decode()}
