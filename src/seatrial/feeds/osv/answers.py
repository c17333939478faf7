"""What each address of OSV's API answers: ``/osv/v1/query``, ``/osv/v1/querybatch`` and ``/osv/v1/vulns/{id}``."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from seatrial.clearinghouse.advisories.types import Form
from seatrial.feeds.asked import Answer, Asked
from seatrial.feeds.shelves import Place, Shelves, places_of
from seatrial.kernel.canonical import from_json
from seatrial.kernel.errors import Misuse, NotFound
from seatrial.parties.types import Actor

from .records import Book, Record, record_of, release_of

_JSON = "application/json"
_VULN = re.compile(r"/osv/v1/vulns/(?P<id>[^/]{1,100})")
_MOST_BYTES, _MOST_QUERIES = 2**20, 1_000
_CODES = {400: 3, 401: 16, 403: 7, 404: 5}  # as OSV counts them (google.rpc.Code)
_shelves = Shelves[Record](Form.OSV, record_of)
_books: dict[Place, tuple[int, Book]] = {}


def forget() -> None:
    """Holds nothing any more."""
    _shelves.forget()
    _books.clear()


def answer(asked: Asked, actor: Actor) -> Answer:
    """The answer to ``actor``. Raises ``SeatrialError``."""
    found = _VULN.fullmatch(asked.path)
    if found is not None:
        _only(asked, "GET", "HEAD")
        return Answer(200, _record(found["id"], actor).content, _JSON).tagged()
    if asked.path == "/osv/v1/query":
        _only(asked, "POST")
        records = _records(_said(asked), actor)
        return _answer(b'{"vulns":[%s]}' % b",".join(one.content for one in records) if records else b"{}")
    if asked.path == "/osv/v1/querybatch":
        _only(asked, "POST")
        return _answer(json.dumps({"results": [_briefly(one, actor) for one in _queries(asked)]}).encode())
    raise NotFound("no-such-resource", "OSV's API is at /osv/v1/query, /osv/v1/querybatch and /osv/v1/vulns/{id}.")


def error(status: int, sentence: str) -> Answer:
    """OSV's own words for what went wrong."""
    return Answer(status, json.dumps({"code": _CODES.get(status, 2), "message": sentence}).encode(), _JSON)


def _only(asked: Asked, *methods: str) -> None:
    if asked.method not in methods:
        raise Misuse("bad-method", f"Ask this address with {methods[0]}.")


def _said(asked: Asked) -> Mapping[str, Any]:
    if len(asked.body) > _MOST_BYTES:
        raise Misuse("bad-query", "This query is larger than 1 MiB; ask for fewer packages at once.")
    found = from_json(asked.body, "The query")
    if not isinstance(found, Mapping):
        raise Misuse("bad-query", "A query is a JSON object.")
    return found


def _queries(asked: Asked) -> list[Mapping[str, Any]]:
    queries = _said(asked).get("queries")
    if not isinstance(queries, list) or not all(isinstance(one, Mapping) for one in queries):
        raise Misuse("bad-query", 'Write {"queries": […]} with an object for each query.')
    if len(queries) > _MOST_QUERIES:
        raise Misuse("bad-query", f"Ask at most {_MOST_QUERIES:,} queries at once.")
    return queries


def _briefly(query: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
    found = _records(query, actor)
    return {"vulns": [{"id": one.id, "modified": one.modified} for one in found]} if found else {}


def _records(query: Mapping[str, Any], actor: Actor) -> list[Record]:
    release = release_of(query)
    if release is None:
        return []
    return [one for place in places_of(actor) for one in _book(place).speaking_of(release)]


def _record(name: str, actor: Actor) -> Record:
    for place in places_of(actor):
        if (found := _book(place).by_id.get(name)) is not None:
            return found
    raise NotFound("no-such-advisory", "There is no such advisory that you may see.")


def _book(place: Place) -> Book:
    held = _shelves.at(place)
    known = _books.get(place)
    if known is None or known[0] != held.state:
        known = _books[place] = (held.state, Book(held.items.values()))
    return known[1]


def _answer(body: bytes) -> Answer:
    return Answer(200, body, _JSON)
