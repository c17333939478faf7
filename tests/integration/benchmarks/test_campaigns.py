"""Campaigns on the database: what is committed, counted, resumed, ended; with scripted cells."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from seatrial.kernel.digests import commitment, digest
from seatrial.kernel.errors import Conflict, Forbidden, Misuse, NotFound, Refused, Unavailable
from seatrial.kernel.labels import Label, Level
from seatrial.ledger import api as ledger
from seatrial.review.benchmarks import actions
from seatrial.review.benchmarks import api as benchmarks
from seatrial.review.benchmarks.core.narrowing import AHEAD
from seatrial.review.benchmarks.core.order import cells_of, committed_order, order_digest
from seatrial.review.benchmarks.models import Attempt, Campaign
from seatrial.review.benchmarks.types import (
    AttemptOutcome,
    AttemptResult,
    CampaignState,
    Check,
    EndedAttempt,
    Failure,
    Item,
    Threshold,
    Verdict,
)
from seatrial.review.cases import api as cases
from simulators.consented_reviews import consent_to
from simulators.scripted_runner import ScriptedRunner

pytestmark = pytest.mark.django_db


def make_suite(items=12, **changes):
    made = [
        Item(f"item-{i:02}", f"family-{i % 4}", f"Question {i}?", Check("word", equals="yes"), "yes", "no", 2.0)
        for i in range(items)
    ]
    made[0] = replace(made[0], **changes)
    return benchmarks.make_suite(name="tiny", version="1", generator="tests", seed="s", items=made)


def register(world, suite=None):
    return benchmarks.register_suite(by=world.evaluator, suite=suite or make_suite(), at=world.start)


def stored(suite):
    return settings.SEATRIAL.artefacts / "suites" / f"{suite.replace(':', '-')}.json"


def plan(world, review, suite=None, **changes):
    digest_ = register(world, suite)
    parts = {
        "by": world.evaluator,
        "review": review,
        "suite": digest_,
        "epochs": 5,
        "threshold": Threshold(digest_, "suite-mean", 0.4, 0.6, 0.05),
        "name": "first",
        "seed": "sea trial",
        "at": world.start + timedelta(days=2),
    }
    return benchmarks.plan_campaign(**{**parts, **changes})


def run(world, campaign, script, *, seconds=lambda cell: 0.0, concurrency=4, **changes):
    parts = {
        "by": world.evaluator,
        "campaign": campaign,
        "base_url": "http://127.0.0.1:9/v1",
        "key": "k",
        "concurrency": concurrency,
        "runner": ScriptedRunner(script, seconds),
        "clock": lambda: world.start + timedelta(days=3),
    }
    return benchmarks.run_campaign(**{**parts, **changes})


def always(score):
    return lambda cell, number: score


# Suites ------------------------------------------------------------------------------------------


def test_a_registered_suite_is_read_back_through_its_digest(world):
    made = make_suite()
    assert benchmarks.suite(register(world, made)) == made


def test_registering_a_suite_twice_leaves_one_ledger_entry(world):
    register(world)
    register(world)
    assert len(ledger.entries(world.evaluator, kind="benchmarks.suite-registered")) == 1


def test_one_changed_byte_of_a_stored_suite_is_refused_and_nothing_is_run(world, consented):
    campaign = plan(world, consented)
    path = stored(benchmarks.campaign(world.evaluator, campaign).suite)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(Misuse) as caught:
        run(world, campaign, always(1.0))
    assert caught.value.code == "suite-digest-mismatch"
    assert "so nothing was run" in caught.value.message
    assert not Attempt.objects.exists()
    assert benchmarks.campaign(world.evaluator, campaign).state is CampaignState.PLANNED


def test_a_suite_whose_file_is_gone_says_so(world):
    made = register(world)
    stored(made).unlink()
    with pytest.raises(Unavailable, match="cannot be read"):
        benchmarks.suite(made)


def test_an_unknown_suite_is_not_found(world):
    with pytest.raises(NotFound):
        benchmarks.suite(digest(b"unknown"))


def test_a_suite_beyond_the_instances_level_is_refused(world):
    with pytest.raises(Refused) as caught:
        register(world, make_suite(label=Label(Level.SECRET)))
    assert caught.value.code == "level-too-high"


def test_only_an_evaluator_registers_a_suite(world):
    with pytest.raises(Forbidden):
        benchmarks.register_suite(by=world.governance, suite=make_suite(), at=world.start)


def test_suites_are_listed_for_their_body_only(world):
    register(world)
    assert [view.items for view in benchmarks.suites(world.evaluator)] == [12]
    assert benchmarks.suites(world.governance) == ()


# Plans -------------------------------------------------------------------------------------------


def test_everything_is_committed_before_the_first_attempt(world, consented):
    campaign = plan(world, consented)
    view = benchmarks.campaign(world.evaluator, campaign)
    [entry] = ledger.entries(world.evaluator, kind="benchmarks.campaign-planned")
    facts = {name: opening["value"] for name, opening in entry.openings.items()}
    order = committed_order(cells_of([f"item-{i:02}" for i in range(12)], 5), "sea trial")
    assert facts["order"] == order_digest(order)
    assert facts["seed_commitment"] == view.seed_commitment
    assert facts["threshold"] == {"metric": "suite-mean", "low": 0.4, "high": 0.6, "alpha": 0.05}
    assert "sea trial" not in json.dumps(facts)  # the seed stays sealed until the campaign ends
    assert (view.state, view.started, view.decision.cells) == (CampaignState.PLANNED, 0, 60)


def test_the_seed_is_revealed_at_the_end_and_opens_its_commitment(world, consented):
    campaign = plan(world, consented)
    view = run(world, campaign, always(1.0))
    [entry] = ledger.entries(world.governance, kind="benchmarks.campaign-concluded")
    facts = {name: opening["value"] for name, opening in entry.openings.items()}
    assert commitment(facts["seed_salt"], "seed", facts["seed"]) == view.seed_commitment
    assert facts["summary"] == view.summary


def test_the_developer_sees_that_a_campaign_was_planned_and_not_what_is_in_it(world, consented):
    campaign = plan(world, consented)
    assert ledger.entries(world.governance, kind="benchmarks.campaign-planned")
    assert benchmarks.campaigns(world.governance, consented) == ()
    for stranger in (world.governance, world.rival):
        with pytest.raises(NotFound):
            benchmarks.campaign(stranger, campaign)


def test_a_campaign_without_consent_is_refused(world, offered):
    with pytest.raises(Refused) as caught:
        plan(world, offered)
    assert caught.value.code == "no-consent"


def test_only_an_evaluator_of_the_body_plans_and_runs(world, consented):
    campaign = plan(world, consented)
    for person in (world.governance, world.intake, world.authority, world.rival):
        with pytest.raises((Forbidden, NotFound)):
            plan(world, consented, by=person)
        with pytest.raises((Forbidden, NotFound)):
            run(world, campaign, always(1.0), by=person)
    assert not Attempt.objects.exists()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"epochs": 0}, "bad-epochs"),
        ({"seed": ""}, "bad-seed"),
        ({"name": " "}, "bad-name"),
        ({"threshold": Threshold(digest(b"other"), "suite-mean", 0.4, 0.6, 0.05)}, "other-suite"),
    ],
)
def test_a_plan_that_cannot_be_kept_is_refused(world, consented, changes, code):
    with pytest.raises(Misuse) as caught:
        plan(world, consented, **changes)
    assert caught.value.code == code
    assert not Campaign.objects.exists()


def test_an_item_beyond_the_channel_is_excluded_and_the_exclusion_is_stated(world, consented):
    beyond = Label(Level.CONTROLLED, frozenset({"orca"}))
    evaluator = replace(world.evaluator, compartments=frozenset({"orca"}))
    campaign = plan(world, consented, make_suite(label=beyond), by=evaluator)
    with pytest.raises(NotFound):  # the campaign carries its suite's compartment
        benchmarks.campaign(world.evaluator, campaign)
    view = benchmarks.campaign(evaluator, campaign)
    [(item, why)] = view.excluded
    assert item == "item-00"
    assert "exceeds what the channel is accredited for" in why
    assert view.decision.cells == 55
    assert "1 of 12 items are never sent" in view.note


def test_items_whose_tools_are_missing_are_excluded_or_the_plan_is_refused(world, consented):
    suite = make_suite(needs=frozenset({"quantum-computer"}))
    with pytest.raises(Unavailable) as caught:
        plan(world, consented, suite, exclude_missing_tools=False)
    assert caught.value.code == "tools-missing"
    view = benchmarks.campaign(world.evaluator, plan(world, consented, suite))
    assert [item for item, _ in view.excluded] == ["item-00"]


# Runs --------------------------------------------------------------------------------------------


def test_a_clear_model_is_decided_early_and_the_rest_is_never_sent(world, consented):
    view = run(world, plan(world, consented), always(1.0))
    assert (view.state, view.decision.verdict) == (CampaignState.DECIDED, Verdict.MEETS)
    assert view.counted < 12
    assert view.started <= view.counted + 4  # concurrency
    assert view.unused == view.started - view.counted
    assert len(view.funnel) == view.counted + 1
    assert view.model_identity == "scripted/fp-1"


def test_slow_successes_do_not_lose_to_fast_failures(world, consented):
    def script(cell, number):
        return 0.0 if cell.item in ("item-00", "item-01", "item-02", "item-03") else 1.0

    campaign = plan(world, consented)
    view = run(world, campaign, script, seconds=lambda cell: 0.02 * script(cell, 1), concurrency=16)
    order = Campaign.objects.get(id=campaign).order
    straight = [script(type("C", (), {"item": cell[:-2]}), 1) for cell in order[: view.counted]]
    assert view.decision.mean == pytest.approx(sum(straight) / len(straight))
    assert view.decision.verdict is Verdict.MEETS


def test_machine_failures_are_retried_and_shown(world, consented):
    view = run(world, plan(world, consented), lambda cell, number: Failure("busy", 503) if number == 1 else 1.0)
    assert view.decision.verdict is Verdict.MEETS
    assert view.retried >= view.counted
    assert view.unrunnable == 0
    assert view.decision.mean == 1.0


def test_a_cell_that_never_runs_is_bounded_at_both_extremes(world, consented):
    campaign = plan(world, consented, seed="4")
    first = Campaign.objects.get(id=campaign).order[0]

    def script(cell, number):
        return Failure("broken", 500) if cell.id == first else 0.0

    view = run(world, campaign, script)
    assert view.unrunnable == 1
    assert view.decision.verdict is Verdict.BELOW
    assert view.decision.mean == 0.0
    assert view.decision.upper < 0.6


@pytest.mark.parametrize(
    "failure",
    [Failure("access ended: withdrawn", 403, "withdrawn"), Failure("the token budget is spent", 429, "tokens-spent")],
)
def test_the_end_of_access_stops_the_campaign_and_is_no_failure_of_the_model(world, consented, failure):
    calls = []

    def script(cell, number):
        calls.append(cell)
        return failure if len(calls) > 3 else 0.5

    view = run(world, plan(world, consented), script, concurrency=2)
    assert (view.state, view.decision.verdict) == (CampaignState.STOPPED, Verdict.UNDECIDED)
    assert failure.message in view.note
    assert view.counted == 3
    assert view.decision.mean == 0.5
    assert view.retried == view.unrunnable == 0
    assert len(calls) <= 5


def test_a_mistyped_key_pauses_the_run_and_costs_neither_campaign_nor_cell(world, consented):
    campaign = plan(world, consented)
    with pytest.raises(Unavailable, match="does not let this caller in: no such key"):
        run(world, campaign, always(Failure("no such key", 401, "unknown-key")))
    view = run(world, campaign, always(1.0))
    assert (view.decision.verdict, view.unrunnable, view.retried) == (Verdict.MEETS, 0, 0)


def test_a_campaign_is_not_run_before_the_window_opens(world, consented):
    campaign = plan(world, consented)
    with pytest.raises(Refused) as caught:
        run(world, campaign, always(1.0), clock=lambda: world.start + timedelta(hours=1))
    assert caught.value.code == "not-open-yet"
    assert benchmarks.campaign(world.evaluator, campaign).state is CampaignState.PLANNED


def test_a_campaign_in_a_review_that_was_withdrawn_stops_without_a_call(world, consented):
    campaign = plan(world, consented)
    cases.withdraw(by=world.signatory, review=consented, at=world.start + timedelta(days=2))
    view = run(world, campaign, always(1.0))
    assert (view.state, view.started) == (CampaignState.STOPPED, 0)
    assert "Access to the model ended" in view.note


def test_a_withdrawal_takes_the_campaigns_away_with_the_review(world, consented):
    campaign = plan(world, consented)
    assert len(benchmarks.campaigns(world.evaluator, consented)) == 1
    cases.withdraw(by=world.signatory, review=consented, at=world.start + timedelta(days=2))
    assert benchmarks.campaigns(world.evaluator, consented) == ()
    with pytest.raises(NotFound):
        benchmarks.campaign(world.evaluator, campaign)


def test_an_endpoint_that_answers_nobody_pauses_the_run_and_costs_no_cell(world, consented):
    campaign = plan(world, consented)
    with pytest.raises(Unavailable) as caught:
        run(world, campaign, always(Failure("no connection", unreachable=True)))
    assert caught.value.code == "endpoint-unavailable"
    assert "paused, not ended" in caught.value.message
    paused = benchmarks.campaign(world.evaluator, campaign)
    assert (paused.state, paused.unrunnable, paused.counted) == (CampaignState.RUNNING, 0, 0)
    assert run(world, campaign, always(1.0)).decision.verdict is Verdict.MEETS


def test_an_endpoint_that_fails_for_every_cell_pauses_the_run_too(world, consented):
    campaign = plan(world, consented)
    with pytest.raises(Unavailable, match="several cells in a row"):
        run(world, campaign, always(Failure("internal error", 500)), concurrency=1)
    assert benchmarks.campaign(world.evaluator, campaign).unrunnable == 3


def test_a_cell_that_hangs_does_not_let_the_others_run_far_ahead(world, consented):
    campaign = plan(world, consented)
    first = Campaign.objects.get(id=campaign).order[0]
    view = run(
        world,
        campaign,
        always(1.0),
        seconds=lambda cell: 0.5 if cell.id == first else 0.0,
        concurrency=2,
    )
    assert view.decision.verdict is Verdict.MEETS
    assert view.started <= 1 + AHEAD * 2


def test_no_more_runs_at_once_than_the_developer_consented_to(world, consented):
    running, most = [0], [0]

    class Counting(ScriptedRunner):
        async def _cell(self, cell, book):
            running[0] += 1
            most[0] = max(most[0], running[0])
            await super()._cell(cell, book)
            running[0] -= 1

    slow = Counting(always(0.5), lambda cell: 0.001)
    run(world, plan(world, consented, make_suite(items=30)), always(0.5), runner=slow, concurrency=500)
    assert most[0] <= 64


def test_another_model_under_the_same_name_voids_the_campaign_from_there(world, consented):
    campaign = plan(world, consented)
    order = Campaign.objects.get(id=campaign).order
    view = run(
        world, campaign, lambda cell, number: (0.5, "m/fp-2" if order.index(cell.id) >= 7 else "m/fp-1"), concurrency=1
    )
    assert (view.state, view.decision.verdict, view.counted) == (CampaignState.VOID, Verdict.UNDECIDED, 7)
    assert "Another model answered" in view.note


def test_a_consent_for_another_build_voids_the_campaign_before_a_call(world, consented):
    campaign = plan(world, consented)
    consent_to(world, consented, b"north-1 weights of tomorrow")
    view = run(world, campaign, always(1.0))
    assert (view.state, view.started) == (CampaignState.VOID, 0)
    assert "another build" in view.note


def test_a_campaign_that_has_ended_is_returned_as_it_is(world, consented):
    campaign = plan(world, consented)
    first = run(world, campaign, always(1.0))
    assert run(world, campaign, always(0.0)) == first
    assert len(ledger.entries(world.evaluator, kind="benchmarks.campaign-concluded")) == 1


def test_a_run_that_dies_is_taken_up_where_it_was_and_counts_nothing_twice(world, consented):
    class Killed(BaseException):
        pass

    def dies(cell, number, calls=[]):  # noqa: B006
        calls.append(cell)
        if len(calls) == 6:
            raise Killed
        return 0.5

    campaign = plan(world, consented)
    with pytest.raises(Killed):
        run(world, campaign, dies, concurrency=3)
    before = dict(Attempt.objects.filter(outcome=AttemptOutcome.SCORED).values_list("cell", "completion_digest"))
    begun = Attempt.objects.count()
    assert Attempt.objects.filter(outcome=AttemptOutcome.OPEN).exists()
    view = run(world, campaign, always(0.5))
    scored = Attempt.objects.filter(outcome=AttemptOutcome.SCORED)
    assert dict(scored.filter(cell__in=before).values_list("cell", "completion_digest")) == before
    assert scored.count() == scored.values("cell").distinct().count()
    assert Attempt.objects.filter(outcome=AttemptOutcome.INTERRUPTED).count() == begun - len(before)
    assert view.started == Attempt.objects.count()
    assert view.retried == 0  # nobody's failure


def test_interrupted_from_the_keyboard_a_run_takes_in_what_is_in_flight_and_can_go_on(world, consented):
    def interrupts(step):
        if step.counted == 3:
            raise KeyboardInterrupt

    campaign = plan(world, consented)
    with pytest.raises(KeyboardInterrupt):
        run(world, campaign, always(1.0), progress=interrupts, concurrency=3, seconds=lambda cell: 0.01)
    assert Attempt.objects.count() <= 6
    view = run(world, campaign, always(1.0))
    assert view.decision.verdict is Verdict.MEETS
    assert view.retried == 0


def test_an_error_of_ours_ends_the_run_and_leaves_the_campaign_to_be_taken_up(world, consented):
    def breaks(step):
        raise ZeroDivisionError

    campaign = plan(world, consented)
    with pytest.raises(ZeroDivisionError):
        run(world, campaign, always(1.0), progress=breaks)
    assert run(world, campaign, always(1.0)).decision.verdict is Verdict.MEETS


def test_a_later_run_supersedes_an_earlier_one(world, consented):
    campaign = plan(world, consented)
    old = actions.begin_run(by=world.evaluator, campaign=campaign, at=world.start)
    actions.take_down(campaign=campaign, run=old, begun=[("item-00#1", 1)], at=world.start)
    actions.begin_run(by=world.evaluator, campaign=campaign, at=world.start)
    result = AttemptResult("item-00#1", 1.0, 0.1, digest(b""), 1, 1, "m", False)
    with pytest.raises(Conflict) as caught:
        actions.take_down(
            campaign=campaign, run=old, ended=[EndedAttempt(1, AttemptOutcome.SCORED, result)], at=world.start
        )
    assert caught.value.code == "run-superseded"


def test_a_campaign_stopped_by_hand_takes_no_more_results(world, consented):
    campaign = plan(world, consented)
    calls = []

    def script(cell, number):
        calls.append(cell)
        return 0.5

    def stops(step):
        if step.counted == 4:
            benchmarks.stop_campaign(
                by=world.evaluator, campaign=campaign, reason="the window is needed", at=world.start
            )

    with pytest.raises(Conflict) as caught:
        run(world, campaign, script, progress=stops, concurrency=1)
    assert caught.value.code == "campaign-ended"
    view = benchmarks.campaign(world.evaluator, campaign)
    assert (view.state, view.counted, len(calls)) == (CampaignState.STOPPED, 4, 4)
    assert view.note.startswith("the window is needed")


def test_stopping_needs_a_reason(world, consented):
    with pytest.raises(Misuse, match="few words"):
        benchmarks.stop_campaign(by=world.evaluator, campaign=plan(world, consented), reason=" ", at=world.start)


def test_the_database_itself_refuses_a_second_score_for_a_cell(world, consented):
    row = Campaign.objects.get(id=plan(world, consented))
    parts = {"campaign": row, "cell": "item-00#1", "outcome": AttemptOutcome.SCORED, "started_at": world.start}
    Attempt.objects.create(number=1, score=1.0, **parts)
    for bad in ({"number": 2, "score": 0.0}, {"number": 1, "score": None, "outcome": AttemptOutcome.OPEN}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Attempt.objects.create(**{**parts, **bad})
    for bad in ({"score": None}, {"score": 1.5}, {"score": 1.0, "outcome": AttemptOutcome.FAILED}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Attempt.objects.create(**{**parts, "cell": "item-01#1", "number": 1, **bad})


def test_campaigns_on_one_suite_share_their_error(world, consented):
    first = plan(world, consented)
    assert benchmarks.campaign(world.evaluator, first).error_budget == pytest.approx(0.05)
    plan(world, consented, name="second")
    assert benchmarks.campaign(world.evaluator, first).error_budget == pytest.approx(0.10)


def test_progress_tells_where_the_campaign_is(world, consented):
    steps = []
    view = run(world, plan(world, consented), always(1.0), progress=steps.append, concurrency=1)
    assert [step.started for step in steps if step.counted == 0][:1] == [1]
    assert steps[-1].counted == view.counted
    assert steps[-1].decision == view.decision
    assert steps[2].forecast is None
    assert next(step for step in steps if step.counted == 6).forecast.fits


def test_families_are_shown_with_intervals_that_know_their_clusters(world, consented):
    def script(cell, number):
        return float(hash((int(cell.item[-2:]) * 7 + cell.epoch) % 5) % 2 == 0)

    suite = make_suite(items=40)
    view = run(world, plan(world, consented, suite, epochs=3), script)
    assert {family.family for family in view.families} <= {f"family-{i}" for i in range(4)}
    assert sum(family.attempts for family in view.families) == view.counted
    for family in view.families:
        assert family.lower is None or family.lower <= family.mean <= family.upper
    assert view.domain_lower <= view.decision.mean <= view.domain_upper


def test_a_view_asks_the_database_few_questions_however_many_attempts_there_are(world, consented):
    campaign = plan(world, consented)
    run(world, campaign, always(1.0))
    with CaptureQueriesContext(connection) as one:
        benchmarks.campaign(world.evaluator, campaign)
    assert len(one) <= 8


# Looking ahead -----------------------------------------------------------------------------------


def test_a_campaign_that_will_not_fit_says_so_early_and_goes_on(world, consented):
    late = world.start + timedelta(days=21) - timedelta(seconds=0.05)
    steps = []
    campaign = plan(world, consented)
    view = run(
        world,
        campaign,
        lambda cell, number: float(cell.epoch % 2),
        seconds=lambda cell: 0.05,
        concurrency=1,
        clock=lambda: late,
        progress=lambda step: steps.append((step, benchmarks.campaign(world.evaluator, campaign).note)),
    )
    short = [(step.forecast.short, note) for step, note in steps if step.forecast and step.forecast.short]
    assert "but access ends at 2026-07-22T09:00Z" in short[0][0]
    assert short[0][1].startswith(short[0][0])
    assert view.decision.verdict is not Verdict.UNDECIDED


def test_a_running_campaign_shows_its_forecast(world, consented):
    def interrupts(step):
        if step.counted >= 8:
            raise KeyboardInterrupt

    campaign = plan(world, consented)
    with pytest.raises(KeyboardInterrupt):
        run(world, campaign, lambda cell, number: float(cell.epoch % 2), progress=interrupts, concurrency=2)
    found = benchmarks.campaign(world.evaluator, campaign).forecast
    assert found is not None
    assert 0 < found.attempts_left <= 52
