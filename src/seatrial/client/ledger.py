"""The record both sides share: entries one may read, receipts that verify offline, checkpoints, the public key."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from seatrial.ledger.types import MAIN, Entry

from .calling import Caller, at

PAGE = 500


@dataclass(frozen=True, slots=True)
class Ledger:
    """Verify what it hands out with ``seatrial ledger verify``, on any machine, without this server."""

    _caller: Caller

    def entries(
        self, *, log: str = MAIN, after: int = -1, kind: str | None = None, limit: int = 100
    ) -> tuple[Entry, ...]:
        """At most ``limit`` (up to 1000) entries after an index, oldest first; ``kind`` is a prefix."""
        return self._caller.get_all(Entry, "/ledger/entries", log=log, after=after, kind=kind, limit=limit)

    def all_entries(self, *, log: str = MAIN, after: int = -1, kind: str | None = None) -> Iterator[Entry]:
        """Every entry you may read, oldest first, fetched as they are read."""
        while page := self.entries(log=log, after=after, kind=kind, limit=PAGE):
            yield from page
            after = page[-1].index

    def receipt(self, index: int, *, log: str = MAIN) -> dict[str, Any]:
        """The receipt of one entry: write it to a file as it is, and keep it."""
        found: dict[str, Any] = self._caller.get_json(at("ledger", "receipts", log, str(index)))
        return found

    def checkpoint(self, *, log: str = MAIN) -> str:
        """A signed checkpoint of a log (C2SP signed note)."""
        return str(self._caller.get_json("/ledger/checkpoint", log=log)["checkpoint"])

    def key(self) -> str:
        """The public key that every receipt verifies against; compare it with one you got another way."""
        return str(self._caller.get_json("/ledger/key")["key"])
