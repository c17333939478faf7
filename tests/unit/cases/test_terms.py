"""The further terms of a consent: prices charge exactly, patterns cover what they say, narrowing never widens."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.kernel.digests import digest
from seatrial.kernel.errors import Misuse
from seatrial.review.cases.core.case import least, narrower
from seatrial.review.cases.core.modelworld import CONSENTS, START, signing
from seatrial.review.cases.types import Budget, ConsentTerms, Endpoint, Keeping, Price, Tariff

amounts = st.integers(0, 10**9)
paths = st.lists(st.sampled_from(["a", "b", "c", "responses"]), min_size=1, max_size=4).map("/".join)
methods = st.sampled_from(["GET", "POST"])
patterns = st.builds(Endpoint, methods, st.tuples(paths, st.sampled_from(["", "/*"])).map("".join))
moneys = st.none() | st.integers(1, 4)
budgets = st.builds(Budget, st.integers(1, 3), st.integers(1, 3), st.integers(1, 3), moneys)
keys = [digest(bytes([number])) for number in range(3)]
keepings = st.none() | st.builds(Keeping, st.lists(st.sampled_from(keys), unique=True).map(tuple), st.integers(1, 3))
further = st.builds(
    lambda budget, tariff, endpoints, keeping: replace(
        CONSENTS["two days"], budget=budget, tariff=tariff, endpoints=endpoints, keeping=keeping
    ),
    budgets,
    st.sampled_from([None, Tariff("EUR", (Price("m", 1, 1),))]),
    st.lists(patterns, max_size=3).map(tuple),
    keepings,
)


@given(prompt=amounts, answer=amounts, call=amounts, asked=amounts, answered=amounts)
def test_a_charge_is_exact_and_rounded_up(prompt: int, answer: int, call: int, asked: int, answered: int) -> None:
    exact = Fraction(asked * prompt + answered * answer, 10**6)
    assert Price("m", prompt, answer, call).charge(asked, answered) == call + ceil(exact)


@given(patterns, paths, methods)
def test_a_pattern_covers_its_path_or_what_lies_below_it(pattern: Endpoint, path: str, method: str) -> None:
    base = pattern.path.removesuffix("/*")
    below = path.startswith(base + "/")
    wanted = below if pattern.path.endswith("/*") else path == base
    assert pattern.covers(method, path) == (wanted and method == pattern.method)
    assert Endpoint.parse(str(pattern)) == pattern


@pytest.mark.parametrize(
    "path",
    [
        *("responses", "responses/", "responses/a?b=c", "responses/../files", "responses/./a", "responses/a/", ""),
        *("responses//a", "responses/%2e%2e/files", "responses/a%2fb", "responses/a#b", "responses/a b"),
        "responses/" + "a" * 101,
    ],
)
def test_a_call_that_is_spelled_otherwise_is_not_covered(path: str) -> None:
    pattern = Endpoint.parse("GET responses/*")
    assert pattern.covers("GET", "responses/resp_1")
    assert pattern.covers("GET", "responses/resp_1/input_items")
    assert not pattern.covers("DELETE", "responses/resp_1")
    assert not pattern.covers("GET", path)


@pytest.mark.parametrize(
    "text",
    [
        *("", "GET", "rerank", "get rerank", "TRACE a", "GET /rerank", "GET rerank/", "GET a//b", "GET a b"),
        *("GET *", "GET a/*/b", "GET a*", "GET ./a", "GET a/../b", "GET a?b=c", "GET a%2fb", "GET a#b"),
        "GET " + "a/" * 300 + "a",
    ],
)
def test_what_is_no_endpoint_is_refused(text: str) -> None:
    with pytest.raises(Misuse, match="is no endpoint"):
        Endpoint.parse(text)


@given(further, further, methods, paths)
def test_narrowing_never_widens_a_further_term(new: ConsentTerms, old: ConsentTerms, method: str, path: str) -> None:
    than = signing(START, old, 0).consent
    assert narrower(old, than)
    if not narrower(new, than):
        return
    assert new.tariff == old.tariff
    assert old.budget.money is None or (new.budget.money is not None and new.budget.money <= old.budget.money)
    assert all(any(one.within(wide) for wide in old.endpoints) for one in new.endpoints)
    if any(one.covers(method, path) for one in new.endpoints):
        assert any(one.covers(method, path) for one in old.endpoints)
    if new.keeping is not None:
        assert old.keeping is not None
        assert set(new.keeping.recipients) <= set(old.keeping.recipients)
        assert new.keeping.days <= old.keeping.days


@given(budgets, budgets)
def test_the_least_of_two_budgets_is_inside_both(one: Budget, other: Budget) -> None:
    both = least(one, other)
    assert both == least(other, one)
    assert least(both, one) == both == least(both, other)


def test_prices_below_nothing_and_prices_said_twice_are_refused() -> None:
    with pytest.raises(Misuse, match="below nothing"):
        Price("m", -1, 0)
    with pytest.raises(Misuse, match="prices one model twice"):
        Tariff("EUR", (Price("m", 1, 1), Price("m", 2, 2)))
    with pytest.raises(Misuse, match="no currency"):
        Tariff("Euro", ())
