"""Canonical JSON: one value, one byte string."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seatrial.kernel.canonical import canonical, from_json, plain
from seatrial.kernel.digests import commitment, digest, digest_of, parse_digest, same
from seatrial.kernel.errors import Misuse
from seatrial.kernel.labels import OPEN, Level

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


# How long drawing takes says how busy the machine is, nothing of the rule.
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(json_values)
def test_canonical_form_is_a_fixed_point(value: object) -> None:
    once = canonical(value)
    assert canonical(json.loads(once, parse_int=float)) == once  # ECMAScript has one kind of number


@given(st.dictionaries(st.text(), st.integers(0, 9), min_size=2))
def test_the_order_of_keys_does_not_matter(value: dict[str, int]) -> None:
    assert canonical(value) == canonical(dict(reversed(list(value.items()))))


def test_rfc_8785_example_of_numbers_and_strings() -> None:
    # The sample of RFC 8785, section 3.2.2.
    value = {
        "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/",
        "literals": [None, True, False],
    }
    assert canonical(value) == (
        b'{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        b'"string":"\xe2\x82\xac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )


def test_dataclasses_times_labels_and_sets_have_one_plain_form() -> None:
    @dataclass(frozen=True)
    class Sample:
        at: datetime
        label: object
        level: Level
        names: frozenset[str]
        length: timedelta
        day: date

    moment = datetime(2026, 7, 1, 12, tzinfo=timezone(timedelta(hours=2)))
    assert plain(
        Sample(moment, OPEN, Level.TOP_SECRET, frozenset({"b", "a"}), timedelta(minutes=2), date(2026, 7, 1))
    ) == {
        "at": "2026-07-01T10:00:00.000000Z",
        "label": "open//-//TLP:CLEAR//*",
        "level": "top-secret",
        "names": ["a", "b"],
        "length": 120.0,
        "day": "2026-07-01",
    }


@pytest.mark.parametrize("value", [object(), b"bytes", float("nan"), float("inf"), 2**60, {"deep": {1j}}])
def test_what_json_cannot_say_is_refused(value: object) -> None:
    with pytest.raises(Misuse) as caught:
        canonical(value)
    assert caught.value.code == "not-json"


@pytest.mark.parametrize("text", ["", "{", '{"a":1,"a":2}', "[" * 100_000])
def test_json_that_is_broken_or_ambiguous_is_refused(text: str) -> None:
    with pytest.raises(Misuse, match=r"file\.json is not valid JSON"):
        from_json(text, "file.json")


def test_a_commitment_binds_to_salt_name_and_value() -> None:
    base = commitment("salt", "name", "value")
    assert base == commitment("salt", "name", "value")
    assert (
        len(
            {
                base,
                commitment("other", "name", "value"),
                commitment("salt", "n", "value"),
                commitment("salt", "name", "v"),
            }
        )
        == 4
    )


def test_digests_have_one_form() -> None:
    assert digest(b"") == "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert digest_of({}) == digest(b"{}")
    assert parse_digest(digest(b"")) == digest(b"")
    assert same(digest(b""), digest(b""))
    assert not same(digest(b""), digest(b"x"))
    for wrong in ("", "sha256:", "sha256:" + "G" * 64, "md5:" + "0" * 64, digest(b"") + "\n"):
        with pytest.raises(Misuse, match="is not a digest"):
            parse_digest(wrong)


def test_a_time_without_a_zone_is_refused_wherever_it_enters() -> None:
    with pytest.raises(Misuse, match="names no time zone"):
        canonical(datetime(2026, 7, 1))  # noqa: DTZ001 - the point of the test
    assert canonical(datetime(2026, 7, 1, tzinfo=UTC)) == b'"2026-07-01T00:00:00.000000Z"'
