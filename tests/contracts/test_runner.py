"""What every ``Runner`` promises, asked of the Inspect adapter (over real HTTP) and of the fake alike."""

from __future__ import annotations

import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from seatrial.kernel.errors import Unavailable
from seatrial.review.benchmarks.ports import Work
from seatrial.review.benchmarks.types import AttemptResult, Cell, Check, Elicitation, Failure, Item
from simulators.scripted_model import Reply, ScriptedModel
from simulators.scripted_runner import ScriptedRunner

KEY = "key-that-must-stay-out-of-logs"


@dataclass
class Notebook:
    """A book in memory."""

    tries: int = 3
    closes_after: int | None = None
    lines: list[tuple[str, str, int]] = field(default_factory=list)
    results: dict[str, AttemptResult] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)
    over: bool = False

    async def begin(self, cell: str) -> int | None:
        if self.over:
            return None
        number = 1 + sum(1 for word, other, _ in self.lines if (word, other) == ("begin", cell))
        self.lines.append(("begin", cell, number))
        return number

    async def scored(self, number: int, result: AttemptResult) -> None:
        self.lines.append(("scored", result.cell, number))
        self.results[result.cell] = result
        if self.closes_after is not None and len(self.results) >= self.closes_after:
            self.over = True

    async def failed(self, cell: str, number: int, failure: Failure, seconds: float) -> float | None:
        self.lines.append(("failed", cell, number))
        self.failures.append(failure)
        return 0.01 if number < self.tries else None

    def begun(self) -> list[str]:
        return [cell for word, cell, number in self.lines if (word, number) == ("begin", 1)]


@dataclass
class Bench:
    """Runs cells whose outcome is scripted by item, and tells what the endpoint saw."""

    kind: str
    folder: Path

    def run(
        self,
        notes: Notebook,
        script: Callable[[str, int], Any],
        items: int = 8,
        concurrency: int = 2,
        seconds: float = 0.0,
    ) -> None:
        """``script(item, number)`` gives a score of 0 or 1, or a Reply that fails."""
        made = {f"item-{i}": item(i) for i in range(items)}
        work = Work(
            campaign="campaign-1",
            cells=[Cell(name, 1) for name in made],
            items=made,
            elicitation=Elicitation("plain", "Answer."),
            model="north-1",
            base_url="",
            key=KEY,
            concurrency=concurrency,
            timeout_seconds=2.0,
            log_dir=self.folder / "logs",
        )
        if self.kind == "scripted":
            ScriptedRunner(lambda cell, number: _outcome(script(cell.item, number)), lambda cell: seconds).run(
                work, notes
            )
            return
        from dataclasses import replace

        from seatrial.review.benchmarks.adapters.inspect_runner import InspectRunner

        def reply(prompt: str, number: int) -> Reply:
            answer = script(prompt, number)
            return answer if isinstance(answer, Reply) else Reply("yes" if answer else "no", seconds=seconds)

        with ScriptedModel(reply) as model:
            InspectRunner().run(replace(work, base_url=model.base_url), notes)
            self.most_at_once = model.most_at_once
            self.requests = model.requests
            self.keys = model.keys


def item(number: int) -> Item:
    check = Check("word", equals="yes")
    return Item(f"item-{number}", f"family-{number % 2}", f"item-{number}", check, "yes", "no", 1.0, max_tokens=16)


def _outcome(answer: Any) -> float | Failure:
    return Failure("scripted", answer.status, answer.code) if isinstance(answer, Reply) else float(answer)


@pytest.fixture(params=["scripted", "inspect"])
def bench(request, tmp_path) -> Bench:
    return Bench(request.param, tmp_path)


@pytest.fixture
def inspect(tmp_path) -> Bench:
    return Bench("inspect", tmp_path)


def test_every_cell_is_begun_in_order_before_it_is_scored(bench):
    notes = Notebook()
    bench.run(notes, lambda name, number: name in ("item-1", "item-4"))
    assert notes.begun() == [f"item-{i}#1" for i in range(8)]
    assert {cell: result.score for cell, result in notes.results.items()} == {
        f"item-{i}#1": float(i in (1, 4)) for i in range(8)
    }
    for cell in notes.results:
        assert notes.lines.index(("begin", cell, 1)) < notes.lines.index(("scored", cell, 1))


def test_each_attempt_ends_exactly_once(bench):
    notes = Notebook()
    bench.run(notes, lambda name, number: Reply(status=500) if number < 3 and name == "item-2" else 1)
    ended = [(cell, number) for word, cell, number in notes.lines if word != "begin"]
    begun = [(cell, number) for word, cell, number in notes.lines if word == "begin"]
    assert sorted(ended) == sorted(begun)
    assert len(set(ended)) == len(ended)
    assert [line for line in notes.lines if line[1] == "item-2#1"] == [
        ("begin", "item-2#1", 1),
        ("failed", "item-2#1", 1),
        ("begin", "item-2#1", 2),
        ("failed", "item-2#1", 2),
        ("begin", "item-2#1", 3),
        ("scored", "item-2#1", 3),
    ]


def test_a_machines_failure_is_never_scored(bench):
    notes = Notebook()
    bench.run(notes, lambda name, number: Reply(status=503) if name == "item-3" else 0)
    assert "item-3#1" not in notes.results
    assert [failure.status for failure in notes.failures] == [503] * 3
    assert len(notes.results) == 7


def test_nothing_is_started_once_the_book_is_closed(bench):
    notes = Notebook(closes_after=3)
    bench.run(notes, lambda name, number: 1, items=30, seconds=0.02)
    assert len(notes.begun()) <= 3 + 2
    assert len(notes.results) == len(notes.begun())  # what was in flight was let finish


def test_no_more_than_the_allowed_number_runs_at_once(inspect):
    notes = Notebook()
    inspect.run(notes, lambda name, number: 1, items=12, concurrency=3, seconds=0.1)
    assert inspect.most_at_once == 3
    assert len(notes.results) == 12


def test_a_refusal_of_access_arrives_with_its_code_and_sentence(inspect):
    notes = Notebook(tries=1)
    inspect.run(notes, lambda name, number: Reply(status=403, code="withdrawn"), items=1)
    assert notes.failures == [Failure("scripted 403", 403, "withdrawn")]


@pytest.mark.parametrize(
    ("reply", "status", "says"),
    [
        (Reply(status=429, code="tokens-spent"), 429, "scripted 429"),
        (Reply(status=404), 404, "scripted 404"),
        (Reply(drop=True), None, "no connection"),
        (Reply(seconds=4.0, text="yes"), None, "too long"),
    ],
)
def test_failures_keep_their_status(inspect, reply, status, says):
    notes = Notebook(tries=1)
    inspect.run(notes, lambda name, number: reply, items=1)
    [failure] = notes.failures
    assert failure.status == status
    assert says in failure.message
    assert not failure.unreachable


def test_nobody_listening_is_told_apart_from_an_endpoint_that_fails(tmp_path):
    from seatrial.review.benchmarks.adapters.inspect_runner import InspectRunner

    notes = Notebook(tries=1)
    work = Work(
        "c",
        [Cell("item-0", 1)],
        {"item-0": item(0)},
        Elicitation("plain", ""),
        "m",
        "http://127.0.0.1:9/v1",
        KEY,
        1,
        2.0,
        tmp_path,
    )
    InspectRunner().run(work, notes)
    [failure] = notes.failures
    assert failure.unreachable


def test_identity_usage_and_digest_are_taken_from_the_reply(inspect):
    notes = Notebook()
    inspect.run(notes, lambda name, number: Reply("yes", model="north-1-0701", fingerprint="fp-7"), items=1)
    [result] = notes.results.values()
    assert result.model_identity == "north-1-0701/fp-7"
    assert (result.prompt_tokens, result.completion_tokens) == (11, 7)
    assert result.seconds > 0


def test_the_request_is_plain_and_carries_the_items_limit(inspect):
    inspect.run(Notebook(), lambda name, number: 1, items=1)
    [request] = inspect.requests
    assert request == {
        "model": "north-1",
        "messages": [{"role": "system", "content": "Answer."}, {"role": "user", "content": "item-0"}],
        "max_tokens": 16,
    }
    assert inspect.keys == {f"Bearer {KEY}"}


def test_a_refusal_of_the_model_is_noticed_and_scored(inspect):
    notes = Notebook()
    inspect.run(notes, lambda name, number: Reply("I'm sorry, but I can't help with that."), items=1)
    [result] = notes.results.values()
    assert (result.score, result.refused) == (0.0, True)


def test_the_log_is_kept_and_holds_no_key(inspect):
    inspect.run(Notebook(), lambda name, number: Reply(status=500) if name == "item-1" else 1, items=3)
    [log] = (inspect.folder / "logs").iterdir()
    with zipfile.ZipFile(log) as archive:
        content = b"".join(archive.read(name) for name in archive.namelist())
    assert b"item-0" in content
    assert KEY.encode() not in content


def test_an_inspect_that_cannot_run_is_no_success(inspect, monkeypatch):
    from seatrial.review.benchmarks.adapters import inspect_runner

    def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError("disk full")

    monkeypatch.setattr(inspect_runner._Stop, "start_task", broken)
    with pytest.raises(Unavailable) as caught:
        inspect.run(Notebook(), lambda name, number: 1)
    assert caught.value.code == "inspect-failed"
    assert "disk full" in caught.value.message


_strangers: list[Any] | None = None


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if _strangers is None or event not in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
        return
    place = arguments[1] if event == "socket.connect" else arguments[0]
    host = place[0] if isinstance(place, tuple) else place
    if not (isinstance(host, bytes | str) and str(host) in ("127.0.0.1", "::1", "localhost")):
        _strangers.append((event, place))
        raise OSError(f"this test has no network: {event} {place}")


def test_a_campaign_talks_to_loopback_only(inspect, monkeypatch):
    global _strangers
    sys.addaudithook(_watch)  # cannot be taken back, only put to sleep
    monkeypatch.setattr(sys.modules[__name__], "_strangers", [])
    notes = Notebook()
    inspect.run(notes, lambda name, number: Reply("yes", fingerprint=None), items=4)
    assert len(notes.results) == 4
    assert _strangers == []
