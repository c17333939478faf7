"""A private key that two people give together, and nobody alone.

A key is a number of ``SECRET`` bytes. For a pair of custodians it is split in two, random bytes and the number XOR
these, and each half is wrapped (HPKE) to its custodian, bound to a context, the pair and its place. One half alone is
random bytes: it says nothing. A custodian opens his half where his private key is, and wraps it to whoever is to join
the two, bound to the occasion; so no private key ever leaves its holder, and a half given once is of no use elsewhere.
"""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Mapping
from dataclasses import dataclass

from .canonical import canonical
from .digests import Digest
from .errors import Misuse
from .recipients import SECRET, NotWrappedForThis, PrivateKey, RecipientKey, key_of_secret


@dataclass(frozen=True, slots=True)
class Pair:
    """Two custodians by the ids of their keys, and the half that is wrapped to each."""

    custodians: tuple[Digest, Digest]
    halves: tuple[bytes, bytes]

    def half_of(self, key: Digest) -> bytes:
        """The wrapped half of the custodian with this key, who is one of the two."""
        return self.halves[self.custodians.index(key)]


def split(key: PrivateKey, one: RecipientKey, other: RecipientKey, *, context: Mapping[str, str]) -> Pair:
    """``key`` for this pair; another split of the same key shares nothing with this one."""
    ids = (one.id, other.id)
    first = os.urandom(SECRET)
    second = _xor(first, key.secret)
    return Pair(ids, (one.wrap(first, _info(context, ids, 0)), other.wrap(second, _info(context, ids, 1))))


def open_half(
    wrapped: bytes, custodians: tuple[Digest, Digest], key: PrivateKey, *, context: Mapping[str, str]
) -> bytes:
    """The custodian's half. Raises ``Misuse`` (``not-a-custodian``, ``sealed-broken``)."""
    if key.public.id not in custodians:
        raise Misuse("not-a-custodian", "Your key holds no half of this; use the key it was sealed for.")
    try:
        return key.unwrap(wrapped, _info(context, custodians, custodians.index(key.public.id)))
    except NotWrappedForThis as error:
        raise Misuse("sealed-broken", "This half does not open with the key it names; fetch it again.") from error


def join(one: bytes, other: bytes) -> PrivateKey | None:
    """The key of two halves, ``None`` if they give none; whether it is the right one, its public half tells."""
    if len(one) != SECRET or len(other) != SECRET:
        return None
    try:
        return key_of_secret(_xor(one, other))
    except Misuse:
        return None


def hand_over(half: bytes, custodian: Digest, to: RecipientKey, *, occasion: Mapping[str, str]) -> str:
    """``half`` wrapped to whoever joins the two, for this occasion alone; base64."""
    return base64.b64encode(to.wrap(half, _occasion(custodian, occasion))).decode()


def take(handed: str, custodian: Digest, key: PrivateKey, *, occasion: Mapping[str, str]) -> bytes:
    """The half in ``handed``. Raises ``Misuse`` (``bad-half``)."""
    try:
        half = key.unwrap(base64.b64decode(handed, validate=True), _occasion(custodian, occasion))
    except (NotWrappedForThis, ValueError, binascii.Error) as error:
        raise Misuse("bad-half", "This half was not handed over here for this occasion; release it again.") from error
    if len(half) != SECRET:
        raise Misuse("bad-half", f"A half has {SECRET} bytes, this one {len(half)}; release it again.")
    return half


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


def _info(context: Mapping[str, str], custodians: tuple[Digest, Digest], place: int) -> bytes:
    said = {"context": dict(context), "custodians": list(custodians), "place": place}
    return b"seatrial-half 1\0" + canonical(said)


def _occasion(custodian: Digest, occasion: Mapping[str, str]) -> bytes:
    return b"seatrial-handed-half 1\0" + canonical({"custodian": custodian, "occasion": dict(occasion)})
