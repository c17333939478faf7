"""The key of scanning digests in a file of its own, mode 0600, made at first use."""

from __future__ import annotations

import hashlib
import hmac
import os
from pathlib import Path

from seatrial.kernel.digests import Digest
from seatrial.kernel.errors import Unavailable
from seatrial.kernel.keyfiles import kept

_CONTEXT = b"seatrial/scanning/v1\n"


class FileKeyer:
    """See ``ports.Keyer``."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def digest(self, words: str) -> Digest:
        try:
            key = kept(self._path, lambda: os.urandom(32))
        except OSError as error:
            raise Unavailable(
                "scan-key-missing", f"The key of scanning digests cannot be read ({error.strerror}); restore it."
            ) from error
        return Digest("sha256:" + hmac.digest(key, _CONTEXT + words.encode(), hashlib.sha256).hex())
