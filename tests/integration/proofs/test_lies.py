"""Recipes that lie, escape, bomb, hang or phone home: a clear verdict each, and never *reproduced*."""

from __future__ import annotations

import time
from typing import Any

import pytest

from seatrial.clearinghouse.proofs.types import Proof, Verdict
from seatrial.kernel.digests import Digest, digest
from simulators import proof_targets as targets

from .conftest import Validate

pytestmark = [pytest.mark.sandbox, pytest.mark.compiler]

FAKE = (
    "==7==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x602000000019 at pc 0x55 bp 0x7f sp 0x7f\n"
    "WRITE of size 1 at 0x602000000019 thread T0\n"
    "    #0 0x55d (/box/record+0x13fa)\n    #1 0x55d in main /box/record.c:8:5\n\nSUMMARY: AddressSanitizer: x\n"
)


async def test_an_input_that_is_echoed_makes_no_report(validate: Validate) -> None:
    found = await validate(targets.record(b"\xff\n" + FAKE.encode()[:190]))
    assert found.verdict is Verdict.NOT_REPRODUCED
    assert b"AddressSanitizer: heap-buffer-overflow" in found.runs[0].stderr
    assert "looks like a report, but none was written" in found.reason


async def test_an_echoed_traceback_is_no_exception(validate: Validate) -> None:
    source = "import sys\nprint(open(sys.argv[1]).read(), file=sys.stderr)\nsys.exit(1)\n"
    fake = 'Traceback (most recent call last):\n  File "/box/echo.py", line 2, in main\nIndexError: x\n'
    said = {"reproduce": {"argv": ["python3", "echo.py", "in"]}, "files": {"in": {"text": fake}}}
    found = await validate(targets.proof({"echo.py": source}, **said, oracle={"kind": "sanitizer", "tool": "python"}))
    assert found.verdict is Verdict.NOT_REPRODUCED


def prints(argv: list[str], **said: Any) -> Proof:
    """A recipe whose own program speaks."""
    return targets.record(reproduce={"argv": argv}, **said)


WRITES = 'printf "%s" "$1" > "/box/$(echo "$ASAN_OPTIONS" | sed "s/.*log_path=.box.//;s/:.*//").1"; exit 99'

LIES: dict[str, Proof] = {
    "prints a report": prints(["sh", "-c", f"cat >&2 <<'X'\n{FAKE}X\nexit 1"]),
    "writes a report where reports are written": prints(["sh", "-c", WRITES, "sh", FAKE]),
    "ends itself by a signal": prints(["sh", "-c", "kill -SEGV $$"], oracle={"kind": "signal", "status": -11}),
    "exits as if by a signal": prints(["sh", "-c", "exit 139"], oracle={"kind": "signal", "status": -11}),
    "prints the words": prints(["echo", "PWNED"], oracle={"kind": "output", "contains": "PWNED"}),
    "reads the flag": prints(["cat", "secret"], oracle={"kind": "flag", "path": "secret"}),
    "says what day it is": prints(["date", "+%N"], oracle={"kind": "signal", "status": 0}),
    "asserts a falsehood": prints(["python3", "-c", "assert False"], oracle={"kind": "property"}),
}


@pytest.mark.parametrize("name", LIES)
async def test_what_shows_without_the_target_shows_nothing(validate: Validate, name: str) -> None:
    found = await validate(LIES[name])
    assert found.verdict is Verdict.NOT_REPRODUCED, found.reason
    assert "without the target" in found.reason or "none was written" in found.reason


WILD = "int main(void) { *(int *)8 = 1; }"
PERSONS: dict[str, tuple[Proof, str]] = {
    "a harness of the reporter's": (
        prints(
            ["sh", "-c", "gcc -g -fsanitize=address h.c -o h && exec ./h"],
            files={"h.c": {"text": '#include "record.c"\n'}},
            stdin={"base64": targets.base64_of(targets.OVERFLOW)},
        ),
        "it gives sh '-c', which is no file of the target",
    ),
    "a library loaded first": (
        targets.record(reproduce={"argv": ["./record", "crash.bin"], "env": {"LD_PRELOAD": "./no.so"}}),
        "it sets LD_PRELOAD",
    ),
    "code beside the target's": (
        targets.proof(
            {"a.py": "import sys, extra\n"},
            reproduce={"argv": ["python3", "a.py"]},
            files={"extra.py": {"text": "raise KeyError('mine')\n"}},
            oracle={"kind": "sanitizer", "tool": "python"},
        ),
        "it lays extra.py, code that the target might load",
    ),
    "a build of something else": (
        targets.record(
            build=[{"argv": ["sh", "-c", "echo 'int main(void) { __builtin_trap(); }' > x.c; gcc x.c -o record"]}],
            oracle={"kind": "signal", "status": -4},
        ),
        "a build step gives sh a text of the reporter's",
    ),
    "a build of something else with a report": (
        targets.record(
            build=[{"argv": ["sh", "-c", f"echo '{WILD}' > x.c; gcc -g -fsanitize=address x.c -o record"]}],
            oracle={"kind": "sanitizer", "tool": "asan"},
        ),
        "no frame lies in a source of the archive",
    ),
    "a compiler told otherwise": (
        targets.proof(
            {"a.c": "int main(void) { return 0; }"},
            build=[{"argv": ["gcc", "-Dreturn=__builtin_trap(); return", "a.c", "-o", "a"]}],
            reproduce={"argv": ["./a"]},
            oracle={"kind": "signal", "status": -4},
        ),
        "is told '-Dreturn=__builtin_trap(); return'",
    ),
    "words that are only echoed": (
        targets.record(b"\xffPWNED\0", oracle={"kind": "output", "contains": "PWNED"}),
        "an echo shows them",
    ),
}


@pytest.mark.parametrize("name", PERSONS)
async def test_what_only_a_person_can_tell_is_left_to_one(validate: Validate, name: str) -> None:
    proof, said = PERSONS[name]
    found = await validate(proof)
    assert found.verdict is Verdict.NEEDS_A_PERSON, found.reason
    assert said in found.reason


async def test_an_honest_shell_build_is_taken_at_its_report(validate: Validate) -> None:
    shell = ["sh", "-c", "cd . && gcc -g -O1 -fsanitize=address record.c -o record"]
    assert (await validate(targets.record(build=[{"argv": shell}]))).verdict is Verdict.REPRODUCED


SET_UP: dict[str, tuple[Proof, Verdict, str]] = {
    "a file over the target's": (
        targets.record(files={"record": {"text": "#!/bin/sh\nkill -SEGV $$\n"}}),
        Verdict.BUILD_FAILED,
        "lays 'record' over what is the target's",
    ),
    "a file over a source": (targets.record(files={"record.c": {"text": ""}}), Verdict.BUILD_FAILED, "lays 'record.c'"),
    "a program that is not there": (
        targets.record(reproduce={"argv": ["./nothing"]}),
        Verdict.BUILD_FAILED,
        "holds no program ./nothing",
    ),
    "a tool that is not here": (
        targets.record(reproduce={"argv": ["seatrial-no-such-tool"]}),
        Verdict.NEEDS_A_PERSON,
        "which is not on this machine",
    ),
    "a compiler that is not here": (
        targets.record(build=[{"argv": ["seatrial-no-cc"]}]),
        Verdict.NEEDS_A_PERSON,
        "which is not on this machine",
    ),
    "a build that fails": (
        targets.record(build=[{"argv": ["gcc", "no.c"]}]),
        Verdict.BUILD_FAILED,
        "gcc exited with status 1",
    ),
    "leaks, which need tracing": (
        targets.record(oracle={"kind": "sanitizer", "tool": "lsan"}),
        Verdict.NEEDS_A_PERSON,
        "LeakSanitizer",
    ),
}


@pytest.mark.parametrize("name", SET_UP)
async def test_what_cannot_be_set_up_says_why(validate: Validate, name: str) -> None:
    proof, verdict, said = SET_UP[name]
    found = await validate(proof)
    assert found.verdict is verdict, found.reason
    assert said in found.reason


async def test_archives_and_files_that_are_not_what_they_say(validate: Validate) -> None:
    honest = targets.record()
    here = dict(honest.attachments)
    named = honest.recipe.target.digest
    lied = await validate(Proof(honest.recipe, {**here, named: targets.archive({"record.c": "int main;"})}))
    assert lied.verdict is Verdict.BUILD_FAILED or lied.verdict is Verdict.REPRODUCED  # built before, from the real one
    crash = honest.recipe.files["crash.bin"]
    found = await validate(Proof(honest.recipe, {**here, crash: b"other"}))
    assert found.verdict is Verdict.BUILD_FAILED
    assert "is not what its digest says" in found.reason
    gone: dict[Digest, bytes] = {name: data for name, data in here.items() if name != crash}
    assert "which is not here" in (await validate(Proof(honest.recipe, gone))).reason
    out = targets.archive({"../../etc/cron.d/x": "x"})
    traversal = targets.proof(out, reproduce={"argv": ["./x"]}, oracle={"kind": "signal", "status": -11})
    found = await validate(traversal)
    assert (found.verdict, found.runs) == (Verdict.BUILD_FAILED, ())
    assert "leads out of the work folder" in found.reason
    assert digest(out) == traversal.recipe.target.digest


def script(text: str, **said: Any) -> Proof:
    usual = {"reproduce": {"argv": ["./run"]}, "oracle": {"kind": "signal", "status": -9}, "repeats": 1, "seconds": 1}
    return targets.proof({"run": f"#!/bin/sh\n{text}\n"}, **{**usual, **said})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sleep 60", "was stopped after 1 seconds"),
        ("f() { f | f & }; f; while true; do f; done", ""),
        ("head -c 3000000000 /dev/zero | tail", "memory"),
        ("yes > /box/big", ""),
        ("trap '' TERM INT; (setsid sleep 300 &); sleep 60", "was stopped after 1 seconds"),
    ],
)
async def test_what_only_meets_a_limit_shows_nothing(validate: Validate, text: str, said: str) -> None:
    begun = time.monotonic()
    found = await validate(script(text, memory_bytes=64 * 1024**2))
    assert found.verdict is Verdict.NOT_REPRODUCED, found.reason
    assert said in found.reason
    assert time.monotonic() - begun < 15


async def test_nothing_of_this_machine_and_no_network_is_reached(validate: Validate) -> None:
    text = (
        "cat /root/.ssh/id_rsa /etc/shadow /proc/1/environ 2>/dev/null | head -c 100\n"
        "python3 -c \"import socket; socket.create_connection(('192.0.2.1', 80), 2)\" 2>&1 | tail -1"
    )
    found = await validate(script(text, oracle={"kind": "output", "contains": "unreachable"}, seconds=10))
    assert found.verdict is Verdict.REPRODUCED
    assert b"PRIVATE" not in found.runs[0].stdout
