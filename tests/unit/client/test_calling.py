"""A call: one key whatever happens, another try where it is safe, and the server's own errors."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from seatrial.client.calling import Caller, Keys, Patience, Received, at
from seatrial.client.transport import Lost
from seatrial.kernel.canonical import plain
from seatrial.kernel.digests import digest
from seatrial.kernel.errors import Conflict, Forbidden, Misuse, NotFound, Refused, SeatrialError, Unavailable
from seatrial.rest.problems import on_seatrial_error
from seatrial.review.cases.types import Budget
from simulators.scripted_transport import LOST, ScriptedTransport

BUDGET = Budget(1, 2, 3)
DONE = (201, plain(BUDGET))


def caller(*script: Any, keys: Keys = Keys(), attempts: int = 4) -> tuple[Caller, ScriptedTransport, list[float]]:  # noqa: B008
    transport, slept = ScriptedTransport(list(script)), list[float]()
    return Caller(transport, keys, Patience(attempts, first=1.0, longest=5.0, sleep=slept.append)), transport, slept


@pytest.mark.parametrize("trouble", [LOST, (502, b"<html>"), (503, b""), (504, b"gone")])
def test_a_change_without_an_answer_is_sent_again_with_the_same_key(trouble: Any) -> None:
    calls, transport, slept = caller(trouble, trouble, DONE)
    assert calls.change(Budget, "POST", "/x", {"a": 1}) == BUDGET
    assert len({sent.headers["Idempotency-Key"] for sent in transport.sent}) == 1
    assert len({sent.body for sent in transport.sent}) == 1
    assert len(slept) == 2
    assert slept[0] < slept[1] + 1


def test_the_last_attempt_says_what_was_wrong() -> None:
    calls, transport, _ = caller(*[LOST] * 4)
    with pytest.raises(Lost):
        calls.change(Budget, "POST", "/x")
    assert len(transport.sent) == 4


def test_who_is_told_to_wait_waits_as_told_but_not_for_ever() -> None:
    calls, transport, slept = caller((503, b""), DONE)
    transport.headers = {"retry-after": "3"}
    calls.change(Budget, "POST", "/x")
    assert slept == [3.0]
    calls, transport, slept = caller((503, b""), DONE)
    transport.headers = {"Retry-After": "86400"}
    calls.change(Budget, "POST", "/x")
    assert slept == [5.0]


def test_a_change_in_progress_is_asked_for_again() -> None:
    error = Conflict("in-progress", "Another change is being written.")
    calls, transport, _ = caller((409, on_seatrial_error(None, error).content), DONE)  # type: ignore[arg-type]
    assert calls.change(Budget, "POST", "/x") == BUDGET
    assert len(transport.sent) == 2


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422, 500, 301])
def test_nothing_else_is_tried_again(status: int) -> None:
    calls, transport, _ = caller((status, b"{}"))
    with pytest.raises(SeatrialError):
        calls.change(Budget, "POST", "/x")
    assert len(transport.sent) == 1


def test_reads_carry_no_key() -> None:
    calls, transport, _ = caller(LOST, (200, [plain(BUDGET)]))
    assert calls.get_all(Budget, "/x", kind="case.", after=None, limit=3) == (BUDGET,)
    assert "Idempotency-Key" not in transport.sent[0].headers
    assert transport.sent[0].path == "/api/v1/x?kind=case.&limit=3"


def test_keys_are_fresh_or_exact_or_made_of_a_prefix_and_the_route() -> None:
    fresh = {Keys().key("POST", "/x") for _ in range(10)}
    assert len(fresh) == 10
    assert Keys(exact="k", prefix="p").key("POST", "/x") == "k"
    prefixed = Keys(prefix="pipeline-7/consent")
    assert prefixed.key("POST", "/x") == prefixed.key("POST", "/x")
    assert prefixed.key("POST", "/x") != prefixed.key("POST", "/y")
    assert prefixed.key("POST", "/x").startswith("pipeline-7/consent:")


@pytest.mark.parametrize("kind", [Refused, Forbidden, Misuse, NotFound, Conflict, Unavailable])
def test_an_error_comes_back_as_it_was_raised(kind: type[SeatrialError]) -> None:
    raised = kind("some-code", "One sentence.", limit=3, people=["a"])
    raised_answer = on_seatrial_error(None, raised)  # type: ignore[arg-type]
    calls, _, _ = caller((raised_answer.status_code, raised_answer.content), attempts=1)
    with pytest.raises(SeatrialError) as caught:
        calls.get(Budget, "/x")
    assert type(caught.value) is kind
    assert (caught.value.code, caught.value.message, caught.value.facts) == (raised.code, raised.message, raised.facts)


@pytest.mark.parametrize("body", [b"", b"<html>502</html>", b"[]", b'{"type": "about:blank", "detail": "x"}', b"null"])
def test_an_answer_that_is_no_problem_document_is_somebody_elses(body: bytes) -> None:
    calls, _, _ = caller((400, body))
    with pytest.raises(Unavailable, match="not Seatrial's"):
        calls.get(Budget, "/x")


def test_an_answer_that_is_no_json_is_somebody_elses_too() -> None:
    calls, _, _ = caller((200, b"<html>please sign in</html>"))
    with pytest.raises(Unavailable, match="not Seatrial's"):
        calls.get(Budget, "/x")


def test_no_id_can_mean_another_route() -> None:
    assert at("reviews", "../keys", "x") == "/reviews/..%2Fkeys/x"
    assert at("reviews", "..", "x?a=1#b") == "/reviews/%2E%2E/x%3Fa%3D1%23b"
    assert at("reviews", "", "offer") == "/reviews/-/offer"


def test_a_file_is_sent_whole_again() -> None:
    calls, transport, _ = caller(LOST, DONE)
    calls.send_file(Budget, "POST", "/x", io.BytesIO(b"weights"), "application/octet-stream")
    assert [sent.body for sent in transport.sent] == [b"weights", b"weights"]


def test_what_is_sent_is_json_as_the_house_writes_it() -> None:
    calls, transport, _ = caller(DONE)
    calls.change(Budget, "POST", "/x", {"budget": BUDGET, "people": frozenset({"b", "a"})})
    assert json.loads(transport.sent[0].body) == {"budget": plain(BUDGET), "people": ["a", "b"]}


def test_a_download_that_breaks_off_begins_anew_where_it_began() -> None:
    calls, _, _ = caller((200, b"half of", LOST), (503, b""), (200, b"the whole"))
    into = io.BytesIO(b"before ")
    into.seek(0, io.SEEK_END)
    received = calls.get_file("/x", into)
    assert into.getvalue() == b"before the whole"
    assert received == Received(9, digest(b"the whole"))


def test_a_download_is_checked_by_the_digest_that_the_server_names() -> None:
    calls, transport, _ = caller((200, b"as sent"), (200, b"other"), (200, b"other"))
    transport.headers = {"ETag": f'"{digest(b"as sent")}"'}
    assert calls.get_file("/x", io.BytesIO()).bytes == 7
    with pytest.raises(Unavailable, match="changed on its way"):
        calls.get_file("/x", io.BytesIO())
    transport.headers = {"ETag": '"another scheme"'}
    calls.get_file("/x", io.BytesIO())


def test_a_refused_download_writes_nothing() -> None:
    calls, _, _ = caller((404, on_seatrial_error(None, NotFound("no-such-attachment", "None.")).content))  # type: ignore[arg-type]
    into = io.BytesIO()
    with pytest.raises(NotFound):
        calls.get_file("/x", into)
    assert into.getvalue() == b""
