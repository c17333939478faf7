"""Campaigns and ladders over HTTP, and two custodians who open a sealed suite from where their keys are."""

import pytest

from seatrial.client import Seatrial
from seatrial.kernel.clock import now
from seatrial.kernel.errors import Misuse
from seatrial.kernel.recipients import fresh_key
from seatrial.rest.local import InProcess
from seatrial.review.benchmarks import api as benchmarks
from seatrial.review.benchmarks.core.elicitation import PLAIN
from seatrial.review.benchmarks.types import Check, Item, Rung, Threshold
from simulators import staged_reviews

pytestmark = pytest.mark.django_db


@pytest.fixture
def consented(world):
    return staged_reviews.consented(world, "A closed voyage")


@pytest.fixture
def sealed(world, consented):
    """A ladder on a sealed suite, and its two custodians: (client, private key)."""
    custodians = []
    for by in (world.evaluator, world.authority):
        client, key = Seatrial.over(InProcess(by)), fresh_key()
        client.parties.register_recipient_key(key.public.pem)
        custodians.append((client, key))
    items = [Item(f"i{n}", f"f{n % 3}", "Say yes.", Check("word", equals="yes"), "yes", "no", 2.0) for n in range(6)]
    suite = benchmarks.make_suite(name="closed", version="1", generator="tests", seed="s", items=items)
    closed = benchmarks.seal_suite(suite, [key.public for _, key in custodians])
    digest = benchmarks.register_sealed_suite(by=world.evaluator, sealed=closed, at=world.start)
    ladder = benchmarks.plan_ladder(
        by=world.evaluator,
        review=consented,
        suite=digest,
        epochs=2,
        threshold=Threshold(digest, "suite-mean", 0.4, 0.6, 0.05),
        rungs=[Rung(PLAIN)],
        name="over HTTP",
        seed="order",
        at=now(),
    )
    return ladder, custodians


def test_ladders_and_campaigns_are_read_as_they_are(world, sealed, consented):
    ladder, [(client, _), _] = sealed
    found = client.campaigns.ladder(ladder)
    assert found == benchmarks.ladder(world.evaluator, ladder)
    assert client.campaigns.ladders(consented) == (found,)
    assert client.campaigns.campaigns(consented) == found.rungs
    assert client.campaigns.campaign(found.rungs[0].id) == found.rungs[0]


def test_two_custodians_release_their_halves_from_where_their_keys_are(sealed):
    ladder, custodians = sealed
    [rung] = custodians[0][0].campaigns.ladder(ladder).rungs
    first, second = (client.campaigns.release_half(rung.id, key) for client, key in custodians)
    assert (first.whole, second.whole) == (False, True)


def test_the_wrong_key_opens_nothing_and_nothing_is_handed_over(sealed):
    ladder, [(client, _), (other, key)] = sealed
    [rung] = client.campaigns.ladder(ladder).rungs
    with pytest.raises(Misuse, match="Your key holds no half"):
        client.campaigns.release_half(rung.id, fresh_key())
    assert not other.campaigns.release_half(rung.id, key).whole
