"""From what a program printed and how it ended to the facts of its crash.

Order: fatal reports of sanitizers; undefined behaviour, after which a program may go on; an exception that nobody
caught; what libFuzzer says of the whole run; leaks; the bare signal. Sanitizers write to the standard error; the
standard output is read only if that holds no report, and for the exception that a fuzzer of Python prints there.
"""

from __future__ import annotations

from seatrial.clearinghouse.proofs.types import CrashFacts

from . import managed, python, sanitizers, signals, undefined

_RANK = {"asan": 0, "msan": 0, "tsan": 1, "ubsan": 2, "libfuzzer": 3, "lsan": 4}
_LANGUAGES = (python.facts, managed.java, managed.node, managed.go, managed.rust)


def facts_of(stdout: bytes, stderr: bytes, status: int) -> CrashFacts | None:
    """The crash that an output and a status tell of; none if they tell of none.

    ``status`` is the exit status, or minus the signal's number. Never raises, whatever the bytes are, and takes time
    in proportion to their length.
    """
    found = every(stdout, stderr, status)
    return found[0] if found else None


def every(stdout: bytes, stderr: bytes, status: int) -> tuple[CrashFacts, ...]:
    """All reports, the most telling first; of one kind, in the order in which they were printed."""
    reports = _sanitized(stderr) or _sanitized(stdout)
    found = sorted(reports, key=lambda facts: _RANK[facts.tool])
    fuzzed = any(facts.tool == "libfuzzer" for facts in found)
    uncaught = _uncaught(stderr, status) or (_uncaught(stdout, status) if fuzzed else None)
    if uncaught is not None:
        found.insert(sum(_RANK[facts.tool] < _RANK["libfuzzer"] for facts in found), uncaught)
    if not found:
        died = signals.facts(stderr, status)
        if died is not None:
            found.append(died)
    return tuple(found)


def _uncaught(output: bytes, status: int) -> CrashFacts | None:
    for read in _LANGUAGES:
        facts = read(output, status)
        if facts is not None:
            return facts
    return None


def _sanitized(output: bytes) -> list[CrashFacts]:
    return [*sanitizers.reports(output), *undefined.reports(output)]
