"""The door to the ledger: append in your own transaction, read what you may, verify anything anywhere."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings

from seatrial.kernel.labels import Label, Reader

from . import actions, queries
from .adapters.file_signer import FileSigner
from .core.merkle import verify_consistency
from .core.note import vkey
from .core.receipt import verify_receipt
from .models import CheckpointRow
from .queries import audit, consistency, entries, head
from .types import MAIN, EntryRef

__all__ = [
    "append",
    "audit",
    "checkpoint",
    "consistency",
    "entries",
    "head",
    "public_key",
    "receipt",
    "verify_consistency",
    "verify_receipt",
]


def append(*, log: str = MAIN, kind: str, actor: str, facts: Mapping[str, Any], label: Label, at: datetime) -> EntryRef:
    """See ``actions.append``."""
    return actions.append(log=log, kind=kind, actor=actor, facts=facts, label=label, at=at, origin=_origin())


def checkpoint(*, log: str = MAIN, at: datetime) -> str:
    """A signed checkpoint of ``log`` as it stands (a C2SP signed note)."""
    return _checkpoint(log, at).note


def receipt(asking: Reader, *, log: str, index: int, at: datetime) -> dict[str, Any]:
    """The receipt of one entry under the newest checkpoint. Raises ``NotFound`` (``no-such-entry``)."""
    queries.entry_row(asking, log, index)
    return queries.receipt(asking, log=log, index=index, checkpoint=_checkpoint(log, at))


def public_key() -> str:
    """The key that receipts and checkpoints verify against, in C2SP's text form."""
    return vkey(_origin(), _signer().public())


def _checkpoint(log: str, at: datetime) -> CheckpointRow:
    return actions.checkpoint(log=log, at=at, origin=_origin(), name=_origin(), signer=_signer())


def _signer() -> FileSigner:
    return FileSigner(settings.SEATRIAL.keys / "ledger.key")


def _origin() -> str:
    return str(settings.SEATRIAL.ledger_origin)
