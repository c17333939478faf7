"""Proofs of every kind, run in real boxes."""

from __future__ import annotations

import pytest

from seatrial.clearinghouse.proofs.types import Verdict
from simulators import proof_targets as targets

from .conftest import Validate

pytestmark = [pytest.mark.sandbox, pytest.mark.compiler]


async def test_a_sanitizers_report_is_reproduced_and_named(validate: Validate) -> None:
    found = await validate(targets.record())
    assert found.verdict is Verdict.REPRODUCED, found.reason
    assert found.reason == "Asan reported heap-buffer-overflow, as claimed."
    assert [run.fired for run in found.runs] == [True, True, True]
    assert found.crash is not None
    assert (found.crash.kind, found.crash.access, found.crash.size) == ("heap-buffer-overflow", "write", 1)
    assert [frame.function for frame in found.crash.frames][:3] == ["copy_name", "read_record", "main"]
    assert found.crash.frames[0].line == 8
    assert b"AddressSanitizer: heap-buffer-overflow" in found.runs[0].stderr


async def test_an_input_that_does_no_harm_is_not_reproduced(validate: Validate) -> None:
    found = await validate(targets.record(b"\3abc"))
    assert found.verdict is Verdict.NOT_REPRODUCED
    assert found.reason == "No report was written; the program exited with status 0."


async def test_another_kind_than_claimed_is_not_reproduced(validate: Validate) -> None:
    found = await validate(targets.record(oracle={"kind": "sanitizer", "tool": "asan", "crash": "heap-use-after-free"}))
    assert found.verdict is Verdict.NOT_REPRODUCED
    assert "heap-use-after-free was claimed" in found.reason


SHIFT = r"""
#include <stdio.h>
#include <stdlib.h>
int main(int argc, char **argv) { printf("%d\n", 1 << atoi(argv[1])); return 0; }
"""


@pytest.mark.parametrize("sanitizers", ["undefined", "address,undefined"])
async def test_undefined_behaviour_is_reproduced(validate: Validate, sanitizers: str) -> None:
    def shift(by: str) -> targets.Proof:
        return targets.proof(
            {"shift.c": SHIFT},
            build=[{"argv": ["gcc", "-g", f"-fsanitize={sanitizers}", "shift.c", "-o", "shift"]}],
            reproduce={"argv": ["./shift", by]},
            oracle={"kind": "sanitizer", "tool": "ubsan", "crash": "shift-exponent"},
            repeats=1,
        )

    found = await validate(shift("97"))
    assert found.verdict is Verdict.REPRODUCED, found.reason
    assert found.crash is not None
    assert found.crash.frames[0].function == "main"
    assert (await validate(shift("7"))).verdict is Verdict.NOT_REPRODUCED


async def test_a_signal_is_reproduced(validate: Validate) -> None:
    source = "#include <stdlib.h>\nint main(int c, char **v) { if (c > 1) abort(); return 0; }\n"

    def ends(*argv: str, status: int) -> targets.Proof:
        said = {"build": [{"argv": ["gcc", "a.c", "-o", "a"]}], "reproduce": {"argv": ["./a", *argv]}}
        return targets.proof({"a.c": source}, **said, oracle={"kind": "signal", "status": status}, repeats=1)

    assert (await validate(ends("x", status=-6))).reason == "The program was killed by SIGABRT, as claimed."
    assert (await validate(ends("x", status=-11))).verdict is Verdict.NOT_REPRODUCED
    assert (await validate(ends(status=-6))).verdict is Verdict.NOT_REPRODUCED


def lists(text: str, **said: object) -> targets.Proof:
    usual = {
        "oracle": {"kind": "sanitizer", "tool": "python", "crash": "IndexError"},
        "reproduce": {"argv": ["python3", "lists.py", "input.txt"]},
        "files": {"input.txt": {"text": text}},
        "repeats": 2,
    }
    return targets.proof({"lists.py": targets.LISTS_PY}, **{**usual, **said})


async def test_an_exception_that_nobody_caught_is_reproduced_in_python(validate: Validate) -> None:
    found = await validate(lists("7"))
    assert found.verdict is Verdict.REPRODUCED, found.reason
    assert found.crash is not None
    assert (found.crash.tool, found.crash.kind) == ("python", "IndexError")
    assert found.crash.frames[0].function == "parse"
    assert (await validate(lists("x"))).verdict is Verdict.NOT_REPRODUCED


async def test_a_recursion_a_thousand_deep_is_reported_whole(validate: Validate) -> None:
    steps = "".join(f"def step{n}(depth):\n    return step{(n + 1) % 40}(depth + 1)  # {'-' * 90}\n" for n in range(40))
    said = {"reproduce": {"argv": ["python3", "deep.py"]}, "oracle": {"kind": "sanitizer", "tool": "python"}}
    found = await validate(targets.proof({"deep.py": steps + "step0(0)\n"}, **said, repeats=1))
    assert found.verdict is Verdict.REPRODUCED, found.reason
    assert found.crash is not None
    assert found.crash.kind == "RecursionError"


async def test_an_exception_that_nobody_caught_is_reproduced_in_javascript(validate: Validate) -> None:
    def sums(text: str) -> targets.Proof:
        return targets.proof(
            {"sum.js": targets.SUM_JS},
            oracle={"kind": "sanitizer", "tool": "node"},
            reproduce={"argv": ["node", "sum.js", "input.json"]},
            files={"input.json": {"text": text}},
            repeats=1,
        )

    found = await validate(sums('{"items": [null]}'))
    assert found.verdict is Verdict.REPRODUCED, found.reason
    assert found.crash is not None
    assert found.crash.kind == "TypeError"
    assert (await validate(sums('{"items": []}'))).verdict is Verdict.NOT_REPRODUCED


async def test_words_in_the_output_are_reproduced(validate: Validate) -> None:
    calc = {"calc.py": "import sys\nprint(eval(open(sys.argv[1]).read()))\n"}
    said = {"reproduce": {"argv": ["python3", "calc.py", "in"]}, "repeats": 1}
    proof = targets.proof(
        calc, **said, files={"in": {"text": "'PWN' * 2"}}, oracle={"kind": "output", "contains": "PWNPWN"}
    )
    assert (await validate(proof)).verdict is Verdict.REPRODUCED


def asks(at: str, **oracle: object) -> targets.Proof:
    return targets.proof(
        targets.SERVER,
        service={"argv": ["python3", "server.py"]},
        port=8080,
        requests=[{"method": "GET", "path": "/index.html"}, {"method": "GET", "path": at}],
        oracle=oracle,
        repeats=1,
    )


async def test_a_services_answer_is_reproduced(validate: Validate) -> None:
    leaks = asks("/..%2fprivate/token", kind="response", status=200, contains="changed on every")
    found = await validate(leaks)
    assert found.verdict is Verdict.REPRODUCED, found.reason
    assert found.reason == "The service answered request 2 with 200, as claimed."
    assert b"welcome" in found.runs[0].stdout
    absent = await validate(asks("/private/token", kind="response", status=200, contains="changed on every"))
    assert absent.reason == "No answer was as claimed; the service answered 200, 404."


async def test_a_flag_is_reproduced_only_if_it_comes_out(validate: Validate) -> None:
    assert (await validate(asks("/../private/token", kind="flag", path="private/token"))).verdict is Verdict.REPRODUCED
    assert (await validate(asks("/token", kind="flag", path="private/token"))).verdict is Verdict.NOT_REPRODUCED


async def test_a_step_may_speak_to_a_service(validate: Validate) -> None:
    fetch = "import urllib.request as u; print(u.urlopen('http://service:8080/%2e%2e/private/token').read().hex())"
    proof = targets.proof(
        targets.SERVER,
        service={"argv": ["python3", "server.py"]},
        port=8080,
        reproduce={"argv": ["python3", "-c", fetch]},
        oracle={"kind": "flag", "path": "private/token"},
        repeats=1,
    )
    assert (await validate(proof)).verdict is Verdict.REPRODUCED


CRASHES = r"""
#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
static int handle(const char *line) { char name[16]; strcpy(name, line); return name[0]; }
int main(void) {
  int s = socket(AF_INET, SOCK_STREAM, 0), on = 1;
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(9000), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  bind(s, (void *)&at, sizeof at);
  listen(s, 4);
  for (;;) {
    char line[512] = {0};
    int c = accept(s, 0, 0);
    if (read(c, line, 511) > 0) handle(line);
    (void)!write(c, "HTTP/1.0 200 OK\r\n\r\nok", 21);
    close(c);
  }
}
"""


async def test_a_service_that_crashes_is_reproduced(validate: Validate) -> None:
    proof = targets.proof(
        {"served.c": CRASHES},
        build=[{"argv": ["gcc", "-g", "-fsanitize=address", "served.c", "-o", "served"]}],
        service={"argv": ["./served"]},
        port=9000,
        requests=[{"method": "GET", "path": "/" + "a" * 64}],
        oracle={"kind": "sanitizer", "tool": "asan", "crash": "stack-buffer-overflow"},
        repeats=1,
    )
    found = await validate(proof)
    assert found.verdict is Verdict.REPRODUCED, found.reason
    assert found.crash is not None
    assert found.crash.frames[0].function == "handle"


async def test_a_property_is_reproduced_by_a_test_that_fails(validate: Validate) -> None:
    def states(test: str) -> targets.Proof:
        return lists(
            "1,2",
            oracle={"kind": "property"},
            reproduce={"argv": ["python3", "property.py"]},
            files={"property.py": {"text": test}},
        )

    found = await validate(states("from lists import parse\nassert parse('2,1') == (1, 2)\n"))
    assert found.verdict is Verdict.REPRODUCED, found.reason
    assert found.reason.endswith("That this must hold is the reporter's word.")
    assert (
        await validate(states("from lists import parse\nassert parse('1,2') == (1, 2)\n"))
    ).verdict is Verdict.NOT_REPRODUCED
    broken = await validate(states("from lists_of import parse\nassert parse('1,2') == (1, 2)\n"))
    assert broken.reason == "The test could not be run as meant (ModuleNotFoundError)."
    lie = await validate(states("assert 1 == 2\n"))
    assert lie.verdict is Verdict.NOT_REPRODUCED
    assert lie.reason == "It shows without the target, too, so it shows nothing of the target."


async def test_two_versions_are_told_apart(validate: Validate) -> None:
    good = targets.archive(
        {"lists.py": targets.LISTS_PY.replace("except ValueError", "except (ValueError, IndexError)")}
    )
    compared = lists(
        "7",
        oracle={"kind": "differential"},
        other={"kind": "source", "digest": targets.digest(good)},
    )
    compared = targets.Proof(compared.recipe, {**compared.attachments, targets.digest(good): good})
    found = await validate(compared)
    assert found.verdict is Verdict.REPRODUCED, found.reason
    assert found.reason == "The two versions end differently."


async def test_what_shows_only_sometimes_is_flaky(validate: Validate) -> None:
    source = "import os\nif os.urandom(1)[0] % 2: raise KeyError('x')\n"
    said = {"reproduce": {"argv": ["python3", "some.py"]}, "oracle": {"kind": "sanitizer", "tool": "python"}}
    found = await validate(targets.proof({"some.py": source}, **said, repeats=20))
    assert found.verdict is Verdict.FLAKY
    assert 0 < found.fired < len(found.runs) == 20
    assert f"{found.fired} of 20 runs" in found.reason


async def test_a_prebuilt_target_runs_as_it_is(validate: Validate) -> None:
    proof = targets.proof(
        {"bin/tool": "#!/bin/sh\nkill -SEGV $$\n"},
        kind="prebuilt",
        reproduce={"argv": ["bin/tool"]},
        oracle={"kind": "signal", "status": -11},
        repeats=1,
    )
    assert (await validate(proof)).verdict is Verdict.REPRODUCED
