"""Members: CSAF providers whose feeds an instance follows and mirrors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from seatrial.clearinghouse.members.types import FaultView, MemberView

from .calling import Caller, at


@dataclass(frozen=True, slots=True)
class Members:
    """For analysts; what is mirrored is read by anybody at ``/.well-known/csaf-aggregator/``."""

    _caller: Caller

    def list(self, *, ended: bool = False) -> tuple[MemberView, ...]:
        """Those that are followed, or that were, by name."""
        return self._caller.get_all(MemberView, "/members", ended=ended)

    def show(self, member: str) -> MemberView:
        """One, by its id or name."""
        return self._caller.get(MemberView, at("members", member))

    def faults(self, member: str) -> tuple[FaultView, ...]:
        """What of it could not be mirrored, and why."""
        return self._caller.get_all(FaultView, at("members", member, "faults"))

    def add(self, url: str, *, name: str = "", mirror: bool = True, keys: Sequence[str] = ()) -> MemberView:
        """Follow a provider from now on; ``keys`` are fingerprints that you were told by another way."""
        said = {"url": url, "name": name, "mirror": mirror, "keys": [*keys]}
        return self._caller.change(MemberView, "POST", "/members", said)

    def end(self, member: str) -> None:
        """Follow it no more."""
        self._caller.change_silently("DELETE", at("members", member))
