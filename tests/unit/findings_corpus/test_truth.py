"""The corpus tells the truth: built by gcc and run in plain subprocesses, each flaw shows itself, alone."""

from __future__ import annotations

import random
import shutil
import subprocess

import pytest
from benchmarks.findings_parts import corpus
from benchmarks.findings_parts.corpus import claims
from benchmarks.findings_parts.corpus.truth import QUIET, Bench, run

SAMPLE = 4
NAMES = [one.name for one in corpus.programs()]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.compiler,
    pytest.mark.skipif(not (shutil.which("gcc") and shutil.which("make")), reason="no C compiler"),
]


@pytest.fixture(scope="module")
def bench() -> Bench:
    return Bench()


@pytest.mark.parametrize("flaw", corpus.flaws(), ids=lambda flaw: flaw.id)
def test_variants_show_their_flaw_and_no_other(flaw: corpus.Flaw, bench: Bench) -> None:
    found = corpus.variants(flaw.id)
    for variant in (found[0], *random.Random(flaw.id).sample(found[1:], SAMPLE)):
        assert bench.shows_alone(flaw, variant.data), variant.id


@pytest.mark.parametrize("name", NAMES)
def test_benign_inputs_are_treated_alike_by_the_shipped_and_the_repaired_program(name: str, bench: Bench) -> None:
    for data in corpus.benign(name)[:8]:
        repaired, shipped = run(bench.fixed(name), data), run(bench.shipped(name), data)
        assert repaired == shipped
        assert not repaired.crashed


@pytest.mark.parametrize("name", NAMES)
def test_a_programs_own_tests_pass_with_its_flaws_and_without(name: str, bench: Bench) -> None:
    for trial in (bench.shipped(name), bench.fixed(name)):
        for argv in trial.program.tests:
            done = subprocess.run(argv, cwd=trial.folder, env=QUIET, capture_output=True, check=False)
            assert done.returncode == 0, done.stdout.decode()


@pytest.mark.parametrize("name", NAMES)
def test_decoys_show_nothing(name: str, bench: Bench) -> None:
    mine = [decoy for decoy in claims.decoys() if decoy.program == name]
    for why in ("benign", "refused", "mended"):
        some = [decoy for decoy in mine if decoy.why == why]
        for decoy in some[:: max(1, len(some) // 6)]:
            outcome = run(bench.fixed(name) if decoy.mended else bench.shipped(name), decoy.data)
            assert not outcome.crashed, decoy.id
            assert decoy.claim.kind != "response" or b"500 " not in outcome.stdout, decoy.id
    for decoy in mine:
        if decoy.why == "slow":
            assert run(bench.fixed(name), decoy.data, seconds=decoy.seconds).status is None, decoy.id
