"""Sealed bodies in a folder, one for each review: ``<exchange>.<side>.cut`` while written, ``.sealed`` once whole.

The name changes by one rename after the file was flushed, and the folder is flushed after it: a file called sealed is.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import BinaryIO

from seatrial.kernel.digests import Digest
from seatrial.kernel.errors import Unavailable
from seatrial.kernel.folders import flush, make_lasting
from seatrial.review.access.types import SealedBody, Side


class FolderBodies:
    """See ``ports.Bodies``. Processes on several machines need the same folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._sure: set[Path] = set()  # folders whose names are durable

    def create(self, review: str, exchange: str, side: Side) -> FolderBodyFile:
        whole, cut = self._names(review, exchange, side)
        try:
            self._make_sure_of(cut.parent)
            return FolderBodyFile(side, cut, whole)
        except OSError as error:
            raise not_kept(error) from error

    def find(self, review: str, exchange: str, side: Side) -> SealedBody:
        for path, whole in zip(self._names(review, exchange, side), (True, False), strict=True):
            try:
                with path.open("rb") as file:
                    digest = hashlib.file_digest(file, "sha256").hexdigest()
                    return SealedBody(side, Digest(f"sha256:{digest}"), file.tell(), whole)
            except OSError:
                continue
        return SealedBody(side, None, 0, whole=False)

    def open(self, review: str, exchange: str, side: Side) -> BinaryIO:
        whole, cut = self._names(review, exchange, side)
        try:
            return (whole if whole.exists() else cut).open("rb")
        except OSError as error:
            raise Unavailable(
                "body-missing",
                f"The sealed {side} of {exchange} cannot be read ({error.strerror}); restore the folder of bodies.",
            ) from error

    def destroy(self, review: str, exchange: str, side: Side) -> None:
        try:
            for path in self._names(review, exchange, side):
                path.unlink(missing_ok=True)
            if (self._folder / review).exists():
                flush(self._folder / review)
        except OSError as error:
            raise Unavailable(
                "body-stuck",
                f"The sealed {side} of {exchange} could not be destroyed ({error.strerror}); it is tried again, and "
                "whoever runs this instance must look at the folder of bodies.",
            ) from error

    def _make_sure_of(self, folder: Path) -> None:
        """See ``make_lasting``; once is enough while it is there."""
        if folder in self._sure and folder.exists():
            return
        make_lasting(folder, under=self._folder.parent)
        self._sure.add(folder)

    def _names(self, review: str, exchange: str, side: Side) -> tuple[Path, Path]:
        folder = self._folder / review
        return folder / f"{exchange}.{side}.sealed", folder / f"{exchange}.{side}.cut"


class FolderBodyFile:
    """See ``ports.BodyFile``."""

    def __init__(self, side: Side, cut: Path, whole: Path) -> None:
        self._side, self._cut, self._whole = side, cut, whole
        self._file = os.open(cut, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._sum, self._size = hashlib.sha256(), 0

    def write(self, data: memoryview, /) -> None:
        try:
            while data:
                written = os.write(self._file, data)
                self._sum.update(data[:written])
                self._size += written
                data = data[written:]
        except OSError as error:
            raise not_kept(error) from error

    def keep(self) -> SealedBody:
        try:
            os.fsync(self._file)
            self._cut.rename(self._whole)
            flush(self._whole.parent)
        except OSError as error:
            raise not_kept(error) from error
        self._close()
        return self._said(whole=True)

    def leave(self) -> SealedBody:
        self._close()
        if self._whole.exists():  # its name could not be made durable, which is no promise to give
            try:
                self._whole.rename(self._cut)
            except OSError:
                self._whole.unlink(missing_ok=True)
        return self._said(whole=False)

    def _said(self, *, whole: bool) -> SealedBody:
        return SealedBody(self._side, Digest(f"sha256:{self._sum.hexdigest()}"), self._size, whole)

    def _close(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


def not_kept(error: OSError) -> Unavailable:
    """Why a call whose bodies the consent has kept cannot go on."""
    return Unavailable(
        "body-not-kept",
        f"The consent has the bodies of this call kept, and they could not be ({error.strerror}), so it was ended; "
        "tell whoever runs this instance.",
    )
