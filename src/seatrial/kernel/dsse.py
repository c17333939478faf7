"""Dead Simple Signing Envelope, version 1: the bytes that are signed, and the envelope around them."""

from __future__ import annotations

import base64
from typing import Any

IN_TOTO = "application/vnd.in-toto+json"


def pae(payload: bytes, payload_type: str) -> bytes:
    """The pre-authentication encoding: binds a payload to its type, and is no prefix of any other."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def envelope(payload: bytes, payload_type: str, *, signature: str, key: str) -> dict[str, Any]:
    """The envelope in JSON's types; ``signature`` and ``key`` (the raw public key, which is its own id) are hex."""
    return {
        "payload": base64.b64encode(payload).decode(),
        "payloadType": payload_type,
        "signatures": [{"keyid": key, "sig": base64.b64encode(bytes.fromhex(signature)).decode()}],
    }
