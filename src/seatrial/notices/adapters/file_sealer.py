"""The webhooks' secrets, sealed under a key in a file beside the database."""

from __future__ import annotations

from pathlib import Path

from seatrial.kernel import sealing


class FileSealer(sealing.FileSealer):
    """See ``kernel.sealing``."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, broken="The secret of this webhook cannot be opened; make a new one with 'rotate'.")
