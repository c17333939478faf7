"""Whether a run showed what its oracle looks for, from what was seen alone. Pure.

A run that a limit ended shows nothing, whatever it printed: what ends a program that takes too long, holds too much or
writes too much is ours. A program that never started shows nothing either.

- *sanitizer*: a report in the file that was planted for this run; or, where that runtime writes to the standard error
  whatever it is told, the run's own status together with a report at its end. Its kind and tool are those that are
  claimed, and a place of it lies in the target.
- *signal*: the status, exactly. *output*: the words. *flag*: this run's value, also in hex and base64.
- *property*: the test failed, by an assertion, and not because something it needs was missing.
- *response*: one of the answers has the status and the words, both in the same where both are named.
- *differential*: status or standard output differ from the other version's, which itself does the same each time.
"""

from __future__ import annotations

import re
import signal
from collections.abc import Set
from dataclasses import dataclass, field

from seatrial.clearinghouse.proofs.types import CrashFacts, Oracle, OracleKind
from seatrial.sandbox.types import Outcome

from .crash import facts_of
from .planting import WORK, Plant


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service answered to one request; no status if it did not."""

    status: int | None
    body: bytes = b""
    headers: bytes = b""


@dataclass(frozen=True, slots=True)
class Seen:
    """All that one run showed."""

    outcome: Outcome  # of the step, or of what sent the requests
    ended: str  # how it ended, as a clause
    report: bytes = b""  # what sanitizers and languages wrote to the planted file
    answers: tuple[Answer, ...] = ()
    service: bytes = b""  # what the service printed
    other: tuple[Outcome, ...] = ()  # of the version that behaves well, each time it was run


@dataclass(frozen=True, slots=True)
class Judged:
    """What an oracle says of a run."""

    fired: bool
    why: str  # one sentence
    crash: CrashFacts | None = None
    report: bytes = field(default=b"", repr=False)  # what the crash was read from


# Kinds of report that say only that a limit was met; they show a flaw where they are claimed by name.
BOUNDS = frozenset({"out-of-memory", "timeout", "allocation-size-too-big", "memory-leaks", "calloc-overflow"})
_OURS = (-signal.SIGXCPU, -signal.SIGXFSZ)
_ASSERTED = re.compile(
    rb"AssertionError|ERR_ASSERTION|Assertion `|[Aa]ssertion failed|FAILED \(failures=|Falsifying example"
    rb"|^not ok \d|^E +assert |AssertionFailed|expect\(received\)",
    re.MULTILINE,
)
_MISSING = re.compile(
    rb"ModuleNotFoundError|ImportError|Cannot find (module|package)|SyntaxError|IndentationError|collected 0 items"
    rb"|no tests ran|command not found|cannot open shared object|ERR_MODULE_NOT_FOUND|fixture '.{1,80}' not found"
)
_PLACE = re.compile(rb"/box/([^\s\"'():+,]+)")


def judge(oracle: Oracle, seen: Seen, plant: Plant, files: Set[str] | None) -> Judged:
    """Whether ``seen`` shows what ``oracle`` looks for in a target that holds ``files``.

    None for ``files`` where the reporter's own program is run, whose places are its own.
    """
    outcome = seen.outcome
    if outcome.timed_out or outcome.out_of_memory or outcome.out_of_disk or outcome.status in _OURS:
        return Judged(False, f"The run showed nothing: it {seen.ended}.")
    if not outcome.started:
        return Judged(False, f"The run showed nothing: the program {seen.ended}.")
    match oracle.kind:
        case OracleKind.SANITIZER:
            return _sanitizer(oracle, seen, plant, files)
        case OracleKind.SIGNAL:
            crash = facts_of(outcome.stdout, outcome.stderr, outcome.status)
            if outcome.status == oracle.status:
                return Judged(True, f"The program {seen.ended}, as claimed.", crash, outcome.stderr)
            return Judged(False, f"The program {seen.ended}; {_status(oracle.status)} was claimed.")
        case OracleKind.OUTPUT:
            shown = oracle.contains.encode() in outcome.stdout or oracle.contains.encode() in outcome.stderr
            return Judged(shown, f"The words {'stand' if shown else 'do not stand'} in the output; it {seen.ended}.")
        case OracleKind.FLAG:
            return _flag(seen, plant)
        case OracleKind.PROPERTY:
            return _property(oracle, seen)
        case OracleKind.RESPONSE:
            return _response(oracle, seen)
        case OracleKind.DIFFERENTIAL:
            return _differential(seen)


def authentic(oracle: Oracle, seen: Seen, plant: Plant) -> bytes:
    """The report that cannot have been printed by a program that merely echoes its input; empty if there is none."""
    if seen.report:
        return seen.report
    said = seen.outcome.stderr
    at = said.rfind(b": runtime error: ")
    if oracle.tool in ("", "ubsan") and seen.outcome.status == plant.status and at >= 0:
        return said[said.rfind(b"\n", 0, at) + 1 :]
    return b""


def lies_in(report: bytes, files: Set[str]) -> bool:
    """Whether a place that ``report`` names lies in one of ``files`` of the target."""
    return any(found.decode(errors="replace") in files for found in set(_PLACE.findall(report))) or any(
        found in files for found in _relative(report)
    )


def _relative(report: bytes) -> set[str]:
    """Sources as compilers were given them: ``src/a.c:3:9: runtime error``."""
    found = re.findall(rb"^([^\s:]+):\d+:\d+: runtime error: ", report, re.MULTILINE)
    return {path.decode(errors="replace").removeprefix("./").removeprefix(f"{WORK}/") for path in found}


def _sanitizer(oracle: Oracle, seen: Seen, plant: Plant, files: Set[str] | None) -> Judged:
    report = authentic(oracle, seen, plant)
    crash = facts_of(b"", report, seen.outcome.status) if report else None
    if crash is None or crash.tool == "signal":
        echo = facts_of(seen.outcome.stdout, seen.outcome.stderr, 0)
        more = "; what it printed looks like a report, but none was written" if echo and echo.tool != "signal" else ""
        return Judged(False, f"No report was written; the program {seen.ended}{more}.")
    said = f"{crash.tool} reported {crash.kind}"
    if oracle.tool and crash.tool != oracle.tool:
        return Judged(False, f"The run showed something else: {said}; {oracle.tool} was claimed.", crash, report)
    if oracle.crash and not _same_kind(oracle.crash, crash.kind, seen.outcome.stderr):
        return Judged(False, f"The run showed something else: {said}; {oracle.crash} was claimed.", crash, report)
    if not oracle.crash and crash.kind in BOUNDS:
        return Judged(False, f"The run met a bound: {said}, which shows a flaw only if it is claimed.", crash, report)
    if files is not None and not lies_in(report, files):
        return Judged(False, f"No place of the report lies in the target: {said}.", crash, report)
    return Judged(True, f"{said[0].upper()}{said[1:]}, as claimed.", crash, report)


def _same_kind(claimed: str, seen: str, stderr: bytes) -> bool:
    claimed = claimed.strip()
    if claimed.casefold() == seen.casefold():
        return True
    return claimed == "assertion-failure" and seen == "abrt" and b"Assertion `" in stderr


def _flag(seen: Seen, plant: Plant) -> Judged:
    places = (seen.outcome.stdout, seen.outcome.stderr, *(part for a in seen.answers for part in (a.body, a.headers)))
    if any(plant.shown_in(place) for place in places):
        return Judged(True, "The value planted for this run came out.")
    return Judged(False, f"The value planted for this run did not come out; the program {seen.ended}.")


def _property(oracle: Oracle, seen: Seen) -> Judged:
    outcome = seen.outcome
    said = outcome.stdout + b"\n" + outcome.stderr
    if outcome.status == 0:
        return Judged(False, "The property held: the test passed.")
    if (missing := _MISSING.search(said)) is not None:
        what = missing.group().decode(errors="replace")
        return Judged(False, f"The test could not be run as meant ({what}).")
    if _ASSERTED.search(said) is None:
        return Judged(False, f"The test {seen.ended}, but by no assertion.")
    if oracle.contains and oracle.contains.encode() not in said:
        return Judged(False, "The test failed by an assertion, but without the words that are claimed.")
    return Judged(True, "The test ran and failed by an assertion: the property does not hold.")


def _response(oracle: Oracle, seen: Seen) -> Judged:
    for place, answer in enumerate(seen.answers, 1):
        right = answer.status is not None and oracle.status in (None, answer.status)
        if right and oracle.contains.encode() in answer.headers + b"\n" + answer.body:
            return Judged(True, f"The service answered request {place} with {answer.status}, as claimed.")
    said = ", ".join(str(answer.status or "nothing") for answer in seen.answers) or "nothing"
    return Judged(False, f"No answer was as claimed; the service answered {said}.")


def _differential(seen: Seen) -> Judged:
    first, *again = [(outcome.status, outcome.stdout) for outcome in seen.other]
    if any(outcome != first for outcome in again):
        return Judged(False, "The other version does not do the same each time, so a difference says nothing.")
    if seen.other[0].timed_out or not seen.other[0].started:
        return Judged(False, "The other version could not be run to its end.")
    mine = (seen.outcome.status, seen.outcome.stdout)
    if mine == first:
        return Judged(False, "Both versions did the same.")
    what = "end differently" if mine[0] != first[0] else "print different things"
    return Judged(True, f"The two versions {what}.", facts_of(b"", seen.outcome.stderr, seen.outcome.status))


def _status(status: int | None) -> str:
    if status is not None and status < 0:
        try:
            return signal.Signals(-status).name
        except ValueError:
            return f"signal {-status}"
    return f"status {status}"
