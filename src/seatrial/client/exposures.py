"""Exposures: which of your systems, how bad, what to do, by when; and what you say of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from seatrial.clearinghouse.remediation.types import (
    ExposureView,
    PaceView,
    Protected,
    Said,
    SectorView,
    UndertakingView,
)

from .calling import Caller, at


@dataclass(frozen=True, slots=True)
class Exposures:
    """Your organisations' own; nobody else reads them."""

    _caller: Caller

    def list(
        self,
        *,
        over: bool = False,
        advisory: str = "",
        search: str = "",
        organisation: str = "",
        limit: int = 100,
        offset: int = 0,
    ) -> tuple[ExposureView, ...]:
        """The nearest date first, then the most urgent."""
        return self._caller.get_all(
            ExposureView,
            "/exposures",
            over=over,
            advisory=advisory,
            search=search,
            organisation=organisation,
            limit=limit,
            offset=offset,
        )

    def show(self, exposure: str) -> ExposureView:
        """One with all that was said of it, newest first."""
        return self._caller.get(ExposureView, at("exposures", exposure))

    def answer(self, exposures: Sequence[str], said: Said) -> int:
        """Say the same of several exposures of one organisation, or of none; how many."""
        body = {
            "exposures": [*exposures],
            "status": said.status,
            "justification": said.justification,
            "note": said.note,
            "action": said.action,
            "until": None if said.until is None else said.until.isoformat(),
        }
        return int(self._caller.change_json("POST", "/exposures/answers", body)["answered"])

    def tickets(self, *, over: bool = False, advisory: str = "") -> str:
        """A table (CSV) for a ticket system."""
        return self._caller.get_bytes("/exposures.csv", over=over, advisory=advisory).decode()

    def calendar(self) -> bytes:
        """Your own dates (iCalendar)."""
        return self._caller.get_bytes("/exposures.ics")

    def issue_calendar(self, organisation: str) -> str:
        """A secret address of your organisation's dates, shown this once; an earlier one ends."""
        made = self._caller.change_json("POST", at("paces", organisation, "calendar"))
        return str(made["calendar"])

    def end_calendar(self, organisation: str) -> None:
        """End the address at once."""
        self._caller.change_silently("DELETE", at("paces", organisation, "calendar"))

    def vex(self, organisation: str) -> dict[str, Any]:
        """What your organisation answered, as OpenVEX."""
        found: dict[str, Any] = self._caller.get_json(at("exposures", "vex", organisation))
        return found

    def pace(self, organisation: str) -> PaceView:
        """The days your organisation gives itself."""
        return self._caller.get(PaceView, at("paces", organisation))

    def state_pace(self, pace: PaceView) -> PaceView:
        """Set them, when to be reminded, and the sector."""
        body = {name: value for name, value in asdict(pace).items() if name != "organisation"}
        return self._caller.change(PaceView, "POST", at("paces", pace.organisation), body)

    def undertakings(self) -> tuple[UndertakingView, ...]:
        """What your organisation was asked to take upon itself."""
        return self._caller.get_all(UndertakingView, "/undertakings")

    def offer_undertaking(self, organisation: str, text: str) -> str:
        """Ask an operator for something, which it may decline; the id. For analysts."""
        body = {"organisation": organisation, "text": text}
        return str(self._caller.change_json("POST", "/undertakings", body)["undertaking"])

    def move_undertaking(self, undertaking: str, move: str) -> UndertakingView:
        """``agree``, ``decline`` or ``end``."""
        [found] = self._caller.change_all(UndertakingView, "POST", at("undertakings", undertaking, move))
        return found

    def curves(self, *, advisory: str = "") -> dict[str, Any]:
        """Name → steps of the share still open: ``days``, ``share``, ``low``, ``high``, ``at_risk``, ``ended``."""
        found: dict[str, Any] = self._caller.get_json("/remediation/curves", advisory=advisory)
        return found

    def sectors(self) -> tuple[SectorView, ...]:
        """Sums by sector."""
        return self._caller.get_all(SectorView, "/remediation/sectors")

    def protected_by(self, report: str) -> int | None:
        """How many systems are exposed no more to what you reported; None while that may not be shown."""
        found: int | None = self._caller.get_json(at("reports", report, "protected"))["systems"]
        return found

    def protected(self, advisory: str) -> Protected:
        """How many systems are exposed to it no more."""
        return self._caller.get(Protected, at("remediation", "advisories", advisory))
