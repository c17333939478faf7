"""A sealed suite opens for two of its custodians together, and for nobody else."""

import base64
import json
from dataclasses import replace
from itertools import combinations

import pytest

from seatrial.kernel.canonical import canonical
from seatrial.kernel.errors import Misuse
from seatrial.kernel.halves import open_half
from seatrial.kernel.labels import Label, Level
from seatrial.kernel.recipients import SECRET, fresh_key
from seatrial.review.benchmarks.core import sealing
from seatrial.review.benchmarks.core.manifest import make_suite, read_manifest, suite_bytes
from seatrial.review.benchmarks.core.sealing import (
    context_of,
    is_sealed,
    read_sealed,
    seal_suite,
    sealed_bytes,
    unseal,
)
from seatrial.review.benchmarks.types import Check, Item

SECRET_LABEL = Label(Level.SECRET)
KEYS = [fresh_key() for _ in range(3)]


def suite(label=Label(), seed="s"):
    items = [
        Item("a", "f", "What is asked?", Check("word", equals="the answer"), "yes", "no", 3.0, label),
        Item("b", "f", "And this?", Check("word", equals="other"), "yes", "no", 4.0, difficulty=0.25),
    ]
    return make_suite(name="closed", version="1", generator="tests", seed=seed, items=items)


@pytest.fixture(scope="module")
def sealed():
    return seal_suite(suite(), [key.public for key in KEYS])


def halves(sealed, one, other):
    pair = sealed.pair(one.public.id, other.public.id)
    return opened(sealed, pair, one), opened(sealed, pair, other)


def opened(sealed, pair, key):
    place = pair.custodians.index(key.public.id) if key.public.id in pair.custodians else 0
    return open_half(pair.halves[place], pair.custodians, key, context=context_of(sealed.digest))


def test_every_pair_of_custodians_opens_it(sealed):
    for one, other in combinations(KEYS, 2):
        assert unseal(sealed, *halves(sealed, one, other)) == suite()
        assert unseal(sealed, *reversed(halves(sealed, one, other))) == suite()


def test_a_suite_of_several_chunks_opens_whole():
    long = [Item(f"i{n}", "f", f"{n} " * 300_000, Check("word", equals="a"), "a", "b", 1.0) for n in range(3)]
    made = make_suite(name="long", version="1", generator="tests", seed="s", items=long)
    two = seal_suite(made, [key.public for key in KEYS[:2]])
    assert unseal(two, *halves(two, *KEYS[:2])) == made


def test_it_survives_its_bytes_and_shows_no_content(sealed):
    data = sealed_bytes(sealed)
    assert read_sealed(data) == sealed
    assert is_sealed(data)
    assert not is_sealed(suite_bytes(suite()))
    for secret in (b"What is asked", b"the answer", base64.b64encode(b"What is asked")[:12]):
        assert secret not in data


def test_the_digest_is_that_of_the_open_suite(sealed):
    assert sealed.digest == suite().digest


def test_one_half_alone_is_of_no_use(sealed):
    mine, _ = halves(sealed, KEYS[0], KEYS[1])
    for guess in (mine, bytes(SECRET), b"", mine[:-1]):
        with pytest.raises(Misuse) as caught:
            unseal(sealed, mine, guess)
        assert caught.value.code == "halves-differ"


def test_halves_of_two_pairs_do_not_belong_together(sealed):
    one, _ = halves(sealed, KEYS[0], KEYS[1])
    _, other = halves(sealed, KEYS[0], KEYS[2])
    with pytest.raises(Misuse, match="both custodians"):
        unseal(sealed, one, other)


def test_a_stranger_holds_no_half(sealed):
    stranger = fresh_key()
    with pytest.raises(Misuse) as caught:
        opened(sealed, sealed.pairs[0], stranger)
    assert caught.value.code == "not-a-custodian"
    with pytest.raises(Misuse) as caught:
        sealed.pair(stranger.public.id, KEYS[0].public.id)
    assert caught.value.code == "no-such-pair"


def test_a_half_of_another_suite_does_not_open(sealed):
    other = seal_suite(suite(seed="t"), [key.public for key in KEYS])
    pair = other.pairs[0]
    with pytest.raises(Misuse) as caught:
        opened(sealed, pair, KEYS[0])
    assert caught.value.code == "sealed-broken"


@pytest.mark.parametrize("count", [0, 1])
def test_nobody_seals_for_less_than_two(count):
    with pytest.raises(Misuse, match="2 to 12"):
        seal_suite(suite(), [key.public for key in KEYS[:count]])


def test_a_custodian_is_named_once():
    with pytest.raises(Misuse, match="each named once"):
        seal_suite(suite(), [KEYS[0].public, KEYS[0].public])


def test_every_changed_byte_is_noticed_before_anything_runs(sealed):
    data = sealed_bytes(sealed)
    for place in range(0, len(data), 7):
        changed = bytearray(data)
        changed[place] ^= 1
        with pytest.raises(Misuse):
            found = read_sealed(bytes(changed), sealed.digest)
            unseal(found, *halves(found, KEYS[0], KEYS[1]))
            unseal(found, *halves(found, KEYS[0], KEYS[2]))
            unseal(found, *halves(found, KEYS[1], KEYS[2]))


def test_a_manifest_that_lies_about_a_label_is_caught_when_it_is_opened():
    """Its maker seals secret content under a manifest that calls it open."""
    truth = suite(SECRET_LABEL)
    told = json.loads(sealing.manifest_bytes(truth.manifest))
    told["items"][0]["label"] = str(Label())
    made = seal_suite(replace(truth, manifest=read_manifest(canonical(told))), [key.public for key in KEYS])
    with pytest.raises(Misuse) as caught:
        unseal(made, *halves(made, KEYS[0], KEYS[1]))
    assert caught.value.code == "manifest-lies"
    assert f"labels the item a {Label()}" in caught.value.message
    assert "nothing of this suite was run" in caught.value.message


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b'{"format": "seatrial-sealed-suite/9"}', b"\xff"])
def test_what_is_no_sealed_suite_says_so(data):
    with pytest.raises(Misuse) as caught:
        read_sealed(data)
    assert caught.value.code == "bad-suite"
