"""What a program prints is its own affair: nothing in it may stop or slow the reading of it."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seatrial.clearinghouse.proofs.core.crash import every, facts_of, normal
from seatrial.clearinghouse.proofs.types import CrashFacts

CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # the machine may be busy

HASH = b"::h0123456789abcdef"
MOST = 1024 * 1024
REPORTS = sorted((Path(__file__).parent / "reports").glob("*.txt"))


def filled(line: bytes, first: bytes = b"") -> bytes:
    return (first + line * (MOST // len(line) + 1))[:MOST]


def stack(words: bytes) -> bytes:
    """A report whose frames all differ, so that nothing remembered helps."""
    lines = (b"    #%d 0x1 in n%d" % (at, at) + words + b"\n" for at in range(1_100))
    return (b"==1==ERROR: AddressSanitizer: x\n" + b"".join(lines))[:MOST]


WORST = {
    "zeros": bytes(MOST),
    "no text": b"\xff" * MOST,
    "one line": b"a" * MOST,
    "empty lines": b"\n" * MOST,
    "blanks": filled(b" " * 999 + b"\n"),
    "two-byte text": filled("==1==ERROR: AddressSanitizer: SEGV\n".encode("utf-16")),
    "heads": filled(b"==1==ERROR: AddressSanitizer: SEGV on unknown address 0x0 (pc 0x0)\n"),
    "places": filled(b":1" * 400 + b": runtime error: " + b"x" * 50 + b"\n"),
    "words": filled(b": runtime error: "),
    "tracebacks": filled(b"Traceback (most recent call last):\n"),
    "chains": filled(
        b'Traceback (most recent call last):\n  File "a", line 1, in f\nX: \n\n'
        b"The above exception was the direct cause\n"
    ),
    "node": filled(b"\n    at " + b"a (" * 200 + b"\n"),
    "node frames": filled(b"    at async " + b"file:1:1 " * 90 + b"\n", b"X: y\n"),
    "java": filled(b'Exception in thread "' + b'"' * 900 + b"\n"),
    "java frames": filled(b"\tat " + b"a/" * 300 + b"(\n", b'Exception in thread "a" a.b\n'),
    "go": filled(b"panic: " + b"(*" * 400 + b"\n"),
    "go frames": filled(b"(" * 900 + b")\n\tx:1\n", b"panic: x\n\ngoroutine 1\n"),
    "rust": filled(b"thread '' panicked at " + b":1:1" * 190 + b"\n"),
    "rust frames": filled(b"  1: " + b" " * 900 + b"\n", b"thread 'a' panicked at a:1:1\n"),
    "assertions": filled(b": Assertion " + b": " * 300 + b"`" * 100 + b"\n"),
    "colours": filled(b"\x1b[0;", b"==1==ERROR: AddressSanitizer: x\n"),
    "races": filled(b"  Read of size 1\n", b"WARNING: ThreadSanitizer: data race\n"),
    **{
        f"frames of {words.decode()}": stack(words * (950 // len(words)))
        for words in (
            b"<",
            b"(",
            b"{lambda(",
            b"<lambda(",
            b" operator",
            b".cold.1",
            b" const",
            b"::h0123456789abcdef",
            b"_",
            b"[",
        )
    },
    "modules": stack(b" (" + b"+0x1" * 230 + b"!)"),
}


@pytest.mark.parametrize("what", WORST)
def test_the_worst_megabyte_ends_soon(what: str) -> None:
    """Milliseconds here (60 at most for both streams); the bound leaves room for a busy machine."""
    normal.cache_clear()
    start = time.process_time()
    facts_of(WORST[what], WORST[what], -6)
    assert time.process_time() - start < 0.5


@CALM
@given(st.binary(max_size=3_000), st.binary(max_size=3_000), st.integers(-64, 255))
def test_any_bytes_are_read_without_a_complaint(stdout: bytes, stderr: bytes, status: int) -> None:
    found = facts_of(stdout, stderr, status)
    assert found is None or isinstance(found, CrashFacts)


@CALM
@given(st.sampled_from(REPORTS), st.data())
def test_a_damaged_report_is_still_read_without_a_complaint(path: Path, data: st.DataObject) -> None:
    text = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(0, 8))):
        at = data.draw(st.integers(0, len(text) - 1))
        kind = data.draw(st.sampled_from(["change", "cut", "double"]))
        if kind == "change":
            text[at] = data.draw(st.integers(0, 255))
        elif kind == "cut":
            del text[at : at + data.draw(st.integers(1, 60))]
        else:
            text[at:at] = text[at : at + data.draw(st.integers(1, 400))]
        if not text:
            break
    for facts in every(b"", bytes(text), 1):
        assert len(facts.frames) <= 64
        for frame in facts.frames:
            assert len(frame.function) <= 160
            assert frame.line is None or 0 <= frame.line < 10**9


def test_numbers_too_long_to_be_numbers_are_left_out() -> None:
    facts = facts_of(b"", b"a.c:" + b"9" * 30 + b":1: runtime error: division by zero\n", 1)
    assert facts is not None
    assert facts.frames[0].line is None


def test_bytes_of_another_encoding_leave_the_rest_readable() -> None:
    report = (Path(__file__).parent / "reports" / "asan-heap-write.txt").read_bytes()
    facts = facts_of(b"", b"\xe9\xff\xfe caf\xe9\n" + report.replace(b"prog.c", b"pr\xf6g.c"), 1)
    assert facts is not None
    assert facts.frames[0].file == "src/pr\ufffdg.c"


def test_colours_and_carriage_returns_are_not_part_of_it() -> None:
    report = (Path(__file__).parent / "reports" / "asan-heap-write.txt").read_bytes()
    coloured = report.replace(b"==ERROR", b"==\x1b[1m\x1b[31mERROR").replace(b"\n", b"\x1b[0m\r\n")
    assert facts_of(b"", coloured, 1) == facts_of(b"", report, 1)
