"""Fingerprints taken through the real gateway: by the door, the worker, the routes and the page.

The developer's endpoint is real HTTP on loopback whose answers are a build's own and never scatter: what is said of
scatter is tested where the comparison is.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.test import Client

from seatrial.compute.api import enqueue, job
from seatrial.kernel.clock import now
from seatrial.kernel.errors import NotFound, Refused, Unavailable
from seatrial.ledger import api as ledger
from seatrial.parties import api as parties
from seatrial.parties.types import Actor
from seatrial.review.access import api as access
from seatrial.review.cases import api as cases
from seatrial.review.cases.types import AccessLevel, Budget
from seatrial.review.identity import api as identity
from seatrial.review.identity.types import FingerprintView, RunState, Sameness
from simulators.noisy_endpoint import NoisyEndpoint
from simulators.running_gateway import RunningGateway, limits
from simulators.scripted_model import Reply, ScriptedModel
from simulators.staged_reviews import CAPABILITY

from .conftest import Channel, open_channel

ROUNDS = 4  # the fewest
QUESTIONS = 24 * ROUNDS


@dataclass
class Build:
    """What the developer serves now; ``at`` does something just before a question is answered."""

    model: NoisyEndpoint = field(default_factory=lambda: NoisyEndpoint(build=1, heat=0.0))
    at: dict[int, Callable[[], object]] = field(default_factory=dict)
    asked: int = 0

    def __call__(self, prompt: str, number: int) -> Reply:
        self.asked += 1
        self.at.pop(self.asked, lambda: None)()
        probe = next(probe for probe in identity.probe_set().probes if probe.prompt == prompt)
        return Reply(self.model.ask(probe, model="north-7b", probabilities=False).text)


@pytest.fixture
def build() -> Build:
    return Build()


@pytest.fixture
def served(build: Build) -> Iterator[ScriptedModel]:
    with ScriptedModel(build) as running:
        yield running


@pytest.fixture
def channel(durable_world: Any, served: Any) -> Channel:
    return open_channel(durable_world, served)


@pytest.fixture
def gateway(channel: Channel, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningGateway]:
    """Where the instance's settings say that it is: the worker finds it there."""
    with RunningGateway(limits(first_byte_seconds=5, idle_seconds=5, drain_seconds=0.5)) as running:
        monkeypatch.setattr(settings, "SEATRIAL", replace(settings.SEATRIAL, gateway_port=running.port))
        yield running


def take(channel: Channel, gateway: RunningGateway, **changes: Any) -> FingerprintView:
    asked = {"by": channel.world.evaluator, "review": channel.review, "purpose": CAPABILITY, "repetitions": ROUNDS}
    return identity.take_fingerprint(**{**asked, "base_url": f"{gateway.url}/v1", "key": channel.key, **changes})


def seen(channel: Channel, by: Actor | None = None) -> tuple[FingerprintView, ...]:
    return identity.identity(by or channel.world.governance, channel.review, now()).fingerprints


def used(channel: Channel) -> tuple[int, int]:
    usage = access.usage(channel.world.governance, channel.review)
    return usage.requests, usage.tokens


def worked() -> None:
    """The worker does what is queued, then ends."""
    call_command("db_worker", batch=True, verbosity=0, startup_delay=False)


@pytest.mark.slow
def test_an_unchanged_endpoint_is_called_the_same_and_a_changed_one_is_not(
    channel: Channel, gateway: RunningGateway, build: Build, served: ScriptedModel
) -> None:
    opening = take(channel, gateway)
    assert (opening.state, opening.comparison) == (RunState.TAKEN, None)
    again = take(channel, gateway, again=True)
    assert (again.reference, again.comparison.word) == (opening.id, Sameness.SAME), again.comparison  # type: ignore[union-attr]
    build.model = replace(build.model, build=7)
    other = take(channel, gateway, again=True)
    assert other.comparison is not None
    assert (other.reference, other.comparison.word) == (opening.id, Sameness.DIFFERS)
    assert sum(row.differs for row in other.comparison.shifts) > 12
    assert used(channel)[0] == len(served.requests) == 3 * QUESTIONS


@pytest.mark.slow
def test_probabilities_are_asked_for_only_where_the_consent_names_them(
    channel: Channel, gateway: RunningGateway, served: ScriptedModel
) -> None:
    take(channel, gateway)
    assert not any("logprobs" in asked for asked in served.requests)
    levels = frozenset({AccessLevel.API, AccessLevel.LOGITS})
    cases.sign_consent(by=channel.world.signatory, review=channel.review, terms=channel.terms(levels=levels), at=now())
    served.requests.clear()
    take(channel, gateway)
    assert all(asked["logprobs"] and asked["top_logprobs"] == 5 for asked in served.requests)


def test_a_budget_too_small_is_said_before_anything_is_sent(
    durable_world: Any, gateway: RunningGateway, served: ScriptedModel
) -> None:
    small = open_channel(durable_world, served, budget=Budget(requests=QUESTIONS - 1, tokens=10**6, concurrency=2))
    with pytest.raises(Refused, match="up to 96 requests"):
        take(small, gateway)
    few = open_channel(durable_world, served, budget=Budget(requests=1000, tokens=500, concurrency=2))
    with pytest.raises(Refused, match="and 500 are left"):
        take(few, gateway)
    assert (served.requests, seen(small), seen(few), used(small)) == ([], (), (), (0, 0))


def test_what_is_said_to_be_the_most_is_enough(
    durable_world: Any, gateway: RunningGateway, served: ScriptedModel
) -> None:
    """The gateway reserves for each call what it could use at most; one that was begun is not refused for that."""
    most = identity.cost(ROUNDS)
    exact = open_channel(
        durable_world, served, budget=Budget(requests=most.requests, tokens=most.tokens, concurrency=1)
    )
    assert take(exact, gateway).state is RunState.TAKEN
    assert used(exact)[1] <= most.tokens


def test_a_withdrawal_while_it_is_taken_ends_it_and_nothing_half_is_kept(
    channel: Channel, gateway: RunningGateway, build: Build, served: ScriptedModel
) -> None:
    build.at[30] = channel.withdraw
    begun = time.monotonic()
    with pytest.raises(Refused, match="withdr"):
        take(channel, gateway)
    assert time.monotonic() - begun < 20
    assert len(served.requests) <= 31
    (broken,) = seen(channel)
    assert (broken.state, broken.digest, broken.comparison) == (RunState.STOPPED, None, None)
    assert broken.reason is not None
    assert "withdr" in broken.reason
    kinds = [entry.kind for entry in ledger.entries(channel.world.governance, kind="identity.")]
    assert sorted(kinds) == ["identity.fingerprint-begun", "identity.fingerprint-stopped"]
    assert ledger.audit().fault is None


def test_a_withdrawal_after_the_last_answer_keeps_none_of_them(
    channel: Channel, gateway: RunningGateway, build: Build
) -> None:
    def last(done: int, total: int) -> None:
        if done == total:
            channel.withdraw()

    with pytest.raises(NotFound):
        take(channel, gateway, progress=last)
    (broken,) = seen(channel)
    assert (broken.state, broken.digest) == (RunState.STOPPED, None)


def test_the_worker_takes_one_with_a_key_of_its_own_that_does_not_outlive_it(
    channel: Channel, gateway: RunningGateway
) -> None:
    queued = enqueue(
        "seatrial.review.identity.tasks.take_fingerprint",
        person=channel.world.evaluator.person,
        review=channel.review,
        purpose=CAPABILITY,
        repetitions=ROUNDS,
    )
    worked()
    assert job(queued).state == "successful"
    (taken,) = seen(channel)
    assert (taken.state, taken.by) == (RunState.TAKEN, channel.world.evaluator.person)
    made = [key for key in access.keys(channel.world.evaluator, channel.review) if key.id != channel.key_id]
    assert [key.revoked_at is not None for key in made] == [True]


def test_a_withdrawal_ends_the_workers_taking_and_its_key(
    channel: Channel, gateway: RunningGateway, build: Build
) -> None:
    build.at[10] = channel.withdraw
    queued = enqueue(
        "seatrial.review.identity.tasks.take_fingerprint",
        person=channel.world.evaluator.person,
        review=channel.review,
        purpose=CAPABILITY,
        repetitions=ROUNDS,
    )
    worked()
    assert job(queued).state == "failed"
    (broken,) = seen(channel)
    assert (broken.state, broken.digest) == (RunState.STOPPED, None)
    keys = access.keys(channel.world.governance, channel.review)
    assert all(key.revoked_at is not None for key in keys if key.id != channel.key_id)


@pytest.mark.slow
def test_one_is_taken_by_route(channel: Channel, gateway: RunningGateway) -> None:
    token = parties.issue_token(by=channel.world.evaluator, at=now())
    headers, client = {"Authorization": f"Bearer {token}"}, Client()
    answer = client.post(
        f"/api/v1/reviews/{channel.review}/identity/takings",
        json.dumps({"purpose": CAPABILITY, "repetitions": ROUNDS}),
        content_type="application/json",
        headers=headers,
    )
    assert answer.status_code == 202, answer.content
    worked()
    assert job(answer.json()["job"]).state == "successful"
    (found,) = client.get(f"/api/v1/reviews/{channel.review}/identity", headers=headers).json()["fingerprints"]
    assert (found["state"], found["comparison"]) == ("taken", None)
    answers = client.get(f"/api/v1/fingerprints/{found['id']}/answers", headers=headers).json()["answers"]
    assert {len(given) for given in answers.values()} == {ROUNDS}


@pytest.mark.slow
def test_one_is_taken_by_the_pages_button_and_the_page_says_where_it_is(
    channel: Channel, gateway: RunningGateway, build: Build
) -> None:
    client, page = Client(), f"/reviews/{channel.review}/identity/"
    client.force_login(get_user_model().objects.get(pk=channel.world.evaluator.person))
    for word in ("The opening", "Same"):
        answer = client.post(f"{page}fingerprint/", {"purpose": CAPABILITY, "repetitions": str(ROUNDS)}, follow=True)
        assert "Queued." in answer.content.decode()
        worked()
        assert word in client.get(page).content.decode()
    build.model = replace(build.model, build=7)
    client.post(f"{page}fingerprint/", {"purpose": CAPABILITY, "repetitions": str(ROUNDS)})
    worked()
    newest = seen(channel, channel.world.evaluator)[0]
    assert "Differs" in client.get(page).content.decode()
    shown = client.get(f"/fingerprints/{newest.id}/").content.decode()
    assert "Stands out" in shown
    assert "It answers differently" in shown


def test_an_endpoint_that_is_down_stops_it_with_its_reason(
    durable_world: Any, gateway: RunningGateway, served: ScriptedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("seatrial.review.identity.adapters.openai_endpoint._WAITS", (0.01,))
    down = open_channel(durable_world, served, upstream="http://127.0.0.1:9/v1")
    with pytest.raises(Unavailable, match="busy or down"):
        take(down, gateway)
    (broken,) = seen(down)
    assert broken.state is RunState.STOPPED
    assert broken.reason is not None
    assert "busy or down" in broken.reason
