"""Somebody else's tasks through our runner: scored as by Inspect alone, refused when they are not what was sealed."""

from __future__ import annotations

import shutil
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from seatrial.compute.api import Executor, ExecutorKind
from seatrial.kernel.digests import Digest
from seatrial.kernel.errors import Misuse, Unavailable
from seatrial.kernel.labels import Label
from seatrial.review.benchmarks import api as benchmarks
from seatrial.review.benchmarks.adapters.crew_runner import CrewRunner
from seatrial.review.benchmarks.types import CampaignState, Suite, Threshold, Verdict
from seatrial.sandbox import api as sandbox
from simulators.scripted_model import Reply, ScriptedModel
from simulators.third_party import adapted, bare

FOREIGN = Path(__file__).parents[2] / "data" / "foreign" / "tasks.py"


def suite_of(task: str, **how: Any) -> Suite:
    options = {"minutes": 1.0, "seed": "a seed", **how}
    return benchmarks.adapt(benchmarks.Adapting(f"{FOREIGN}@{task}", **options))


@pytest.fixture(scope="module")
def capitals() -> Suite:
    return suite_of(
        "capitals", family_from="kind", label=Label.parse("controlled//-//TLP:GREEN//*"), arguments={"count": 3}
    )


def towns(prompt: str, number: int) -> Reply:
    return Reply({"Norway": "Oslo", "Peru": "It is Lima."}.get(prompt.split()[-1].rstrip("?"), "unknown"))


def test_a_task_becomes_items_with_families_labels_times_and_what_pins_them(capitals):
    assert [item.id for item in capitals.items] == ["Norway-0", "Chad-1", "Peru-2"]
    assert {item.family for item in capitals.items} == {"short", "long"}
    assert {str(item.label) for item in capitals.items} == {"controlled//-//TLP:GREEN//*"}
    assert {item.human_minutes for item in capitals.items} == {0.5}
    first = capitals.items[0].inspect
    assert first is not None
    assert (first.sample, first.arguments, first.package) == ("Norway#0", {"count": 3}, "tasks.py")
    assert len({item.inspect.digest for item in capitals.items if item.inspect}) == 3
    written = benchmarks.suite_bytes(capitals)
    assert benchmarks.read_suite(written, capitals.digest) == capitals


def test_it_scores_as_inspect_alone_and_asks_the_model_the_same(capitals, tmp_path):
    with ScriptedModel(towns) as model:
        notes = adapted(capitals, model.base_url, tmp_path)
        asked = sorted(map(str, model.requests))
        model.requests.clear()
        alone = bare(capitals, model.base_url, tmp_path)
        assert sorted(map(str, model.requests)) == asked
    assert {cell.partition("#")[0]: result.score for cell, result in notes.results.items()} == {
        sample.replace("#", "-"): float(scores["includes"] == "C") for sample, scores in alone.items() if scores
    }
    assert [result.score for result in notes.results.values()].count(1.0) == 2


def test_two_processes_load_the_task_each_and_score_the_same(capitals, tmp_path):
    crew = CrewRunner(Executor(ExecutorKind.PROCESSES, 2))
    with ScriptedModel(towns) as model:
        notes = adapted(capitals, model.base_url, tmp_path, runner=crew)
    assert {cell: result.score for cell, result in notes.results.items()} == {
        "Norway-0#1": 1.0,
        "Chad-1#1": 0.0,
        "Peru-2#1": 1.0,
    }


def test_samples_that_a_task_draws_are_drawn_again_from_the_suites_seed(tmp_path):
    one = suite_of("sums", score="includes", arguments={"count": 2})
    other = suite_of("sums", score="includes", arguments={"count": 2}, seed="another seed")
    assert [item.prompt for item in one.items] != [item.prompt for item in other.items]

    def add(prompt: str, number: int) -> Reply:
        left, _, right, *_ = prompt.split()
        return Reply(str(int(left) + int(right)))

    with ScriptedModel(add) as model:
        notes = adapted(one, model.base_url, tmp_path)
        assert set(model.prompts) == {item.prompt for item in one.items}
    assert [result.score for result in notes.results.values()] == [1.0, 1.0]


def test_which_of_several_scores_counts_is_said(tmp_path):
    with pytest.raises(Misuse, match="includes, length"):
        suite_of("sums")
    with pytest.raises(Misuse, match=r"by_key\.first, by_key\.second"):
        suite_of("keyed")
    quarter = suite_of("keyed", score="by_key.second")
    with ScriptedModel(lambda prompt, number: Reply("any")) as model:
        [result] = adapted(quarter, model.base_url, tmp_path).results.values()
    assert result.score == 0.25


def test_an_agents_calls_are_summed_and_all_of_them_say_who_answered(tmp_path):
    agent = suite_of("agent")

    def submit(prompt: str, number: int) -> Reply:
        word = prompt.split()[1] if prompt.startswith("Say") else prompt
        if prompt.startswith("Say"):
            return Reply(call=("backwards", {"word": word}))
        return Reply(call=("submit", {"answer": "mood" if word == "doom" else word}), fingerprint="fp-1")

    with ScriptedModel(submit) as model:
        notes = adapted(agent, model.base_url, tmp_path)
        alone = bare(agent, model.base_url, tmp_path)
    assert {cell: result.score for cell, result in notes.results.items()} == {
        f"{sample}#1": float(scores["includes"] == "C") for sample, scores in alone.items() if scores
    }
    assert {result.model_identity for result in notes.results.values()} == {"scripted/fp-1"}
    stop, mood = notes.results["stop#1"], notes.results["mood#1"]
    assert (stop.score, stop.prompt_tokens, stop.completion_tokens) == (1.0, 22, 14)
    assert mood.score == 0.0
    assert mood.prompt_tokens > stop.prompt_tokens  # it was wrong, and tried again


def test_a_build_that_changes_between_two_calls_of_an_attempt_is_seen(tmp_path):
    def reply(prompt: str, number: int) -> Reply:
        first = prompt.startswith("Say")
        call = ("backwards", {"word": "x"}) if first else ("submit", {"answer": "pots"})
        return Reply(call=call, fingerprint="fp-1" if first else "fp-2")

    with ScriptedModel(reply) as model:
        [result] = adapted(suite_of("agent"), model.base_url, tmp_path, items=1).results.values()
    assert result.model_identity == "scripted/fp-1 then scripted/fp-2"


def test_a_limit_of_the_task_ends_the_sample_and_it_is_scored_as_it_stands(tmp_path):
    short = suite_of("agent", arguments={"messages": 4})
    with ScriptedModel(lambda prompt, number: Reply(call=("backwards", {"word": "x"}))) as model:
        notes = adapted(short, model.base_url, tmp_path)
        calls = len(model.requests)
        alone = bare(short, model.base_url, tmp_path)
        assert len(model.requests) == 2 * calls
    assert {result.score for result in notes.results.values()} == {0.0}
    assert {scores["includes"] for scores in alone.values() if scores} == {"I"}


@pytest.mark.parametrize("task", ["hurried", "overworked"])
def test_a_limit_on_time_ends_the_sample_and_it_is_scored_as_it_stands(task, tmp_path):
    made = suite_of(task)
    with ScriptedModel(lambda prompt, number: Reply(prompt, seconds=3.0 if prompt == "late" else 0.0)) as model:
        began = time.monotonic()
        notes = adapted(made, model.base_url, tmp_path, items=1)
        alone = bare(made, model.base_url, tmp_path, items=1)
        late = adapted(made, model.base_url, tmp_path, tries=1) if task == "hurried" else notes
    assert time.monotonic() - began < 60
    assert {result.score for result in notes.results.values()} == {1.0}
    assert [scores["includes"] for scores in alone.values() if scores] == ["C"]
    assert "late#1" not in late.results, "no reply came, so nothing says whose score it would be"


@pytest.mark.sandbox
@pytest.mark.skipif(sandbox.available() is not None, reason=str(sandbox.available()))
def test_a_box_has_the_samples_files_and_setup_and_a_second_attempt_gets_a_box_of_its_own(tmp_path):
    boxed = suite_of("boxed")
    assert {need for item in boxed.items for need in item.needs} == {"container"}
    with ScriptedModel(lambda prompt, number: Reply("a", status=500 if number == 1 else 200)) as model:
        notes = adapted(boxed, model.base_url, tmp_path)
    assert {cell: result.score for cell, result in notes.results.items()} == {"write#1": 1.0, "nowhere#1": 0.0}
    assert len(notes.failures) == 2
    from inspect_ai.log import read_eval_log

    [log] = (tmp_path / "logs").iterdir()
    for sample in read_eval_log(str(log)).samples or []:
        [score] = sample.store["task_scores"].values()
        assert sample.store["tidied"] is True
        if sample.id == "write#1":
            assert (score["answer"], score["metadata"]) == ("givenmade by setup\n", {"tries": 1})


@pytest.mark.parametrize(
    ("said", "score", "failure"),
    [
        ("half", 0.5, None),
        ("yes", 1.0, None),
        ("partly", 0.5, None),
        ("none", 0.0, None),
        ("seven", None, "gave 7, which is neither"),
        ("map", None, "several values"),
        ("break", None, "this scorer broke"),
        ("nothing", None, "gave no score"),
    ],
)
def test_a_score_counts_for_what_it_says_and_one_that_says_nothing_counts_for_nothing(tmp_path, said, score, failure):
    with ScriptedModel(lambda prompt, number: Reply(said)) as model:
        notes = adapted(suite_of_rated(), model.base_url, tmp_path, items=1, tries=2)
    assert [result.score for result in notes.results.values()] == ([] if score is None else [score])
    assert len(notes.failures) == (0 if failure is None else 2)
    assert all(failure and failure in one.message for one in notes.failures)


_rated: list[Suite] = []


def suite_of_rated() -> Suite:
    if not _rated:
        _rated.append(suite_of("rated"))
    return _rated[0]


def test_a_call_that_fails_is_the_machines_failure_even_if_the_solver_would_go_on(tmp_path):
    def reply(prompt: str, number: int) -> Reply:
        return Reply(status=503) if prompt == "stubborn" and number == 1 else Reply("x")

    with ScriptedModel(reply) as model:
        notes = adapted(suite_of("stubborn"), model.base_url, tmp_path)
    assert [failure.status for failure in notes.failures] == [503]
    [result] = notes.results.values()
    assert result.score == 1.0
    assert result.prompt_tokens == 22  # what the failed attempt was answered is paid for, too


def test_a_solver_that_asks_nothing_is_not_scored(tmp_path):
    with ScriptedModel(lambda prompt, number: Reply("x")) as model:
        notes = adapted(suite_of("silent"), model.base_url, tmp_path, tries=1)
    assert not notes.results
    assert "asked the model nothing" in notes.failures[0].message


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"digest": Digest("sha256:" + "0" * 64)}, "makes it otherwise now"),
        ({"code": Digest("sha256:" + "0" * 64)}, "not those it was sealed with"),
        ({"package": "tasks 2.0"}, "sealed as tasks 2.0 has it"),
        ({"sample": "Iceland#9"}, "no longer makes it"),
    ],
)
def test_a_sample_that_differs_from_the_sealed_one_is_never_sent(capitals, tmp_path, change, says):
    first, *others = capitals.items
    assert first.inspect is not None
    altered = replace(capitals, items=(replace(first, inspect=replace(first.inspect, **change)), *others))
    with ScriptedModel(towns) as model:
        with pytest.raises(Unavailable, match=says) as caught:
            adapted(altered, model.base_url, tmp_path)
        assert model.requests == []
    assert caught.value.code == "sample-differs"


def test_a_task_whose_file_was_changed_since_is_noticed(tmp_path):
    copy = tmp_path / "own" / "tasks.py"
    copy.parent.mkdir()
    shutil.copy(FOREIGN, copy)
    made = benchmarks.adapt(benchmarks.Adapting(f"{copy}@capitals", minutes=1.0))
    copy.write_text(copy.read_text().replace("target=town", 'target="any"'))
    with ScriptedModel(towns) as model, pytest.raises(Unavailable, match="not those it was sealed with"):
        adapted(made, model.base_url, tmp_path)


@pytest.mark.parametrize(
    ("task", "code", "says"),
    [
        ("never_the_same", "task-not-adaptable", "nothing can pin it"),
        ("from_afar", "task-not-loaded", "no connection to 192.0.2.1"),
        ("from_the_web", "task-not-adaptable", "https://files.example/page"),
        ("own_model", "task-not-adaptable", "names a model of its own"),
        ("unscored", "task-not-adaptable", "has no scorer"),
        ("on_the_machine", "task-not-adaptable", "without a box"),
        ("nobody", "task-not-loaded", "nobody"),
    ],
)
def test_what_cannot_be_adapted_is_said_in_a_sentence(task, code, says):
    with pytest.raises((Misuse, Unavailable), match=says) as caught:
        suite_of(task)
    assert caught.value.code == code


def test_a_person_s_time_and_a_family_are_not_guessed():
    with pytest.raises(Misuse, match="says nowhere how long"):
        suite_of("rated", minutes=None)
    with pytest.raises(Misuse, match="has no topic in its metadata"):
        suite_of("rated", family_from="topic")


@pytest.mark.django_db(transaction=True)
def test_a_campaign_over_an_adapted_suite_is_decided_and_says_what_judged(world, consented, capitals):
    digest = benchmarks.register_suite(by=world.evaluator, suite=capitals, at=world.start)
    campaign = benchmarks.plan_campaign(
        by=world.evaluator,
        review=consented,
        suite=digest,
        epochs=6,
        threshold=Threshold(digest, "suite-mean", 0.3, 0.5, 0.05),
        name="capitals",
        seed="order",
        at=world.start + timedelta(days=2),
    )
    with ScriptedModel(towns) as model:
        view = benchmarks.run_campaign(
            by=world.evaluator,
            campaign=campaign,
            base_url=model.base_url,
            key="k",
            concurrency=2,
            clock=lambda: world.start + timedelta(days=3),
        )
    assert view.decision.verdict is Verdict.MEETS
    assert view.prompt_tokens == 11 * view.started
    assert {family.family for family in view.families} == {"short", "long"}
    assert all(item.scoring.endswith("tasks.py@capitals") for item in capitals.manifest.items)


@pytest.mark.django_db(transaction=True)
def test_a_campaign_whose_task_has_changed_sends_nothing_and_can_be_taken_up_again(world, consented, capitals):
    first = capitals.items[0]
    assert first.inspect is not None
    other = replace(first, inspect=replace(first.inspect, digest=Digest("sha256:" + "0" * 64)))
    altered = benchmarks.make_suite(name="altered", version="1", generator="g", seed="s", items=[other])
    digest = benchmarks.register_suite(by=world.evaluator, suite=altered, at=world.start)
    at = world.start + timedelta(days=2)
    threshold = Threshold(digest, "suite-mean", 0.3, 0.5, 0.05)
    campaign = benchmarks.plan_campaign(
        by=world.evaluator, review=consented, suite=digest, epochs=2, threshold=threshold, name="a", seed="o", at=at
    )
    with ScriptedModel(towns) as model:
        for _ in range(2):
            with pytest.raises(Unavailable) as caught:
                benchmarks.run_campaign(
                    by=world.evaluator,
                    campaign=campaign,
                    base_url=model.base_url,
                    key="k",
                    concurrency=1,
                    clock=lambda: world.start + timedelta(days=3),
                )
            assert caught.value.code == "sample-differs"
        assert model.requests == []
    view = benchmarks.campaign(world.evaluator, campaign)
    assert (view.state, view.started, view.counted) == (CampaignState.RUNNING, 0, 0)
