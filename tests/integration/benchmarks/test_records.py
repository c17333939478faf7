"""A campaign's record: the same figures from the file as from the database, and nothing in it can be changed."""

import json
from datetime import timedelta

import pytest

from seatrial.kernel.canonical import canonical
from seatrial.kernel.errors import Misuse, NotFound, Refused
from seatrial.ledger import api as ledger
from seatrial.review.benchmarks import api as benchmarks
from seatrial.review.benchmarks.core.prefix import Prefix
from seatrial.review.benchmarks.core.record import result_of, tally_of
from seatrial.review.benchmarks.types import AttemptOutcome, Check, Failure, Item, Threshold
from simulators.scripted_runner import ScriptedRunner

pytestmark = pytest.mark.django_db


def planned(world, review, seed="sea trial", foreseen=lambda n: None):
    check = Check("word", equals="yes")
    items = [
        Item(f"i{n:02}", f"f{n % 4}", f"Q{n}?", check, "yes", "no", 2.0, difficulty=foreseen(n)) for n in range(12)
    ]
    made = benchmarks.make_suite(name="tiny", version="1", generator="tests", seed="s", items=items)
    digest = benchmarks.register_suite(by=world.evaluator, suite=made, at=world.start)
    return benchmarks.plan_campaign(
        by=world.evaluator,
        review=review,
        suite=digest,
        epochs=5,
        threshold=Threshold(digest, "suite-mean", 0.4, 0.6, 0.05),
        name="recorded",
        seed=seed,
        at=world.start + timedelta(days=2),
    )


def run(world, campaign, concurrency=4, slow=""):
    def script(cell, number):
        if number == 1 and cell.id in {"i03#1", "i07#2"}:
            return Failure("the machine hiccupped", status=500)
        return float(cell.item >= "i05")

    return benchmarks.run_campaign(
        by=world.evaluator,
        campaign=campaign,
        base_url="http://127.0.0.1:9/v1",
        key="k",
        concurrency=concurrency,
        runner=ScriptedRunner(script, lambda cell: 0.01 if cell.item.endswith(slow or "x") else 0.0),
        clock=lambda: world.start + timedelta(days=3),
    )


@pytest.fixture
def ended(world, consented):
    campaign = planned(world, consented)
    return run(world, campaign), benchmarks.ended_record(world.evaluator, campaign)


def test_the_file_gives_the_same_figures_as_the_database(ended):
    view, record = ended
    again = benchmarks.read_record(benchmarks.record_bytes(record))
    assert again == record
    assert benchmarks.view_of(again, error_budget=view.error_budget, summary=view.summary) == view
    assert benchmarks.summary_of(again, again.state, tally_of(again)) == view.summary


def test_the_ledger_pins_record_and_summary(world, ended):
    view, record = ended
    [entry] = ledger.entries(world.evaluator, kind="benchmarks.campaign-concluded")
    opened = json.dumps(entry.openings, default=str)
    assert benchmarks.record_digest(record) in opened
    assert view.summary in opened


def test_the_same_answers_have_the_same_summary_however_they_were_run(world, consented):
    one, two = planned(world, consented), planned(world, consented)
    first, second = run(world, one, concurrency=1), run(world, two, concurrency=16, slow="3")
    assert first.decision == second.decision
    assert first.summary == second.summary
    other = run(world, planned(world, consented, seed="another order"))
    assert other.summary != first.summary


def test_difficulties_committed_with_the_suite_are_what_the_test_bets_on(world, consented):
    blind = run(world, planned(world, consented))
    campaign = planned(world, consented, foreseen=lambda n: 0.9 if n >= 5 else 0.1)
    seeing, record = run(world, campaign), benchmarks.ended_record(world.evaluator, campaign)
    assert seeing.decision.verdict is blind.decision.verdict
    assert seeing.counted <= blind.counted
    told = {item.id: item.difficulty for item in record.items}
    again = Prefix(record.order, record.threshold, predictions=told)
    for attempt in record.attempts:
        if attempt.outcome in (AttemptOutcome.SCORED, AttemptOutcome.FAILED):
            again.record(result_of(attempt))
    assert again.decision == seeing.decision


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda said: said.update(seed="other"), "record-differs"),
        (lambda said: said["order"].reverse(), "record-differs"),
        (lambda said: said.update(order_digest="sha256:" + "0" * 64), "record-differs"),
        (lambda said: said.update(epochs=4), "record-differs"),
        (lambda said: said.update(more=1), "bad-record"),
        (lambda said: said.pop("attempts"), "bad-record"),
        (lambda said: said.update(format="x"), "bad-record"),
        (lambda said: said["attempts"][0].update(outcome="won"), "bad-record"),
        (lambda said: said.update(threshold={}), "bad-record"),
    ],
)
def test_a_record_that_was_changed_or_cut_says_so(ended, change, code):
    document = json.loads(benchmarks.record_bytes(ended[1]))
    change(document)
    with pytest.raises(Misuse) as caught:
        benchmarks.read_record(canonical(document))
    assert caught.value.code == code


def test_a_changed_score_is_another_digest(ended):
    _, record = ended
    document = json.loads(benchmarks.record_bytes(record))
    document["attempts"][0]["score"] = 0.5
    assert benchmarks.record_digest(benchmarks.read_record(canonical(document))) != benchmarks.record_digest(record)


def test_before_the_end_there_is_none_and_a_developer_gets_none(world, consented):
    campaign = planned(world, consented)
    with pytest.raises(Refused, match="still secret"):
        benchmarks.ended_record(world.evaluator, campaign)
    run(world, campaign)
    with pytest.raises(NotFound):
        benchmarks.ended_record(world.governance, campaign)
