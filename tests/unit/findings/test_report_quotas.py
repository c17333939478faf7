"""Quotas hurt only whom they are for, and a flooded queue is still worked off in turn."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seatrial.clearinghouse.findings.core.fairness import Waiting, in_turn
from seatrial.clearinghouse.findings.core.formats.packed import gathered, unpacked
from seatrial.clearinghouse.findings.core.quota import Quotas, cost, level, neighbourhood, too_many
from seatrial.clearinghouse.findings.core.reporting import Reporter, buckets, reporter
from seatrial.kernel.errors import Misuse
from seatrial.parties.types import ANYONE, Actor

NOW = datetime(2026, 7, 1, tzinfo=UTC)
KEY = b"k" * 32


def test_a_bucket_fills_within_a_day_and_never_beyond() -> None:
    assert level(100, 0, NOW, NOW + timedelta(hours=12)) == 50
    assert level(100, 0, NOW, NOW + timedelta(days=9)) == 100
    assert level(100, 20, NOW, NOW - timedelta(days=9)) == 20


@settings(deadline=None)
@given(st.integers(1, 10**6), st.floats(0, 0.99), st.integers(1, 5000))
def test_whoever_waits_as_long_as_told_may_send(a_day: int, tokens: float, wanted: int) -> None:
    after = too_many(a_day, tokens, wanted).facts["retry_after"]
    assert isinstance(after, int)
    assert after >= 1
    assert level(a_day, tokens, NOW, NOW + timedelta(seconds=after + 1)) >= min(wanted, a_day) - 1e-6 * a_day


def test_large_attachments_cost_more() -> None:
    assert [cost(size) for size in (0, 2**20 - 1, 2**20, 64 * 2**20)] == [1, 1, 2, 65]


def test_an_address_is_kept_as_a_keyed_digest_of_its_network() -> None:
    home = neighbourhood("192.0.2.7", KEY)
    assert home == neighbourhood("192.0.2.200", KEY) == neighbourhood("::ffff:192.0.2.9", KEY)
    assert home not in (neighbourhood("192.0.3.7", KEY), neighbourhood("192.0.2.7", b"another"))
    assert neighbourhood("2001:db8:1:2::3", KEY) == neighbourhood("2001:db8:1:ffff::9%eth0", KEY)
    assert neighbourhood("2001:db8:1:2::3", KEY) != neighbourhood("2001:db8:2::3", KEY)
    assert neighbourhood("no address", KEY) == ""


def test_each_reporter_has_buckets_of_their_own() -> None:
    quotas = Quotas(3, 2, 1)
    lab = Actor("gwen", frozenset({"lab"}), name="Gwen")
    assert buckets(reporter(lab), quotas) == {"organisation:lab": 3, "person:gwen": 2}
    assert buckets(reporter(Actor("solo")), quotas) == {"person:solo": 2}
    assert buckets(reporter(ANYONE, address="ab" * 20), quotas) == {f"address:{'ab' * 20}": 1}
    assert buckets(Reporter(), quotas) == {}


def test_who_acts_for_several_says_for_which() -> None:
    both = Actor("p", frozenset({"one", "two"}))
    assert reporter(both, "two").scope == "two"
    for organisation in ("", "three"):
        with pytest.raises(Misuse) as caught:
            reporter(both, organisation)
        assert caught.value.code == "which-organisation"


lanes = st.sampled_from(["lab-a", "lab-b", "stranger-1", "stranger-2"])
queue = st.lists(st.tuples(lanes, st.booleans(), st.integers(0, 50)), max_size=40).map(
    lambda rows: [
        Waiting(f"r{number}", lane, runnable, NOW + timedelta(seconds=second))
        for number, (lane, runnable, second) in enumerate(rows)
    ]
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(queue)
def test_everybody_is_served_in_turn_and_what_runs_first(waiting: list[Waiting]) -> None:
    by_id = {one.report: one for one in waiting}
    order = [by_id[report] for report in in_turn(waiting)]
    assert sorted(one.report for one in order) == sorted(by_id)
    assert [one.runnable for one in order] == sorted((one.runnable for one in order), reverse=True)
    for runnable in (True, False):
        served: dict[str, int] = {}
        left = {
            lane: sum(one.lane == lane and one.runnable == runnable for one in waiting) for lane in ("lab-a", "lab-b")
        }
        for one in (one for one in order if one.runnable == runnable and not one.lane.startswith("stranger")):
            served[one.lane] = served.get(one.lane, 0) + 1
            for other, count in left.items():  # nobody is served twice while another who waits was not served once more
                assert served[one.lane] <= min(served.get(other, 0), count) + 1 or served.get(other, 0) == count
        for lane in {one.lane for one in waiting}:
            ages = [one.at for one in order if one.lane == lane and one.runnable == runnable]
            assert ages == sorted(ages)


def test_a_flood_of_ten_thousand_delays_the_one_by_one_place() -> None:
    flood = [Waiting(f"f{number:05}", "lab-a", False, NOW) for number in range(10_000)]
    one = Waiting("one", "lab-b", False, NOW + timedelta(days=1))
    assert in_turn([*flood, one]).index("one") == 1
    crowd = [Waiting(f"s{number}", f"stranger-{number % 64}", False, NOW) for number in range(640)]
    assert in_turn([*flood, *crowd, one]).index("one") == 2


def test_a_packed_file_is_unpacked_and_a_bomb_is_not() -> None:
    data = b"report " * 100_000
    assert unpacked(gzip.compress(data), 2**20) == data
    assert unpacked(gzip.compress(data[:350_000]) + gzip.compress(data[350_000:]) + b"\0" * 9, 2**20) == data
    assert unpacked(data, 2**20) == data
    for packed, code in (
        (gzip.compress(bytes(64 * 2**20)), "body-too-large"),
        (gzip.compress(data)[:-9], "bad-gzip"),
        (b"\x1f\x8bno", "bad-gzip"),
        (bytes(2**20 + 1), "body-too-large"),
    ):
        with pytest.raises(Misuse) as caught:
            unpacked(packed, 2**20)
        assert caught.value.code == code


def test_a_body_is_refused_as_soon_as_it_is_too_large() -> None:
    read = []

    def pieces() -> object:
        for number in range(1000):
            read.append(number)
            yield bytes(1000)

    with pytest.raises(Misuse):
        gathered(pieces(), 5_000)  # type: ignore[arg-type]
    assert len(read) == 6
