"""From what a program printed and how it ended to the facts of its crash.

Order: what a sanitizer says outweighs what the language says, and that outweighs the bare signal. Of several reports
by sanitizers the fatal ones come first, then undefined behaviour (after which a program may go on), then what
libFuzzer says of the whole run, then leaks. Sanitizers write to the standard error; the standard output is read only
if that holds no report.
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
    for read in _LANGUAGES:
        facts = read(stderr, status)
        if facts is not None:
            found.append(facts)
            break
    if not found:
        died = signals.facts(stderr, status)
        if died is not None:
            found.append(died)
    return tuple(found)


def _sanitized(output: bytes) -> list[CrashFacts]:
    return [*sanitizers.reports(output), *undefined.reports(output)]
