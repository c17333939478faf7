"""The corpus as proofs: every variant and decoy as a recipe with its attachments, and the truth about it."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from seatrial.clearinghouse.proofs.types import Oracle, OracleKind, Proof, Recipe, Request, Step, Target, TargetKind
from seatrial.kernel.digests import Digest, digest

from . import Variant, archive, benign, flaw, program, variants
from .claims import Claim, Decoy, claim, decoys

INPUT = "input.bin"


@dataclass(frozen=True, slots=True)
class Case:
    """A proof, and whether it must be *reproduced*; ``flaw`` is the cause that it must be counted to."""

    id: str
    program: str
    flaw: str  # empty for a decoy
    proof: Proof

    @property
    def true(self) -> bool:
        return bool(self.flaw)


def recipes() -> Iterator[Case]:
    """All variants, then all decoys; programs and flaws in the catalogue's order."""
    for variant in variants():
        yield of_variant(variant)
    for decoy in decoys():
        yield of_decoy(decoy)


def of_variant(variant: Variant, *, repeats: int = 3) -> Case:
    """A true report, about the program as shipped."""
    proof = prove(variant.program, claim(flaw(variant.flaw)), variant.data, repeats=repeats)
    return Case(variant.id, variant.program, variant.flaw, proof)


def of_decoy(decoy: Decoy, *, repeats: int = 3) -> Case:
    """A report that does not hold."""
    proof = prove(
        decoy.program,
        decoy.claim,
        decoy.data,
        mended=decoy.mended,
        argv=decoy.argv,
        files=decoy.files,
        seconds=decoy.seconds,
        repeats=repeats,
    )
    return Case(decoy.id, decoy.program, "", proof)


def ordinary(name: str) -> tuple[Proof, ...]:
    """The benign inputs of a program as recipes, for what a patch must leave as it was."""
    silent = Claim("output", contains="no program says these words")
    return tuple(prove(name, silent, data, argv=(*program(name).run, INPUT)) for data in benign(name))


def prove(
    name: str,
    claimed: Claim,
    data: bytes,
    *,
    mended: bool = False,
    argv: tuple[str, ...] = (),
    files: Mapping[str, bytes] | None = None,
    seconds: float = 20.0,
    repeats: int = 3,
) -> Proof:
    """The recipe of a claim about the shipped (or repaired) program, with all that it names by digest."""
    one = program(name)
    target, packed = _target(name, mended)
    laid = {INPUT: data, **(files or {})}
    attachments: dict[Digest, bytes] = {target.digest: packed}
    oracle = Oracle(
        OracleKind(claimed.kind),
        tool=claimed.tool,
        crash=claimed.crash,
        status=claimed.status,
        contains=claimed.contains,
        path=claimed.path,
    )
    asked = _requests(data) if one.service and not argv else ()
    if not asked:
        attachments |= {digest(content): content for content in laid.values()}
    recipe = Recipe(
        target=target,
        oracle=oracle,
        reproduce=None if asked else Step(argv or (*one.run, INPUT)),
        build=tuple(Step(step) for step in one.build),
        tests=tuple(Step(step) for step in one.tests),
        files={} if asked else {path: digest(content) for path, content in laid.items()},
        service=Step(one.service) if asked else None,
        port=one.port if asked else 0,
        requests=asked,
        repeats=repeats,
        seconds=seconds,
    )
    return Proof(recipe, attachments)


@functools.cache
def _target(name: str, mended: bool) -> tuple[Target, bytes]:
    packed = archive(name, () if mended else None)
    return Target(TargetKind.SOURCE, digest(packed), name=name), packed


def _requests(data: bytes) -> tuple[Request, ...]:
    return tuple(
        Request(
            method=asked["method"],
            path=asked["path"],
            headers=asked.get("headers", {}),
            body=asked.get("body", "").encode(),
        )
        for asked in json.loads(data)
    )
