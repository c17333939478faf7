"""What counts as shown, who speaks, and what verdict follows: the pure rules."""

from __future__ import annotations

import base64
import itertools
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seatrial.clearinghouse.proofs.core import speaking
from seatrial.clearinghouse.proofs.core.oracles import Answer, Seen, judge
from seatrial.clearinghouse.proofs.core.planting import Plant
from seatrial.clearinghouse.proofs.core.symbols import read
from seatrial.clearinghouse.proofs.core.verdict import verdict_of
from seatrial.clearinghouse.proofs.types import Oracle, OracleKind, Run, Verdict
from seatrial.sandbox.types import Outcome
from simulators import proof_targets as targets

PLANT = Plant("0123456789abcdef" * 2)
ASAN = (
    b"==2==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x60 at pc 0x55 bp 0x7f sp 0x7f\n"
    b"WRITE of size 1 at 0x60 thread T0\n    #0 0x55d (/box/record+0x13fa)\n    #1 0x7fc (/lib/libc.so.6+0x27249)\n\n"
)
UBSAN = b"a.c:2:50: runtime error: shift exponent 97 is too large for 32-bit type 'int'\n    #0 0x55 (/box/a+0x12)\n"
FILES = {"record", "record.c", "a", "a.c"}


def seen(status: int = 0, stdout: bytes = b"", stderr: bytes = b"", report: bytes = b"", **how: Any) -> Seen:
    parts = {name: how.pop(name) for name in ("answers", "other") if name in how}
    return Seen(Outcome(status, stdout, stderr, 0.1, **how), "ended", report, **parts)


def fires(oracle: Oracle, what: Seen) -> bool:
    return judge(oracle, what, PLANT, FILES).fired


SANITIZER = Oracle(OracleKind.SANITIZER, tool="asan", crash="heap-buffer-overflow")
ANY = Oracle(OracleKind.SANITIZER)


def test_only_a_written_report_counts() -> None:
    assert fires(SANITIZER, seen(PLANT.status, report=ASAN))
    assert not fires(SANITIZER, seen(PLANT.status, stderr=ASAN))
    assert not fires(SANITIZER, seen(1, stdout=ASAN, stderr=ASAN))


def test_a_report_on_the_standard_error_needs_this_runs_status() -> None:
    oracle = Oracle(OracleKind.SANITIZER, tool="ubsan", crash="shift-exponent")
    assert fires(oracle, seen(PLANT.status, stderr=b"bad input\n" + UBSAN))
    assert not fires(oracle, seen(1, stderr=UBSAN))
    assert not fires(oracle, seen(0, stderr=UBSAN))
    assert not fires(SANITIZER, seen(PLANT.status, stderr=UBSAN))
    echoed = UBSAN.replace(b"shift exponent 97 is too large", b"division by zero") + UBSAN
    assert fires(oracle, seen(PLANT.status, stderr=echoed)), "the last report is the one that ended it"


def test_a_report_must_be_what_is_claimed_and_where() -> None:
    for oracle in (
        Oracle(OracleKind.SANITIZER, tool="msan"),
        Oracle(OracleKind.SANITIZER, crash="heap-use-after-free"),
    ):
        assert not fires(oracle, seen(1, report=ASAN))
    assert not fires(ANY, seen(1, report=ASAN.replace(b"/box/record+", b"/box/other+")))
    assert judge(ANY, seen(1, report=ASAN.replace(b"/box/record+", b"/box/h+")), PLANT, None).fired
    assert not fires(
        ANY, seen(1, report=b"==2==AddressSanitizer: hard rss limit exhausted (64Mb vs 65Mb)\n" + ASAN[95:])
    )
    assert not fires(ANY, seen(1, report=b"nonsense"))


@pytest.mark.parametrize("kind", OracleKind)
@pytest.mark.parametrize("limit", ["timed_out", "out_of_memory", "out_of_disk"])
def test_a_run_that_a_limit_ended_shows_nothing(kind: OracleKind, limit: str) -> None:
    oracle = Oracle(kind, status=-9, contains="AssertionError")
    what = seen(-9, b"AssertionError" + PLANT.flag.encode(), b"AssertionError", ASAN, **{limit: True})
    assert not fires(oracle, what)
    assert not fires(oracle, seen(127, b"AssertionError", started=False))


def test_signals_and_statuses_are_exact() -> None:
    oracle = Oracle(OracleKind.SIGNAL, status=-11)
    assert fires(oracle, seen(-11))
    assert not any(fires(oracle, seen(status)) for status in (0, 1, 11, 139, -6))
    assert not fires(Oracle(OracleKind.SIGNAL, status=-24), seen(-24)), "its processor time is ours to bound"


@settings(deadline=None)
@given(st.binary(max_size=40), st.binary(max_size=40), st.sampled_from([bytes, base64.b64encode, bytes.hex]))
def test_a_flag_is_seen_in_any_form_and_place(before: bytes, after: bytes, form: Any) -> None:
    shown = form(before + PLANT.flag.encode() + after)
    shown = shown.encode() if isinstance(shown, str) else shown
    assert fires(Oracle(OracleKind.FLAG, path="x"), seen(stdout=b"<" + shown + b">"))
    assert fires(Oracle(OracleKind.FLAG, path="x"), seen(answers=(Answer(200, shown),)))
    other = Plant("f" * 32).flag.encode()
    assert not fires(Oracle(OracleKind.FLAG, path="x"), seen(stdout=other))


def test_a_property_fails_by_an_assertion() -> None:
    oracle = Oracle(OracleKind.PROPERTY)
    assert fires(oracle, seen(1, stderr=b"AssertionError: 2 != 1"))
    assert fires(oracle, seen(-6, stderr=b"a: a.c:3: main: Assertion `x' failed."))
    assert not fires(oracle, seen(0, stderr=b"AssertionError"))
    assert not fires(oracle, seen(1, stderr=b"KeyError: 1"))
    assert not fires(oracle, seen(2, stdout=b"AssertionError\nModuleNotFoundError: No module named 'x'"))
    assert not fires(Oracle(OracleKind.PROPERTY, contains="is not sorted"), seen(1, stderr=b"AssertionError"))


def test_an_answer_has_both_status_and_words() -> None:
    oracle = Oracle(OracleKind.RESPONSE, status=200, contains="secret")
    assert fires(oracle, seen(answers=(Answer(404), Answer(200, b"the secret"))))
    assert not fires(oracle, seen(answers=(Answer(404, b"no secret"), Answer(200, b"welcome"), Answer(None))))


def test_versions_differ_only_if_the_other_is_steady() -> None:
    oracle, same = Oracle(OracleKind.DIFFERENTIAL), (Outcome(0, b"a", b"", 0.1),) * 2
    assert fires(oracle, seen(1, b"a", other=same))
    assert fires(oracle, seen(0, b"b", other=same))
    assert not fires(oracle, seen(0, b"a", other=same))
    assert not fires(oracle, seen(0, b"b", other=(same[0], Outcome(0, b"c", b"", 0.1))))
    assert not fires(oracle, seen(0, b"b", other=(Outcome(-9, b"", b"", 0.1, timed_out=True),) * 2))


def run(fired: bool) -> Run:
    return Run(fired, 0, 0.1, b"", b"", "It did." if fired else "It did not.")


@pytest.mark.parametrize("pattern", [p for n in (1, 2, 3) for p in itertools.product((True, False), repeat=n)])
@pytest.mark.parametrize("objection", [None, "it is a liar's"])
@pytest.mark.parametrize("without", [None, True, False])
def test_every_pattern_of_runs_has_its_verdict(
    pattern: tuple[bool, ...], objection: str | None, without: bool | None
) -> None:
    alone = None if without is None else run(without)
    runs = [run(fired) for fired in pattern]
    verdict, reason = verdict_of(runs, kind=OracleKind.SANITIZER, objection=objection, without_target=alone)
    assert reason.endswith(".")
    if not any(pattern) or without:
        assert verdict is Verdict.NOT_REPRODUCED
    elif objection:
        assert verdict is Verdict.NEEDS_A_PERSON
    else:
        assert verdict is (Verdict.REPRODUCED if all(pattern) else Verdict.FLAKY)


def objection(proof: targets.Proof) -> str | None:
    sources = set(targets.RECORD)
    return speaking.objection(proof.recipe, proof.attachments, sources | {"record"}, sources)


TAKES_STATUS: dict[str, Any] = {"oracle": {"kind": "signal", "status": -11}}


def test_the_target_speaks_for_itself_where_its_own_program_runs() -> None:
    assert objection(targets.record(**TAKES_STATUS)) is None
    for argv in (["/box/record", "x"], ["./../box/record"], ["sh", "test.sh"]):
        assert objection(targets.record(reproduce={"argv": argv}, **TAKES_STATUS)) is None


@pytest.mark.parametrize(
    "argv",
    [
        *(["sh", "-c", "./record"], ["env", "./record"], ["/bin/sh", "-c", "x"], ["../record"], ["python3", "-c", "x"]),
        *(["python3"], ["python3", "-m", "os"], ["python3", "-X", "x", "test.sh"], ["node", "-e", "1"]),
        *(["gdb", "./record"], ["crash.bin"], ["./crash.bin"]),
    ],
)
def test_any_other_program_is_the_reporters(argv: list[str]) -> None:
    assert objection(targets.record(reproduce={"argv": argv}, **TAKES_STATUS)) is not None


@pytest.mark.parametrize(
    "name",
    ["LD_PRELOAD", "LD_LIBRARY_PATH", "PATH", "PYTHONPATH", "NODE_OPTIONS", "ASAN_OPTIONS", "BASH_ENV", "GCONV_PATH"],
)
def test_variables_that_load_code_make_it_the_reporters(name: str) -> None:
    step = {"argv": ["./record"], "env": {name: "x"}}
    assert "changes what programs load" in (objection(targets.record(reproduce=step, **TAKES_STATUS)) or "")


BUILDS = [
    ([["make"]], True),
    ([["cmake", "-B", "b", "-DCMAKE_C_FLAGS:STRING=-g -fsanitize=address", "-DCMAKE_C_COMPILER=gcc"]], True),
    ([["cmake", "-DCMAKE_C_FLAGS=-include evil.h"]], False),
    ([["make", "--eval=x:=$(shell evil)"]], False),
    ([["make", "-j2", "CFLAGS=-O1 -g -fsanitize=address", "CC=gcc"]], True),
    ([["cmake", "-B", "build"], ["make", "-C", "build"]], True),
    ([["./test.sh"], ["sh", "test.sh"]], True),
    ([["clang-14", "-DNDEBUG", "-DSIZE=16", "-Isrc", "record.c"]], True),
    ([["gcc", "-O1", "-Wall", "-Wl,-z,now", "record.c", "-o", "record"]], True),
    ([["sh", "-c", "make"]], False),
    ([["python3", "-c", "x"]], False),
    ([["make", "SHELL=/tmp/x"]], False),
    ([["make", "CC=sh -c x"]], False),
    ([["make", "CFLAGS=-include evil.h"]], False),
    ([["gcc", "-x", "c", "crash.bin"]], False),
    ([["gcc", "-Dfree=abort", "record.c"]], False),
    ([["gcc", "-specs=x", "record.c"]], False),
    ([["gcc", "@args"]], False),
    ([["gcc", "-Wl,--wrap=free", "record.c"]], False),
    ([["curl", "http://x"]], False),
    ([["sed", "-i", "s/a/b/", "record.c"]], False),
    ([["./build.sh"]], False),  # no file of the archive
]


@pytest.mark.parametrize(("steps", "plain"), BUILDS)
def test_only_builders_build_the_target(steps: list[list[str]], plain: bool) -> None:
    proof = targets.record(build=[{"argv": argv} for argv in steps], **TAKES_STATUS)
    assert (objection(proof) is None) is plain
    assert objection(targets.record(build=[{"argv": argv} for argv in steps])) is None, (
        "a report is judged by its frames"
    )


def test_code_laid_beside_the_targets_is_the_reporters() -> None:
    laid = {"crash.bin": {"text": "x"}}
    assert objection(targets.record(files={**laid, "in/evil.py": {"text": ""}}, **TAKES_STATUS)) is None
    for path in ("evil.so", "evil.so.1", "json.py", "package.json"):
        assert "code that the target might load" in (
            objection(targets.record(files={path: {"text": ""}}, **TAKES_STATUS)) or ""
        )


def test_names_of_places_are_read_whatever_is_printed() -> None:
    said = (
        b"0x00000000000013fa\ndeep\n/box/t.c:4\nmain\n/box/t.c:5 (discriminator 2)\n"
        b"0x0000000000001130\n_start\n??:?\n0x1\n??\n??:0\n"
    )
    assert read(said) == {
        0x13FA: (("deep", "/box/t.c", 4), ("main", "/box/t.c", 5)),
        0x1130: (("_start", "", None),),
        1: (),
    }


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_of_a_symboliser_do_harm(said: bytes) -> None:
    assert isinstance(read(said), dict)
