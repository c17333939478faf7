"""Giving and checking an organisation's signature. Nothing is written here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from seatrial.kernel.digests import digest_of
from seatrial.kernel.dsse import envelope, pae
from seatrial.parties.core.rules import signed_bytes
from seatrial.parties.core.signatures import holds
from seatrial.parties.ports import Keyring
from seatrial.parties.queries import organisation as organisation_view
from seatrial.parties.types import Actor, Role, Signature


def sign(*, by: Actor, organisation: str, statement: Mapping[str, Any], at: datetime, keyring: Keyring) -> Signature:
    """``organisation``'s signature over ``statement``, given by its signatory.

    The caller stores it in the transaction that it belongs to; nothing is written here.
    """
    by.require(organisation, Role.SIGNATORY, to="sign")
    return Signature(
        organisation=organisation,
        person=by.person,
        at=at,
        statement=digest_of(dict(statement)),
        public_key=organisation_view(organisation).public_key,
        value=keyring.sign(organisation, signed_bytes(organisation, by.person, at, statement)),
    )


def sign_envelope(
    *, by: Actor, organisation: str, payload: bytes, payload_type: str, keyring: Keyring
) -> dict[str, Any]:
    """``organisation``'s DSSE envelope around ``payload``, signed by its signatory, for others' tools to verify.

    The caller stores it in the transaction that it belongs to; nothing is written here.
    """
    by.require(organisation, Role.SIGNATORY, to="sign")
    return envelope(
        payload,
        payload_type,
        signature=keyring.sign(organisation, pae(payload, payload_type)),
        key=organisation_view(organisation).public_key,
    )


def verify(signature: Signature, statement: Mapping[str, Any]) -> bool:
    """True if ``signature`` covers exactly ``statement`` and was made with its organisation's key."""
    return organisation_view(signature.organisation).public_key == signature.public_key and holds(signature, statement)
