"""Checking a candidate patch: it is applied to a copy of the files, built beside the target, and asked questions.

Nothing is applied anywhere else. Tests and builds are the target's own: where a patch touches the target's tests, the
tests run as they were. ``core.patches`` says what each answer means.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from seatrial.clearinghouse.proofs.core import archive, suspicion
from seatrial.clearinghouse.proofs.core.diff import Patched, apply
from seatrial.clearinghouse.proofs.core.mutating import inputs, near
from seatrial.clearinghouse.proofs.core.oracles import Judged, Seen, judge
from seatrial.clearinghouse.proofs.core.patches import verdict_of
from seatrial.clearinghouse.proofs.core.planting import Plant
from seatrial.clearinghouse.proofs.core.recipe import digest_of_recipe
from seatrial.clearinghouse.proofs.core.speaking import in_work
from seatrial.clearinghouse.proofs.types import (
    Check,
    CrashFacts,
    Oracle,
    OracleKind,
    PatchCheck,
    Proof,
    Recipe,
    TargetKind,
    Verdict,
)
from seatrial.kernel.digests import Digest, digest
from seatrial.kernel.errors import Misuse
from seatrial.sandbox.api import Sandbox, explain
from seatrial.sandbox.types import Command, Tree

from .building import LIMITS
from .environment import environment_digest
from .shelf import Shelf
from .validating import Ready, Stopped, named, ready, shown

TRIED = 96  # inputs near the reproducer that are tried
HELD_OUT = 32  # of those that show the flaw without the patch, how many it must stop
ORDINARY = 6  # of those that do no harm, how many are compared
_AT_ONCE = 4
_DEEP = 4  # frames by which crashes are told apart
_C = (".c", ".h", ".cc", ".cpp", ".cxx", ".hpp", ".inc")
_RUNTIMES = (b"__asan_init", b"__asan_report_", b"__ubsan_handle_", b"__msan_init", b"__tsan_init")


@dataclass(slots=True)
class _Asked:
    """What is known while a patch is asked."""

    shelf: Shelf
    proof: Proof
    before: archive.Files
    patched: Patched
    plain: Ready  # without the patch
    fixed: Ready  # with it
    checks: list[Check] = field(default_factory=list)
    works: list[str] = field(default_factory=list)  # what shows that the target still does what it did
    says: bool = False  # whether the target prints something where all is well
    quiet: bool = False  # whether the patched one ends the reproducer well, and prints nothing

    def note(self, name: str, passed: bool | None, why: str) -> bool | None:
        self.checks.append(Check(name, passed, why))
        return passed


async def check_patch(
    proof: Proof,
    patch: bytes,
    *,
    shelf: Shelf,
    variants: Sequence[Proof] = (),
    others: Sequence[Proof] = (),
    benign: Sequence[Proof] = (),
) -> PatchCheck:
    """What ``patch`` does to ``proof``. Raises ``Unavailable`` without a sandbox, and nothing else.

    ``variants`` are held-out reproducers of the same flaw, ``benign`` are proofs whose runs show nothing and must go as
    before, ``others`` are the target's other proofs: which of them it stops says which flaws have one cause.
    """
    begun = time.monotonic()
    checks, stopped, untouched = await _checked(proof, patch, shelf, variants, others, benign)
    verdict, reason = verdict_of(checks)
    return PatchCheck(
        verdict=verdict,
        reason=reason,
        checks=tuple(checks),
        patch=digest(patch),
        recipe=digest_of_recipe(proof.recipe),
        environment=await environment_digest(),
        stopped=stopped,
        untouched=untouched,
        seconds=time.monotonic() - begun,
    )


Stops = tuple[list[Check], tuple[Digest, ...], tuple[Digest, ...]]


async def _checked(
    proof: Proof,
    patch: bytes,
    shelf: Shelf,
    variants: Sequence[Proof],
    others: Sequence[Proof],
    benign: Sequence[Proof],
) -> Stops:
    checks: list[Check] = []
    target = proof.recipe.target
    try:
        if target.kind is TargetKind.PREBUILT or target.digest not in proof.attachments:
            return [Check("builds", None, "There is no source here to which a patch could be applied.")], (), ()
        before = archive.files_of(proof.attachments[target.digest], target)
        patched = apply(before, patch)
    except Misuse as error:
        return [Check("applies", False, error.message)], (), ()
    checks.append(Check("applies", True, f"It changes {', '.join(sorted(patched.touched))[:200]}."))
    async with AsyncExitStack() as held:
        try:
            plain = await held.enter_async_context(ready(proof, shelf))
        except Stopped as stopped:
            return [*checks, Check("fires without it", None, stopped.reason)], (), ()
        try:
            fixed = await held.enter_async_context(ready(proof, shelf, files=patched.files))
        except Stopped as stopped:
            passed = None if stopped.verdict is Verdict.NEEDS_A_PERSON else False
            return [*checks, Check("builds", passed, f"With the patch: {stopped.reason}")], (), ()
        asked = _Asked(shelf, proof, before, patched, plain, fixed, checks)
        asked.note("builds", True, "It builds.")
        await _text(asked, before)
        if not await _proof(asked):
            return asked.checks, (), ()
        if await _variants(asked, variants) is not False:
            await _near(asked)
        await _benign(asked, benign)
        await _tests(asked, before)
        hidden = asked.says and asked.quiet
        said = "The patched program ends the reproducer as if all were well, and says nothing."
        asked.note("ends openly", not hidden, said if hidden else "It says what it does with the reproducer.")
        works = ", ".join(asked.works)
        asked.note(
            "something shows that it still works",
            bool(asked.works) or None,
            f"It still works: {works}." if works else "No test and no ordinary input shows that it still works.",
        )
        return asked.checks, *await _others(asked, others)


async def _text(asked: _Asked, before: archive.Files) -> None:
    recipe = asked.proof.recipe
    found = suspicion.suspicions(asked.patched, before, inputs(recipe, asked.proof.attachments))
    for path in sorted(path for path in asked.patched.touched if path.endswith(_C)):
        old = await _preprocessed(path, asked.plain) if path in before else b""
        found += suspicion.hidden(old, await _preprocessed(path, asked.fixed))
    found = tuple(dict.fromkeys(found))
    asked.note("text hides nothing", not found, f"The patch {'; it '.join(found) or 'hides nothing'}.")
    touched = suspicion.build_files(asked.patched)
    asked.note("build is left alone", not touched, f"It changes how the target is built: {', '.join(touched) or 'no'}.")
    gone = await asyncio.to_thread(_without_sanitizers, asked)
    asked.note("sanitizer at work", not gone, f"The patched build has {', '.join(gone) or 'the same sanitizers'}.")


def _without_sanitizers(asked: _Asked) -> list[str]:
    """The binaries that lost a sanitizer's runtime, and which."""
    gone = []
    for path in asked.plain.built.files:
        old = Path(asked.plain.built.tree.root, path).read_bytes()
        if old.startswith(b"\x7fELF"):
            there = path in asked.fixed.built.files
            new = Path(asked.fixed.built.tree.root, path).read_bytes() if there else b""
            gone += [f"{path} without {name.decode()}" for name in _RUNTIMES if name in old and name not in new]
    return gone


async def _preprocessed(path: str, found: Ready) -> bytes:
    """The file as the compiler sees it, so that a macro hides nothing; empty where it cannot be had."""
    words = [word for step in found.setting.recipe.build for word in step.argv]
    argv = ("gcc", "-E", "-P", "-I.", *(word for word in words if word.startswith("-I")), path)
    async with Sandbox.open(tree=found.setting.tree) as box:
        outcome = await box.run(Command(argv, limits=replace(LIMITS, output_bytes=4 * 1024**2)))
    return outcome.stdout if outcome.ok else b""


async def _proof(asked: _Asked) -> bool:
    """Whether it fires without the patch and is silent with it."""
    seen, judged = await shown(asked.plain)
    if not judged.fired:
        asked.note("fires without it", False, f"The proof does not fire without the patch: {judged.why}")
        return False
    asked.note("fires without it", True, judged.why)
    for _ in range(asked.proof.recipe.repeats):
        seen, judged = await shown(asked.fixed)
        if (said := _still(asked.proof.recipe, seen, judged)) is not None:
            asked.note("proof is silent", False, f"With the patch it still goes wrong: {said}")
            return False
        outcome = seen.outcome
        asked.quiet = outcome.status == 0 and not outcome.stdout and not outcome.stderr and not seen.answers
    asked.note("proof is silent", True, f"With the patch the proof is silent: {judged.why}")
    return True


async def _variants(asked: _Asked, variants: Sequence[Proof]) -> bool | None:
    """Held-out reproducers; one that does not fire without the patch says nothing."""
    good = 0
    for variant in variants:
        one = _as(asked.plain, variant)
        if one is None or not (await shown(one))[1].fired:
            continue
        seen, judged = await shown(_as(asked.fixed, variant) or one)
        if (said := _still(variant.recipe, seen, judged)) is not None:
            return asked.note("variants are silent", False, f"A variant that was held out still goes wrong: {said}")
        good += 1
    return asked.note("variants are silent", True if good else None, f"{good} variants that were held out are silent.")


async def _benign(asked: _Asked, benign: Sequence[Proof]) -> None:
    """Ordinary inputs, whose runs must go as before."""
    alike = 0
    for one in benign:
        plain = _as(asked.plain, one)
        if plain is None:
            continue
        seen, judged = await shown(plain)
        again, _ = await shown(plain)
        if judged.fired or _did(seen) != _did(again):
            continue
        asked.says = asked.says or bool(seen.outcome.stdout)
        now, _ = await shown(_as(asked.fixed, one) or plain)
        if _did(now) != _did(seen):
            said = f"An ordinary input goes otherwise than before: it {seen.ended}, and now {now.ended}."
            asked.note("ordinary inputs do as before", False, said)
            return
        alike += 1
    if alike:
        asked.works.append(f"{alike} ordinary inputs go as before")
        asked.note("ordinary inputs do as before", True, f"{alike} ordinary inputs go as before.")


async def _near(asked: _Asked) -> None:
    """Inputs near the reproducer: those that show the same flaw must be stopped, those that do no harm go on."""
    first = await named((await shown(asked.plain))[1], asked.plain.built, asked.shelf)
    mark = _mark(first)
    held_out = ordinary = same = 0
    candidates = near(asked.proof, TRIED)
    while (held_out < HELD_OUT or ordinary < ORDINARY) and (batch := list(islice(candidates, _AT_ONCE))):
        for variant, (seen, judged) in zip(batch, await _each(asked.plain, batch), strict=True):
            one = _as(asked.fixed, variant)
            if one is None:
                continue
            if judged.fired and held_out < HELD_OUT:
                crash = await named(judged, asked.plain.built, asked.shelf)
                if _mark(crash) != mark:
                    continue  # another flaw
                now, again = await shown(one)
                if await _same_again(asked, variant.recipe, now, again, first):
                    asked.note(
                        "near inputs are silent", False, f"An input near the reproducer still goes wrong: {again.why}"
                    )
                    return
                held_out += 1
            elif not judged.fired and ordinary < ORDINARY and seen.outcome.status == 0 and seen.outcome.stdout:
                now, _ = await shown(one)
                ordinary += 1
                same += _did(now) == _did(seen)
                asked.says = True
    asked.note(
        "near inputs are silent", True if held_out else None, f"{held_out} inputs near the reproducer are silent."
    )
    if ordinary >= 3 and same * 2 < ordinary:
        said = f"Of {ordinary} inputs near the reproducer that do no harm, {ordinary - same} go otherwise than before."
        asked.note("ordinary inputs do as before", False, said)
    elif same >= 3:
        asked.works.append(f"{same} inputs near the reproducer that do no harm go as before")


async def _same_again(asked: _Asked, recipe: Recipe, seen: Seen, judged: Judged, first: CrashFacts | None) -> bool:
    """Whether what goes wrong with the patch is the ``first`` flaw, or lies in lines that the patch added."""
    said = judged if judged.crash is not None or judged.fired else _relaxed(recipe, seen, judged)
    if not said.fired and said.crash is None:
        return False
    crash = await named(said, asked.fixed.built, asked.shelf)
    if crash is None or first is None:
        return judged.fired
    if crash.kind == first.kind and _functions(crash) == _functions(first):
        return _lines(crash, asked.patched.files) == _lines(first, asked.before)
    added = {path.rsplit("/", 1)[-1]: {number for number, _ in put} for path, put in asked.patched.added.items()}
    return any(frame.line in added.get(frame.file.rsplit("/", 1)[-1], ()) for frame in crash.frames[:2])


async def _tests(asked: _Asked, before: archive.Files) -> None:
    """The target's own tests, as they were before the patch."""
    recipe = asked.proof.recipe
    if not recipe.tests:
        return
    told = {in_work(word) for step in recipe.tests for word in step.argv}
    files = dict(asked.patched.files)
    for path in asked.patched.touched:
        named_by_tests = path in told and not _is_tested(asked, path)
        if path in before and (named_by_tests or suspicion.TEST_FILES.search(path)):
            files[path] = before[path]
    try:
        if (said := await _failing(recipe, asked.plain.setting.tree)) is not None:
            asked.note("tests pass", None, f"The target's own tests fail without the patch: {said}")
            return
        if files == asked.patched.files:
            said = await _failing(recipe, asked.fixed.setting.tree)
        else:
            async with ready(asked.proof, asked.shelf, files=files) as tested:
                said = await _failing(recipe, tested.setting.tree)
    except Stopped as stopped:
        said = stopped.reason
    asked.note("tests pass", said is None, f"The target's own tests {'pass' if said is None else f'fail: {said}'}.")
    if said is None:
        asked.works.append("its own tests pass")


def _is_tested(asked: _Asked, path: str) -> bool:
    """Whether a file that a test step names is the program under test: what the reproducer runs."""
    step = asked.proof.recipe.reproduce or asked.proof.recipe.service
    return step is not None and path in {in_work(word) for word in step.argv}


async def _failing(recipe: Recipe, tree: Tree) -> str | None:
    async with Sandbox.open(tree=tree) as box:
        for step in recipe.tests:
            outcome = await box.run(Command(step.argv, env=step.env, limits=LIMITS))
            if not outcome.ok:
                return f"{step.argv[0][:60]} {explain(outcome, LIMITS)}"
    return None


async def _others(asked: _Asked, others: Sequence[Proof]) -> tuple[tuple[Digest, ...], tuple[Digest, ...]]:
    """Of the target's other proofs that fire without the patch: those it stops, those it does not."""
    stopped: list[Digest] = []
    untouched: list[Digest] = []
    for other in others:
        recipe = other.recipe
        if (recipe.target.digest, recipe.target.top) != (
            asked.proof.recipe.target.digest,
            asked.proof.recipe.target.top,
        ):
            continue
        try:
            async with (
                ready(other, asked.shelf) as plain,
                ready(other, asked.shelf, files=asked.patched.files) as fixed,
            ):
                if not (await shown(plain))[1].fired:
                    continue
                fires = [(await shown(fixed))[1].fired for _ in range(min(2, recipe.repeats))]
        except Stopped:
            continue
        (untouched if any(fires) else stopped).append(digest_of_recipe(recipe))
    return tuple(stopped), tuple(untouched)


async def _each(found: Ready, proofs: Sequence[Proof]) -> list[tuple[Seen, Judged]]:
    ready_ones = [_as(found, proof) for proof in proofs]
    return await asyncio.gather(*(shown(one if one is not None else found) for one in ready_ones))


def _as(found: Ready, proof: Proof) -> Ready | None:
    """``found`` with the inputs and steps of ``proof``; None if its files are not here."""
    recipe, attachments = proof.recipe, proof.attachments
    try:
        files = {path: attachments[named] for path, named in recipe.files.items()}
        stdin = b"" if recipe.stdin is None else attachments[recipe.stdin]
    except KeyError:
        return None
    return replace(found, setting=replace(found.setting, recipe=recipe, files=files, stdin=stdin))


def _did(seen: Seen) -> object:
    answers = tuple((answer.status, answer.body) for answer in seen.answers)
    return answers or (seen.outcome.status, seen.outcome.stdout)


def _mark(crash: CrashFacts | None) -> object:
    """What tells crashes of one build apart: the kind, and the innermost frames with their lines."""
    if crash is None:
        return None
    return crash.kind, [(frame.function or frame.offset, frame.line) for frame in crash.frames[:_DEEP]]


def _functions(crash: CrashFacts) -> list[str]:
    return [frame.function for frame in crash.frames[:_DEEP]]


def _lines(crash: CrashFacts, files: archive.Files) -> list[bytes]:
    """What stands at the two innermost frames, which a patch elsewhere in the file leaves, but moves."""
    found = []
    for frame in crash.frames[:2]:
        name = frame.file.rsplit("/", 1)[-1]
        texts = [file.data.splitlines() for path, file in files.items() if path.rsplit("/", 1)[-1] == name]
        at = (frame.line or 0) - 1
        found.append(next((text[at].strip() for text in texts if 0 <= at < len(text)), b""))
    return found


def _still(recipe: Recipe, seen: Seen, judged: Judged) -> str | None:
    """What still goes wrong in a run that must be silent, one sentence; None if nothing does."""
    if judged.fired:
        return judged.why
    outcome = seen.outcome
    if outcome.timed_out or outcome.out_of_memory or outcome.out_of_disk:
        return f"It now {seen.ended}."
    if outcome.status < 0:
        return f"It now {seen.ended}."
    relaxed = _relaxed(recipe, seen, judged)
    return relaxed.why if relaxed.fired else None


def _relaxed(recipe: Recipe, seen: Seen, judged: Judged) -> Judged:
    """The same run, with any report at all taken for one."""
    if recipe.oracle.kind is not OracleKind.SANITIZER or not seen.report:
        return judged
    return judge(Oracle(OracleKind.SANITIZER), seen, Plant("0" * 32), None)
