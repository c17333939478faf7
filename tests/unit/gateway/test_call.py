"""What a body is read to ask for, which headers pass, what a problem looks like."""

from __future__ import annotations

import json
import math
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.gateway.call import Call, Headers, asked
from seatrial.gateway.headers import bearer, caller_headers, check_betas, upstream_headers
from seatrial.gateway.problems import Problem, away, defect
from seatrial.gateway.protocols import Shape, says_nothing, shape_of
from seatrial.kernel.errors import Misuse
from seatrial.review.access.core.sentences import SENTENCES
from seatrial.review.access.types import Why

JSON = Headers([("content-type", "application/json")])
DEFAULT = 4096


def of(body: Any, headers=JSON) -> Any:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return asked(Call("POST", "chat/completions", "", headers, data), answer_tokens=DEFAULT)


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ({}, DEFAULT),
        ({"max_tokens": None}, DEFAULT),
        ({"max_tokens": 10}, 10),
        ({"max_completion_tokens": 20, "max_tokens": 10}, 20),
        ({"max_output_tokens": 30}, 30),
        ({"max_tokens": 10, "n_predict": 500}, 500),
        ({"max_tokens": 10, "n": 4}, 40),
        ({"max_tokens": 10, "n": 2, "best_of": 5}, 50),
        ({"max_tokens": 10, "prompt": ["a", "b", "c"]}, 30),
        ({"max_tokens": 10, "prompt": [[1, 2], [3]]}, 20),
        ({"max_tokens": 10, "prompt": [1, 2, 3]}, 10),
    ],
)
def test_the_most_an_answer_may_cost_is_reserved(body, answer):
    found = of(body)
    assert found.answer == answer
    assert found.prompt == math.ceil(len(json.dumps(body)) / 3)
    assert found.tokens == found.prompt + answer


@pytest.mark.parametrize(
    "name", ["max_tokens", "max_completion_tokens", "max_output_tokens", "n_predict", "n", "best_of"]
)
@pytest.mark.parametrize("value", [0, -1, True, "5", 1.5, [], {}])
def test_a_count_that_is_no_count_is_refused(name, value):
    with pytest.raises(Misuse, match=name) as refused:
        of({name: value})
    assert refused.value.code == "body-invalid"


@pytest.mark.parametrize(
    ("body", "logits"),
    [
        ({}, False),
        ({"logprobs": False}, False),
        ({"logprobs": None}, False),
        ({"logprobs": 0}, False),
        ({"logprobs": True}, True),
        ({"logprobs": 5}, True),
        ({"top_logprobs": 2}, True),
        ({"prompt_logprobs": 1}, True),
        ({"include": ["message.output_text.logprobs"]}, True),
        ({"include": ["reasoning"]}, False),
    ],
)
def test_asking_for_log_probabilities_is_noticed(body, logits):
    assert of(body).logits is logits


@pytest.mark.parametrize("body", [b'{"model":"a","model":"b"}', b'{"MODEL":"b"}', b"\xff", b"{", b"[" * 100_000])
def test_what_two_parsers_could_read_differently_is_refused(body):
    with pytest.raises(Misuse) as refused:
        of(body)
    assert refused.value.code == "body-invalid"


def test_a_body_that_is_no_json_object_names_no_model():
    assert of(b"[1]").model is None
    assert of({"model": ["a"]}).model is None
    assert of(b"model=a", Headers([("content-type", "text/plain")])).model is None
    assert asked(Call("GET", "models/a", "", Headers(), b""), answer_tokens=DEFAULT).tokens == 0


@given(st.binary(max_size=200))
def test_no_body_at_all_can_do_more_than_be_refused(data):
    with suppress(Misuse):
        assert of(data).tokens >= 0


def test_only_one_bearer_key_counts():
    assert bearer(Headers([("authorization", "bearer  stk-1 ")])) == "stk-1"
    assert bearer(Headers([("authorization", "Basic abc")])) == ""
    assert bearer(Headers([("authorization", "Bearer a"), ("authorization", "Bearer b")])) == ""
    assert bearer(Headers()) == ""
    assert bearer(Headers([("x-api-key", "stk-1")])) == "stk-1"
    assert bearer(Headers([("x-api-key", "stk-1"), ("authorization", "Bearer stk-1")])) == ""
    assert bearer(Headers([("x-api-key", " "), ("authorization", "Bearer stk-1")])) == ""


def test_the_credential_goes_out_as_the_key_came_in_and_only_messages_have_their_own_headers():
    sent = Headers([("x-api-key", "stk-1"), ("anthropic-version", "2023-06-01"), ("anthropic-beta", "b")])
    assert upstream_headers(sent, "secret", Shape.ANTHROPIC) == [
        *sent.fields[1:],
        ("accept-encoding", "identity"),
        ("x-api-key", "secret"),
    ]
    assert upstream_headers(sent, "secret") == [("accept-encoding", "identity"), ("x-api-key", "secret")]


def test_the_first_header_of_a_name_counts():
    assert Headers([("a", "1"), ("b", "2"), ("a", "3")]).get("a") == "1"
    assert Headers().get("a") == ""


@pytest.mark.parametrize(
    ("path", "headers", "shape"),
    [
        ("chat/completions", (), Shape.OPENAI),
        ("responses", (), Shape.RESPONSES),
        ("responses/r-1", (), Shape.RESPONSES),
        ("messages", (), Shape.ANTHROPIC),
        ("messages/count_tokens", (), Shape.ANTHROPIC),
        ("models/a", (), Shape.OPENAI),
        ("models/a", [("anthropic-version", "1")], Shape.ANTHROPIC),
        ("", (), Shape.OPENAI),
    ],
)
def test_the_path_tells_the_protocol(path, headers, shape):
    assert shape_of(Call("GET", path, "", Headers(headers), b"")) is shape


@pytest.mark.parametrize(
    "betas",
    [
        "",
        "interleaved-thinking-2025-05-14",
        "prompt-caching-2024-07-31, context-1m-2025-08-07,computer-use-2025-11-24",
        "output-128k",
    ],
)
def test_betas_that_change_only_how_the_model_answers_pass(betas):
    check_betas(Headers([("anthropic-beta", betas), ("x", "files-api")]))


@pytest.mark.parametrize(
    "betas",
    [
        *(
            "server-side-fallback-2026-06-01",
            "code-execution-2025-08-25",
            "mcp-client-2025-11-20",
            "files-api-2025-04-14",
        ),
        *("prompt-caching-2024-07-31,skills-2025-10-02", "nobody-knows", "prompt-caching-2024-07-31-2024-07-31"),
        *("interleaved-thinking-2025-05-14 files-api-2025-04-14", "Prompt-Caching-2024-07-31", "x" * 5000),
    ],
)
def test_betas_that_no_consent_covers_are_refused_in_a_sentence(betas):
    with pytest.raises(Misuse, match="no term of a consent covers") as refused:
        check_betas(Headers([("anthropic-beta", "pdfs-2024-09-25"), ("anthropic-beta", betas)]))
    assert refused.value.code == "beta-not-passed"
    assert len(refused.value.message) < 300


@pytest.mark.parametrize(
    ("path", "query", "nothing"),
    [
        ("messages", "beta=true", True),
        ("messages/count_tokens", "beta=true", True),
        ("messages", "", True),
        ("messages", "beta=true&model=other", False),
        ("chat/completions", "beta=true", False),
        ("models/a", "beta=true", False),
    ],
)
def test_only_the_query_of_the_stock_client_says_nothing(path, query, nothing):
    assert says_nothing(Call("POST", path, query, Headers(), b"")) is nothing


@pytest.mark.parametrize("path", ["embeddings", "messages/count_tokens"])
def test_what_only_reads_reserves_no_answer(path):
    assert asked(Call("POST", path, "", JSON, b'{"model":"a"}'), answer_tokens=DEFAULT).answer == 0


def test_what_goes_upstream_is_a_short_list_and_the_developers_credential():
    came = Headers(
        [("authorization", "Bearer stk-1"), ("content-type", "application/json"), ("x-any", "1"), ("cookie", "a=b")]
    )
    assert upstream_headers(came, "secret") == [
        ("content-type", "application/json"),
        ("accept-encoding", "identity"),
        ("authorization", "Bearer secret"),
    ]
    assert upstream_headers(Headers(), "") == [("accept-encoding", "identity")]


def test_what_comes_back_lacks_the_connections_headers_cookies_and_the_secret():
    came = Headers(
        [
            ("content-type", "text/event-stream"),
            ("connection", "close, X-Mine"),
            ("x-mine", "1"),
            ("transfer-encoding", "chunked"),
            ("set-cookie", "a=b"),
            ("location", "http://inside/"),
            ("x-echo", "Bearer secret"),
            ("x-request-id", "7"),
        ]
    )
    kept = (("content-type", "text/event-stream"), ("x-request-id", "7"))
    assert caller_headers(came, "secret").fields == kept


@pytest.mark.parametrize("why", Why)
def test_every_refusal_is_a_problem_that_stock_clients_understand(why):
    problem = Problem(why.value, SENTENCES[why])
    found = json.loads(problem.body())
    expected = {"unknown-key": 401, "revoked-key": 401, "key-before-leak": 401}
    expected |= {"requests-spent": 429, "tokens-spent": 429, "money-spent": 429, "too-many-at-once": 429}
    assert found["status"] == problem.status == {**expected, "access-unverified": 503}.get(why, 403)
    assert found["detail"] == found["error"]["message"] == SENTENCES[why]
    assert found["error"]["code"] == why
    headers = dict(problem.headers())
    assert headers["Content-Type"] == "application/problem+json"
    assert int(headers["Content-Length"]) == len(problem.body())
    assert ("X-Should-Retry" in headers) == (why not in (Why.CONCURRENCY, Why.UNVERIFIED))
    assert problem.last_event().startswith(b"\n\nevent: error\ndata: {")


@pytest.mark.parametrize("shape", Shape)
def test_a_problem_speaks_the_protocol_of_the_call(shape):
    problem = Problem("unknown-key", "No such key.")
    found = json.loads(problem.body(shape))
    last = json.loads(problem.last_event(shape).partition(b"data: ")[2])
    assert int(dict(problem.headers(shape))["Content-Length"]) == len(problem.body(shape))
    for said in (found, last):
        assert (said["error"]["type"], said["error"]["message"]) == ("authentication_error", "No such key.")
        assert "urn:seatrial:problem:unknown-key" in (said["type"], said.get("problem"))
    assert (found["type"] == "error") == (shape is Shape.ANTHROPIC)
    assert (last["type"] == "error") == (shape is not Shape.OPENAI)
    if shape is Shape.RESPONSES:
        assert (last["code"], last["message"]) == ("unknown-key", "No such key.")


def test_our_own_faults_are_503():
    assert defect().status == Problem.of(away()).status == 503
