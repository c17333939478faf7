"""What leaves your hands: items with their destruction duties, planted strings, leaks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from seatrial.review.cases.types import CanaryView, Invitation, ItemKind, ItemView, LeakView

from .calling import Caller, at


@dataclass(frozen=True, slots=True)
class Handing:
    """A duty stays after a withdrawal; it ends when whoever has the thing attests that it is destroyed."""

    _caller: Caller

    def items(self, review: str) -> tuple[ItemView, ...]:
        """What was handed over or is kept, with its destruction duties."""
        return self._caller.get_all(ItemView, at("reviews", review, "items"))

    def hand_over(
        self,
        review: str,
        *,
        kind: ItemKind,
        text: str,
        holder: str,
        artefact: str = "",
        due_at: datetime | None = None,
    ) -> tuple[ItemView, ...]:
        """Record that something leaves your hands; whoever has it owes its destruction."""
        said = {"kind": kind, "text": text, "holder": holder, "artefact": artefact, "due_at": due_at}
        return self._caller.change_all(ItemView, "POST", at("reviews", review, "items"), said)

    def attest(self, review: str, item: str, text: str) -> tuple[ItemView, ...]:
        """Say, signed, that an item you have is destroyed and how."""
        path = at("reviews", review, "items", item, "attestation")
        return self._caller.change_all(ItemView, "POST", path, {"text": text})

    def duties(self) -> tuple[ItemView, ...]:
        """Everything your organisations still have to destroy, first due first."""
        return self._caller.get_all(ItemView, "/duties")

    def shared(self) -> tuple[Invitation, ...]:
        """What you, as a trusted partner's people, were given to call."""
        return self._caller.get_all(Invitation, "/shared")

    def canaries(self, review: str) -> tuple[CanaryView, ...]:
        """The strings you planted, by where; never the strings."""
        return self._caller.get_all(CanaryView, at("reviews", review, "canaries"))

    def plant_canary(self, review: str, place: str) -> str:
        """A string to plant in what you hand over. It is shown this once."""
        path = at("reviews", review, "canaries")
        return str(self._caller.change_json("POST", path, {"place": place})["canary"])

    def leaks(self, review: str) -> tuple[LeakView, ...]:
        """The reports of leaks; the developer reads their words first."""
        return self._caller.get_all(LeakView, at("reviews", review, "leaks"))

    def report_leak(self, review: str, found: str) -> None:
        """Report a leak. All access ends at once and every key is dead."""
        self._caller.change_silently("POST", at("reviews", review, "leaks"), {"found": found})

    def acknowledge_leak(self, review: str, leak: str) -> tuple[LeakView, ...]:
        """Say that you have read a report; from now on the review body reads it too."""
        return self._caller.change_all(LeakView, "POST", at("reviews", review, "leaks", leak, "acknowledge"))
