"""A consent file means exactly its terms; what is wrong with it is named by line and field."""

from __future__ import annotations

import pytest

from seatrial.client.consent_file import consent_terms, from_toml
from seatrial.kernel.clock import parse_time
from seatrial.kernel.digests import Digest
from seatrial.kernel.errors import Misuse
from seatrial.review.cases.types import AccessLevel, Budget, Endpoint, Keeping, Price, Tariff

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


FURTHER = (
    WHOLE.replace("[[variants]]", 'money = "250.00"\nendpoints = ["GET responses/*", "POST rerank"]\n\n[[variants]]')
    + """
[tariff]
currency = "EUR"
prices = [
  { model = "m-1", prompt = "3.00", answer = "15", call = "0.000001" },
  { model = "m-1-helpful", prompt = "3.00", answer = "15.5" },
]

[keeping]
recipients = ["sha256:2222222222222222222222222222222222222222222222222222222222222222"]
days = 14
"""
)


def test_prices_endpoints_and_keeping_are_read() -> None:
    terms = consent_terms(from_toml(FURTHER, "consent.toml"), "consent.toml")
    assert terms.budget.money == 250_000_000
    first, second = Price("m-1", 3_000_000, 15_000_000, 1), Price("m-1-helpful", 3_000_000, 15_500_000, 0)
    assert terms.tariff == Tariff("EUR", (first, second))
    assert terms.endpoints == (Endpoint("GET", "responses/*"), Endpoint("POST", "rerank"))
    assert terms.keeping == Keeping((Digest("sha256:" + "2" * 64),), 14)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('money = "250.00"', "money = 250"), r"line 13: money must be a text"),
        (('money = "250.00"', 'money = "250,00"'), r"The bound in money is '250,00'; write an amount such as 12.50"),
        (('answer = "15",', ""), r"tariff must be a table with currency and prices"),
        (('"EUR"', '"euro"'), r"'euro' is no currency"),
        (('m-1-helpful", prompt', 'm-1", prompt'), r"prices one model twice"),
        (("GET responses/*", "GET ../responses"), r"'GET ../responses' is no endpoint"),
        (("GET responses/*", "GET"), r"'GET ' is no endpoint"),
        (("days = 14", ""), r"keeping must be a table with recipients"),
        (("days = 14", "days = true"), r"keeping must be a table with recipients"),
        (("sha256:2222", "2222"), r"2222"),
    ],
)
def test_what_is_wrong_with_a_further_term_is_named(change: tuple[str, str], said: str) -> None:
    text = FURTHER.replace(*change)
    assert text != FURTHER
    with pytest.raises(Misuse, match=said):
        consent_terms(from_toml(text, "consent.toml"), "consent.toml")
