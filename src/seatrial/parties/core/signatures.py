"""Whether a signature verifies, from what it says itself: nothing is looked up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from seatrial.kernel.digests import digest_of
from seatrial.parties.types import Signature

from .rules import signed_bytes


def holds(signature: Signature, statement: Mapping[str, Any]) -> bool:
    """True if ``signature`` covers exactly ``statement`` under the key that it names.

    Whose key that is, is for the caller to know.
    """
    try:
        if signature.statement != digest_of(dict(statement)):
            return False
        data = signed_bytes(signature.organisation, signature.person, signature.at, statement)
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(signature.public_key))
        key.verify(bytes.fromhex(signature.value), data)
    except (InvalidSignature, ValueError):
        return False
    return True
