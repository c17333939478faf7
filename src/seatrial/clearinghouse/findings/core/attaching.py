"""The attachments of a report: their bytes are taken out of it, their digests stay.

An attachment's bytes come in base64 inside the report, or beside it as a file of the same name, or not at all if this
reporter's reports hold them already. What a report says of size and digest must be so.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from seatrial.kernel.digests import Digest

from .document import invalid

Pieces = Callable[[], Iterable[bytes]]


@dataclass(frozen=True, slots=True)
class Incoming:
    """One attachment on its way in. ``pieces`` gives its bytes, anew each time; none for what is here already."""

    name: str
    media: str
    digest: Digest
    size: int
    pieces: Pieces | None = field(default=None, compare=False)


def taken_out(
    document: Mapping[str, Any], files: Mapping[str, Pieces], *, limit: int
) -> tuple[dict[str, Any], tuple[Incoming, ...]]:
    """``document`` without bytes, and its attachments. ``limit`` is for all of them together, in bytes.

    Raises ``Misuse`` (``report-invalid``).
    """
    entries = document.get("attachments", ())
    if not entries:
        return dict(document), ()
    faults: list[str] = []
    found: list[Incoming] = []
    left = limit
    for place, entry in enumerate(entries):
        at = f"attachments/{place}"
        pieces, fault = _pieces_of(entry, files, at)
        if fault or (pieces is None and "digest" not in entry):
            faults.append(fault or f"{at} ({entry['name'][:80]}) came without its bytes; send them too")
            continue
        digest, size = _measured(pieces, left) if pieces else (Digest(entry["digest"]), int(entry.get("size", 0)))
        left -= size
        if left < 0:
            faults.append(f"its attachments have more than {limit / 2**20:g} MiB together; send them in parts")
            break
        if entry.get("digest", digest) != digest:
            faults.append(f"{at} says that it is {entry['digest']}, and is {digest}")
        elif entry.get("size", size) != size:
            faults.append(f"{at} says that it has {entry['size']} bytes, and has {size}")
        elif entry["name"] in [one.name for one in found]:
            faults.append(f"{at} has the name of another; give each its own")
        else:
            found.append(Incoming(entry["name"], entry.get("media", ""), digest, size, pieces))
    if faults:
        raise invalid(faults)
    return {**document, "attachments": [_said(one) for one in found]}, tuple(found)


def with_data(document: Mapping[str, Any], data: Mapping[str, bytes]) -> dict[str, Any]:
    """``document`` with the bytes of its attachments (by name) in it again."""
    entries = document.get("attachments", ())
    inside = [
        {**entry, "data": base64.b64encode(data[entry["name"]]).decode()} if entry["name"] in data else entry
        for entry in entries
    ]
    return {**document, "attachments": inside} if entries else dict(document)


def _pieces_of(entry: Mapping[str, Any], files: Mapping[str, Pieces], at: str) -> tuple[Pieces | None, str]:
    if "data" not in entry:
        return files.get(entry["name"]), ""
    try:
        inside = base64.b64decode(entry["data"], validate=True)
    except (binascii.Error, ValueError):
        return None, f"{at}/data is not base64"
    return (lambda: (inside,)), ""


def _measured(pieces: Pieces, most: int) -> tuple[Digest, int]:
    """Digest and size; reading ends once it is too much."""
    hashed, size = hashlib.sha256(), 0
    for piece in pieces():
        size += len(piece)
        if size > most:
            break
        hashed.update(piece)
    return Digest(f"sha256:{hashed.hexdigest()}"), size


def _said(one: Incoming) -> dict[str, Any]:
    said = {"name": one.name, "digest": one.digest, "size": one.size}
    return {**said, "media": one.media} if one.media else said
