"""What machines found of a patch, as an in-toto statement in a DSSE envelope.

Statement v1; the subject is the patch by SHA-256; the predicate (``PREDICATE``) says ``verdict``, ``checks`` (what was
asked, and ``true``, ``false`` or ``null`` where it could not be), ``checkedOn``. It names neither report nor flaw.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import CryptoSigner, Key

from seatrial.kernel.canonical import canonical
from seatrial.kernel.clock import iso
from seatrial.kernel.errors import Refused

PAYLOAD = "application/vnd.in-toto+json"
STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "urn:seatrial:patch-check:v1"


def attested(
    sha256: str, name: str, verdict: str, checks: Iterable[tuple[str, bool | None]], at: datetime, signer: CryptoSigner
) -> bytes:
    """The envelope as JSON."""
    predicate = {"verdict": verdict, "checks": [list(one) for one in checks], "checkedOn": iso(at)}
    subject = [{"name": name, "digest": {"sha256": sha256}}]
    said = {"_type": STATEMENT, "subject": subject, "predicateType": PREDICATE, "predicate": predicate}
    envelope = Envelope(canonical(said), PAYLOAD, {})
    envelope.sign(signer)
    return json.dumps(envelope.to_dict()).encode()


def read_attested(data: bytes, keys: Iterable[Key], sha256: str) -> Mapping[str, Any]:
    """The predicate, once one of ``keys`` has signed it of that patch. Raises ``Refused`` (``bad-attestation``)."""
    try:
        envelope = Envelope.from_dict(json.loads(data))
        envelope.verify(list(keys), 1)
        said = json.loads(envelope.payload)
        fits = envelope.payload_type == PAYLOAD and said["_type"] == STATEMENT and said["predicateType"] == PREDICATE
        if not fits or [one["digest"]["sha256"] for one in said["subject"]] != [sha256]:
            raise ValueError("another statement")
        found: Mapping[str, Any] = said["predicate"]
        return found
    except (ValueError, KeyError, TypeError, VerificationError) as error:
        raise Refused(
            "bad-attestation", "What is attached to this patch is not a check of it by this instance."
        ) from error


def found_in(data: bytes) -> tuple[str, tuple[tuple[str, bool | None], ...], datetime]:
    """Verdict, checks and their moment in an envelope of this instance's own; clients use ``read_attested``."""
    said = json.loads(Envelope.from_dict(json.loads(data)).payload)["predicate"]
    checks = tuple((str(what), passed) for what, passed in said["checks"])
    return str(said["verdict"]), checks, datetime.fromisoformat(said["checkedOn"])
