"""Verification of a case file, in numbered steps.

    1  container    nothing but the listed files in it, in the form in which Seatrial writes it
    2  seal         RECEIPT.json verifies under the ledger's public key, and records the digest of MANIFEST.json
    3  files        each listed file is there, of its size and SHA-256; none is there that is not listed
    4  receipts     each line of receipts/ verifies under the same key, is of its log, and in order
    5  keys         the public key of each organisation is the one that the ledger recorded when it joined
    6  signatures   each signed paper's statement is covered by each of its signatures, under those keys
    7  consents     each signed consent is one that the ledger recorded by its digest
    8  statements   each statement about the release verifies under a key of step 5

Needs the file and the ledger's public key, nothing else. What cannot be read is a fault like any other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from seatrial.kernel.canonical import from_json
from seatrial.kernel.clock import parse_time
from seatrial.kernel.digests import Digest, digest, digest_of
from seatrial.kernel.errors import Misuse, SeatrialError
from seatrial.ledger.types import Verified
from seatrial.parties.types import Signature
from seatrial.review.casefiles.types import KIND, MANIFEST, RECEIPT, Check, Container, FileEntry, Verification

from .layout import read_manifest

_LONGEST = 64 * 2**20  # bytes of a file that is read whole, or of one line
_MOST = 20  # faults told one by one
_OWNED = "organisation.created"


@dataclass(frozen=True, slots=True)
class Proofs:
    """How single things are proven: by the rooms that made them."""

    receipt: Callable[[bytes], Verified]  # raises SeatrialError
    signature: Callable[[Signature, Mapping[str, Any]], bool]
    statement: Callable[[bytes, str], object]  # an envelope and a key in hex; raises SeatrialError


@dataclass(slots=True)
class _Report:
    checks: list[Check] = field(default_factory=list)

    def say(self, faults: list[str], sentence: str) -> None:
        """One sentence if all is well, else one for each fault."""
        self.checks += [Check(False, fault) for fault in faults[:_MOST]]
        if len(faults) > _MOST:
            self.checks.append(Check(False, f"There are {len(faults) - _MOST:,} more faults of this kind."))
        if not faults:
            self.checks.append(Check(True, sentence))


def verify(opened: Container, proofs: Proofs) -> Verification:
    """All that can be verified of a case file; never raises for what is wrong with it."""
    report, names = _Report(), opened.names
    # 1 container
    fault = opened.fault()
    twice = sorted({name for name in names if names.count(name) > 1}) if len(set(names)) != len(names) else []
    said = [f"{name} stands in the file twice." for name in twice] + ([fault] if fault else [])
    report.say(said, "The container holds its files and nothing else.")
    missing = [f"{name} is missing." for name in (MANIFEST, RECEIPT) if name not in names]
    if missing:
        report.say(missing, "")
        return Verification(False, "", "", 0, tuple(report.checks))
    # 2 seal
    try:
        said_manifest, entries = _sealed(opened, proofs)
    except SeatrialError as error:
        report.say([error.message], "")
        return Verification(False, "", "", 0, tuple(report.checks))
    review, at, origin = said_manifest["review"], said_manifest["at"], said_manifest["origin"]
    report.say([], f"The ledger {origin} recorded exactly this file list for the review {review} on {at}.")
    # 3 files
    report.say(list(_files(opened, names, entries)), f"All {len(entries):,} files are there, none altered, none added.")
    if not all(check.holds for check in report.checks):
        return Verification(False, review, at, len(entries), tuple(report.checks))
    _contents(opened, entries, proofs, review, report)
    return Verification(all(check.holds for check in report.checks), review, at, len(entries), tuple(report.checks))


def _sealed(opened: Container, proofs: Proofs) -> tuple[Mapping[str, Any], tuple[FileEntry, ...]]:
    """The manifest that the receipt vouches for. Raises ``SeatrialError`` with the reason why there is none."""
    data = _whole(opened, MANIFEST)
    proven = proofs.receipt(_whole(opened, RECEIPT))
    said, entries = read_manifest(data)
    if proven.kind != KIND or proven.facts.get("manifest") != digest(data):
        raise Misuse("casefile-damaged", f"{RECEIPT} is not about this {MANIFEST}: one of them was exchanged.")
    if (proven.facts.get("review"), proven.origin) != (said["review"], said["origin"]):
        raise Misuse("casefile-damaged", f"{MANIFEST} names another review or ledger than {RECEIPT}.")
    return said, entries


def _files(opened: Container, names: tuple[str, ...], entries: tuple[FileEntry, ...]) -> Iterator[str]:
    listed = {entry.path for entry in entries} | {MANIFEST, RECEIPT}
    yield from (f"{name} was added: the manifest does not list it." for name in sorted(set(names) - listed))
    for entry in entries:
        if entry.path not in names:
            yield f"{entry.path} is missing."
            continue
        found, size = hashlib.sha256(), 0
        try:
            for piece in opened.pieces(entry.path):
                found.update(piece)
                size += len(piece)
        except SeatrialError as error:
            yield error.message
            continue
        if (size, found.hexdigest()) != (entry.bytes, entry.sha256):
            yield f"{entry.path} was altered: it is not what the manifest lists."


def _contents(opened: Container, entries: tuple[FileEntry, ...], proofs: Proofs, review: str, report: _Report) -> None:
    """What the files say is proven: they are those of the manifest by now."""
    paths = [entry.path for entry in entries]
    # 4 receipts
    seen, faults = _Seen(), list[str]()
    for path in paths:
        if path.startswith("receipts/"):
            faults += _receipts(opened, path, proofs, review, seen)
    report.say(faults, f"All {seen.receipts:,} receipts verify under the ledger’s key.")
    # 5 keys
    keys = _keys(opened, paths)
    wrong = [
        f"The ledger recorded another key of {home}, or none."
        for home in sorted(keys)
        if keys[home] != seen.keys.get(home)
    ]
    report.say(wrong, f"The keys of {len(keys)} organisations are those that the ledger recorded.")
    # 6 signatures, 7 consents
    count, faults, unrecorded = 0, [], []
    for path in (path for path in paths if path.startswith("signed/")):
        statement, signatures = _paper(opened, path)
        for signature in signatures:
            count += 1
            known = keys.get(signature.organisation) == signature.public_key
            if not known or not proofs.signature(signature, statement):
                faults.append(
                    f"{path}: the signature of {signature.person} for {signature.organisation} does not verify."
                )
        if path.startswith("signed/consent-") and digest_of(dict(statement)) not in seen.consents:
            unrecorded.append(f"{path}: the ledger recorded no such consent.")
    report.say(faults, f"All {count} signatures verify.")
    report.say(unrecorded, "Every consent is one that the ledger recorded.")
    # 8 statements
    made = [path for path in paths if path.startswith("identity/statement-")]
    faults = [fault for path in made if (fault := _statement(opened, path, keys, proofs))]
    report.say(faults, f"All {len(made)} statements about the release verify.")


@dataclass(slots=True)
class _Seen:
    """What the receipts of a file prove."""

    receipts: int = 0
    consents: set[Digest] = field(default_factory=set)
    keys: dict[str, str] = field(default_factory=dict)


def _receipts(opened: Container, path: str, proofs: Proofs, review: str, seen: _Seen) -> list[str]:
    """Takes into ``seen`` what a file of receipts proves; its faults."""
    faults, last, log = [], -1, None
    for number, line in enumerate(_lines(opened, path), 1):
        try:
            proven = proofs.receipt(line)
        except SeatrialError as error:
            faults.append(f"{path}, line {number}: {error.message}")
            continue
        log = log or proven.log
        owned = path == "receipts/keys.jsonl" and proven.kind == _OWNED
        if proven.index <= last or proven.log != log or not (owned or proven.facts.get("review") == review):
            faults.append(f"{path}, line {number}: this receipt does not belong here.")
        last = proven.index
        seen.receipts += 1
        if owned:
            seen.keys[str(proven.facts.get("organisation"))] = str(proven.facts.get("public_key"))
        elif "consent" in proven.facts:
            seen.consents.add(proven.facts["consent"])
    return faults


def _keys(opened: Container, paths: list[str]) -> dict[str, str]:
    if "organisations.json" not in paths:
        return {}
    found: Any = from_json(_whole(opened, "organisations.json"), "organisations.json")
    return {one["id"]: one["public_key"] for one in found}


def _paper(opened: Container, path: str) -> tuple[Mapping[str, Any], list[Signature]]:
    found: Any = from_json(_whole(opened, path), path)
    given = [
        Signature(**{**one, "at": parse_time(one["at"]), "statement": Digest(one["statement"])})
        for one in found["signatures"]
    ]
    return found["statement"], given


def _statement(opened: Container, path: str, keys: Mapping[str, str], proofs: Proofs) -> str | None:
    data, why = _whole(opened, path), "no key of this file verifies it"
    for key in keys.values():
        try:
            proofs.statement(data, key)
            return None
        except SeatrialError as error:
            why = error.message
    return f"{path}: {why}"


def _whole(opened: Container, path: str) -> bytes:
    data = bytearray()
    for piece in opened.pieces(path):
        data += piece
        if len(data) > _LONGEST:
            raise Misuse("casefile-damaged", f"{path} is larger than such a file ever is.")
    return bytes(data)


def _lines(opened: Container, path: str) -> Iterator[bytes]:
    rest = b""
    for piece in opened.pieces(path):
        *whole, rest = (rest + piece).split(b"\n")
        yield from whole
        if len(rest) > _LONGEST:
            break
    if rest:
        yield rest
