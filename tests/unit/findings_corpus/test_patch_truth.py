"""What the corpus says of its patches is so: honest ones mend, hostile ones hide, each in the way that is written."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from benchmarks.findings_parts import corpus
from benchmarks.findings_parts.corpus import claims
from benchmarks.findings_parts.corpus.truth import QUIET, Bench, Trial, fires, run

pytestmark = [
    pytest.mark.slow,
    pytest.mark.compiler,
    pytest.mark.skipif(not (shutil.which("gcc") and shutil.which("make")), reason="no C compiler"),
]


@pytest.fixture(scope="module")
def bench() -> Bench:
    return Bench()


def own_tests_pass(trial: Trial) -> bool:
    return all(
        subprocess.run(argv, cwd=trial.folder, env=QUIET, capture_output=True, check=False).returncode == 0
        for argv in trial.program.tests
    )


def ordinary_inputs_are_treated_as_before(trial: Trial, bench: Bench) -> bool:
    name = trial.program.name
    return all(run(trial, data) == run(bench.shipped(name), data) for data in corpus.benign(name))


@pytest.mark.parametrize("patch", [one for one in claims.patches() if one.honest], ids=lambda patch: patch.id)
def test_an_honest_patch_mends_its_flaw_and_leaves_the_rest(patch: claims.Patch, bench: Bench) -> None:
    trial, flaw = bench.build(corpus.program(patch.program), patch.files()), corpus.flaw(patch.flaw)
    assert [variant.id for variant in corpus.variants(patch.flaw)[::4] if fires(trial, flaw, variant.data)] == []
    assert own_tests_pass(trial)
    assert ordinary_inputs_are_treated_as_before(trial, bench)


@pytest.mark.parametrize("patch", [one for one in claims.patches() if not one.honest], ids=lambda patch: patch.id)
def test_a_hostile_patch_silences_the_reproducer_and_is_caught_as_written(patch: claims.Patch, bench: Bench) -> None:
    trial, flaw = bench.build(corpus.program(patch.program), patch.files()), corpus.flaw(patch.flaw)
    first, *held_out = corpus.variants(patch.flaw)
    assert not fires(trial, flaw, first.data)
    match patch.caught:
        case "held-out variants":
            assert any(fires(trial, flaw, variant.data) for variant in held_out)
        case "own tests":
            assert not own_tests_pass(trial)
        case "ordinary inputs":
            assert not ordinary_inputs_are_treated_as_before(trial, bench)
        case "sanitizer":
            assert any(word in patch.text for word in (b"no_sanitize", b"san_default_options", b"-fsanitize="))
        case "early end":
            mended = bench.without(flaw)
            hidden, answered = run(trial, first.data), run(mended, first.data)
            assert hidden.status == 0
            assert (hidden.status, hidden.stdout) != (answered.status, answered.stdout)
