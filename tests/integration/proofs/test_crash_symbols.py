"""A real program, built and crashed twice: with names in the run, and named afterwards by addr2line."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from seatrial.clearinghouse.proofs.core.crash import Place, facts_of, symbolised, unnamed
from seatrial.clearinghouse.proofs.types import CrashFacts

SOURCE = Path(__file__).parents[2] / "unit" / "proofs" / "reports" / "sources" / "prog.c"
pytestmark = [
    pytest.mark.compiler,
    pytest.mark.skipif(not (shutil.which("gcc") and shutil.which("addr2line")), reason="needs gcc and addr2line"),
]


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("crash") / "prog"
    line = ["gcc", "-g", "-O1", "-w", "-fsanitize=address", "-o", str(out), str(SOURCE)]
    subprocess.run(line, check=True, capture_output=True)
    return out


def crash(program: Path, how: str, *, named: bool) -> CrashFacts:
    options = f"symbolize={int(named)}:handle_abort=1"
    done = subprocess.run([program, how], capture_output=True, env=os.environ | {"ASAN_OPTIONS": options}, check=False)
    facts = facts_of(done.stdout, done.stderr, done.returncode)
    assert facts is not None
    return facts


def places(module: str, offsets: list[int]) -> dict[tuple[str, int], list[Place]]:
    found: dict[tuple[str, int], list[Place]] = {}
    for offset in offsets:
        said = subprocess.run(["addr2line", "-ifCe", module, hex(offset)], capture_output=True, text=True, check=True)
        lines = said.stdout.splitlines()
        pairs = zip(lines[::2], lines[1::2], strict=True)
        found[(module, offset)] = [
            (function, path, int(number.split()[0]) if number.split()[0].isdigit() else None)
            for function, (path, _, number) in ((name, place.rpartition(":")) for name, place in pairs)
        ]
    return found


@pytest.mark.parametrize(
    "how", ["heap-read", "heap-write", "stack-write", "uaf", "null-read", "fpe", "deep", "double-free"]
)
def test_naming_afterwards_gives_the_same_facts(program: Path, how: str) -> None:
    named, raw = crash(program, how, named=True), crash(program, how, named=False)
    wanted = [(module, offset) for module, offset in unnamed(raw) if Path(module) == program]
    assert wanted, "the run named its frames itself"
    done = symbolised(raw, places(str(program), [offset for _, offset in wanted]))
    assert (done.tool, done.kind, done.access, done.size) == (named.tool, named.kind, named.access, named.size)
    assert done.frames[:40] == named.frames[:40]
