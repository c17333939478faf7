"""What one call may do. The oracle below is written from V11 and V15 alone, not from the code it judges."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seatrial.kernel.clock import Window
from seatrial.kernel.digests import digest
from seatrial.kernel.labels import OPEN, Label, Level, Reader
from seatrial.review.access.core.accounts import charge, gives_nothing_more, overspent, terms_of
from seatrial.review.access.core.decision import InFlight, build_of, decide, goes_on, listed, lists
from seatrial.review.access.core.endpoints import build_called
from seatrial.review.access.core.prices import money_charged, money_reserved, price_in, price_of, price_text
from seatrial.review.access.core.sentences import SENTENCES
from seatrial.review.access.types import AccessRequest, KeyFacts, Settlement, Usage, Why
from seatrial.review.cases.types import (
    AccessLevel,
    Budget,
    Consent,
    Endpoint,
    Price,
    ReviewState,
    Standing,
    Tariff,
    Variant,
)

T0 = datetime(2026, 7, 1, tzinfo=UTC)
NOON = T0 + timedelta(days=1)
EVA = Reader(person="eva", organisations=frozenset({"body"}), level=Level.CONTROLLED)
CONSENT = Consent(
    id="consent-1",
    number=1,
    model="north",
    artefact=digest(b"weights"),
    variant="safeguarded",
    people=frozenset({"eva"}),
    purposes=frozenset({"capability"}),
    levels=frozenset({AccessLevel.API}),
    upstream="http://127.0.0.1:9/v1",
    budget=Budget(requests=10, tokens=1000, concurrency=2),
    window=Window(T0, T0 + timedelta(days=10)),
    label=OPEN,
    signed_by="sig",
    signed_at=T0,
    digest=digest(b"consent"),
)


def standing_of(state: ReviewState, consent: Consent | None, window: Window | None, reason: str | None) -> Standing:
    """The body's standing, with every consented level in force."""
    levels = consent.levels if consent else frozenset()
    return Standing("review", "lab", "body", state, consent, window, reason, "body", levels, OPEN)


STANDING = standing_of(ReviewState.CONSENTED, CONSENT, CONSENT.window, None)
KEY = KeyFacts("key-1", "eva", "review", "body", "capability", False, T0, EVA)
HELPFUL = Variant("north-h", "helpful-only", digest(b"h"), "http://127.0.0.1:8/v1", AccessLevel.SAFEGUARDS_OFF)
NONE_USED = Usage(0, 0, 0)
REQUEST = AccessRequest(
    key="stk-…",
    purpose=None,
    method="POST",
    path="chat/completions",
    request_digest=digest(b""),
    request_bytes=0,
    tokens=100,
    model="north",
)
# Three millionths for each token asked, five for each answered: a call of 100 tokens reserves 500 of 1,000.
TARIFF = Tariff("EUR", (Price("north", 3_000_000, 5_000_000),))
PRICED = replace(STANDING, consent=replace(CONSENT, tariff=TARIFF, budget=Budget(10, 1000, 2, 1000)))
ENDPOINTS = tuple(map(Endpoint.parse, ("POST rerank", "GET responses/*", "DELETE responses/*")))
EXTENDED = replace(STANDING, consent=replace(CONSENT, endpoints=ENDPOINTS))


@pytest.mark.parametrize(
    "asked",
    [
        {"path": "rerank", "model": None},
        {"path": "rerank"},
        {"method": "GET", "path": "responses/r-1", "model": None, "tokens": 0},
        {"method": "DELETE", "path": "responses/r-1", "model": None, "tokens": 0},
        {"path": "responses", "stored": True},
        {},
    ],
)
def test_what_the_consent_names_beside_the_known_endpoints_is_let_through(asked: dict[str, Any]):
    assert decide(EXTENDED, KEY, NONE_USED, replace(REQUEST, **asked), NOON) is None


def test_a_call_of_a_further_endpoint_goes_to_the_build_it_names_or_to_the_first():
    consent = replace(CONSENT, endpoints=ENDPOINTS, variants=(HELPFUL,))
    for model, upstream in ((None, CONSENT.upstream), ("north", CONSENT.upstream), (HELPFUL.model, HELPFUL.upstream)):
        build = build_called(consent, "POST", "rerank", model)
        assert build is not None
        assert build.upstream == upstream
    assert build_called(consent, "POST", "rerank", "south") is None


def test_an_endpoint_that_is_taken_out_ends_what_is_in_flight_there():
    call = InFlight("capability", "POST", "rerank", None, False, "consent-0", build_of(CONSENT))
    assert goes_on(EXTENDED, KEY, call, NOON) is None
    assert goes_on(STANDING, KEY, call, NOON) is Why.ENDPOINT


LIST = replace(REQUEST, method="GET", path="models", model=None, tokens=0)


def test_the_builds_in_force_are_listed_for_whom_the_right_stands():
    levels = frozenset({AccessLevel.API, AccessLevel.SAFEGUARDS_OFF})
    both = replace(STANDING, consent=replace(CONSENT, variants=(HELPFUL,)), levels=levels)
    assert lists(both, KEY, LIST, NOON) is None
    assert listed(both) == ("north", "north-h")
    assert listed(replace(both, levels=frozenset({AccessLevel.API}))) == ("north",)
    assert listed(replace(STANDING, consent=None)) == ()


@pytest.mark.parametrize(
    ("why", "standing", "key", "asked", "at"),
    [
        (Why.REVOKED_KEY, STANDING, replace(KEY, revoked=True), LIST, NOON),
        (Why.WITHDRAWN, replace(STANDING, state=ReviewState.WITHDRAWN), KEY, LIST, NOON),
        (Why.EXPIRED, STANDING, KEY, LIST, CONSENT.window.closes),
        (Why.NOT_NAMED, STANDING, replace(KEY, person="ada"), LIST, NOON),
        (Why.NOT_NAMED, STANDING, replace(KEY, holder=None), LIST, NOON),
        (Why.PURPOSE, STANDING, replace(KEY, purpose="curiosity"), LIST, NOON),
        (Why.PURPOSE, STANDING, KEY, replace(LIST, purpose="curiosity"), NOON),
    ],
)
def test_nothing_is_listed_where_nothing_may_be_called(why, standing, key, asked, at):
    assert lists(standing, key, asked, at) is why


def test_what_lies_inside_the_consent_is_let_through():
    assert decide(STANDING, KEY, NONE_USED, REQUEST, NOON) is None


@pytest.mark.parametrize(
    ("why", "changed"),
    [
        (Why.UNKNOWN_KEY, {"key": None}),
        (Why.UNKNOWN_KEY, {"key": replace(KEY, review="another")}),
        (Why.UNKNOWN_KEY, {"key": replace(KEY, home="harbour")}),
        (Why.REVOKED_KEY, {"key": replace(KEY, revoked=True)}),
        (Why.LEAKED_KEY, {"standing": replace(STANDING, leaked_at=T0)}),
        (Why.CONTAINED, {"standing": replace(STANDING, state=ReviewState.CONTAINED)}),
        (Why.CONTAINED, {"standing": replace(STANDING, state=ReviewState.CONTAINED, leaked_at=NOON)}),
        (Why.NOT_OPEN_YET, {"now": T0 - timedelta(microseconds=1)}),
        (Why.WITHDRAWN, {"standing": replace(STANDING, state=ReviewState.WITHDRAWN)}),
        (Why.RELEASED, {"standing": replace(STANDING, state=ReviewState.RELEASED)}),
        (Why.EXPIRED, {"standing": replace(STANDING, state=ReviewState.EXPIRED)}),
        (Why.EXPIRED, {"now": CONSENT.window.closes}),
        (Why.EXPIRED, {"standing": replace(STANDING, window=None)}),
        (Why.EXPIRED, {"standing": replace(STANDING, window=Window(T0, T0 + timedelta(hours=1)))}),
        (Why.CLOSED, {"standing": replace(STANDING, state=ReviewState.CLOSED)}),
        (Why.CLOSED, {"standing": replace(STANDING, reason="For a reason of its own.")}),
        (Why.NO_CONSENT, {"standing": replace(STANDING, state=ReviewState.OFFERED, consent=None)}),
        (Why.NO_CONSENT, {"standing": replace(STANDING, state=ReviewState.DRAFT)}),
        (Why.NO_CONSENT, {"standing": replace(STANDING, consent=None)}),
        (Why.NOT_NAMED, {"key": replace(KEY, person="ada")}),
        (Why.NOT_NAMED, {"key": replace(KEY, holder=None)}),
        (Why.NOT_NAMED, {"key": replace(KEY, holder=replace(EVA, organisations=frozenset({"elsewhere"})))}),
        (Why.PURPOSE, {"key": replace(KEY, purpose="curiosity")}),
        (Why.PURPOSE, {"request": replace(REQUEST, purpose="curiosity")}),
        (Why.ENDPOINT, {"request": replace(REQUEST, path="files")}),
        (Why.ENDPOINT, {"request": replace(REQUEST, method="DELETE")}),
        (Why.ENDPOINT, {"request": replace(REQUEST, method="GET", path="models")}),
        (Why.ENDPOINT, {"request": replace(REQUEST, path="./chat/completions")}),
        (Why.ENDPOINT, {"request": replace(REQUEST, path="chat/completions?x=1")}),
        (Why.MODEL, {"request": replace(REQUEST, model="south")}),
        (Why.MODEL, {"request": replace(REQUEST, model=None)}),
        (Why.LEVEL, {"request": replace(REQUEST, logits=True)}),
        (Why.LABEL, {"key": replace(KEY, holder=replace(EVA, level=Level.OPEN)), "label": Level.CONTROLLED}),
        (Why.REQUESTS, {"usage": Usage(10, 0, 0)}),
        (Why.TOKENS, {"usage": Usage(0, 901, 0)}),
        (Why.TOKENS, {"request": replace(REQUEST, tokens=1001)}),
        (Why.TOKENS, {"request": replace(REQUEST, tokens=-1)}),
        (Why.CONCURRENCY, {"usage": Usage(0, 0, 2)}),
        (Why.STORED, {"request": replace(REQUEST, path="responses", stored=True)}),
        (Why.ENDPOINT, {"request": replace(REQUEST, method="GET", path="responses/r-1", model=None)}),
        (Why.MODEL, {"standing": EXTENDED, "request": replace(REQUEST, path="rerank", model="south")}),
        (Why.ENDPOINT, {"standing": EXTENDED, "request": replace(REQUEST, path="rerank?x=1", model=None)}),
        (Why.ENDPOINT, {"standing": EXTENDED, "request": replace(REQUEST, method="GET", path="responses/../files")}),
        (Why.LEVEL, {"standing": EXTENDED, "request": replace(REQUEST, path="rerank", model=None, logits=True)}),
        (Why.MONEY, {"standing": PRICED, "usage": Usage(0, 0, 0, 501)}),
        (Why.MONEY, {"standing": PRICED, "request": replace(REQUEST, answer=100), "usage": Usage(0, 0, 0, 501)}),
        (Why.MONEY, {"standing": replace(PRICED, consent=replace(PRICED.consent, tariff=None))}),
    ],
)
def test_each_way_out_of_the_consent_has_its_reason(why: Why, changed: dict[str, Any]):
    standing = changed.get("standing", STANDING)
    if "label" in changed:
        standing = replace(STANDING, consent=replace(CONSENT, label=Label(level=changed["label"])))
    found = decide(
        standing,
        changed.get("key", KEY),
        changed.get("usage", NONE_USED),
        changed.get("request", REQUEST),
        changed.get("now", NOON),
    )
    assert found is why


def inside(standing: Standing, key: KeyFacts | None, usage: Usage, request: AccessRequest, now: datetime) -> bool:
    """V11: artefact, variant, people, purpose, access level, time, budget. V15: a consented purpose."""
    consent = standing.consent
    alive = standing.state is ReviewState.CONSENTED and standing.reason is None
    if key is None or consent is None or not alive or standing.window is None:
        return False
    time = all(w.opens <= now and now < w.closes for w in (standing.window, consent.window))
    person = not key.revoked and key.review == standing.review and key.person in consent.people
    person = person and (standing.leaked_at is None or key.issued_at > standing.leaked_at)
    member = key.holder is not None and standing.home in key.holder.organisations
    home = key.home == standing.home and member and key.holder.may_read(consent.label)
    purpose = key.purpose in consent.purposes and request.purpose in (None, key.purpose)
    generates = request.path in ("chat/completions", "completions", "responses", "embeddings")
    endpoint = (request.method, generates, request.model) == ("POST", True, consent.model) or (
        request.method == "GET" and request.path == "models/" + consent.model
    )
    depth = (AccessLevel.LOGITS if request.logits else AccessLevel.API) in standing.levels
    depth = depth and AccessLevel.API in standing.levels  # what the first build takes
    left = (
        usage.requests < consent.budget.requests
        and 0 <= request.tokens <= consent.budget.tokens - usage.tokens
        and usage.in_flight < consent.budget.concurrency
    )
    if consent.budget.money is not None:
        prompt = request.tokens - (request.answer or 0) if request.answer is not None else 0
        cost = 3 * prompt + 5 * (request.tokens - prompt)
        left = left and consent.tariff is not None and usage.money + cost <= consent.budget.money
    return all((time, person, home, purpose, endpoint, depth, left))


mostly = st.sampled_from


def rarely(usual: Any, *others: Any) -> st.SearchStrategy[Any]:
    return mostly([usual] * 6 + list(others))


@st.composite
def situations(draw: Any) -> tuple[Standing, KeyFacts | None, Usage, AccessRequest, datetime]:
    opens = T0 + timedelta(hours=draw(st.integers(-2, 2)))
    consent = replace(
        CONSENT,
        people=draw(rarely(frozenset({"eva"}), frozenset({"ada"}), frozenset({"eva", "ada"}))),
        purposes=draw(rarely(frozenset({"capability"}), frozenset({"safeguards"}))),
        levels=draw(st.frozensets(st.sampled_from(list(AccessLevel)), min_size=1))
        | draw(rarely(frozenset({AccessLevel.API}), frozenset())),
        budget=Budget(
            draw(st.integers(1, 3)),
            draw(st.integers(1, 300)),
            draw(st.integers(1, 3)),
            draw(rarely(None, *range(1, 1500, 250))),
        ),
        tariff=draw(rarely(TARIFF, None)),
        window=Window(opens, opens + timedelta(hours=draw(st.integers(1, 4)))),
        label=draw(rarely(OPEN, Label(level=Level.CONTROLLED), Label(level=Level.SECRET), Label.among("lab"))),
    )
    window = draw(rarely(consent.window, None, Window(T0, T0 + timedelta(hours=1))))
    standing = standing_of(
        draw(rarely(ReviewState.CONSENTED, *ReviewState)),
        draw(rarely(consent, None)),
        window,
        draw(rarely(None, "A reason.")),
    )
    standing = replace(
        standing,
        home=draw(rarely("body", "harbour")),
        levels=draw(rarely(standing.levels, standing.levels - {AccessLevel.WEIGHTS}, frozenset())),
        leaked_at=draw(rarely(None, T0 - timedelta(hours=3), T0 + timedelta(hours=1))),
    )
    holder = draw(rarely(EVA, None, replace(EVA, organisations=frozenset({"lab"})), replace(EVA, level=Level.OPEN)))
    key = KeyFacts(
        "key-1",
        draw(rarely("eva", "ada")),
        draw(rarely("review", "another")),
        draw(rarely("body", "harbour")),
        draw(rarely("capability", "curiosity")),
        draw(rarely(False, True)),
        draw(rarely(T0, T0 + timedelta(hours=2))),
        holder,
    )
    request = replace(
        REQUEST,
        purpose=draw(rarely(None, "capability", "curiosity")),
        method=draw(rarely("POST", "GET", "PUT", "post")),
        path=draw(
            rarely("chat/completions", "models/north", "models", "models/south", "files", "chat/completions/", "", "//")
        ),
        model=draw(rarely("north", None, "south", "North", "north ")),
        logits=draw(st.booleans()),
        tokens=draw(st.integers(-1, 301)),
    )
    if request.tokens >= 0:
        request = replace(request, answer=draw(st.none() | st.integers(0, request.tokens)))
    usage = Usage(
        draw(st.integers(0, 3)), draw(st.integers(0, 300)), draw(st.integers(0, 3)), draw(st.integers(0, 900))
    )
    now = T0 + timedelta(minutes=draw(st.integers(-180, 420)))
    return standing, draw(rarely(key, None)), usage, request, now


@settings(max_examples=3000, deadline=None)
@given(situations())
def test_a_call_is_let_through_exactly_if_it_lies_inside_the_consent(situation):
    assert (decide(*situation) is None) == inside(*situation)


def test_every_combination_of_state_time_and_key_is_decided_as_the_oracle_does():
    """Exhaustive over the parts that end rights; prints how many situations there were."""
    seen = passed = 0
    times = [T0 - timedelta(1), T0, NOON, CONSENT.window.closes - timedelta(microseconds=1), CONSENT.window.closes]
    windows = [None, CONSENT.window, Window(T0, NOON), Window(NOON, CONSENT.window.closes)]
    keys = [None, KEY, replace(KEY, revoked=True), replace(KEY, person="ada"), replace(KEY, holder=None)]
    budgets = [Usage(0, 0, 0), Usage(9, 900, 1), Usage(10, 0, 0), Usage(0, 950, 0), Usage(0, 0, 2)]
    requests = [REQUEST, replace(REQUEST, model="south"), replace(REQUEST, method="GET", path="models/north")]
    for state, consent, window, reason, key, usage, request, now in itertools.product(
        ReviewState, (None, CONSENT), windows, (None, "A reason."), keys, budgets, requests, times
    ):
        standing = standing_of(state, consent, window, reason)
        let_through = decide(standing, key, usage, request, now) is None
        assert let_through == inside(standing, key, usage, request, now)
        seen, passed = seen + 1, passed + let_through
    print(f"{seen:,} situations, {passed} let through")
    assert passed > 0


IN_FLIGHT = InFlight("capability", "POST", "chat/completions", "north", False, CONSENT.id, build_of(CONSENT))


def test_a_call_in_flight_goes_on_under_its_consent_and_ends_with_any_right():
    assert goes_on(STANDING, KEY, IN_FLIGHT, NOON) is None
    assert goes_on(STANDING, replace(KEY, holder=None), IN_FLIGHT, NOON) is Why.NOT_NAMED  # removed meanwhile
    assert goes_on(STANDING, replace(KEY, revoked=True), IN_FLIGHT, NOON) is Why.REVOKED_KEY
    assert goes_on(STANDING, KEY, IN_FLIGHT, CONSENT.window.closes) is Why.EXPIRED
    for state in ReviewState:
        ended = goes_on(replace(STANDING, state=state), KEY, IN_FLIGHT, NOON) is not None
        assert ended == (state is not ReviewState.CONSENTED)


@pytest.mark.parametrize(
    ("later", "why"),
    [
        ({}, None),
        ({"people": frozenset({"ada"})}, Why.NOT_NAMED),
        ({"purposes": frozenset({"safeguards"})}, Why.PURPOSE),
        ({"model": "north-2"}, Why.REPLACED),
        ({"artefact": digest(b"other weights")}, Why.REPLACED),
        ({"variant": "bare"}, Why.REPLACED),
        ({"upstream": "http://127.0.0.1:10/v1"}, Why.REPLACED),
        ({"label": Label(level=Level.SECRET)}, Why.LABEL),
    ],
)
def test_a_call_in_flight_must_lie_inside_the_latest_consent(later: dict[str, Any], why: Why | None):
    standing = replace(STANDING, consent=replace(CONSENT, id="consent-2", **later))
    assert goes_on(standing, KEY, IN_FLIGHT, NOON) is why


def test_log_probabilities_in_flight_end_when_the_level_is_narrowed():
    deep = replace(IN_FLIGHT, logits=True)
    for level in AccessLevel:
        consent = replace(CONSENT, id="consent-2", levels=frozenset({AccessLevel.API, level}))
        standing = replace(STANDING, consent=consent, levels=consent.levels)
        assert goes_on(standing, KEY, deep, NOON) is (None if level is AccessLevel.LOGITS else Why.LEVEL)


def test_a_further_build_is_called_by_its_own_name_and_only_while_its_level_is_in_force():
    consent = replace(CONSENT, variants=(HELPFUL,), levels=frozenset({AccessLevel.API, AccessLevel.SAFEGUARDS_OFF}))
    standing = replace(STANDING, consent=consent, levels=consent.levels)
    helpful = replace(REQUEST, model=HELPFUL.model)
    assert decide(standing, KEY, NONE_USED, helpful, NOON) is None
    assert decide(standing, KEY, NONE_USED, REQUEST, NOON) is None
    assert build_called(consent, "POST", "chat/completions", HELPFUL.model) == HELPFUL
    assert decide(replace(standing, levels=frozenset({AccessLevel.API})), KEY, NONE_USED, helpful, NOON) is Why.LEVEL
    assert decide(STANDING, KEY, NONE_USED, helpful, NOON) is Why.MODEL
    looked_up = replace(REQUEST, method="GET", path=f"models/{HELPFUL.model}", model=None)
    assert decide(standing, KEY, NONE_USED, looked_up, NOON) is None
    assert decide(STANDING, KEY, NONE_USED, looked_up, NOON) is Why.ENDPOINT


def test_no_level_includes_another():
    for level in set(AccessLevel) - {AccessLevel.API}:
        alone = replace(STANDING, levels=frozenset({level}))
        assert decide(alone, KEY, NONE_USED, REQUEST, NOON) is Why.LEVEL


@pytest.mark.parametrize(
    ("change", "nothing_more"),
    [
        ({}, True),
        ({"people": frozenset()}, True),
        ({"budget": Budget(9, 1000, 2)}, True),
        ({"window": Window(T0 + timedelta(hours=1), T0 + timedelta(days=9))}, True),
        ({"people": frozenset({"eva", "ada"})}, False),
        ({"purposes": frozenset({"capability", "safeguards"})}, False),
        ({"budget": Budget(11, 1000, 2)}, False),
        ({"budget": Budget(10, 1001, 2)}, False),
        ({"budget": Budget(10, 1000, 3)}, False),
        ({"window": Window(T0, T0 + timedelta(days=11))}, False),
        ({"levels": frozenset({AccessLevel.API, AccessLevel.LOGITS})}, False),
        ({"variants": (HELPFUL,)}, False),
        ({"upstream": "http://127.0.0.1:10/v1"}, False),
        ({"budget": Budget(10, 1000, 2, 5)}, True),
        ({"endpoints": ENDPOINTS}, False),
        ({"tariff": TARIFF}, False),  # what was charged before is in no currency
    ],
)
def test_only_a_consent_that_gives_more_opens_a_new_account(change: dict[str, Any], nothing_more: bool):
    assert gives_nothing_more(terms_of(replace(CONSENT, **change)), terms_of(CONSENT)) is nothing_more


def test_a_budget_narrowed_below_what_is_charged_ends_what_is_in_flight():
    assert overspent(Budget(10, 1000, 2), Usage(10, 1000, 2)) is None
    assert overspent(Budget(9, 1000, 2), Usage(10, 1000, 2)) is Why.REQUESTS
    assert overspent(Budget(10, 999, 2), Usage(10, 1000, 2)) is Why.TOKENS
    assert overspent(Budget(10, 1000, 2, 5), Usage(10, 1000, 2, 5)) is None
    assert overspent(Budget(10, 1000, 2, 5), Usage(10, 1000, 2, 6)) is Why.MONEY


def test_money_narrowed_stays_on_its_account_and_money_widened_opens_another():
    terms = {money: terms_of(replace(PRICED.consent, budget=Budget(10, 1000, 2, money))) for money in (None, 5, 6)}
    for than, later in itertools.product(terms, terms):
        nothing_more = than is None or (later is not None and later <= than)
        assert gives_nothing_more(terms[later], terms[than]) is nothing_more
    before = {name: value for name, value in terms_of(CONSENT).items() if name not in ("money", "tariff")}
    assert gives_nothing_more(terms_of(CONSENT), before)  # an account from before there was money


@pytest.mark.parametrize(
    ("prompt", "answer", "charged"),
    [(None, None, 500), (3, 4, 29), (3, None, 9), (None, 4, 20), (0, 0, 0), (9, 900, 4527)],
)
def test_money_is_charged_for_what_was_reported_and_without_a_report_as_reserved(prompt, answer, charged):
    price = price_of(PRICED.consent, REQUEST)
    assert price_in(price_text(price), "north") == price
    assert money_charged(price, money_reserved(price, REQUEST), prompt, answer) == charged


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**9), st.integers(0, 10**9), st.integers(0, 99))
def test_what_stays_within_its_bound_costs_no_more_than_was_reserved(prompt, answer, asked, answered, call):
    price = Price("north", asked, answered, call)
    told = replace(REQUEST, tokens=prompt + answer, answer=answer)
    assert money_charged(price, 0, prompt, answer) == money_reserved(price, told)
    assert money_reserved(price, told) <= money_reserved(price, replace(told, answer=None))


def test_without_a_tariff_nothing_costs_anything():
    assert price_of(CONSENT, REQUEST) is None
    assert money_reserved(None, REQUEST) == money_charged(None, 0, 5, 5) == 0
    assert price_in(price_text(None)) is None


@pytest.mark.parametrize(
    ("prompt", "answer", "charged"),
    [(None, None, 500), (3, 4, 7), (3, None, 3), (None, 4, 4), (0, 0, 0), (9, 900, 909)],
)
def test_what_was_reported_is_charged_and_without_a_report_the_reservation(prompt, answer, charged):
    settlement = Settlement("exchange-1", 200, None, 0, prompt, answer, None, 1.0, "complete")
    assert charge(500, settlement) == charged


def test_every_reason_has_one_sentence_that_says_what_to_do():
    assert set(SENTENCES) == set(Why)
    assert len(set(SENTENCES.values())) == len(Why)
    for sentence in SENTENCES.values():
        assert sentence.endswith(".")
        assert "\n" not in sentence
        assert len(sentence) <= 140
