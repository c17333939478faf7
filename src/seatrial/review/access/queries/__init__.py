"""Every read of access: what people may see of it, and what enforcement relies on."""

from .bodies import bodies_due, sealed_body
from .rights import QUIET, Changes, Flying, Grant, Rights, flying, verdicts
from .views import (
    RECORDED,
    concerns,
    credential,
    exchanges,
    holder,
    in_flight_before,
    kept_bodies,
    key_facts,
    keys,
    known_key,
    receipt_parts,
    usage,
    usage_of,
)

__all__ = [
    "QUIET",
    "RECORDED",
    "Changes",
    "Flying",
    "Grant",
    "Rights",
    "bodies_due",
    "concerns",
    "credential",
    "exchanges",
    "flying",
    "holder",
    "in_flight_before",
    "kept_bodies",
    "key_facts",
    "keys",
    "known_key",
    "receipt_parts",
    "sealed_body",
    "usage",
    "usage_of",
    "verdicts",
]
