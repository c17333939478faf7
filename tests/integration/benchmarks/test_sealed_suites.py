"""A sealed suite runs after two custodians released their halves, each on the ledger before; and never otherwise."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.conf import settings
from inspect_ai.log import read_eval_log

from seatrial.kernel.errors import Conflict, Misuse, NotFound, Refused
from seatrial.kernel.labels import Label, Level
from seatrial.kernel.recipients import fresh_key
from seatrial.ledger import api as ledger
from seatrial.parties import api as parties
from seatrial.review.benchmarks import api as benchmarks
from seatrial.review.benchmarks.models import Campaign, Half
from seatrial.review.benchmarks.types import CampaignState, Check, Item, Threshold, Verdict
from simulators.scripted_model import Reply, ScriptedModel
from simulators.scripted_runner import ScriptedRunner

pytestmark = pytest.mark.django_db

SECRET_PROMPT = "What does nobody know?"


@pytest.fixture
def custodians(world):
    """Two people of the body with a key each: (actor, private key)."""
    found = []
    for by in (world.evaluator, world.authority):
        key = fresh_key()
        parties.register_recipient_key(by=by, pem=key.public.pem, at=world.start)
        found.append((by, key))
    return found


def open_suite(label=Label()):
    items = [
        Item(f"i{n:02}", f"f{n % 3}", SECRET_PROMPT, Check("word", equals="yes"), "yes", "no", 2.0, label)
        for n in range(12)
    ]
    return benchmarks.make_suite(name="closed", version="1", generator="tests", seed="s", items=items)


def sealed_suite(custodians):
    return benchmarks.seal_suite(open_suite(), [key.public for _, key in custodians])


def planned(world, consented, custodians):
    digest = benchmarks.register_sealed_suite(by=world.evaluator, sealed=sealed_suite(custodians), at=world.start)
    return benchmarks.plan_campaign(
        by=world.evaluator,
        review=consented,
        suite=digest,
        epochs=5,
        threshold=Threshold(digest, "suite-mean", 0.4, 0.6, 0.05),
        name="closed",
        seed="order",
        at=world.start + timedelta(days=2),
    )


def run(world, campaign):
    return benchmarks.run_campaign(
        by=world.evaluator,
        campaign=campaign,
        base_url="http://127.0.0.1:9/v1",
        key="k",
        concurrency=2,
        runner=ScriptedRunner(lambda cell, number: 1.0, lambda cell: 0.0),
        clock=lambda: world.start + timedelta(days=3),
    )


def release(world, campaign, custodian, key, partner=""):
    at = world.start + timedelta(days=2)
    released = benchmarks.release_half(by=custodian, campaign=campaign, with_custodian=partner, at=at)
    return benchmarks.hand_half(by=custodian, campaign=campaign, half=handed(released, key), at=at).whole


def handed(released, key):
    """What the custodian does, where the private key is."""
    return released.opened(key)


def kinds(world):
    return [entry.kind for entry in ledger.entries(world.evaluator) if entry.kind.startswith("benchmarks.half")]


def test_nothing_runs_before_both_halves_are_here(world, consented, custodians):
    campaign = planned(world, consented, custodians)
    for expected, (by, key) in zip((0, 1), custodians, strict=True):
        with pytest.raises(Refused, match=f"{expected} of 2 halves") as caught:
            run(world, campaign)
        assert caught.value.code == "still-sealed"
        assert Campaign.objects.get(id=campaign).state == CampaignState.PLANNED
        whole = release(world, campaign, by, key)
    assert whole
    assert run(world, campaign).decision.verdict is Verdict.MEETS


def test_each_half_is_recorded_before_it_is_released_and_forgotten_at_the_end(world, consented, custodians):
    campaign = planned(world, consented, custodians)
    before = kinds(world)
    benchmarks.release_half(by=custodians[0][0], campaign=campaign, with_custodian="", at=world.start)
    assert kinds(world) == [*before, "benchmarks.half-released"]
    for by, key in custodians:
        release(world, campaign, by, key)
    assert all(half.half for half in Half.objects.filter(campaign_id=campaign))
    run(world, campaign)
    assert not any(half.half for half in Half.objects.filter(campaign_id=campaign))
    assert kinds(world).count("benchmarks.half-released") == 3
    with pytest.raises(Refused, match="has ended"):
        release(world, campaign, *custodians[0])


def test_the_content_lies_nowhere_in_the_clear(world, consented, custodians):
    campaign = planned(world, consented, custodians)
    for by, key in custodians:
        release(world, campaign, by, key)
    for file in settings.SEATRIAL.artefacts.rglob("*"):
        assert not file.is_file() or SECRET_PROMPT.encode() not in file.read_bytes()


def test_a_stranger_and_a_half_for_another_campaign_are_turned_away(world, consented, custodians):
    campaign, other = planned(world, consented, custodians), planned(world, consented, custodians)
    with pytest.raises(NotFound):
        benchmarks.release_half(by=world.governance, campaign=campaign, with_custodian="", at=world.start)
    with pytest.raises(Misuse, match="hold no key"):
        benchmarks.release_half(by=world.intake, campaign=campaign, with_custodian="", at=world.start)
    by, key = custodians[0]
    with pytest.raises(Conflict, match="release it first"):
        benchmarks.hand_half(by=by, campaign=campaign, half="", at=world.start)
    for_other = benchmarks.release_half(by=by, campaign=other, with_custodian="", at=world.start)
    benchmarks.release_half(by=by, campaign=campaign, with_custodian="", at=world.start)
    with pytest.raises(Misuse) as caught:
        benchmarks.hand_half(by=by, campaign=campaign, half=handed(for_other, key), at=world.start)
    assert caught.value.code == "bad-half"


def test_a_suite_is_sealed_for_people_known_here(world, custodians):
    unknown = benchmarks.seal_suite(open_suite(), [custodians[0][1].public, fresh_key().public])
    with pytest.raises(Misuse) as caught:
        benchmarks.register_sealed_suite(by=world.evaluator, sealed=unknown, at=world.start)
    assert caught.value.code == "unknown-custodian"


def test_one_changed_byte_of_the_kept_file_is_refused(world, consented, custodians):
    campaign = planned(world, consented, custodians)
    for by, key in custodians:
        release(world, campaign, by, key)
    digest = Campaign.objects.get(id=campaign).suite_id
    kept = settings.SEATRIAL.artefacts / "suites" / f"{digest.replace(':', '-')}.json"
    data = bytearray(kept.read_bytes())
    place = data.index(b'"content":"') + 200
    data[place] = ord("A") if data[place] != ord("A") else ord("B")
    kept.write_bytes(bytes(data))
    try:
        with pytest.raises(Misuse):
            run(world, campaign)
    finally:
        kept.unlink()
    assert not Campaign.objects.get(id=campaign).attempts.exists()


def test_a_manifest_that_lies_stops_the_campaign_before_anything_is_sent(world, consented, custodians):
    """Secret items under a manifest that calls them open: caught when the two halves open it, and no cell is sent."""
    truth = open_suite(Label(Level.SECRET))
    lying = replace(truth, manifest=open_suite().manifest)
    sealed = benchmarks.seal_suite(lying, [key.public for _, key in custodians])
    digest = benchmarks.register_sealed_suite(by=world.evaluator, sealed=sealed, at=world.start)
    campaign = benchmarks.plan_campaign(
        by=world.evaluator,
        review=consented,
        suite=digest,
        epochs=5,
        threshold=Threshold(digest, "suite-mean", 0.4, 0.6, 0.05),
        name="lying",
        seed="order",
        at=world.start + timedelta(days=2),
    )
    for by, key in custodians:
        release(world, campaign, by, key)
    with pytest.raises(Misuse) as caught:
        run(world, campaign)
    assert caught.value.code == "manifest-lies"
    assert not Campaign.objects.get(id=campaign).attempts.exists()


def test_the_logs_of_a_sealed_suite_lie_open_no_longer_than_its_campaign(world, consented, custodians, tmp_path):
    campaign = planned(world, consented, custodians)
    for by, key in custodians:
        release(world, campaign, by, key)
    folder = settings.SEATRIAL.artefacts / "campaigns" / campaign
    with ScriptedModel(lambda prompt, number: Reply("ANSWER: yes")) as model:
        benchmarks.run_campaign(
            by=world.evaluator,
            campaign=campaign,
            base_url=model.base_url,
            key="k",
            concurrency=2,
            clock=lambda: world.start + timedelta(days=3),
        )
    assert folder.exists()
    assert [log.suffix for log in folder.iterdir()] == [".sealed"]
    assert all(SECRET_PROMPT.encode() not in log.read_bytes() for log in folder.iterdir())
    _, key = custodians[1]
    [log] = benchmarks.campaign_logs(world.evaluator, campaign, to=tmp_path / "open", key=key)
    samples = read_eval_log(str(log)).samples
    assert SECRET_PROMPT in str(samples[0].input)
    view = benchmarks.campaign(world.evaluator, campaign)
    assert sum(sample.scores is not None and bool(sample.scores) for sample in samples) >= view.counted
