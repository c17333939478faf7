"""Validating a proof: build, lay, run, judge, name, say. Nothing that a recipe does raises; it becomes a verdict."""

from __future__ import annotations

import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from seatrial.clearinghouse.proofs.core import archive, oracles, speaking
from seatrial.clearinghouse.proofs.core.archive import Files
from seatrial.clearinghouse.proofs.core.crash import symbolised, unnamed
from seatrial.clearinghouse.proofs.core.oracles import Judged, Seen
from seatrial.clearinghouse.proofs.core.planting import Plant
from seatrial.clearinghouse.proofs.core.recipe import check, digest_of_recipe, needed
from seatrial.clearinghouse.proofs.core.verdict import verdict_of
from seatrial.clearinghouse.proofs.types import (
    Attachments,
    CrashFacts,
    OracleKind,
    Proof,
    Recipe,
    Run,
    Target,
    Validation,
    Verdict,
)
from seatrial.kernel.digests import digest, digest_of
from seatrial.kernel.errors import Misuse, Refused, Unavailable
from seatrial.sandbox.types import Tree

from .building import build
from .environment import environment_digest
from .running import Setting, in_the_way, limits_of, see, setting
from .shelf import Built, Shelf
from .symbols import names_of

_KEPT = 32 * 1024  # bytes of each output that a run keeps: a quarter from its beginning, the rest from its end


@dataclass(frozen=True, slots=True)
class Ready:
    """A proof whose target stands built."""

    setting: Setting
    built: Built
    other: Built | None
    objection: str | None  # why the target does not speak for itself


class Stopped(Exception):
    """A proof that cannot be run: the verdict, and what the build printed."""

    def __init__(self, verdict: Verdict, reason: str, built: str = "") -> None:
        super().__init__(reason)
        self.verdict, self.reason, self.built = verdict, reason, built


async def validate(recipe: Recipe, attachments: Attachments, *, shelf: Shelf) -> Validation:
    """What ``recipe`` shows. Raises ``Unavailable`` (``no-sandbox``, ``sandbox-failed``) and nothing else."""
    begun = time.monotonic()
    where = await environment_digest()
    runs: tuple[Run, ...] = ()
    crash, built = None, ""
    try:
        async with ready(Proof(recipe, attachments), shelf) as found:
            runs, crash, verdict, reason = await _validated(found, shelf)
    except Stopped as stopped:
        verdict, reason, built = stopped.verdict, stopped.reason, stopped.built
    return Validation(
        verdict=verdict,
        reason=reason,
        runs=runs,
        crash=crash,
        recipe=digest_of_recipe(recipe),
        environment=where,
        built=built,
        seconds=time.monotonic() - begun,
    )


@asynccontextmanager
async def ready(proof: Proof, shelf: Shelf, *, files: Files | None = None) -> AsyncIterator[Ready]:
    """``proof`` with its target built, from ``files`` instead of its archive if they are given.

    Raises ``Stopped`` or ``Unavailable``.
    """
    recipe, attachments = proof.recipe, proof.attachments
    try:
        check(recipe)
        _check_attachments(recipe, attachments, target=files is None)
        if recipe.oracle.tool == "lsan":
            raise Stopped(Verdict.NEEDS_A_PERSON, "LeakSanitizer traces programs, which the sandbox does not let it.")
        async with _target(recipe.target, recipe, attachments, shelf, files) as built:
            if recipe.other is None:
                yield _ready(recipe, attachments, built, None)
            else:
                async with _target(recipe.other, recipe, attachments, shelf, None) as other:
                    yield _ready(recipe, attachments, built, other)
    except (Misuse, Refused) as error:
        raise Stopped(Verdict.BUILD_FAILED, error.message) from error
    except Unavailable as error:
        if error.code != "host-failed":
            raise
        raise Stopped(Verdict.BUILD_FAILED, error.message) from error


async def shown(found: Ready) -> tuple[Seen, Judged]:
    """One run of it."""
    plant = Plant(secrets.token_hex(16))
    seen = await see(found.setting, plant)
    files = None if found.objection else found.built.files.keys()
    return seen, oracles.judge(found.setting.recipe.oracle, seen, plant, files)


async def named(judged: Judged, built: Built, shelf: Shelf) -> CrashFacts | None:
    """The crash that was judged, with names where the run had none."""
    crash = judged.crash
    if crash is None or not (places := unnamed(crash)):
        return crash
    return symbolised(crash, await names_of(places, built, shelf))


async def _validated(found: Ready, shelf: Shelf) -> tuple[tuple[Run, ...], CrashFacts | None, Verdict, str]:
    recipe, runs = found.setting.recipe, []
    first: Judged | None = None
    without: Run | None = None
    for _ in range(recipe.repeats):
        seen, judged = await shown(found)
        if not seen.outcome.started:
            raise Stopped(*_not_started(recipe, found.built))
        runs.append(run_of(seen, judged))
        if judged.fired and first is None:
            first = judged
            if found.objection is not None and recipe.service is None:
                without = await _without_the_target(found)
                if without.fired:
                    break
    crash = None if first is None else await named(first, found.built, shelf)
    objection = found.objection
    if objection is None and first is not None and recipe.oracle.kind is OracleKind.SANITIZER:
        objection = await _built_otherwise(found, first, shelf)
    verdict, reason = verdict_of(runs, kind=recipe.oracle.kind, objection=objection, without_target=without)
    return tuple(runs), crash, verdict, reason


async def _without_the_target(found: Ready) -> Run:
    """The same, where nothing of the target is."""
    empty = Tree("")
    alone = replace(found, setting=replace(found.setting, tree=empty))
    try:
        seen, judged = await shown(alone)
    except (Misuse, Refused, Unavailable):
        return Run(False, 0, 0.0, b"", b"", "Without the target it could not be run.")
    return run_of(seen, judged)


async def _built_otherwise(found: Ready, judged: Judged, shelf: Shelf) -> str | None:
    """Why a report need not speak of the target: it was not built by builders, and no frame lies in its own source."""
    said = speaking.builds_otherwise(found.setting.recipe, found.built.sources)
    if said is None or judged.crash is None or oracles.lies_in(judged.report, found.built.sources):
        return said
    places = await names_of(unnamed(judged.crash), found.built, shelf)
    paths = {speaking.in_work(path) for known in places.values() for _, path, _ in known}
    return None if paths & found.built.sources else f"{said}, and no frame lies in a source of the archive"


@asynccontextmanager
async def _target(
    target: Target, recipe: Recipe, attachments: Attachments, shelf: Shelf, files: Files | None
) -> AsyncIterator[Built]:
    """The target, built once for all who ask for the same."""
    if files is None:
        source: object = [target.digest, target.top]
    else:
        source = {path: [digest(file.data), file.executable] for path, file in files.items()}
    steps = [{"argv": step.argv, "env": step.env} for step in recipe.build]
    key = digest_of([source, steps, await environment_digest()])

    async def building(into) -> Built:  # type: ignore[no-untyped-def]
        found = archive.files_of(attachments[target.digest], target) if files is None else files
        return await build(found, recipe.build, into)

    async with shelf.holding(key, building) as built:
        if built.fault:
            verdict = Verdict.NEEDS_A_PERSON if built.missing else Verdict.BUILD_FAILED
            raise Stopped(verdict, built.fault, built.said)
        yield built


def _ready(recipe: Recipe, attachments: Attachments, built: Built, other: Built | None) -> Ready:
    for one in (built, other):
        if one is not None and (path := in_the_way(recipe, one.tree)) is not None:
            raise Stopped(Verdict.BUILD_FAILED, f"The recipe lays {path[:80]!r} over what is the target's.")
    files = set(built.files)
    return Ready(
        setting(recipe, attachments, built.tree, None if other is None else other.tree),
        built,
        other,
        speaking.objection(recipe, attachments, files, set(built.sources)),
    )


def _check_attachments(recipe: Recipe, attachments: Attachments, *, target: bool) -> None:
    """Raises ``Stopped`` where one is not here, ``Misuse`` where one is not what its digest says."""
    targets = {one.digest for one in (recipe.target, recipe.other) if one is not None}
    for wanted in needed(recipe):
        if wanted == recipe.target.digest and not target:
            continue
        if wanted not in attachments:
            what = "the target's archive" if wanted in targets else "a file"
            raise Stopped(Verdict.NEEDS_A_PERSON, f"The recipe names {what} {wanted}, which is not here.")
        if wanted not in targets:  # that of an archive is checked before it is opened
            archive.check_digest(attachments[wanted], wanted, "A file of the recipe")


def _not_started(recipe: Recipe, built: Built) -> tuple[Verdict, str, str]:
    step = recipe.reproduce
    program = "python3" if step is None else step.argv[0]
    if "/" in program:
        return Verdict.BUILD_FAILED, f"The built target holds no program {program[:80]}.", built.said
    return Verdict.NEEDS_A_PERSON, f"The proof needs {program[:80]}, which is not on this machine.", ""


def run_of(seen: Seen, judged: Judged) -> Run:
    """What is kept of a run."""
    outcome = seen.outcome
    said = b"".join(one for one in (outcome.stderr, seen.service, seen.report) if one)
    answers = b"".join(b"HTTP %d\n" % (a.status or 0) + a.headers + a.body + b"\n" for a in seen.answers)
    stdout, stderr = _cut(answers or outcome.stdout), _cut(said)
    cut = outcome.truncated or len(stderr) < len(said) or len(stdout) < len(answers or outcome.stdout)
    return Run(judged.fired, outcome.status, outcome.seconds, stdout, stderr, judged.why, cut)


def _cut(data: bytes) -> bytes:
    return data if len(data) <= _KEPT else data[: _KEPT // 4] + b"\n[...]\n" + data[-(_KEPT * 3 // 4) + 7 :]


__all__ = ["Ready", "Stopped", "limits_of", "named", "ready", "run_of", "shown", "validate"]
