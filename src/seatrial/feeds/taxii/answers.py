"""What each address of TAXII 2.1 answers. It can be read, not written; an error is a resource with one sentence.

``/taxii2/`` tells of the one API root, ``/taxii2/advisories/``. Whoever may not read a collection is told that it is
not there, and a stranger to sign in, whether there is one or not.
"""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from threading import Lock
from typing import Any

from seatrial.clearinghouse.advisories.types import Form, Tlp
from seatrial.feeds.asked import Answer, Asked
from seatrial.feeds.shelves import CLEAR, GREEN, Place, Shelves, places_of
from seatrial.kernel.clock import iso
from seatrial.kernel.errors import Forbidden, Misuse, NotFound
from seatrial.parties.types import Actor

from .holdings import Bundle, Collection, Entry, Wanted, bundle_of, collected, matching, wanted_of

MEDIA_TYPE = "application/taxii+json;version=2.1"
_STIX = "application/stix+json;version=2.1"
MOST = 1_000  # objects on one page
_ROOT = "/taxii2/advisories/"
_PATH = re.compile(
    r"/taxii2/(?:|advisories/(?:|status/(?P<status>[^/]{1,100})/|collections/(?:|(?P<collection>[^/]{1,100})/"
    r"(?:|manifest/|objects/(?:|(?P<object>[^/]{1,200})/(?:|(?P<versions>versions/)))))))"
)
_shelves = Shelves[Bundle](Form.STIX, bundle_of, older=True)
_collections: dict[Place, tuple[int, Collection]] = {}
_lock = Lock()


def forget() -> None:
    """Holds nothing any more."""
    _shelves.forget()
    _collections.clear()


def answer(asked: Asked, actor: Actor, title: str) -> Answer:
    """The answer to ``actor``; ``title`` is the instance's name. Raises ``SeatrialError``."""
    found = _PATH.fullmatch(asked.path)
    if found is None:
        raise NotFound("no-such-resource", "There is no such TAXII resource; begin at /taxii2/.")
    if asked.method not in ("GET", "HEAD"):
        raise Forbidden("read-only", "This collection can only be read: advisories come from cases, not over TAXII.")
    _acceptable(asked.headers.get("accept", ""))
    if asked.path == "/taxii2/":
        return _said({"title": f"Advisories of {title}", "default": _ROOT, "api_roots": [_ROOT]})
    if asked.path == _ROOT:
        root = {"title": f"Advisories of {title}", "versions": [MEDIA_TYPE], "max_content_length": 1024}
        return _said(root)
    if found["status"] is not None:
        raise NotFound("no-such-status", "There is no such status: nothing can be added here, so nothing is under way.")
    if found["collection"] is None:
        return _said({"collections": [_described(place, actor) for place in places_of(actor)]})
    place = _place(found["collection"], actor)
    wanted = wanted_of(asked.parameters(), most=MOST)
    if asked.path.endswith("/manifest/"):
        return _page(matching(_collection(place), wanted), wanted, _manifest, "objects")
    if found["object"] is not None:
        return _of_one(place, found["object"], wanted, versions=found["versions"] is not None)
    if asked.path.endswith("/objects/"):
        return _page(matching(_collection(place), wanted), wanted, _content, "objects")
    return _said(_described(place, actor))


def error(status: int, code: str, sentence: str) -> Answer:
    """TAXII's own resource for what went wrong (3.6.1)."""
    words = {"title": code.replace("-", " "), "description": sentence, "error_code": code, "http_status": str(status)}
    more = (("WWW-Authenticate", 'Basic realm="Seatrial"'),) if status == 401 else ()
    return Answer(status, json.dumps(words).encode(), MEDIA_TYPE, more)


def id_of(place: Place) -> str:
    """The collection's id: a UUID of version 4 that is the same wherever and whenever it is asked for."""
    words = f"seatrial collection {'/'.join(place.tlps)} {place.name}"
    return str(uuid.UUID(bytes=hashlib.sha256(words.encode()).digest()[:16], version=4))


def _acceptable(accept: str) -> None:
    """TAXII 2.1, 1.6.8: the type, with its version or without."""
    for one in accept.lower().split(",") if accept else ("*/*",):
        kind, *more = (part.strip() for part in one.split(";"))
        version = next((part.partition("=")[2].strip('"') for part in more if part.startswith("version=")), "2.1")
        if kind in ("*/*", "application/*") or (kind == "application/taxii+json" and version == "2.1"):
            return
    raise Misuse("not-acceptable", f"This server speaks {MEDIA_TYPE}; say so in the Accept header.")


def _place(collection: str, actor: Actor) -> Place:
    for place in places_of(actor):
        if collection in (id_of(place), _alias(place)):
            return place
    if not actor.person:
        raise Misuse("sign-in-needed", "Sign in to read this: send a personal API token, as Bearer or by HTTP Basic.")
    raise NotFound("no-such-collection", "There is no such collection that you may read.")


def _alias(place: Place) -> str:
    if place == CLEAR:
        return "clear"
    if place == GREEN:
        return "green"
    return "red" if place.tlps == (Tlp.RED,) else f"amber-{place.name}"


def _described(place: Place, actor: Actor) -> dict[str, Any]:
    whom = "you alone" if place.name == actor.person else place.name
    marks = " and ".join(f"TLP:{tlp.mark}" for tlp in place.tlps)
    return {
        "id": id_of(place),
        "title": f"Advisories marked {marks}{f', for {whom}' if place.name else ''}",
        "alias": _alias(place),
        "can_read": True,
        "can_write": False,
        "media_types": [_STIX],
    }


def _collection(place: Place) -> Collection:
    held = _shelves.at(place)
    with _lock:  # many may ask at once after a publication: one of them puts the collection together
        known = _collections.get(place)
        if known is None or known[0] < held.state:
            known = _collections[place] = (held.state, collected(held.items, known[1] if known is not None else None))
        return known[1]


def _of_one(place: Place, object_id: str, wanted: Wanted, *, versions: bool) -> Answer:
    collection = _collection(place)
    if object_id not in collection.of_id:
        raise NotFound("no-such-object", "There is no such object in this collection.")
    asked = ("all",) if versions else wanted.versions
    narrowed = Wanted(
        ids=frozenset({object_id}),
        spec_versions=wanted.spec_versions,
        versions=asked,
        added_after=wanted.added_after,
        next=wanted.next,
        limit=wanted.limit,
    )
    return _page(
        matching(collection, narrowed),
        narrowed,
        (lambda one: json.dumps(one.version).encode()) if versions else _content,
        "versions" if versions else "objects",
    )


def _content(entry: Entry) -> bytes:
    return entry.piece.content


def _manifest(entry: Entry) -> bytes:
    words = {"id": entry.piece.id, "date_added": iso(entry.added), "version": entry.version, "media_type": _STIX}
    return json.dumps(words).encode()


def _page(found: list[Entry], wanted: Wanted, write: Any, name: str) -> Answer:
    """One page, and how to go on. What is empty is an empty object (3.7)."""
    page = found[: wanted.limit]
    if not page:
        return Answer(200, b"{}", MEDIA_TYPE).tagged()
    head = b"{"
    if len(found) > len(page):
        number, place = page[-1].key
        head = b'{"more":true,"next":"%d.%d",' % (number, place)
    body = head + b'"%s":[%s]}' % (name.encode(), b",".join(map(write, page)))
    added = (
        ("X-TAXII-Date-Added-First", iso(page[0].added)),
        ("X-TAXII-Date-Added-Last", iso(page[-1].added)),
    )
    return Answer(200, body, MEDIA_TYPE, added).tagged()


def _said(resource: dict[str, Any]) -> Answer:
    return Answer(200, json.dumps(resource).encode(), MEDIA_TYPE).tagged()
