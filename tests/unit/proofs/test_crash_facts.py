"""Reports as tools print them become facts in one form."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.clearinghouse.proofs.core.crash import every, facts_of, symbolised, unnamed
from seatrial.clearinghouse.proofs.types import CrashFacts, Exploitability, Frame

REPORTS = Path(__file__).parent / "reports"
E, P, N, U = Exploitability.EXPLOITABLE, Exploitability.PROBABLY, Exploitability.NOT, Exploitability.UNDEFINED

READING = "read_at get_byte parse_field parse_record main"
BOUNDS, RANGE = "ArrayIndexOutOfBoundsException", "index-out-of-range"
TABLE = [
    ("asan-heap-read", "asan", "heap-buffer-overflow", "read", 1, N, "heap-buffer-overflow(read)", READING),
    ("asan-heap-write", "asan", "heap-buffer-overflow", "write", 1, E, "heap-buffer-overflow(write)", "write_at main"),
    ("asan-uaf", "asan", "heap-use-after-free", "read", 4, N, "heap-use-after-free(read)", "main"),
    ("asan-double-free", "asan", "double-free", "", None, N, "double-free", "main"),
    ("asan-null-read", "asan", "null-dereference", "read", None, N, "SourceAvNearNull", READING),
    ("asan-null-write", "asan", "null-dereference", "write", None, P, "DestAvNearNull", "write_at main"),
    ("asan-wild-write", "asan", "segv", "write", None, E, "DestAv", "write_at main"),
    ("asan-call-null", "asan", "null-dereference", "", None, P, "SegFaultOnPcNearNull", ""),
    ("clang-asan-call-wild", "asan", "segv", "", None, E, "SegFaultOnPc", ""),
    ("asan-fpe", "asan", "fpe", "", None, N, "FPE", "divide main"),
    ("asan-abort", "asan", "abrt", "", None, N, "AbortSignal", "main"),
    ("asan-assert", "asan", "assertion-failure", "", None, N, "AbortSignal", "check main"),
    ("asan-overlap", "asan", "memcpy-param-overlap", "", None, E, "param-overlap", "main"),
    ("asan-negative", "asan", "negative-size-param", "", None, P, "negative-size-param", "main"),
    ("asan-huge", "asan", "allocation-size-too-big", "", None, N, "allocation-size-too-big", "main"),
    ("asan-pair", "asan", "alloc-dealloc-mismatch", "", None, N, "alloc-dealloc-mismatch", "main"),
    ("asan-rss", "asan", "out-of-memory", "", None, N, "out-of-memory", ""),
    ("asan-leak", "lsan", "memory-leaks", "", None, N, "memory-leaks", "main"),
    ("clang-asan-leak", "lsan", "memory-leaks", "", None, N, "memory-leaks", "main"),
    ("clang-asan-heap-read", "asan", "heap-buffer-overflow", "read", 1, N, "heap-buffer-overflow(read)", READING),
    ("clang-asan-global-read", "asan", "global-buffer-overflow", "read", 1, N, "global-buffer-overflow(read)", READING),
    ("clang-asan-bad-free", "asan", "bad-free", "", None, N, "bad-free", "main"),
    ("msan-one", "msan", "use-of-uninitialized-value", "", None, U, "use-of-uninitialized-value", "main"),
    ("tsan-one", "tsan", "data-race", "write", 4, U, "data-race", "Thread1"),
    ("asan-bool", "ubsan", "invalid-value", "read", None, U, "invalid-value", " "),
    ("ubsan-index", "ubsan", "index-out-of-bounds", "", None, U, "index-out-of-bounds", " "),
    ("ubsan-shift", "ubsan", "shift-exponent", "", None, U, "shift-exponent", " "),
    ("ubsan-null-member", "ubsan", "null-dereference", "", None, N, "AccessViolation", " "),
    ("clang-ubsan-signed-st", "ubsan", "signed-integer-overflow", "", None, U, "signed-integer-overflow", "main"),
    ("clang-ubsan-fpe", "ubsan", "fpe", "", None, N, "FPE", "divide main"),
    ("fuzz-abort", "libfuzzer", "abrt", "", None, N, "AbortSignal", "LLVMFuzzerTestOneInput"),
    ("fuzz-throw", "libfuzzer", "uncaught-exception", "", None, N, "AbortSignal", "LLVMFuzzerTestOneInput"),
    ("fuzz-exit", "libfuzzer", "fuzz-target-exited", "", None, N, "fuzz target exited", "LLVMFuzzerTestOneInput"),
    ("fuzz-timeout", "libfuzzer", "timeout", "", None, N, "timeout", "LLVMFuzzerTestOneInput"),
    ("fuzz-memory", "libfuzzer", "out-of-memory", "", None, N, "out-of-memory", "LLVMFuzzerTestOneInput"),
    ("python-zero", "python", "ZeroDivisionError", "", None, U, "ZeroDivisionError", "main <module>"),
    ("python-json", "python", "JSONDecodeError", "", None, U, "JSONDecodeError", "read main <module>"),
    ("python-chain", "python", "ValueError", "", None, U, "ValueError", "<listcomp> parse read main main <module>"),
    ("python-deep", "python", "RecursionError", "", None, U, "RecursionError", "f f f <module>"),
    ("node-json", "node", "SyntaxError", "", None, U, "SyntaxError", "Config.read main Object.{lambda}"),
    ("java-plain", "java", BOUNDS, "", None, U, BOUNDS, "Boom.get Boom.main"),
    ("java-one", "java", "IllegalStateException", "", None, U, "IllegalStateException", "Boom.get Boom.run Boom.main"),
    ("go-panic", "go", RANGE, "", None, U, RANGE, "main.Reader.at main.parse main.main.func1 main.main"),
    ("go-nil", "go", "nil-dereference", "", None, U, "nil-dereference", "main.Tree.Walk main.start"),
    ("rust-one", "rust", "index-out-of-range", *("", None, U), "index-out-of-range",
     "boom::shop::get boom::shop::run::{lambda} boom::shop::run boom::main"),
]  # fmt: skip


def report(name: str) -> bytes:
    return (REPORTS / f"{name}.txt").read_bytes()


@pytest.mark.parametrize(("name", "tool", "kind", "access", "size", "severity", "summary", "functions"), TABLE)
def test_a_report_becomes_facts(
    name: str,
    tool: str,
    kind: str,
    access: str,
    size: int | None,
    severity: Exploitability,
    summary: str,
    functions: str,
) -> None:
    facts = facts_of(b"", report(name), 1)
    assert facts is not None
    assert (facts.tool, facts.kind, facts.access, facts.size) == (tool, kind, access, size)
    assert (facts.exploitability, facts.summary) == (severity, summary)
    assert [frame.function for frame in facts.frames] == (
        functions.split() if functions.strip() else [""] * len(functions)
    )


@pytest.mark.parametrize(
    ("name", "status", "kind", "summary"),
    [
        ("signal-assert", -6, "assertion-failure", "AbortSignal"),
        ("signal-free", -6, "heap-error", "HeapError"),
        ("signal-smash", -6, "stack-smashing", "StackGuard"),
        ("signal-throw", -6, "uncaught-exception", "AbortSignal"),
    ],
)
def test_what_the_library_said_before_the_signal_names_it(name: str, status: int, kind: str, summary: str) -> None:
    facts = facts_of(b"", report(name), status)
    assert facts is not None
    assert (facts.tool, facts.kind, facts.summary) == ("signal", kind, summary)


def test_an_assertion_tells_its_place() -> None:
    facts = facts_of(b"", report("signal-assert"), -6)
    assert facts is not None
    assert facts.frames == (Frame("check", "misc.cc", 7),)


@pytest.mark.parametrize(("status", "kind"), [(-11, "segv"), (-8, "fpe"), (-4, "ill"), (-6, "abrt"), (-7, "bus")])
def test_a_bare_signal_is_a_crash(status: int, kind: str) -> None:
    facts = facts_of(b"", b"", status)
    assert facts is not None
    assert (facts.tool, facts.kind, facts.frames) == ("signal", kind, ())


@pytest.mark.parametrize("status", [-9, -15, -13, -14, -24, 0, 1, 139])
def test_ends_by_others_are_no_crash(status: int) -> None:
    assert facts_of(b"", b"killed", status) is None


def test_a_traceback_that_was_survived_is_no_crash() -> None:
    assert facts_of(b"", report("python-zero"), 0) is None


def test_places_are_cut_and_kept_by_line() -> None:
    facts = facts_of(b"", report("asan-heap-read"), 1)
    assert facts is not None
    assert [(frame.file, frame.line) for frame in facts.frames[:2]] == [("src/prog.c", 8), ("src/prog.c", 10)]


def test_templates_lambdas_and_the_anonymous_namespace_leave_plain_names() -> None:
    facts = facts_of(b"", report("fuzz-template"), 1)
    assert facts is not None
    assert [frame.function for frame in facts.frames] == [
        "shop::Parser::at",
        "shop::Parser::operator()",
        "shop::run::{lambda}::operator()",
        "shop::run",
        "LLVMFuzzerTestOneInput",
    ]


def test_the_interpreters_own_death_has_the_stack_of_its_fault_handler() -> None:
    facts = facts_of(b"", report("python-fatal"), -11)
    assert facts is not None
    assert (facts.tool, facts.kind) == ("python", "segv")
    assert [frame.function for frame in facts.frames][-2:] == ["peek", "<module>"]


def test_the_deepest_recursion_is_cut() -> None:
    facts = facts_of(b"", report("asan-deep"), 1)
    assert facts is not None
    assert facts.kind == "stack-overflow"
    assert {frame.function for frame in facts.frames} == {"deep"}
    assert len(facts.frames) <= 64


def test_a_long_recursion_of_python_is_read_from_both_ends() -> None:
    """Functions that call each other are not folded by the interpreter: a thousand calls fill a hundred kilobytes."""
    calls = (
        b'  File "/src/rules.py", line 7, in applies\n    x\n    ^^^\n  File "/src/rules.py", line 9, in whole\n    y\n'
    )
    text = b'Traceback (most recent call last):\n  File "/src/rules.py", line 90, in main\n    go()\n' + calls * 4_000
    text += b'  File "/src/rules.py", line 3, in number\n    return int(text)\n'
    text += b"RecursionError: maximum recursion depth exceeded\n"
    facts = facts_of(b"", b"checking\n" + text, 1)
    assert facts is not None
    assert facts.kind == "RecursionError"
    assert [frame.function for frame in facts.frames[:4]] == ["number", "whole", "applies", "whole"]
    chained = (
        text + b"\nDuring handling of the above exception, another exception occurred:\n\n" + report("python-zero")
    )
    facts = facts_of(b"", chained, 1)
    assert facts is not None
    assert (facts.kind, facts.frames[0].function) == ("ZeroDivisionError", "number")


def test_what_ends_a_run_outweighs_what_it_went_on_after() -> None:
    both = report("ubsan-shift") + report("asan-heap-write")
    found = every(b"", both, 1)
    assert [facts.tool for facts in found] == ["asan", "ubsan"]
    found = every(b"", report("clang-ubsan-signed-st") + report("clang-asan-leak"), 1)
    assert [facts.tool for facts in found] == ["ubsan", "lsan"]


def test_a_race_is_the_same_from_either_side() -> None:
    text = report("tsan-one")
    turned = text.replace(b"tsan.c:4", b"tsan.c:X").replace(b"tsan.c:3", b"tsan.c:4").replace(b"tsan.c:X", b"tsan.c:3")
    turned = (
        turned.replace(b"#0 main", b"#0 other").replace(b"#0 Thread1", b"#0 main").replace(b"#0 other", b"#0 Thread1")
    )
    one, two = facts_of(b"", text, 66), facts_of(b"", turned, 66)
    assert one is not None
    assert two is not None
    assert [frame.function for frame in one.frames] == [frame.function for frame in two.frames] == ["Thread1"]


def test_the_standard_output_counts_only_where_the_error_output_is_silent() -> None:
    facts = facts_of(report("asan-uaf"), b"warning: nothing\n", 1)
    assert facts is not None
    assert facts.kind == "heap-use-after-free"
    facts = facts_of(report("asan-uaf"), report("asan-fpe"), 1)
    assert facts is not None
    assert facts.kind == "fpe"


def test_a_fuzzer_of_python_tells_the_exception_beside_its_own_report() -> None:
    facts = every(report("atheris-stdout"), report("atheris-stderr"), 77)
    assert [(each.tool, each.kind) for each in facts] == [("python", "KeyError"), ("libfuzzer", "fuzz-target-exited")]
    assert [frame.function for frame in facts[0].frames] == ["parse", "TestOneInput"]


# Reports without names ---------------------------------------------------------------------------

NAMES = {
    ("/src/casan", 0xDFA2D): [("read_at", "/home/x/src/prog.c", 8)],
    ("/src/casan", 0xDF11A): [
        ("get_byte", "/home/x/src/prog.c", 10),
        ("parse_field", "/home/x/src/prog.c", 11),
        ("parse_record", "/home/x/src/prog.c", 12),
        ("main", "/home/x/src/prog.c", 24),
    ],
    ("/src/casan", 0x21300): [("_start", "", None)],
}


def raw() -> CrashFacts:
    facts = facts_of(b"", report("clang-asan-heap-read-raw"), 1)
    assert facts is not None
    return facts


def test_a_report_without_names_says_which_places_want_them() -> None:
    assert unnamed(raw()) == (("/src/casan", 0xDFA2D), ("/src/casan", 0xDF11A), ("/src/casan", 0x21300))


def test_named_afterwards_it_equals_the_report_that_was_made_with_names() -> None:
    assert symbolised(raw(), NAMES) == facts_of(b"", report("clang-asan-heap-read"), 1)


def test_what_nobody_can_name_stays_as_it_was() -> None:
    facts = symbolised(raw(), {("/src/casan", 0xDFA2D): [("??", "??", None)]})
    assert facts == raw()
    assert symbolised(raw(), {}) == raw()
