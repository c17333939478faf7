"""Whatever is sent to the routes of access, the answer is a clear one: never a fault of ours, never a secret."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest
import schemathesis
from django.test import Client
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.core import NOT_SET

from seatrial.kernel.clock import now
from seatrial.parties import api as parties
from seatrial.rest.routes import api
from seatrial.review.access import api as access
from simulators.staged_reviews import CAPABILITY, consented

DESCRIBED = schemathesis.openapi.from_dict(json.loads(json.dumps(api.get_openapi_schema(path_prefix="/api/v1/"))))
ROUTES = DESCRIBED.include(path_regex=r"/reviews/\{review\}/(exchanges|usage|keys|credential|bodies)|/keys/\{key\}")
OPERATIONS = {f"{one.ok().method} {one.ok().path}": one.ok() for one in ROUTES.get_all_operations()}
EXAMPLES = settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture
def there(world: Any) -> dict[str, Any]:
    """A review with a key: their ids; and tokens of people who see them, and of some who do not."""
    review = consented(world, "A voyage through the fog")
    made = access.issue_key(by=world.evaluator, review=review, purpose=CAPABILITY, at=now())
    people = (world.evaluator, world.rival)
    tokens = [parties.issue_token(by=one, at=now()) for one in people]
    return {"review": review, "key": made.id, "exchange": "exchange-none", "tokens": tokens, "secret": made.secret}


def asked(case: Any, token: str, **ids: str) -> Any:
    """Send it to the instance under test, with these ids in the place of those that were made up."""
    path = case.operation.path
    for name, value in {**case.path_parameters, **ids}.items():
        path = path.replace("{" + name + "}", quote(str(value), safe=""))
    headers = {str(name): str(value) for name, value in dict(case.headers or {}).items()}
    headers["Authorization"] = f"Bearer {token}"
    body = b"" if case.body is NOT_SET else case.body
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    client = Client(raise_request_exception=False)
    kind = case.media_type or "application/json"
    return client.generic(case.method, path, body, content_type=kind, query_params=case.query or {}, headers=headers)


def test_there_is_something_to_ask():
    assert len(OPERATIONS) >= 8


@pytest.mark.parametrize("what", ["exchanges", "exchanges.csv", "usage", "keys"])
def test_a_review_that_is_not_there_for_you_has_no_empty_answer(there, what):
    own, rivals = there["tokens"]
    for token, review, status in ((own, there["review"], 200), (rivals, there["review"], 404), (own, "review-0", 404)):
        headers = {"Authorization": f"Bearer {token}"}
        answer = Client(raise_request_exception=False).get(f"/api/v1/reviews/{review}/{what}", headers=headers)
        assert answer.status_code == status


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["as described", "otherwise"])
@pytest.mark.parametrize("name", OPERATIONS)
def test_access_answers_clearly_whatever_it_is_asked(there, name, mode):
    operation = OPERATIONS[name]

    @EXAMPLES
    @given(case=operation.as_strategy(generation_mode=mode))
    def check(case: Any) -> None:
        ids = {key: there[key] for key in ("review", "key", "exchange") if key in (case.path_parameters or {})}
        for token in (*there["tokens"], "sta-nobody"):
            for named in ({}, ids):
                answer = asked(case, token, **named)
                assert answer.status_code < 500, answer.content[:300]
                assert there["secret"].encode() not in answer.content
                if answer.status_code >= 400:
                    assert answer["Content-Type"] == "application/problem+json", answer.content[:300]
                    assert set(answer.json()) >= {"type", "title", "status", "detail"}

    check()
