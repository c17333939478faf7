"""Bodies that are kept, pure: for whom they are sealed, what they are bound to, and when they are destroyed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from seatrial.kernel.digests import Digest
from seatrial.kernel.errors import Refused
from seatrial.kernel.recipients import RecipientKey
from seatrial.review.access.types import Keep, Side
from seatrial.review.cases.types import Consent


def keep_for(consent: Consent, in_force: Mapping[Digest, RecipientKey]) -> Keep | None:
    """For whom a call under ``consent`` is kept; ``None`` if it is not. Of the keys that the consent names, those
    count that are still in force.

    Raises ``Refused`` (``no-recipient``) if none is: what cannot be kept as consented is not let through.
    """
    keeping = consent.keeping
    if keeping is None:
        return None
    recipients = tuple(in_force[name] for name in keeping.recipients if name in in_force)
    if not recipients:
        raise Refused(
            "no-recipient",
            "The consent has the bodies of calls kept, and none of the keys it names is in force any more; "
            "the developer has to sign a consent that names one.",
        )
    return Keep(recipients, str(consent.label), keeping.days)


def context_of(*, review: str, exchange: str, side: Side, label: str) -> dict[str, str]:
    """What a sealed body is bound to; readable by whoever has the file."""
    return {"kind": "exchange-body", "review": review, "exchange": exchange, "side": side.value, "label": label}


def until(ended: datetime, days: int) -> datetime:
    """When a body is destroyed of an exchange that ended then."""
    return ended + timedelta(days=days)


def record_of_bodies(rows: Sequence[Mapping[str, object]]) -> dict[str, object]:
    """What the record of an exchange says of its kept bodies (rows with ``side``, ``digest``, ``size``, ``whole``,
    ``days``); nothing if there are none, so that records from before bodies were kept stay as they are.
    """
    said: dict[str, object] = {}
    for row in rows:
        side = row["side"]
        said[f"{side}_sealed_digest"] = row["digest"]
        said[f"{side}_sealed_bytes"] = row["size"]
        said[f"{side}_sealed_whole"] = bool(row["whole"])
        said["kept_days"] = row["days"]
    return said
