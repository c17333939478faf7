"""Who may release which half of a sealed suite for a campaign, and how a half travels from its custodian to here.

the instance   records that the half is released, then gives it out as it lies in the sealed file
the custodian  opens it with the private key, on a machine of his or her own, and wraps it to the instance's key
the instance   records that it was handed over, and keeps it, wrapped, until the campaign has ended
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from seatrial.kernel.digests import Digest
from seatrial.kernel.errors import Misuse


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


def occasion_of(campaign: str, suite: Digest) -> dict[str, str]:
    """What a half is handed over for: it opens for no other campaign."""
    return {"campaign": campaign, "suite": suite}
