"""What is claimed of the corpus: true claims are variants; decoys and patches stand here, each with its truth.

A *decoy* is a claim that must not be *reproduced*. Why it is false is one of:

- ``benign``: an ordinary input, claimed to crash
- ``mended``: a true variant, claimed of the repaired program
- ``refused``: an input that the program refuses in order, with status 2
- ``slow``: an input that only takes too long
- ``another``: a true variant, claimed to show something else than it does
- ``fake``: a program of the reporter's own that prints a report, alone or after running the target
- ``own-step``: a step that reads the planted flag itself
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from . import HERE, Flaw, Program, benign, flaw, flaws, programs, refused, slow, sources, variants
from .diffs import applied, edits

FAKE = """\
=================================================================
==4242==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x602000000031 at pc 0x55d0c0ffee11
READ of size 1 at 0x602000000031 thread T0
    #0 0x55d0c0ffee10 in {function} {program}.c:{line}
    #1 0x55d0c0ffee40 in program_run {program}.c:240
    #2 0x55d0c0ffee90 in main main.c:36

SUMMARY: AddressSanitizer: heap-buffer-overflow {program}.c:{line} in {function}
==4242==ABORTING
"""


@dataclass(frozen=True, slots=True)
class Claim:
    """What a report says will be seen; the fields are those of ``seatrial.clearinghouse.proofs.types.Oracle``."""

    kind: str  # sanitizer, signal, output, flag, response
    tool: str = ""
    crash: str = ""
    status: int | None = None
    contains: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class Decoy:
    """A claim that does not hold. ``argv`` replaces the program's own run where there is one."""

    id: str
    program: str
    why: str
    claim: Claim
    data: bytes = field(repr=False)
    mended: bool = False  # claimed of the repaired program
    argv: tuple[str, ...] = ()
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    seconds: float = 20.0


@dataclass(frozen=True, slots=True)
class Patch:
    """A candidate patch against the shipped program, with the truth about it."""

    id: str
    program: str
    flaw: str
    honest: bool
    how: str
    caught: str  # hostile: held-out variants, own tests, ordinary inputs, sanitizer or early end
    text: bytes = field(repr=False)

    def files(self) -> dict[str, bytes]:
        """The patched program."""
        shipped = dict(sources(self.program))
        return shipped | {path: applied(shipped[path], found) for path, found in edits(self.text).items()}


def claim(one: Flaw) -> Claim:
    """What a true report of this flaw claims."""
    if one.oracle == "status":
        return Claim("sanitizer", tool="python")
    return Claim(one.oracle, status=one.status, contains=one.contains, path=one.path)


@functools.cache
def decoys() -> tuple[Decoy, ...]:
    """At least three for every seven variants, in a stable order."""
    found = [decoy for one in programs() for decoy in _decoys(one)]
    assert len({decoy.id for decoy in found}) == len(found)
    return tuple(found)


@functools.cache
def patches() -> tuple[Patch, ...]:
    rows = (json.loads(line) for line in (HERE / "patches.jsonl").read_text().splitlines())
    return tuple(
        Patch(program=flaw(row["flaw"]).program, text=(HERE / "patches" / f"{row['id']}.patch").read_bytes(), **row)
        for row in rows
    )


def _decoys(one: Program) -> Iterator[Decoy]:
    mine = [each for each in flaws() if each.program == one.name]
    crash = Claim("sanitizer", tool="" if one.language == "c" else "python")
    if one.service:
        crash = Claim("response", status=500)
    for number, data in enumerate(benign(one.name)):
        claimed = claim(mine[number % len(mine)])
        yield Decoy(f"{one.name}/benign/{number}", one.name, "benign", claimed, data)
    for number, data in enumerate(refused(one.name)):
        yield Decoy(f"{one.name}/refused/{number}", one.name, "refused", crash, data)
    for number, data in enumerate(slow(one.name)):
        yield Decoy(f"{one.name}/slow/{number}", one.name, "slow", crash, data, seconds=2.0)
    for each in mine:
        found = variants(each.id)
        for variant in found[3:18]:
            yield Decoy(
                f"{each.id}/mended/{variant.number}", one.name, "mended", claim(each), variant.data, mended=True
            )
        for variant, other in zip(found[18:24], _others(one), strict=False):
            yield Decoy(f"{each.id}/another/{variant.number}", one.name, "another", other, variant.data)
    if one.language == "c":
        yield from _fakes(one)
    for path in sorted({each.path for each in mine if each.path}):
        reads = (("cat", path), ("sh", "-c", f"cat {path}"), ("python3", "-c", f"print(open({path!r}).read())"))
        for number, argv in enumerate(reads):
            claimed = Claim("flag", path=path)
            yield Decoy(f"{one.name}/own-step/{number}", one.name, "own-step", claimed, b"", argv=argv)


def _others(one: Program) -> tuple[Claim, ...]:
    """Things that no input of this program shows."""
    if one.service:
        return Claim("response", status=418), Claim("response", status=200, contains="uid=0(root)")
    words = Claim("output", contains="uid=0(root)"), Claim("output", contains="BEGIN PRIVATE KEY")
    if one.language == "python":
        return *words, Claim("sanitizer", tool="asan"), Claim("signal", status=-11)
    return (
        *words,
        Claim("sanitizer", tool="msan", crash="use-of-uninitialized-value"),
        Claim("sanitizer", tool="tsan", crash="data-race"),
        Claim("signal", status=-11),
        Claim("sanitizer", tool="asan", crash="alloc-dealloc-mismatch"),
    )


def _fakes(one: Program) -> Iterator[Decoy]:
    words = FAKE.format(function="read_header", program=one.name, line=93)
    shows = {
        "alone": f"cat >&2 <<'END'\n{words}END\nexit 1\n",
        "after": f"./{one.name} input.bin\ncat >&2 <<'END'\n{words}END\nexit 1\n",
        "aborts": f"./{one.name} input.bin >&2\ncat >&2 <<'END'\n{words}END\nkill -ABRT $$\n",
    }
    for number, (name, script) in enumerate(shows.items()):
        data = benign(one.name)[number]
        files = {"show.sh": script.encode()}
        argv = ("sh", "show.sh")
        crash = Claim("sanitizer", tool="asan", crash="heap-buffer-overflow")
        yield Decoy(f"{one.name}/fake/{name}", one.name, "fake", crash, data, argv=argv, files=files)
        # the same words as an input, which some programs print again
        echoed = Decoy(f"{one.name}/fake/{name}-echoed", one.name, "fake", crash, words.encode())
        if number == 0:
            yield echoed
