"""Whether what was released is what was reviewed: an in-toto Statement v1 in a DSSE envelope.

The subject is what was released, by digest; the predicate says what was reviewed and how the two compare. The
envelope is signed with the developer's Ed25519 key over DSSE's pre-authentication encoding (PAE), so that any DSSE
library verifies it. It informs: nothing in a review depends on one.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from seatrial.kernel.canonical import canonical, from_json, plain
from seatrial.kernel.clock import iso
from seatrial.kernel.digests import Digest
from seatrial.kernel.dsse import IN_TOTO, pae
from seatrial.kernel.errors import Misuse
from seatrial.review.identity.types import Comparison, FilesDiffer, Manifest, Sameness, VerifiedStatement

from .manifest import differ

STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "urn:seatrial:identity-statement:v1"
LONGEST = 64 * 2**20  # bytes
INFORMS = "This statement informs. Nothing in the review and nothing in the release depends on it."


def predicate(
    *,
    review: str,
    developer: str,
    model: str,
    at: datetime,
    consents: tuple[Digest, ...],
    reviewed: tuple[Manifest | None, Digest | None],
    released: tuple[Manifest | None, Digest | None],
    comparison: Comparison | None,
) -> dict[str, Any]:
    """What is said. A side is a manifest and the digest of a fingerprint, either of which may be missing."""
    files = files_between(reviewed[0], released[0])
    return {
        "review": review,
        "developer": developer,
        "model": model,
        "at": iso(at),
        "consents": list(consents),
        "reviewed": _side(*reviewed),
        "released": _side(*released),
        "weights": {"word": word_of(files), **({"differences": plain(files)} if files else {})},
        "behaviour": _behaviour(comparison),
        "sentence": sentence(files, comparison),
        "informs": INFORMS,
    }


def files_between(reviewed: Manifest | None, released: Manifest | None) -> FilesDiffer | None:
    """How the files differ, or ``None`` if one side is missing."""
    return differ(reviewed, released) if reviewed and released else None


def word_of(files: FilesDiffer | None) -> Sameness:
    """The one word about weights."""
    if files is None:
        return Sameness.NOT_COMPARED
    return Sameness.DIFFERS if files.any else Sameness.SAME


def behaviour_of(comparison: Comparison | None) -> Sameness:
    """The one word about behaviour."""
    return comparison.word if comparison else Sameness.NOT_COMPARED


def sentence(files: FilesDiffer | None, comparison: Comparison | None) -> str:
    """Both findings, for people."""
    if files is None:
        weights = "Weights were not compared."
    elif files.any:
        parts = [
            f"{len(paths)} {what}"
            for what, paths in (("added", files.added), ("removed", files.removed), ("changed", files.changed))
            if paths
        ]
        weights = f"The released files differ from the reviewed ones: {', '.join(parts)}, {files.unchanged} the same."
    else:
        weights = f"The released files are the reviewed ones, all {files.unchanged} of them."
    behaviour = comparison.sentence if comparison else "Behaviour was not compared."
    return f"{weights} {behaviour}"


def payload_of(said: Mapping[str, Any]) -> bytes:
    """The in-toto statement about what was released. Raises ``Misuse`` (``nothing-released``)."""
    released = said["released"]
    subjects = [
        {"name": name, "digest": {"sha256": str(released[part]).removeprefix("sha256:")}}
        for part, name in (
            ("manifest", released["name"] or said["model"]),
            ("fingerprint", f"{said['model']} behaviour"),
        )
        if released[part]
    ]
    if not subjects:
        raise Misuse(
            "nothing-released", "Say what was released: the manifest of the released weights, or a fingerprint of them."
        )
    return canonical({"_type": STATEMENT, "subject": subjects, "predicateType": PREDICATE, "predicate": said})


def verify(data: bytes, *, key: str) -> VerifiedStatement:
    """1. The envelope is well formed. 2. A signature of ``key`` covers it. 3. It says what such a statement says.

    ``key`` is the hex of the developer's raw Ed25519 public key. Raises ``Misuse`` (``statement-invalid``).
    """
    if len(data) > LONGEST:
        raise _invalid(f"the file has {len(data):,} bytes; {LONGEST:,} are the most")
    found = from_json(data, "The statement file")
    if not isinstance(found, dict) or found.get("payloadType") != IN_TOTO:
        raise _invalid("it is no DSSE envelope around an in-toto statement")
    payload = _decoded(found.get("payload"), "payload")
    signatures = found.get("signatures")
    if not isinstance(signatures, list) or not signatures:
        raise _invalid("it carries no signature")
    if not any(_covers(entry, key, pae(payload, IN_TOTO)) for entry in signatures):
        raise _invalid("no signature in it verifies with this key")
    return _read(from_json(payload, "The statement's payload"))


def _read(statement: object) -> VerifiedStatement:
    if not isinstance(statement, dict) or statement.get("_type") != STATEMENT:
        raise _invalid("its payload is no in-toto Statement v1")
    said = statement.get("predicate")
    if statement.get("predicateType") != PREDICATE or not isinstance(said, dict):
        raise _invalid(f"its predicate is not of the type {PREDICATE}")
    try:
        return VerifiedStatement(
            payload=statement,
            weights=Sameness(said["weights"]["word"]),
            behaviour=Sameness(said["behaviour"]["word"]),
            sentence=str(said["sentence"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise _invalid("its predicate lacks what such a statement says") from error


def _covers(entry: object, key: str, signed: bytes) -> bool:
    if not isinstance(entry, dict):
        return False
    try:
        public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(key))
    except ValueError as error:
        raise Misuse("bad-key", "The key must be an Ed25519 public key: 64 hex digits.") from error
    try:
        public.verify(_decoded(entry.get("sig"), "signature"), signed)
    except InvalidSignature:
        return False
    return True


def _decoded(text: object, what: str) -> bytes:
    try:
        return base64.b64decode(str(text or ""), validate=True)
    except (binascii.Error, ValueError) as error:
        raise _invalid(f"its {what} is not base64") from error


def _side(manifest: Manifest | None, fingerprint: Digest | None) -> dict[str, Any]:
    return {
        "name": manifest.name if manifest else None,
        "manifest": manifest.digest if manifest else None,
        "files": len(manifest.files) if manifest else None,
        "fingerprint": fingerprint,
    }


def _behaviour(comparison: Comparison | None) -> dict[str, Any]:
    if comparison is None:
        return {"word": Sameness.NOT_COMPARED}
    return {
        "word": comparison.word,
        "p": comparison.p,
        "alpha": comparison.alpha,
        "power": comparison.power,
        "probes": len(comparison.shifts),
        "stand_out": [row.probe for row in comparison.shifts if row.differs],
    }


def _invalid(why: str) -> Misuse:
    return Misuse("statement-invalid", f"This statement does not verify: {why}.")
