"""Answers judged by running them: each in a fresh sandbox."""

from __future__ import annotations

import pytest

from seatrial.review.benchmarks.adapters.inspect_runner import InspectRunner
from seatrial.review.benchmarks.core.elicitation import PLAIN
from seatrial.review.benchmarks.core.manifest import needs_of
from seatrial.review.benchmarks.ports import Work
from seatrial.review.benchmarks.types import AttemptResult, Cell, Check, Failure, Item, Step
from seatrial.sandbox import api as sandbox
from simulators.scripted_model import Reply, ScriptedModel

pytestmark = [
    pytest.mark.sandbox,
    pytest.mark.skipif(sandbox.available() is not None, reason=f"no sandbox here: {sandbox.available()}"),
]

PYTHON = Check(
    "code",
    answer_file="answer.py",
    files={"test_answer.py": "import answer\nassert answer.double(21) == 42\nprint('green')\n"},
    steps=(Step(("python3", "test_answer.py"), stdout="^green$", seconds=5.0),),
)
GOOD = "def double(x):\n    return 2 * x\n"


class Notebook:
    over = False

    def __init__(self) -> None:
        self.scores: dict[str, float | None] = {}
        self.failures: list[Failure] = []

    async def begin(self, cell: str) -> int | None:
        return 1

    async def scored(self, number: int, result: AttemptResult) -> None:
        self.scores[result.cell] = result.score

    async def failed(self, cell: str, number: int, failure: Failure, seconds: float) -> float | None:
        self.failures.append(failure)
        return None


@pytest.fixture
def judge(tmp_path):
    """Scores of programs, each the whole answer to one item under ``check``."""

    def run(check: Check, *programs: str) -> list[float | None]:
        items = {f"i{n}": Item(f"i{n}", "f", f"q{n}", check, "", "", 1.0) for n in range(len(programs))}
        replies = {f"q{n}": f"```\n{program}```\n" for n, program in enumerate(programs)}
        notes = Notebook()
        with ScriptedModel(lambda prompt, number: Reply(replies[prompt])) as model:
            InspectRunner().run(
                Work("c", [Cell(i, 1) for i in items], items, PLAIN, "m", model.base_url, "k", 2, 10.0, tmp_path), notes
            )
        assert notes.failures == []
        return [notes.scores[f"{i}#1"] for i in items]

    return run


def test_a_program_that_passes_its_test_scores_and_one_that_fails_does_not(judge):
    assert judge(PYTHON, GOOD, "def double(x):\n    return x\n", "syntax error(") == [1.0, 0.0, 0.0]


def test_a_program_that_hangs_or_floods_is_the_answers_fault(judge):
    slow = Check(
        PYTHON.extract, None, PYTHON.answer_file, PYTHON.files, (Step(("python3", "test_answer.py"), seconds=1.0),)
    )
    assert judge(slow, "while True:\n    pass\n", GOOD) == [0.0, 1.0]
    assert judge(PYTHON, "while True:\n    print('x' * 10_000)\n", "print(b'\\xff\\xfe')\nraise SystemExit(1)\n") == [
        0.0,
        0.0,
    ]


def test_a_program_reaches_neither_network_nor_the_files_of_this_machine(judge, tmp_path):
    (tmp_path / "secret").write_text("sealed")
    spy = (
        "import socket\n"
        "def double(x):\n"
        "    for attempt in (\n"
        "        lambda: socket.create_connection(('127.0.0.1', 22), 1),\n"
        f"        lambda: open({str(tmp_path / 'secret')!r}),\n"
        "    ):\n"
        "        try:\n"
        "            attempt()\n"
        "        except OSError:\n"
        "            continue\n"
        "        return 0\n"
        "    return 2 * x\n"
    )
    assert judge(PYTHON, spy) == [1.0]


def test_samples_do_not_see_each_others_files(judge):
    leaves = "import pathlib\npathlib.Path('left').write_text('x')\npathlib.Path('/tmp/left').write_text('x')\n" + GOOD
    finds = (
        "import pathlib\nassert not pathlib.Path('left').exists() and not pathlib.Path('/tmp/left').exists()\n" + GOOD
    )
    assert judge(PYTHON, leaves, finds, finds, finds) == [1.0] * 4


@pytest.mark.compiler
@pytest.mark.skipif("cc" not in sandbox.toolchain(), reason="no C compiler with AddressSanitizer here")
def test_a_crash_is_recognised_by_its_sanitizer(judge):
    check = Check(
        "code",
        answer_file="a.c",
        steps=(
            Step(("cc", "-g", "-fsanitize=address", "a.c", "-o", "a"), sanitizer=True, seconds=30.0),
            Step(("./a",), status=None, stderr="AddressSanitizer: heap-buffer-overflow", sanitizer=True),
        ),
    )
    crash = "#include <stdlib.h>\nint main(void) { char *p = malloc(8); p[8] = 1; return 0; }\n"
    assert judge(check, crash, "int main(void) { return 0; }\n", "int main(") == [1.0, 0.0, 0.0]


def test_such_items_need_the_sandbox():
    assert "sandbox" in needs_of(Item("i", "f", "q", PYTHON, "", "", 1.0))
