"""What the provider answers at each address.

Addresses of a marking that the asker has nothing to do with answer 401, whatever is there; all else that is not there,
404. The public reads TLP:CLEAR without a word.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from seatrial.clearinghouse.advisories import api as advisories
from seatrial.clearinghouse.advisories.types import Document, Tlp
from seatrial.feeds import rolie
from seatrial.feeds.asked import Answer, Asked, as_json
from seatrial.kernel.errors import Misuse, NotFound
from seatrial.parties.types import ANYONE, Actor

from . import documents, shelf
from .shelf import Folder

ROOT = "/.well-known/csaf/"
SECURITY = "/.well-known/security.txt"
_JSON, _TEXT, _PAGE = "application/json", "text/plain; charset=utf-8", "text/html; charset=utf-8"
_EXPIRES = timedelta(days=180)


def answer(asked: Asked, actor: Actor, at: datetime) -> Answer:
    """Raises ``NotFound`` (``no-such-file``), ``Misuse`` (``bad-method``, ``sign-in-needed``)."""
    if asked.method not in ("GET", "HEAD"):
        raise Misuse("bad-method", "This is read only; send GET or HEAD.")
    publisher = advisories.publisher()
    base = f"{publisher.namespace}{ROOT}"
    if asked.path == SECURITY:
        expires = at.replace(hour=0, minute=0, second=0, microsecond=0) + _EXPIRES
        text = documents.security_txt(base, publisher.namespace, publisher.contact, expires)
        return Answer(200, text.encode(), _TEXT).tagged()
    name = asked.path.removeprefix(ROOT)
    found = shelf.folders(actor)
    whole = _of_the_provider(name, base, found)
    if whole is not None:
        return whole
    for folder in found:
        if name == documents.feed_url(base, folder).removeprefix(base):
            _allowed(folder, actor)
            return as_json(documents.feed(base, folder))
        if name.startswith(folder.name):
            _allowed(folder, actor)
            return _of_a_folder(folder, name.removeprefix(folder.name))
    raise _nothing(asked.path)


def provider(at: datetime) -> Mapping[str, Any]:
    """The provider's metadata, as everybody reads it."""
    asked = Asked("GET", f"{ROOT}provider-metadata.json")
    found: Mapping[str, Any] = json.loads(answer(asked, ANYONE, at).body)
    return found


def error(status: int, message: str) -> Answer:
    """A refusal, in one sentence."""
    headers = (("WWW-Authenticate", 'Basic realm="advisories", charset="UTF-8"'),) if status == 401 else ()
    return Answer(status, f"{message}\n".encode(), _TEXT, headers)


def forget() -> None:
    """Holds nothing of what was published any more."""
    shelf.forget()


def _of_the_provider(name: str, base: str, found: tuple[Folder, ...]) -> Answer | None:
    if name == "provider-metadata.json":
        # What only some may read must not show in what all read: neither that it is there, nor when it came.
        last = max(
            (one.updated for folder in found if folder.tlp is Tlp.CLEAR for one in folder.documents), default=None
        )
        publisher, fingerprint = advisories.publisher(), advisories.fingerprint()
        return as_json(documents.metadata(base, found, publisher, fingerprint, last))
    if name == "service.json":
        return as_json(documents.service(base, found))
    if name == "category.json":
        return as_json(documents.CATEGORIES)
    if name == f"openpgp/{advisories.fingerprint()}.asc":
        return Answer(200, advisories.certificate().encode(), "application/pgp-keys").tagged()
    if name == "":
        names = ["provider-metadata.json", "service.json", *(folder.name for folder in found)]
        return Answer(200, documents.listing("CSAF documents", names).encode(), _PAGE).tagged()
    return None


def _of_a_folder(folder: Folder, name: str) -> Answer:
    if name == "index.txt":
        return Answer(200, documents.index(folder).encode(), _TEXT).tagged()
    if name == "changes.csv":
        return Answer(200, documents.changes(folder).encode(), "text/csv; charset=utf-8; header=absent").tagged()
    if name == "":
        names = ["index.txt", "changes.csv", *(f"{year}/" for year in folder.years)]
        return Answer(200, documents.listing(f"TLP:{folder.tlp.upper()}", names).encode(), _PAGE).tagged()
    year, _, file = name.partition("/")
    if year.isascii() and year.isdecimal() and int(year) in folder.years and not file:
        here = [one.name for one in folder.documents if one.released.year == int(year)]
        names = [f"{one}{ending}" for one in here for ending in ("", *rolie.BESIDE)]
        return Answer(200, documents.listing(f"TLP:{folder.tlp.upper()}, {year}", names).encode(), _PAGE).tagged()
    ending = next((one for one in rolie.BESIDE if file.endswith(one)), "")
    wanted = f"{year}/{file.removesuffix(ending)}"
    document = next((one for one in folder.documents if documents.path(one) == wanted), None)
    if document is None:
        raise _nothing(f"{ROOT}{folder.name}{name}")
    return _file(document, ending)


def _file(document: Document, ending: str) -> Answer:
    if ending == ".sha256":
        return Answer(200, rolie.hash_file(document.digest, document.name), _TEXT).tagged()
    if ending == ".sha512":
        return Answer(200, rolie.hash_file(document.sha512, document.name), _TEXT).tagged()
    if ending == ".asc":
        return Answer(200, document.signature.encode(), "application/pgp-signature").tagged()
    return Answer(200, document.content, _JSON).tagged()


def _allowed(folder: Folder, actor: Actor) -> None:
    """Raises ``Misuse`` (``sign-in-needed``) for the public where it has nothing to do."""
    if folder.tlp is not Tlp.CLEAR and not actor.person:
        raise Misuse(
            "sign-in-needed",
            f"What is marked TLP:{folder.tlp.upper()} is read with a personal API token; send it as "
            "'Authorization: Bearer …', or as the password of HTTP Basic.",
        )


def _nothing(path: str) -> NotFound:
    return NotFound("no-such-file", f"There is no {path[:200]} here.")
