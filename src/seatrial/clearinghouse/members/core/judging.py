"""What a document must be to be mirrored: what it was signed as, valid, for everybody, and its publisher's own."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from seatrial.clearinghouse.members.types import Facts, Provider
from seatrial.kernel.errors import Misuse
from seatrial.kernel.text import UNPRINTABLE

_OPEN = ("WHITE", "CLEAR")
_LONGEST = 200  # characters of a tracking id, which becomes a file's name


def shown(text: object) -> str:
    """As it can be kept and shown: others' words may hold what no page and no table takes."""
    return UNPRINTABLE.sub("\ufffd", str(text))


def check_hash(content: bytes, said: bytes, algorithm: str, url: str) -> None:
    """``said`` is a hash file (hexadecimal, then perhaps a name). Raises ``Misuse`` (``bad-hash``)."""
    words = said.split()
    if not words or words[0].lower() != hashlib.new(algorithm, content).hexdigest().encode():
        raise Misuse("bad-hash", f"The document is not the one that {url[:200]} was made of.")


def facts(document: Mapping[str, Any], provider: Provider, name: str, version: str, own: str) -> Facts:
    """Of a document that is valid. ``name`` is its file's by CSAF's rule, ``own`` how an instance's tracking ids begin.

    Raises ``Misuse`` (``not-for-everybody``, ``another-publisher``, ``tracking-id-taken``,
    ``tracking-id-too-long``).
    """
    said = document["document"]
    label = str(said.get("distribution", {}).get("tlp", {}).get("label", "WHITE")).upper()
    if label not in _OPEN:
        raise Misuse("not-for-everybody", f"It is marked TLP:{label}, and stands where anybody reads it.")
    if said["publisher"].get("namespace") != provider.publisher.get("namespace"):
        raise Misuse("another-publisher", "Its publisher has another namespace than the member whose feed lists it.")
    tracking = said["tracking"]
    if len(str(tracking["id"])) > _LONGEST:
        raise Misuse("tracking-id-too-long", f"Its tracking id has more than {_LONGEST} characters.")
    if own and str(tracking["id"]).upper().startswith(own.upper()):
        raise Misuse("tracking-id-taken", f"Its tracking id begins with {own}, as this instance's own do.")
    return Facts(
        tracking=shown(tracking["id"]),
        title=shown(said.get("title", ""))[:1000],
        version=version,
        name=name,
        released=str(tracking["initial_release_date"]),
        updated=str(tracking["current_release_date"]),
        withdrawn=str(said.get("category", "")) == "csaf_withdrawn",
    )
