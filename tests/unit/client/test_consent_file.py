"""A consent file means exactly its terms; what is wrong with it is named by line and field."""

from __future__ import annotations

import pytest

from seatrial.client.consent_file import consent_terms, from_toml
from seatrial.kernel.clock import parse_time
from seatrial.kernel.errors import Misuse
from seatrial.review.cases.types import AccessLevel, Budget

WHOLE = """
model = "m-1"
artefact = "sha256:0000000000000000000000000000000000000000000000000000000000000000"
upstream = "https://api.lab.example/v1"
people = ["eva"]
purposes = ["capability-evaluation"]
opens = 2026-07-01T09:00:00+02:00
closes = "2026-07-11T09:00:00Z"
requests = 10_000
tokens = 5_000_000
levels = ["api", "logits"]

[[variants]]
model = "m-1-helpful"
name = "helpful-only"
artefact = "sha256:1111111111111111111111111111111111111111111111111111111111111111"
upstream = "https://api.lab.example/v1"
level = "logits"
"""


def test_a_whole_file_is_its_terms() -> None:
    terms = consent_terms(from_toml(WHOLE, "consent.toml"), "consent.toml")
    assert terms.people == {"eva"}
    assert terms.levels == {AccessLevel.API, AccessLevel.LOGITS}
    assert [variant.model for variant in terms.variants] == ["m-1-helpful"]
    assert terms.budget == Budget(10_000, 5_000_000, 4)
    assert terms.window.opens == parse_time("2026-07-01T07:00:00Z")
    assert terms.variant == "safeguarded"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('people = ["eva"]', 'persons = ["eva"]'), r"consent.toml, line 5: there is no field 'persons'"),
        (("requests = 10_000", 'requests = "many"'), r"consent.toml, line 9: requests must be a whole number"),
        (("requests = 10_000", "requests = true"), r"line 9: requests must be a whole number"),
        (('people = ["eva"]', "people = [1]"), r"line 5: people must be a list of texts"),
        (("tokens = 5_000_000", "tokens = "), r"line 10"),
        (('levels = ["api", "logits"]', 'levels = ["everything"]'), r"use one of api, logits"),
        (('level = "logits"', 'depth = "logits"'), r"variants must be a list of tables"),
        (("tokens = 5_000_000", ""), r"does not say tokens"),
        (("2026-07-01T09:00:00+02:00", "2026-07-01T09:00:00"), r"names no time zone"),
        (("2026-07-01T09:00:00+02:00", "2026-07-01"), r"line 7: opens must be a time"),
        (("2026-07-11", "2026-06-11"), r"must close after it opens"),
    ],
)
def test_what_is_wrong_is_named(change: tuple[str, str], said: str) -> None:
    text = WHOLE.replace(*change)
    assert text != WHOLE
    with pytest.raises(Misuse, match=said):
        consent_terms(from_toml(text, "consent.toml"), "consent.toml")
