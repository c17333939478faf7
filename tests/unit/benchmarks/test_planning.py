"""Before and around the attempts: exclusions, failures, judging, the campaign's life."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from seatrial.kernel.digests import digest
from seatrial.kernel.errors import Refused
from seatrial.kernel.labels import Label, Level
from seatrial.review.benchmarks.core.failures import (
    LONGEST_WAIT,
    PATIENCE,
    Consequence,
    Patience,
    consequence,
    wait_before,
)
from seatrial.review.benchmarks.core.judging import equal, looks_like_refusal, step_failure
from seatrial.review.benchmarks.core.lifecycle import FINAL, MACHINE
from seatrial.review.benchmarks.core.manifest import make_suite, needs_of
from seatrial.review.benchmarks.core.planning import exclusions, power_note
from seatrial.review.benchmarks.types import CampaignState, Check, Failure, Item, Step, Threshold

NOW = datetime(2026, 7, 1, tzinfo=UTC)
CHANNEL = Label.among("lab", "body")
ZONE = Threshold(digest(b"suite"), "mean", 0.45, 0.55, 0.05)


def item(name, **changes):
    return replace(Item(name, "f", "?", Check("word", equals="yes"), "yes", "no", 1.0), **changes)


def suite(*items):
    return make_suite(name="s", version="1", generator="g", seed="0", items=items)


def test_an_item_labelled_beyond_the_channel_is_never_sent():
    made = suite(item("open"), item("secret", label=Label(Level.SECRET)), item("sealed", label=Label(Level.CONTROLLED)))
    [(name, why)] = exclusions(made.manifest, CHANNEL, {})
    assert name == "secret"
    assert "exceeds what the channel is accredited for" in why


def test_an_item_for_a_compartment_the_channel_lacks_is_never_sent():
    made = suite(item("a", label=Label(Level.CONTROLLED, frozenset({"orca"}))))
    assert exclusions(made.manifest, CHANNEL, {})
    assert not exclusions(made.manifest, replace(CHANNEL, compartments=frozenset({"orca", "tern"})), {})


def test_an_item_whose_tool_is_missing_is_excluded_with_advice():
    made = suite(item("a"), item("b", needs=frozenset({"cc"})))
    assert exclusions(made.manifest, CHANNEL, {"cc": "There is no compiler; install gcc."}) == (
        ("b", "There is no compiler; install gcc."),
    )


def test_an_item_that_runs_steps_needs_the_sandbox():
    steps = item("a", check=Check("code", steps=(Step(("true",)),)))
    assert needs_of(steps) == {"sandbox"}
    assert needs_of(item("b")) == frozenset()


def test_what_is_excluded_and_what_that_costs_is_stated():
    note = power_note(ZONE, items=20, excluded=3, cells=85)
    assert "3 of 20 items are never sent" in note
    assert "85 cells" in note
    assert "268" in note
    assert "from 15.74% to 17.71%" in note
    assert "up to 15% of the scale" in note
    assert power_note(ZONE, items=20, excluded=0, cells=400) is None


@pytest.mark.parametrize(
    ("failure", "meaning"),
    [
        (Failure("withdrawn", 403, "withdrawn"), Consequence.STOP),
        (Failure("released", 403, "released"), Consequence.STOP),
        (Failure("expired", 403, "expired"), Consequence.STOP),
        (Failure("budget", 429, "tokens-spent"), Consequence.STOP),
        (Failure("budget", 429, "requests-spent"), Consequence.STOP),
        (Failure("mistyped key", 401, "unknown-key"), Consequence.PAUSE),
        (Failure("revoked", 403, "revoked-key"), Consequence.PAUSE),
        (Failure("too early", 403, "not-open-yet"), Consequence.PAUSE),
        (Failure("an upstream's own", 403), Consequence.PAUSE),
        (Failure("nobody there", unreachable=True), Consequence.SILENCE),
        (Failure("busy", 429, "too-many-at-once"), Consequence.RETRY),
        (Failure("busy", 429, "rate_limit_exceeded"), Consequence.RETRY),
        (Failure("broken", 500, "withdrawn"), Consequence.RETRY),
        (Failure("slow"), Consequence.RETRY),
    ],
)
def test_each_failure_has_one_consequence_and_only_an_ended_right_ends_the_campaign(failure, meaning):
    assert consequence(failure) is meaning


def test_patience_ends_only_with_failures_in_a_row():
    patience = Patience()
    for _ in range(5):
        assert not any(patience.unanswered() for _ in range(PATIENCE - 1))
        assert not any(patience.unrunnable() for _ in range(PATIENCE - 1))
        patience.scored()
    assert [patience.unanswered() for _ in range(PATIENCE)][-1]
    assert [patience.unrunnable() for _ in range(PATIENCE)][-1]


def test_many_workers_that_meet_the_same_silence_are_given_the_time_of_one():
    patience = Patience(workers=10)
    assert [patience.unanswered() for _ in range(10 * PATIENCE)] == [False] * (10 * PATIENCE - 1) + [True]


def test_an_endpoint_is_left_alone_as_long_as_it_asks_within_reason():
    busy = Failure("busy", 429)
    assert wait_before(1, busy) < wait_before(2, busy) == wait_before(3, busy)
    assert wait_before(1, replace(busy, retry_after=30.0)) == 30.0
    assert wait_before(1, replace(busy, retry_after=9999.0)) == LONGEST_WAIT


@pytest.mark.parametrize(
    ("step", "status", "out", "err", "holds"),
    [
        (Step(("x",)), 0, "", "", True),
        (Step(("x",)), 1, "", "", False),
        (Step(("x",), status=None), 139, "", "", True),
        (Step(("x",), status=3), 3, "", "", True),
        (Step(("x",), stdout="^ok$"), 0, "first\nok\nlast", "", True),
        (Step(("x",), stdout="^ok$"), 0, "not ok", "", False),
        (Step(("x",), status=None, stderr="AddressSanitizer"), 1, "", "ERROR: AddressSanitizer: heap", True),
        (Step(("x",), status=None, stderr="AddressSanitizer"), 1, "AddressSanitizer", "", False),
    ],
)
def test_a_step_holds_when_status_and_patterns_do(step, status, out, err, holds):
    failure = step_failure(step, status=status, stdout=out, stderr=err)
    assert (failure is None) == holds
    assert failure is None or failure.startswith(("x ", "the "))


def test_answers_are_compared_without_case_and_space():
    assert equal(" Heap-Overflow\n", "heap-overflow")
    assert not equal("heap", "stack")


@pytest.mark.parametrize(
    "text", ["I'm sorry, but I can't help with that.", "I cannot assist with exploits.", "As an AI, no."]
)
def test_a_declined_task_is_noticed(text):
    assert looks_like_refusal(text)


@pytest.mark.parametrize("text", ["The flaw is on line 12.", "Sorry is a word.", "int main(void) { return 0; }"])
def test_an_attempt_is_not_taken_for_a_refusal(text):
    assert not looks_like_refusal(text)


def test_a_campaign_that_has_ended_stays_ended():
    for state in FINAL:
        for event in MACHINE.transitions:
            with pytest.raises(Refused):
                MACHINE.apply(state.value, event, CampaignState.DECIDED, NOW)


def test_a_campaign_may_be_run_again_until_it_ends():
    running = MACHINE.apply(CampaignState.PLANNED, "run", None, NOW)
    assert MACHINE.apply(running, "run", None, NOW) == CampaignState.RUNNING
    assert MACHINE.apply(running, "conclude", CampaignState.VOID, NOW) == CampaignState.VOID
    with pytest.raises(Refused):
        MACHINE.apply(CampaignState.PLANNED, "conclude", CampaignState.DECIDED, NOW)
