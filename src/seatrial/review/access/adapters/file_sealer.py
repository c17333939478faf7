"""The developers' endpoint credentials, sealed under a key in a file beside the database."""

from __future__ import annotations

from pathlib import Path

from seatrial.kernel import sealing


class FileSealer(sealing.FileSealer):
    """See ``ports.Sealer`` and ``kernel.sealing``."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            path,
            broken="The developer's endpoint credential kept here cannot be opened; the developer must set it again.",
        )
