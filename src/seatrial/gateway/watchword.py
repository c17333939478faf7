"""The developer's secret never leaves whole. Pure."""

from __future__ import annotations

from seatrial.kernel.errors import Unavailable


class Watchword:
    """Finds the developer's secret in what passes, also across chunks: whole it never leaves."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()
        self._tail = b""

    def check(self, chunk: bytes) -> None:
        """Raises ``Unavailable`` (``upstream-leaks``)."""
        seen = self._tail + chunk
        if self._secret in seen:
            raise Unavailable(
                "upstream-leaks",
                "The developer's endpoint was about to send the developer's own secret, so the answer was ended; "
                "tell the developer.",
            )
        self._tail = seen[-len(self._secret) + 1 :] if len(self._secret) > 1 else b""
