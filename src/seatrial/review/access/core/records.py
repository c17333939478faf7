"""An exchange as it is proven: its record in canonical JSON, and its place in a batch's Merkle tree. Pure.

    leaf     SHA-256(0x00 || record)                                 (RFC 6962)
    batch    the tree over the leaves of one gateway's exchanges of one review, in the order of their ends
    entry    one ledger entry says the batch's root and size
    receipt  record, place, path, and the receipt of that entry

A record holds text, whole numbers, truth values and null only, so that JSON with sorted keys is RFC 8785 already. The
exchange's id has 80 random bits in it: who sees a path learns nothing of its neighbours.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from seatrial.kernel.clock import iso
from seatrial.kernel.errors import Misuse
from seatrial.kernel.merkle import Coordinate, Hash, grow, inclusion_path, leaf_hash, root_of, verify_inclusion

from .bodies import record_of_bodies

VERSION = 1
_JSON = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
_LONGEST_PATH = 64
_MICROSECONDS = 1_000_000

# What a record says besides "v", "charged" and its times in microseconds: columns of an exchange.
TEXTS = (
    *("id", "review", "developer", "body", "person", "consent", "build", "purpose", "gateway", "method", "path"),
    *("model", "request_digest", "response_digest", "label", "ended"),
)
NUMBERS = ("request_bytes", "reserved", "response_bytes", "status", "prompt_tokens", "completion_tokens")


def record_of(row: Mapping[str, Any], bodies: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
    """The record of a settled exchange from these columns and no other: ``TEXTS``, ``NUMBERS``, ``logits``, ``key_id``,
    ``at``, ``settled_at``, ``first_byte_seconds``, ``seconds``; and of its kept bodies (see ``record_of_bodies``).
    """
    prompt, answer = row["prompt_tokens"], row["completion_tokens"]
    record = dict(row)
    for name in ("key_id", "first_byte_seconds", "seconds"):
        del record[name]
    record["v"] = VERSION
    record["key"] = row["key_id"]
    record["logits"] = bool(row["logits"])
    record["charged"] = row["reserved"] if prompt is None and answer is None else (prompt or 0) + (answer or 0)
    record["at"] = iso(row["at"])
    record["settled_at"] = iso(row["settled_at"])
    record["first_byte_microseconds"] = _microseconds(row["first_byte_seconds"])
    record["microseconds"] = _microseconds(row["seconds"])
    if bodies:
        record |= record_of_bodies(bodies)
    return record


def record_bytes(record: Mapping[str, Any]) -> bytes:
    """The canonical bytes that a leaf covers."""
    return _JSON.encode(record).encode()


def leaf_of(record: Mapping[str, Any]) -> Hash:
    """The leaf hash of a record."""
    return leaf_hash(record_bytes(record))


def batch_root(leaves: Sequence[Hash]) -> Hash:
    """The root over ``leaves`` in their order."""
    frontier: list[Hash] = []
    for index, leaf in enumerate(leaves):
        frontier, _ = grow(index, frontier, leaf)
    return root_of(frontier)


def batch_path(leaves: Sequence[Hash], place: int) -> list[Hash]:
    """What leads from the leaf at ``place`` to the root."""

    def look(at: Coordinate) -> Hash:
        level, index = at
        return batch_root(leaves[index << level : index + 1 << level])

    return inclusion_path(look, place, len(leaves))


def check_place(record: object, place: object, facts: Mapping[str, Any]) -> None:
    """That ``record`` stands where ``place`` (``index``, ``size``, ``path`` in hex) says in the batch whose entry says
    ``facts`` (``root``, ``count``, ``review``). Raises ``Misuse`` (``receipt-invalid``).
    """
    if not isinstance(record, dict) or record.get("v") != VERSION or not all(map(_plain, record.values())):
        raise invalid("its exchange is not a record of version 1")
    if not isinstance(place, dict) or set(place) != {"index", "size", "path"}:
        raise invalid("its place must hold index, size and path")
    index, size, path = place["index"], place["size"], place["path"]
    if type(index) is not int or type(size) is not int or not isinstance(path, list) or len(path) > _LONGEST_PATH:
        raise invalid("its place cannot be read")
    try:
        steps = [bytes.fromhex(step) for step in path]
        root = bytes.fromhex(facts["root"])
    except (ValueError, TypeError, KeyError) as error:
        raise invalid("its path is not in hex") from error
    if facts.get("count") != size or facts.get("review") != record.get("review"):
        raise invalid("its batch is not the one that the ledger's entry speaks of")
    if not verify_inclusion(leaf_of(record), index, size, steps, root):
        raise invalid("its exchange is not in the batch that the ledger's entry speaks of")


def invalid(what: str) -> Misuse:
    """A receipt that proves nothing."""
    return Misuse("receipt-invalid", f"This receipt does not verify: {what}.")


def _plain(value: object) -> bool:
    return value is None or isinstance(value, str | bool | int)


def _microseconds(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds * _MICROSECONDS)
