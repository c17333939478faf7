"""What the aggregator answers at each address. All of it is for everybody."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any

from seatrial.clearinghouse.advisories import api as advisories
from seatrial.clearinghouse.members import api as members
from seatrial.clearinghouse.members.types import Shelf
from seatrial.feeds import rolie
from seatrial.feeds.asked import Answer, Asked, as_json
from seatrial.kernel.errors import Misuse, NotFound

from . import documents

ROOT = "/.well-known/csaf-aggregator/"
_JSON, _TEXT = "application/json", "text/plain; charset=utf-8"
_CSV = "text/csv; charset=utf-8; header=absent"
_held: dict[int, dict[str, Shelf]] = {}  # one: of the last change
_lock = Lock()


def answer(asked: Asked, own: Callable[[], Mapping[str, Any]]) -> Answer:
    """``own`` is this instance's own provider's metadata. Raises ``NotFound`` (``no-such-file``), ``Misuse``
    (``bad-method``)."""
    if asked.method not in ("GET", "HEAD"):
        raise Misuse("bad-method", "This is read only; send GET or HEAD.")
    publisher = advisories.publisher()
    base, name = f"{publisher.namespace}{ROOT}", asked.path.removeprefix(ROOT)
    shelves = _shelves()
    if name == "aggregator.json":
        mine = own()
        updated = max([mine["last_updated"], *(one.updated for one in shelves.values() if one.updated)])
        return as_json(documents.aggregator(base, tuple(shelves.values()), publisher, mine, updated))
    folder, _, rest = name.partition("/")
    shelf = shelves.get(folder)
    if shelf is None or not shelf.mirror:
        raise _nothing(asked.path)
    return _of_a_mirror(base, shelf, rest)


def forget() -> None:
    """Holds nothing any more."""
    with _lock:
        _held.clear()


def _shelves() -> dict[str, Shelf]:
    change = members.changes()
    found = _held.get(change)
    if found is None:
        with _lock:
            found = _held.get(change)
            if found is None:
                found = {one.name: one for one in members.shelves()}
                _held.clear()
                _held[change] = found
    return found


def _of_a_mirror(base: str, shelf: Shelf, name: str) -> Answer:
    if name == "provider-metadata.json":
        return as_json(documents.metadata(base, shelf, advisories.fingerprint()))
    if name == "service.json":
        return as_json(documents.service(base, shelf))
    if name == "index.txt":
        return Answer(200, documents.index(shelf.documents).encode(), _TEXT).tagged()
    if name == "changes.csv":
        return Answer(200, documents.changes(shelf.documents).encode(), _CSV).tagged()
    for version in rolie.SCHEMAS:
        if name == documents.feed_url("", version):
            return as_json(documents.feed(base, shelf, version))
    if name.startswith("openpgp/") and name.endswith(".asc"):
        wanted = name.removeprefix("openpgp/").removesuffix(".asc")
        certificate = shelf.certificates.get(wanted)
        if certificate is None and wanted == advisories.fingerprint():
            certificate = advisories.certificate()
        if certificate is not None:
            return Answer(200, certificate.encode(), "application/pgp-keys").tagged()
    ending = next((one for one in rolie.BESIDE if name.endswith(one)), "")
    wanted = name.removesuffix(ending) if ending else name
    document = next((one for one in shelf.documents if one.path == wanted), None)
    if document is None:
        raise _nothing(f"{ROOT}{shelf.name}/{name}")
    if ending == ".asc":
        return Answer(200, document.signature.encode(), "application/pgp-signature").tagged()
    if ending:
        value = document.sha256 if ending == ".sha256" else document.sha512
        return Answer(200, rolie.hash_file(value, document.facts.name), _TEXT).tagged()
    content = members.content(document.number)
    if content is None:
        raise _nothing(f"{ROOT}{shelf.name}/{name}")
    return Answer(200, content, _JSON).tagged()


def _nothing(path: str) -> NotFound:
    return NotFound("no-such-file", f"There is no {path[:200]} here.")
