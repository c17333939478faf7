"""The door to the ledger: append in your own transaction, read what you may, verify anything anywhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings

from seatrial.kernel.errors import Misuse, NotFound
from seatrial.kernel.labels import Label, Reader
from seatrial.kernel.merkle import verify_consistency

from . import actions, queries
from .adapters.file_signer import FileSigner
from .core.note import vkey
from .core.receipt import verify_receipt
from .queries import committed, consistency, entries, head, heads, held, indexes, kinds_since
from .types import MAIN, Audit, EntryRef

__all__ = [
    "append",
    "audit",
    "checkpoint",
    "committed",
    "consistency",
    "entries",
    "head",
    "heads",
    "held",
    "indexes",
    "kinds_since",
    "public_key",
    "receipt",
    "receipts",
    "verify_consistency",
    "verify_receipt",
]


def append(*, log: str = MAIN, kind: str, actor: str, facts: Mapping[str, Any], label: Label, at: datetime) -> EntryRef:
    """See ``actions.append``."""
    return actions.append(log=log, kind=kind, actor=actor, facts=facts, label=label, at=at, origin=_origin())


def checkpoint(*, log: str = MAIN, at: datetime, asking: Reader | None = None) -> str:
    """A signed checkpoint of ``log`` as it stands (a C2SP signed note); see ``actions.checkpoint``.

    Its size says how much a log holds, so a surface names who is ``asking``: raises ``NotFound`` (``no-such-log``)
    for the log of others, whether there is one or not.
    """
    if asking is not None and not queries.may_know(asking, log):
        raise NotFound("no-such-log", "There is no log of that name that you may read.")
    return actions.checkpoint(log=log, at=at, origin=_origin(), signer=_signer())


def receipt(asking: Reader, *, log: str, index: int, at: datetime) -> dict[str, Any]:
    """The receipt of one entry under the newest checkpoint. Raises ``NotFound`` (``no-such-entry``).

    It has been verified before it is handed out; ``Unavailable`` (``ledger-damaged``) if it would not.
    """
    queries.entry_row(asking, log, index)
    made = queries.receipt(asking, log=log, index=index, checkpoint=checkpoint(log=log, at=at))
    try:
        verify_receipt(made, public_key())
    except Misuse as error:
        raise queries.damaged(log, f"entry {index} has no receipt that verifies") from error
    return made


def receipts(asking: Reader, *, log: str, wanted: Sequence[int], at: datetime) -> Iterator[dict[str, Any]]:
    """The receipts of many entries under one checkpoint, for a file that holds them; those the asker may not read
    are left out. Each has been verified; raises ``Unavailable`` (``ledger-damaged``) for one that would not.
    """
    key = public_key()
    for made in queries.receipts(asking, log=log, wanted=wanted, checkpoint=checkpoint(log=log, at=at)):
        try:
            verify_receipt(made, key)
        except Misuse as error:
            raise queries.damaged(log, f"entry {made['inclusion']['index']} has no receipt that verifies") from error
        yield made


def audit(log: str = MAIN) -> Audit:
    """See ``queries.audit``."""
    return queries.audit(log, key=public_key())


def public_key() -> str:
    """The key that receipts and checkpoints verify against, in C2SP's text form."""
    return vkey(_origin(), _signer().public())


def _signer() -> FileSigner:
    return FileSigner(settings.SEATRIAL.keys / "ledger.key")


def _origin() -> str:
    return str(settings.SEATRIAL.ledger_origin)
