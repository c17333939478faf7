"""The door to weights in transfer. Binds the folder of sealed parts to the actions.

What seals and opens is the client's: this instance sees sealed bytes only, and holds no key to them.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import datetime
from typing import BinaryIO

from django.conf import settings

from seatrial.kernel.clock import now, parse_time
from seatrial.kernel.digests import Digest
from seatrial.kernel.errors import Misuse
from seatrial.parties import api as parties
from seatrial.parties.types import Actor, Signature

from . import actions, queries
from .actions import complete
from .adapters.folder_store import FolderStore
from .core.manifest import signed
from .models import TransferRow
from .queries import manifest, parts, transfer, transfers
from .types import TransferView, WeightsManifest, WeightsPart

__all__ = [
    "cancel",
    "check_signature",
    "complete",
    "fetch",
    "keep_part",
    "largest_part",
    "manifest",
    "offer",
    "parts",
    "sweep",
    "transfer",
    "transfers",
]

_LOOK_SECONDS = 0.2  # between two looks at the right to a part that is on its way


def offer(*, by: Actor, review: str, manifest: WeightsManifest, at: datetime) -> str:
    """See ``actions.offer``; a part may hold what one request to this instance may bring."""
    return actions.offer(by=by, review=review, manifest=manifest, at=at, largest_part=largest_part())


def keep_part(
    *, by: Actor, transfer: str, number: int, digest: str, pieces: Iterable[bytes], at: datetime
) -> WeightsPart:
    """See ``actions.keep_part``."""
    return actions.keep_part(
        by=by, transfer=transfer, number=number, digest=digest, pieces=pieces, at=at, store=_store()
    )


def fetch(*, by: Actor, transfer: str, number: int, at: datetime) -> tuple[WeightsPart, BinaryIO]:
    """A sealed part and its bytes, open for reading; the caller closes it.

    Reading goes on only while the right to it stands: it raises ``Refused`` (``not-fetched``) as soon as it has ended.
    """
    row, found = actions.begin_fetch(by=by, transfer=transfer, number=number, at=at)
    return found, _Guarded(_store().open(transfer, number, found.digest), by, row)  # type: ignore[return-value]


def cancel(*, by: Actor, transfer: str, at: datetime) -> None:
    """See ``actions.cancel``."""
    actions.cancel(by=by, transfer=transfer, at=at, store=_store())


def sweep(*, at: datetime) -> int:
    """Destroy what this instance must not keep any longer; how many transfers that were."""
    found = queries.overdue(at)
    for one, why in found:
        actions.destroy(transfer=one, why=why, at=at, store=_store())
    return len(found)


def check_signature(view: TransferView, *, public_key: str) -> None:
    """That the developer signed this very handing over with ``public_key`` (hex). Needs no database.

    Raises ``Misuse`` (``weights-altered``).
    """
    said, root = view.signature, view.root
    if said is None or root is None:
        raise Misuse("not-complete", "This transfer was not handed over yet, so nobody has signed it.")
    try:
        signature = Signature(
            organisation=said["organisation"],
            person=said["person"],
            at=parse_time(said["at"]),
            statement=Digest(said["statement"]),
            public_key=said["public_key"],
            value=said["value"],
        )
    except (KeyError, TypeError) as error:
        raise _unsigned("it lacks a field") from error
    if signature.organisation != view.developer or signature.public_key != public_key:
        raise _unsigned("it was made with another key than the developer's")
    if not parties.signature_holds(signature, signed(view.review, view.id, view.manifest, root)):
        raise _unsigned("it covers something else")


def largest_part() -> int:
    """The most bytes of plain text in a part."""
    return int(settings.SEATRIAL.attachment_limit)


class _Guarded:
    """A part on its way: every piece is read under a right that stood a moment ago."""

    def __init__(self, file: BinaryIO, by: Actor, row: TransferRow) -> None:
        self._file, self._by, self._row = file, by, row
        self._looked = time.monotonic()

    def read(self, size: int = -1, /) -> bytes:
        if time.monotonic() - self._looked > _LOOK_SECONDS:
            self._row = queries.known(self._by, self._row.id)
            queries.check_fetch(self._by, self._row, now())
            self._looked = time.monotonic()
        return self._file.read(size)

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return self._file.seek(offset, whence)

    def close(self) -> None:
        self._file.close()


def _unsigned(why: str) -> Misuse:
    return Misuse("weights-altered", f"The developer's signature does not hold ({why}); do not use these weights.")


def _store() -> FolderStore:
    return FolderStore(settings.SEATRIAL.artefacts / "weights")
