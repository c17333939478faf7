"""Who may release which half of a sealed suite for a campaign, and how a half travels from its custodian to here.

    the instance   records that the half is released, then gives it out as it lies in the sealed file
    the custodian  opens it with the private key, on a machine of his or her own, and wraps it to the instance's key
    the instance   records that it was handed over, and keeps it, wrapped, until the campaign has ended

Neither custodian's private key ever leaves its holder, and neither half alone tells anything.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from seatrial.kernel.canonical import canonical
from seatrial.kernel.digests import Digest
from seatrial.kernel.errors import Misuse
from seatrial.kernel.recipients import SECRET, NotWrappedForThis, PrivateKey, recipient_key
from seatrial.review.benchmarks.core.sealing import open_half


@dataclass(frozen=True, slots=True)
class ReleasedHalf:
    """A custodian's half for one campaign, still wrapped to the custodian's key; texts in base64."""

    campaign: str
    suite: Digest
    custodians: tuple[Digest, Digest]  # the pair, in the order of the sealed file
    half: str
    hand_to: str  # the instance's public key, PEM


def partner_of(mine: Digest, custodians: Sequence[Digest], released: Mapping[Digest, Digest], asked: str) -> Digest:
    """With whom ``mine`` opens the suite: whom the custodian ``asked`` for, who has asked for him, or the only other.

    ``released`` maps a key to the partner it was released with. Raises ``Misuse`` (``not-a-custodian``,
    ``name-partner``).
    """
    if mine not in custodians:
        raise Misuse("not-a-custodian", "Your key holds no half of this suite; its custodians' keys are on the ledger.")
    others = [one for one in custodians if one != mine]
    if asked:
        if asked not in others:
            raise Misuse(
                "name-partner", f"{asked} is not another custodian of this suite; name one: {', '.join(others)}."
            )
        return Digest(asked)
    waiting = sorted(key for key, partner in released.items() if partner == mine)
    if len(waiting) == 1:
        return waiting[0]
    if len(others) == 1:
        return others[0]
    raise Misuse("name-partner", f"Say with whom you open this suite (--with): {', '.join(others)}.")


def hand_over(released: ReleasedHalf, key: PrivateKey) -> str:
    """What the custodian sends back: the half, wrapped to the instance for this campaign; base64.

    Raises ``Misuse`` (``not-a-custodian``, ``sealed-broken``, ``bad-recipient-key``).
    """
    wrapped = base64.b64decode(released.half)
    half = open_half(released.suite, released.custodians, wrapped, key)
    info = _info(released.campaign, released.suite, key.public.id)
    return base64.b64encode(recipient_key(released.hand_to).wrap(half, info)).decode()


def take_half(handed: str, *, campaign: str, suite: Digest, custodian: Digest, key: PrivateKey) -> bytes:
    """The half in ``handed``, opened with the instance's own ``key``. Raises ``Misuse`` (``bad-half``)."""
    try:
        half = key.unwrap(base64.b64decode(handed, validate=True), _info(campaign, suite, custodian))
    except (NotWrappedForThis, ValueError, binascii.Error) as error:
        raise Misuse(
            "bad-half", "This half was not handed over for this campaign and this instance; release it again."
        ) from error
    if len(half) != SECRET:
        raise Misuse("bad-half", f"A half has {SECRET} bytes, this one {len(half)}; release it again.")
    return half


def _info(campaign: str, suite: Digest, custodian: Digest) -> bytes:
    said = {"campaign": campaign, "suite": suite, "custodian": custodian}
    return b"seatrial-handed-half 1\0" + canonical(said)
