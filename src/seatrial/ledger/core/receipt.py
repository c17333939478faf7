"""Verification of a receipt, in numbered steps one can hold against the standards.

    1  parse        entry, openings, inclusion and checkpoint, of the right types, and nothing else
    2  signature    the checkpoint's note is signed by the given key            (C2SP signed-note, tlog-checkpoint)
    3  log          entry and checkpoint speak of the same log, entry and proof of the same index
    4  size         the proof is for the tree of the checkpoint's size
    5  inclusion    the entry's leaf is in the tree under the checkpoint's root (RFC 6962, RFC 9162 2.1.3.2)
    6  openings     every opened value matches its commitment in the entry

Needs the receipt and the public key, nothing else. Every failure is ``Misuse`` (``receipt-invalid``) with
the step that failed in words.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

from seatrial.kernel.canonical import canonical, from_json
from seatrial.kernel.digests import digest, same
from seatrial.kernel.errors import Misuse
from seatrial.kernel.merkle import leaf_hash, verify_inclusion
from seatrial.ledger.types import Verified

from .entry import VERSION
from .note import Checkpoint, opened, parse_vkey

_ENTRY = {"v": int, "origin": str, "log": str, "index": int, "at": str, "kind": str, "commitments": dict}
_RECEIPT = {"entry", "openings", "inclusion", "checkpoint"}
_WORDS = {int: "a whole number", str: "text", list: "a list", dict: "an object"}
_LONGEST_PATH = 64


def verify_receipt(receipt: Mapping[str, Any] | str | bytes, key: str) -> Verified:
    """What ``receipt`` (its JSON, or that parsed) proves under the public key ``key``.

    Raises ``Misuse`` (``receipt-invalid``; ``bad-key`` if the key cannot be read).
    """
    parse_vkey(key)
    # 1 parse
    entry, openings, inclusion, note = _parsed(receipt)
    # 2 signature
    try:
        checkpoint = Checkpoint.parse(opened(note, key))
    except UnicodeError:
        _invalid("its checkpoint cannot be trusted: it is not text")
    except ValueError as error:
        _invalid(f"its checkpoint cannot be trusted: {error}")
    # 3 log
    if checkpoint.origin != f"{entry['origin']}/{entry['log']}":
        _invalid("its entry and its checkpoint speak of different logs")
    if inclusion["index"] != entry["index"]:
        _invalid("its proof is for another entry than the one it shows")
    # 4 size
    if inclusion["size"] != checkpoint.size:
        _invalid("its proof is for a tree of another size than its checkpoint's")
    # 5 inclusion
    leaf = leaf_hash(_canonical(entry))
    if not verify_inclusion(leaf, entry["index"], checkpoint.size, inclusion["path"], checkpoint.root):
        _invalid("its entry is not in the tree that the checkpoint signs")
    # 6 openings
    for name, opening in openings.items():
        committed = entry["commitments"].get(name)
        if committed is None or not same(digest(_canonical([opening["salt"], name, opening["value"]])), committed):
            _invalid(f"the value shown for {name!r} is not the one that was committed to")
    return Verified(
        origin=entry["origin"],
        log=entry["log"],
        index=entry["index"],
        size=checkpoint.size,
        kind=entry["kind"],
        at=entry["at"],
        facts={name: opening["value"] for name, opening in openings.items()},
    )


def _parsed(receipt: object) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any], str]:
    """Entry, openings, inclusion proof with its path in bytes, and the checkpoint's note."""
    if isinstance(receipt, str | bytes):
        try:
            receipt = from_json(receipt.decode() if isinstance(receipt, bytes) else receipt, "A receipt")
        except UnicodeDecodeError:
            _invalid("it cannot be read as JSON: it is not UTF-8")
        except Misuse as error:
            _invalid(f"it cannot be read as JSON: {error.message.rstrip('.')}")
    if not isinstance(receipt, Mapping) or set(receipt) != _RECEIPT:
        _invalid("it does not consist of entry, openings, inclusion and checkpoint")
    entry = _of(dict, receipt.get("entry"), "its entry")
    for name, kind in _ENTRY.items():
        _of(kind, entry.get(name), f"the entry's {name}")
    if set(entry) != set(_ENTRY) or entry["v"] != VERSION:
        _invalid(f"its entry is not of version {VERSION}")
    for name, value in entry["commitments"].items():
        _of(str, value, f"the commitment to {name!r}")
    openings = _of(dict, receipt.get("openings"), "its openings")
    for name, opening in openings.items():
        if set(_of(dict, opening, f"the opening of {name!r}")) != {"salt", "value"}:
            _invalid(f"the opening of {name!r} must hold a salt and a value")
        _of(str, opening["salt"], f"the salt of {name!r}")
    inclusion = _of(dict, receipt.get("inclusion"), "its inclusion proof")
    if set(inclusion) != {"index", "size", "path"}:
        _invalid("its inclusion proof does not consist of index, size and path")
    index = _of(int, inclusion.get("index"), "the proof's index")
    size = _of(int, inclusion.get("size"), "the proof's size")
    path = _of(list, inclusion.get("path"), "the proof's path")
    if len(path) > _LONGEST_PATH:
        _invalid("its proof is longer than any tree is high")
    return (
        entry,
        openings,
        {"index": index, "size": size, "path": [_hash(step) for step in path]},
        _of(str, receipt.get("checkpoint"), "its checkpoint"),
    )


def _hash(step: object) -> bytes:
    text = _of(str, step, "a step of the proof")
    try:
        raw = bytes.fromhex(text)
    except ValueError:
        raw = b""
    if len(raw) != 32 or text != raw.hex():
        _invalid("a step of its proof is not 32 bytes in hex")
    return raw


def _of(kind: type, value: object, what: str) -> Any:
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        _invalid(f"{what} is missing or not {_WORDS[kind]}")
    return value


def _canonical(value: object) -> bytes:
    try:
        return canonical(value)
    except Misuse:
        _invalid("it holds a value that canonical JSON cannot say")


def _invalid(why: str) -> NoReturn:
    raise Misuse("receipt-invalid", f"This receipt does not verify: {why}.")
