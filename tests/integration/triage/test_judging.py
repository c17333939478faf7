"""What waits is judged: by this process and by a crew, whatever reporters send, and again after a kill."""

from __future__ import annotations

import base64
import io
import os
import tarfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from seatrial.clearinghouse.findings import api as findings
from seatrial.clearinghouse.proofs.types import Verdict
from seatrial.clearinghouse.triage import api as triage
from seatrial.clearinghouse.triage.adapters.judges import CrewJudges, OwnJudges
from seatrial.compute.api import Executor, ExecutorKind
from seatrial.kernel.digests import digest
from seatrial.sandbox import api as sandbox
from simulators.two_nodes import two_nodes

pytestmark = [
    pytest.mark.skipif(sandbox.available() is not None, reason="no sandbox here"),
    pytest.mark.django_db(transaction=True),
]

SOURCE = b"""#include <stdio.h>

static void copy(const char *line) {
    char row[16];
    for (size_t at = 0; line[at]; at++)
        row[at] = line[at];
    puts(row);
}

int main(int argc, char **argv) {
    char line[4096] = "";
    if (argc > 1 && argv[1][0] == 'q')
        return 0;
    if (fgets(line, sizeof line, stdin))
        copy(line);
    return 0;
}
"""


def archive(source: bytes = SOURCE) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as tar:
        entry = tarfile.TarInfo("copy.c")
        entry.size = len(source)
        tar.addfile(entry, io.BytesIO(source))
    return made.getvalue()


def document(title: str, stdin: bytes | None, **recipe: Any) -> dict[str, Any]:
    said: dict[str, Any] = {
        "format": "seatrial-report/1",
        "title": title,
        "description": "A long line is copied into a row of sixteen bytes.",
        "product": {"name": "copy"},
    }
    files = {"copy.tar": archive()}
    if stdin is not None:
        files["line"] = stdin
        said["proof"] = {
            "recipe": {
                "format": "seatrial-proof/1",
                "target": {"kind": "source", "digest": digest(archive()), "name": "copy"},
                "build": [{"argv": ["cc", "-g", "-O1", "-fsanitize=address", "copy.c", "-o", "copy"]}],
                "reproduce": {"argv": ["./copy"]},
                "stdin": digest(stdin),
                "oracle": {"kind": "sanitizer", "tool": "asan"},
                **recipe,
            }
        }
        said["attachments"] = [{"name": name, "data": base64.b64encode(data).decode()} for name, data in files.items()]
    return said


REPORTS = {
    "A long line": document("A long line overflows", b"a" * 64),
    "Another long line": document("Another long line overflows", b"b" * 200),
    "A short line": document("A short line is said to overflow", b"c"),
    "No proof": document("Somebody says that it overflows", None),
    "Nonsense": document("A recipe that is none at all", b"d" * 64, oracle={"kind": "wishes"}),
    "Another archive": document(
        "A recipe that lies about its target", b"e" * 64, target={"kind": "source", "digest": digest(b"x")}
    ),
    "No compiler": document("A build that cannot be", b"f" * 64, build=[{"argv": ["no-such-compiler"]}]),
}


@pytest.fixture
def sent(world: Any) -> dict[str, str]:
    """Title → report."""
    return {
        name: findings.submit(report=said, at=world.start + timedelta(hours=number), source="api").report
        for number, (name, said) in enumerate(REPORTS.items())
    }


EXPECTED = {
    "A long line": Verdict.REPRODUCED,
    "Another long line": Verdict.REPRODUCED,
    "A short line": Verdict.NOT_REPRODUCED,
    "No proof": Verdict.NEEDS_A_PERSON,
    "Nonsense": Verdict.NEEDS_A_PERSON,
    "Another archive": Verdict.NEEDS_A_PERSON,
    "No compiler": Verdict.NEEDS_A_PERSON,
}


def verdicts(analyst: Any, sent: dict[str, str]) -> dict[str, Verdict]:
    return {name: triage.judgements(analyst, report)[0].verdict for name, report in sent.items()}


def test_whatever_is_sent_becomes_a_verdict_and_equal_crashes_join(world: Any, analyst: Any, sent: Any) -> None:
    told = []
    assert triage.judge_waiting(progress=lambda done, left: told.append((done, left))) == len(sent)
    assert told[-1] == (len(sent), 0)
    assert verdicts(analyst, sent) == EXPECTED
    first = triage.finding(analyst, sent["A long line"])
    assert first.line.reports == 2
    assert first.line.crash == "stack-buffer-overflow(write)"
    crash = first.judgements[0].crash
    assert crash is not None
    assert [(frame.function, frame.file.rpartition("/")[2]) for frame in crash.frames][:2] == [
        ("copy", "copy.c"),
        ("main", "copy.c"),
    ]
    for name, report in sent.items():
        assert triage.judgements(analyst, report)[0].reason, name
    assert triage.judge_waiting() == 0


def test_a_crew_judges_as_one_process_does(world: Any, analyst: Any, sent: Any, tmp_path: Any) -> None:
    triage.judge_waiting(judges=CrewJudges(Executor.parse("processes:2"), tmp_path, 2))
    assert verdicts(analyst, sent) == EXPECTED
    assert triage.finding(analyst, sent["A long line"]).line.reports == 2


def test_what_a_dead_judge_had_is_judged_by_another(
    world: Any, analyst: Any, sent: Any, tmp_path: Any, monkeypatch: Any
) -> None:
    """Two of the crew's processes are killed from outside while they work."""
    killed = []

    def killing(done: int, left: int) -> None:
        children = [int(pid) for pid in _children(os.getpid())]
        workers = [pid for pid in children if b"spawn_main" in _command(pid)]
        if workers and len(killed) < 2:
            os.kill(workers[0], 9)
            killed.append(workers[0])

    triage.judge_waiting(judges=CrewJudges(Executor.parse("processes:2"), tmp_path, 1), progress=killing)
    assert killed
    assert verdicts(analyst, sent) == EXPECTED


def test_at_most_so_many_are_judged_and_the_next_call_goes_on(
    world: Any, analyst: Any, sent: Any, tmp_path: Any
) -> None:
    assert triage.judge_waiting(most=2, judges=OwnJudges(tmp_path, 2)) == 2
    assert findings.unjudged() == len(sent) - 2
    assert triage.judge_waiting(judges=OwnJudges(tmp_path, 2)) == len(sent) - 2
    assert verdicts(analyst, sent) == EXPECTED


@pytest.mark.slow
def test_a_cluster_of_two_nodes_judges_as_one_process_does_though_a_node_is_killed(
    world: Any, analyst: Any, sent: Any, tmp_path: Any, monkeypatch: Any
) -> None:
    with two_nodes(monkeypatch) as cluster:
        killed = []

        def strike(done: int, left: int) -> None:
            if not killed:
                killed.append(done)
                cluster.remove_node(next(iter(cluster.worker_nodes)), allow_graceful=False)

        executor = Executor(ExecutorKind.RAY, 2, cluster.address)
        triage.judge_waiting(judges=CrewJudges(executor, tmp_path, 1), progress=strike)
    assert killed
    assert verdicts(analyst, sent) == EXPECTED
    assert triage.finding(analyst, sent["A long line"]).line.reports == 2


def _children(pid: int) -> list[str]:
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return [child for task in tasks for child in (task / "children").read_text().split()]


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
