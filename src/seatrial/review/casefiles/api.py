"""The door to case files: make one, preview one, verify one. Verifying needs no database."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from seatrial.kernel.digests import Digest, digest
from seatrial.kernel.errors import Misuse
from seatrial.ledger import api as ledger
from seatrial.parties import api as parties
from seatrial.parties.types import Actor
from seatrial.review.identity import api as identity
from seatrial.review.threads import api as threads
from seatrial.review.threads.types import Seen

from . import actions, queries
from .adapters.zip_crate import ZipCrate, ZipOpened
from .core import layout, page, verification
from .ports import Progress
from .queries import preview
from .types import INDEX, MANIFEST, RECEIPT, Container, Exported, Verification

__all__ = ["export", "export_to", "preview", "verify"]


def export(*, by: Actor, review: str, at: datetime, progress: Progress | None = None) -> tuple[Exported, BinaryIO]:
    """The case as one file, open for reading at its beginning; the caller closes it, and it is gone then.

    For whoever may read the review, and for a trusted partner of it. Raises ``NotFound`` (``no-such-review``).
    """
    file = tempfile.TemporaryFile(dir=_shelf())  # noqa: SIM115 (handed to the caller, who closes it)
    try:
        made = _write(by, review, at, file, progress or _quiet)
        file.seek(0)
        return made, file
    except BaseException:
        file.close()
        raise


def export_to(path: Path, *, by: Actor, review: str, at: datetime, progress: Progress | None = None) -> Exported:
    """See ``export``; the file comes to be at ``path`` whole, or not at all. Raises ``Misuse`` (``cannot-write``)."""
    part = path.with_name(f"{path.name}.{os.getpid()}.partial")
    try:
        with part.open("w+b") as file:
            made = _write(by, review, at, file, progress or _quiet)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        raise Misuse("cannot-write", f"{path} cannot be written ({error.strerror}); name another file.") from error
    finally:
        part.unlink(missing_ok=True)
    return made


def verify(path: Path, key: str) -> Verification:
    """What a case file proves under the ledger's public key. Raises ``Misuse`` if it is no case file at all."""
    opened = ZipOpened(path)
    try:
        return verification.verify(
            Container(opened.names, opened.pieces, opened.fault),
            verification.Proofs(
                receipt=lambda data: ledger.verify_receipt(data, key),
                signature=parties.signature_holds,
                statement=lambda data, owner: identity.verify_statement(data, key=owner),
            ),
        )
    finally:
        opened.close()


def _write(by: Actor, review: str, at: datetime, to: BinaryIO, progress: Progress) -> Exported:
    side = queries.side_of(by, review, at)
    with _folder() as folder:
        crate = ZipCrate(folder)
        gathered = queries.gather(by, review, at, crate, progress)
        readable = page.page(gathered.title, review, at, gathered.sections, gathered.withheld)
        files = [*gathered.files, crate.put(INDEX, layout.HTML, [readable.encode()])]
        listed = layout.manifest(
            review=review,
            at=at,
            origin=settings.SEATRIAL.ledger_origin,
            reader=side.home,
            files=files,
            withheld=gathered.withheld,
        )
        entry = actions.record(by=by, review=review, manifest=digest(listed), files=len(files), at=at)
        receipt = ledger.receipt(by, log=entry.log, index=entry.index, at=at)
        crate.put(MANIFEST, layout.JSON, [listed])
        crate.put(RECEIPT, layout.JSON, [layout.as_json(receipt)])
        crate.close(to)
    if not side.developer:
        threads.saw(asking=by, review=review, kind=Seen.EXPORT, object="case-file", at=at)
    to.flush()
    to.seek(0)
    whole = _digest(to)
    name = f"case-{review}-{at:%Y%m%dT%H%M%SZ}.zip"
    return Exported(review, name, at, len(files), to.tell(), whole, digest(listed), entry.log, entry.index)


@contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(dir=_shelf()))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _shelf() -> Path:
    """Where files are made: beside the artefacts, on a disk that is meant for large ones."""
    shelf = Path(settings.SEATRIAL.artefacts) / "casefiles"
    shelf.mkdir(mode=0o700, parents=True, exist_ok=True)
    return shelf


def _quiet(_done: int, _total: int) -> None:
    pass


def _digest(file: BinaryIO) -> Digest:
    found = hashlib.sha256()
    while piece := file.read(2**20):
        found.update(piece)
    return Digest(f"sha256:{found.hexdigest()}")
