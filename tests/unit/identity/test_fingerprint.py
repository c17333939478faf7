"""Fingerprints: what is asked, what it costs, and a file that cannot be changed unnoticed."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest

from seatrial.kernel.errors import Misuse
from seatrial.review.identity.core.declared import check_endpoint, pin_endpoint, read_defaults
from seatrial.review.identity.core.fingerprint import cost, order, probe_set, read, to_json
from seatrial.review.identity.core.lifecycle import LAPSES_AFTER, MACHINE, Ending, Run, state_of
from seatrial.review.identity.types import EndpointVersion, RunState
from simulators.noisy_endpoint import NoisyEndpoint, fingerprint_of

PINNED = "sha256:dbefea53ccb036dd6ea2a34506c5b2c521af2566b6eef0a13d9e319a9e4807b9"


def test_the_probe_set_is_pinned() -> None:
    """Fingerprints taken earlier are compared with this one: a change is a new set under a new name."""
    found = probe_set()
    assert (found.name, found.digest) == ("seatrial-probes-1", PINNED)
    assert len({probe.id for probe in found.probes}) == len(found.probes) == 24
    assert sum(probe.served for probe in found.probes) == 8


def test_every_probe_is_asked_as_often_and_in_rounds() -> None:
    asked = [probe.id for probe in order(5, seed=1)]
    assert set(Counter(asked).values()) == {5}
    assert all(len(set(asked[start : start + 24])) == 24 for start in range(0, 120, 24))
    assert asked != [probe.id for probe in order(5, seed=2)]


def test_the_cost_is_said_beforehand() -> None:
    assert cost(6).requests == 144
    assert cost(12).tokens == 2 * cost(6).tokens
    for wrong in (0, 3, 41):
        with pytest.raises(Misuse, match="4 to 40 times"):
            cost(wrong)


def test_a_file_reads_back_as_it_was() -> None:
    made = fingerprint_of(NoisyEndpoint(1, 0.3, probabilities=True), 4)
    assert read(json.dumps(to_json(made)).encode()) == made


def changed(path: str, value: Any) -> bytes:
    data: Any = to_json(fingerprint_of(NoisyEndpoint(1), 4))
    place = data
    *way, last = path.split("/")
    for step in way:
        place = place[int(step) if isinstance(place, list) else step]
    place[int(last) if isinstance(place, list) else last] = value
    return json.dumps(data).encode()


@pytest.mark.parametrize(
    ("path", "value", "why"),
    [
        ("form", "x", "its 'form'"),
        ("probes", "sha256:" + "0" * 64, "another probe set"),
        ("answers/count", [], "same number of answers"),
        ("answers/extra", [], "exactly the probes"),
        ("answers/count/0/text", "another", "was changed after it was taken"),
        ("answers/count/0/text", "a\x00b", "control characters"),
        ("answers/count/0/text", "x" * 3000, "too long"),
        ("answers/count/0/prompt_tokens", -1, "a count or null"),
        ("answers/count/0/prompt_tokens", True, "a count or null"),
        ("answers/count/0/first_tokens", {"a": 2}, "probabilities from 0 to 1"),
        ("answers/count/0", 3, "no object"),
        ("answers", [], "must be an object"),
        ("model", None, "'model' must be a text"),
        ("taken_at", "yesterday", "not a time"),
        ("digest", "sha256:" + "0" * 64, "was changed after it was taken"),
    ],
)
def test_a_damaged_file_gets_one_sentence(path: str, value: Any, why: str) -> None:
    with pytest.raises(Misuse, match=why):
        read(changed(path, value))


def test_a_taking_ends_once_by_whoever_began_it_and_lapses_by_itself() -> None:
    begun = datetime(2026, 7, 1, tzinfo=UTC)
    run = Run("eva", begun)
    assert {event: MACHINE.refusal(run, event, Ending("eva"), begun) for event in MACHINE.transitions} == {
        "finish": None,
        "stop": None,
    }
    other = MACHINE.refusal(run, "finish", Ending("adam"), begun)
    assert other is not None
    assert other.code == "ended-by-whoever-began"
    for event, state in (("finish", RunState.TAKEN), ("stop", RunState.STOPPED)):
        ended = MACHINE.apply(run, event, Ending("eva"), begun)
        assert state_of(ended, begun) is state_of(ended, begun + 2 * LAPSES_AFTER) is state
        assert all(MACHINE.refusal(ended, again, Ending("eva"), begun) for again in MACHINE.transitions)
    late = begun + LAPSES_AFTER
    assert state_of(run, late) is RunState.LAPSED
    assert all(MACHINE.refusal(run, event, Ending("eva"), late) for event in MACHINE.transitions)


def test_what_is_declared_of_an_endpoint_is_short_plain_text() -> None:
    check_endpoint(EndpointVersion("2026-07-01", "b7", None, {"temperature": "0.7"}))
    with pytest.raises(Misuse, match="must say something"):
        check_endpoint(EndpointVersion(" "))
    with pytest.raises(Misuse, match="control character"):
        check_endpoint(EndpointVersion("a\nb"))
    with pytest.raises(Misuse, match="200 characters"):
        check_endpoint(EndpointVersion("v", "b" * 201))
    with pytest.raises(Misuse, match="not a digest"):
        check_endpoint(EndpointVersion("v", "b", "abc"))  # type: ignore[arg-type]


def test_any_change_of_what_is_declared_changes_its_digest() -> None:
    one = EndpointVersion("v1", "b1", None, {"temperature": "0.7"})
    others = [
        EndpointVersion("v2", "b1", None, {"temperature": "0.7"}),
        EndpointVersion("v1", "b2", None, {"temperature": "0.7"}),
        EndpointVersion("v1", "b1", probe_set().digest, {"temperature": "0.7"}),
        EndpointVersion("v1", "b1", None, {"temperature": "0.8"}),
    ]
    assert len({pin_endpoint(version) for version in (one, *others)}) == 5


def test_defaults_are_written_a_line_each() -> None:
    assert read_defaults("temperature = 0.7\n\n top_p=0.9 ") == {"temperature": "0.7", "top_p": "0.9"}
    with pytest.raises(Misuse, match="Line 2 of the defaults"):
        read_defaults("a = 1\nb")
    with pytest.raises(Misuse, match="stands twice"):
        read_defaults("a = 1\na = 2")
