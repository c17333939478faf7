"""The online key in a file of its own, mode 0600, made at first use."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from seatrial.kernel.errors import Unavailable
from seatrial.kernel.keyfiles import kept


class FileKey:
    """See ``ports.OnlineKey``. ``make`` makes a key where there is none."""

    def __init__(self, path: Path, make: Callable[[], bytes]) -> None:
        self._path, self._make = path, make

    def pem(self) -> bytes:
        try:
            return kept(self._path, self._make)
        except OSError as error:
            raise Unavailable(
                "delivery-key-missing", f"The online key of delivery cannot be read ({error.strerror}); restore it."
            ) from error
