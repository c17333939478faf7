"""The reading paths in front of Django: the same answers, no staler than said, and no right that outlives its end."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.db import connections
from django.test import Client

from seatrial.clearinghouse.advisories.types import Form
from seatrial.feeds import front, serving
from seatrial.kernel.clock import now
from seatrial.parties import api as parties
from simulators import advised

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "/taxii2/advisories/collections/clear/objects/"


class Fronted:
    """An instance's front, asked as a server asks it."""

    def __init__(self) -> None:
        self.behind = 0
        self.front = front.FeedsInFront(self._django, origin="harbour.example")

    async def _django(self, _scope: Any, _receive: Any, send: Any) -> None:
        self.behind += 1
        await send({"type": "http.response.start", "status": 299, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def ask(self, path: str, query: str = "", *, method: str = "GET", **headers: str) -> tuple[int, Any, bytes]:
        found: list[Any] = []

        async def send(message: Any) -> None:
            found.append(message)

        async def receive() -> Any:
            return {"type": "http.request"}

        named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
        scope = {"type": "http", "method": method, "path": path, "query_string": query.encode(), "headers": named}
        await self.front(scope, receive, send)
        start, body = found
        return start["status"], {name.decode(): value.decode() for name, value in start["headers"]}, body["body"]

    def close(self) -> None:
        """Each of its threads has a connection of its own."""
        for _ in range(8):
            self.front._threads.submit(connections.close_all).result()
        self.front._threads.shutdown()


@pytest.fixture
def fronted() -> Iterator[Fronted]:
    one = Fronted()
    yield one
    one.close()


@pytest.mark.usefixtures("bundles")
class TestFront:
    def test_it_answers_as_the_view_does(self, fronted: Fronted) -> None:
        async def asked() -> Any:
            return [await fronted.ask(PAGE, "limit=2"), await fronted.ask(PAGE, "limit=2")]

        first, again = async_to_sync(asked)()
        view = Client().get(PAGE + "?limit=2")
        assert first == again
        assert (first[0], first[2]) == (200, view.content)
        assert {name: first[1][name] for name in ("etag", "content-type", "x-taxii-date-added-last")} == {
            "etag": view["ETag"],
            "content-type": view["Content-Type"],
            "x-taxii-date-added-last": view["X-TAXII-Date-Added-Last"],
        }
        assert fronted.behind == 0

    def test_what_is_known_is_not_sent_again_and_a_head_has_no_body(self, fronted: Fronted) -> None:
        async def asked() -> None:
            _, headers, body = await fronted.ask(PAGE)
            assert await fronted.ask(PAGE, if_none_match=headers["etag"]) == (
                304,
                {name: value for name, value in headers.items() if name not in ("content-type", "content-length")},
                b"",
            )
            assert (await fronted.ask(PAGE, if_none_match='"another"'))[0] == 200
            status, said, nothing = await fronted.ask(PAGE, method="HEAD")
            assert (status, said["content-length"], nothing) == (200, str(len(body)), b"")

        async_to_sync(asked)()

    def test_writing_and_everything_else_goes_on_to_django(self, fronted: Fronted) -> None:
        async def asked() -> None:
            assert (await fronted.ask(PAGE, method="POST"))[0] == 299
            assert (await fronted.ask("/reviews/"))[0] == 299

        async_to_sync(asked)()
        assert fronted.behind == 2

    def test_a_publication_is_seen_in_time(self, fronted: Fronted, harbour: Any, bundles: str) -> None:
        before = async_to_sync(fronted.ask)(PAGE)[2]
        at = harbour.days(9)
        advised.put(bundles, 8, "SEA-8", Form.STIX, advised.stix("SEA-8", at), at)

        async def asked() -> bytes:
            await asyncio.sleep(front.FRESH + 0.05)
            return (await fronted.ask(PAGE))[2]

        after = async_to_sync(asked)()
        assert len(json.loads(after)["objects"]) == len(json.loads(before)["objects"]) + 3

    def test_what_one_may_read_nobody_else_is_given(self, fronted: Fronted, harbour: Any) -> None:
        green = PAGE.replace("clear", "green")
        token = parties.issue_token(by=harbour.lab, at=now())

        async def asked() -> None:
            assert (await fronted.ask(green, authorization=f"Bearer {token}"))[0] == 200
            assert (await fronted.ask(green))[0] == 401
            assert (await fronted.ask(green, authorization="Bearer sta-other"))[0] == 401

        async_to_sync(asked)()

    def test_a_right_that_ended_ends_here_in_time(self, fronted: Fronted, harbour: Any) -> None:
        from seatrial.parties.models import Token

        green = PAGE.replace("clear", "green")
        token = parties.issue_token(by=harbour.lab, at=now())
        assert async_to_sync(fronted.ask)(green, authorization=f"Bearer {token}")[0] == 200
        Token.objects.update(revoked_at=now())

        async def asked() -> int:
            await asyncio.sleep(front.RIGHTS + 0.05)
            return (await fronted.ask(green, authorization=f"Bearer {token}"))[0]

        assert async_to_sync(asked)() == 401


def test_a_change_is_a_small_read_of_our_own_and_one_of_members(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(2):
        serving.change()
