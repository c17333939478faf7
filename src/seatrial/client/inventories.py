"""Operators' inventories, and which advisories speak of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO

from seatrial.clearinghouse.exposure.types import AdvisoryLine, InventoryView, MatchView, SystemView, Verdict

from .calling import Caller, at


@dataclass(frozen=True, slots=True)
class Inventories:
    """What your organisations run; nobody else reads it."""

    _caller: Caller

    def list(self) -> tuple[InventoryView, ...]:
        """Your organisations' inventories, by name."""
        return self._caller.get_all(InventoryView, "/inventories")

    def add(self, organisation: str, name: str, file: IO[bytes]) -> InventoryView:
        """Keep a CycloneDX, SPDX or CSV file in place of the inventory of that name. It carries no key: the same again
        changes nothing."""
        return self._caller.send_again(InventoryView, "/inventories", file, organisation=organisation, name=name)

    def show(self, inventory: str) -> InventoryView:
        """One of them, with what of it could not be used."""
        return self._caller.get(InventoryView, at("inventories", inventory))

    def remove(self, inventory: str) -> None:
        """Forget it, and whatever of it nobody else has."""
        self._caller.change_silently("DELETE", at("inventories", inventory))

    def systems(self, inventory: str, *, after: str = "", limit: int = 100) -> tuple[SystemView, ...]:
        """Its systems by name, behind ``after``."""
        return self._caller.get_all(SystemView, at("inventories", inventory, "systems"), after=after, limit=limit)

    def matches(
        self, *, inventory: str = "", verdict: Verdict | None = None, limit: int = 100
    ) -> tuple[MatchView, ...]:
        """Which advisories speak of your systems, and why."""
        said = {"inventory": inventory, "verdict": verdict, "limit": limit}
        return self._caller.get_all(MatchView, "/matches", **said)

    def advisories(self, *, after: str = "", limit: int = 100) -> tuple[AdvisoryLine, ...]:
        """The advisories that are matched, as far as you may know of them."""
        return self._caller.get_all(AdvisoryLine, at("matches", "advisories"), after=after, limit=limit)
