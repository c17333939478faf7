"""Asked with tools and several times, through Inspect: what the model sees, what it costs, what it cannot touch."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from seatrial.kernel.digests import digest
from seatrial.review.benchmarks.adapters.inspect_runner import InspectRunner
from seatrial.review.benchmarks.core.elicitation import PLAIN, SEVERAL, TOOLED
from seatrial.review.benchmarks.ports import Work
from seatrial.review.benchmarks.types import AttemptResult, Cell, Check, Failure, Item, Step
from seatrial.sandbox import api as sandbox
from seatrial.sandbox.types import Host
from simulators.scripted_model import Reply, ScriptedModel

pytestmark = [
    pytest.mark.sandbox,
    pytest.mark.skipif(sandbox.available() is not None, reason=f"no sandbox here: {sandbox.available()}"),
]

WORD = Check("word", equals="barnacle")
ITEM = Item("i", "f", "What stands in the file?", WORD, "", "", 1.0, files={"deep/note.txt": "barnacle\n"})
RUNS = Check(
    "code",
    answer_file="answer.py",
    files={"judge.py": "import answer, os\nassert answer.x == 1\nassert sorted(os.listdir('.'))[0] == 'answer.py'\n"},
    steps=(Step(("python3", "-B", "judge.py")),),
)


@dataclass
class Notebook:
    over = False
    results: list[AttemptResult] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    tries_at_a_cell: int = 0

    async def begin(self, cell: str) -> int | None:
        self.tries_at_a_cell += 1
        return self.tries_at_a_cell

    async def scored(self, number: int, result: AttemptResult) -> None:
        self.results.append(result)

    async def failed(self, cell: str, number: int, failure: Failure, seconds: float) -> float | None:
        self.failures.append(failure)
        return 0.0 if len(self.failures) < 3 else None


def ask(how, item, script, folder):
    """What one attempt came to, and the model that was asked."""
    notes = Notebook()
    with ScriptedModel(script) as model:
        work = Work("c", [Cell(item.id, 1)], {item.id: item}, how, "m", model.base_url, "k", 1, 10.0, folder)
        InspectRunner().run(work, notes)
    return notes, model


def in_turn(*replies):
    """Each request gets the next reply, whatever it asks; the last one stays."""
    left = list(replies)
    return lambda prompt, number: left.pop(0) if len(left) > 1 else left[0]


def test_a_tool_works_in_a_box_that_holds_the_items_files(tmp_path):
    script = in_turn(Reply(call=("bash", {"command": "cat deep/note.txt"})), Reply("ANSWER: barnacle"))
    notes, model = ask(TOOLED, ITEM, script, tmp_path)
    [result] = notes.results
    assert result.score == 1.0
    assert model.prompts[1].strip() == "barnacle", "what the tool printed came back to the model"
    assert {tool["function"]["name"] for tool in model.requests[0]["tools"]} == {"bash", "python"}
    assert (result.prompt_tokens, result.completion_tokens) == (22, 14), "every reply is paid for"


HOST = Host(
    ("python3", "-m", "http.server", "8080", "--bind", "web", "-d", "shown"), files={"shown/note.txt": "barnacle\n"}
)


def test_an_item_s_hosts_stand_beside_the_box_of_the_tools(tmp_path):
    look = "import os, urllib.request as u\nprint(os.listdir('.'), u.urlopen('http://web:8080/note.txt').read())"
    script = in_turn(Reply(call=("python", {"code": look})), Reply("ANSWER: barnacle"))
    notes, model = ask(TOOLED, replace(ITEM, hosts={"web": HOST}), script, tmp_path)
    assert notes.results[0].score == 1.0
    assert "b'barnacle" in model.prompts[1]
    assert "shown" not in model.prompts[1], "its files are its own"


def test_python_is_a_tool_too(tmp_path):
    script = in_turn(
        Reply(call=("python", {"code": "print(open('deep/note.txt').read().upper())"})), Reply("ANSWER: barnacle")
    )
    _, model = ask(TOOLED, ITEM, script, tmp_path)
    assert model.prompts[1].strip() == "BARNACLE"


def test_the_turns_are_bounded(tmp_path):
    notes, model = ask(replace(TOOLED, turns=4), ITEM, in_turn(Reply(call=("bash", {"command": "sleep 0"}))), tmp_path)
    assert len(model.requests) == 4
    assert notes.results[0].score == 0.0


def test_without_tools_none_is_offered(tmp_path):
    notes, model = ask(PLAIN, ITEM, in_turn(Reply("ANSWER: barnacle")), tmp_path)
    assert "tools" not in model.requests[0]
    assert notes.results[0].score == 1.0


def test_what_a_model_leaves_in_its_box_does_not_meet_its_judge(tmp_path):
    attack = (
        "printf 'x = 1\\n' > answer.py; printf 'raise SystemExit(0)\\n' > judge.py; cp judge.py sitecustomize.py;"
        " cp judge.py /tmp/usercustomize.py; (while true; do cp judge.py /box/judge.py; sleep 0.01; done) &"
    )
    script = in_turn(Reply(call=("bash", {"command": attack})), Reply("```\nx = 2\n```"))
    notes, _ = ask(TOOLED, Item("i", "f", "Make x one.", RUNS, "", "", 1.0), script, tmp_path)
    assert notes.results[0].score == 0.0
    good = in_turn(Reply(call=("bash", {"command": attack})), Reply("```\nx = 1\n```"))
    notes, _ = ask(TOOLED, Item("i", "f", "Make x one.", RUNS, "", "", 1.0), good, tmp_path)
    assert notes.results[0].score == 1.0


def test_the_best_of_several_tries_counts_and_none_follows_it(tmp_path):
    script = in_turn(
        Reply("ANSWER: limpet"), Reply("ANSWER: whelk"), Reply("ANSWER: barnacle"), Reply("ANSWER: limpet")
    )
    notes, model = ask(SEVERAL, ITEM, script, tmp_path)
    [result] = notes.results
    assert result.score == 1.0
    assert len(model.requests) == 3
    assert (result.prompt_tokens, result.completion_tokens) == (33, 21)
    assert all(request["messages"] == model.requests[0]["messages"] for request in model.requests), "independent tries"
    tried = [text.encode() for text in ("ANSWER: limpet", "ANSWER: whelk", "ANSWER: barnacle")]
    assert result.completion_digest == digest(b"\0try\0".join(tried))


def test_all_tries_spent_is_a_plain_failure_of_the_model(tmp_path):
    notes, model = ask(SEVERAL, ITEM, in_turn(Reply("ANSWER: limpet")), tmp_path)
    assert notes.results[0].score == 0.0
    assert len(model.requests) == SEVERAL.tries


def test_a_call_that_fails_between_tries_costs_no_try_that_was_paid_for(tmp_path):
    script = in_turn(Reply("ANSWER: limpet"), Reply(status=500), Reply("ANSWER: barnacle"))
    notes, model = ask(SEVERAL, ITEM, script, tmp_path)
    assert len(notes.failures) == 1
    assert notes.results[0].score == 1.0
    assert len(model.requests) == 3


def test_another_build_between_two_tries_is_told(tmp_path):
    script = in_turn(Reply("ANSWER: limpet"), Reply("ANSWER: barnacle", fingerprint="fp-2"))
    notes, _ = ask(SEVERAL, ITEM, script, tmp_path)
    assert notes.results[0].model_identity == "scripted/fp-1 then scripted/fp-2"


@pytest.mark.parametrize(
    "call", [("bash", {"wrong": 1}), ("telnet", {"host": "x"}), ("bash", {"command": "kill -9 -1; exit 3"})]
)
def test_a_garbled_call_is_answered_and_the_model_goes_on(tmp_path, call):
    notes, model = ask(TOOLED, ITEM, in_turn(Reply(call=call), Reply("ANSWER: barnacle")), tmp_path)
    assert notes.failures == []
    assert notes.results[0].score == 1.0
    assert len(model.requests) == 2
