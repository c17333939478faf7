"""Coordination: cases of several parties, one's inbox and capacity, whom one meets in scanning."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from seatrial.clearinghouse.coordination.types import (
    Capacity,
    CaseEnd,
    CaseLine,
    CoordinationView,
    EndReason,
    Inbox,
    MilestoneKind,
    OverlapView,
    PartyRole,
    Progress,
    Registered,
    ScanView,
    ThreadPart,
)
from seatrial.kernel.clock import Window, iso

from .calling import Caller, at


@dataclass(frozen=True, slots=True)
class Coordination:
    """A party acts by its id, which stands in the case and in the inbox."""

    _caller: Caller

    def cases(self, *, limit: int = 100, closed: bool = False) -> tuple[CaseLine, ...]:
        """The open cases you may see, by priority and age; with ``closed`` those that ended, the last one first."""
        return self._caller.get_all(CaseLine, "/coordination/cases", limit=limit, closed=closed)

    def show(self, case: str) -> CoordinationView:
        """A case: its parties, the embargo's clock, milestones, and what you can do."""
        return self._caller.get(CoordinationView, at("coordination", "cases", case))

    def open(
        self, subjects: Sequence[str], *, title: str, summary: str, product: str, priority: int = 100
    ) -> CoordinationView:
        """Open a case about reports, findings or clusters."""
        said = {"subjects": list(subjects), "title": title, "summary": summary, "product": product}
        return self._caller.change(CoordinationView, "POST", "/coordination/cases", {**said, "priority": priority})

    def invite(self, case: str, role: PartyRole, *, organisation: str = "", contact: str = "", chain: int = 0) -> str:
        """Invite an organisation of the instance or an outside contact; the party's id."""
        said = {"role": role, "organisation": organisation, "contact": contact, "chain": chain}
        return str(self._caller.change_json("POST", at("coordination", "cases", case, "parties"), said)["party"])

    def record(self, case: str, event: str, *, party: str = "", note: str = "") -> CoordinationView:
        """``vendor_aware``, ``fix_ready``, ``fix_deployed``, ``public``, ``exploit_public`` or ``attacks``."""
        said = {"event": event, "party": party, "note": note}
        return self._caller.change(CoordinationView, "POST", at("coordination", "cases", case, "events"), said)

    def milestone(self, case: str, kind: MilestoneKind, *, party: str = "", note: str = "") -> CoordinationView:
        """Record a milestone; it goes up the reporter chain."""
        said = {"kind": kind, "party": party, "note": note}
        return self._caller.change(CoordinationView, "POST", at("coordination", "cases", case, "milestones"), said)

    def terminate(self, case: str, reason: EndReason, why: str) -> CoordinationView:
        """End the embargo before its date."""
        said = {"reason": reason, "why": why}
        return self._caller.change(CoordinationView, "POST", at("coordination", "cases", case, "terminate"), said)

    def close(self, case: str, reason: CaseEnd, why: str, *, duplicate_of: str = "") -> CoordinationView:
        """Close a case of your own, for a reason that holds."""
        said = {"reason": reason, "why": why, "duplicate_of": duplicate_of}
        return self._caller.change(CoordinationView, "POST", at("coordination", "cases", case, "close"), said)

    def reopen(self, case: str, why: str) -> CoordinationView:
        """Open a closed case of your own again."""
        return self._caller.change(CoordinationView, "POST", at("coordination", "cases", case, "reopen"), {"why": why})

    def messages(self, case: str, *, before: str | None = None, limit: int = 50) -> ThreadPart:
        """What was said and you may read, newest first."""
        return self._caller.get(ThreadPart, at("coordination", "cases", case, "messages"), before=before, limit=limit)

    def say(self, case: str, text: str, *, to: Sequence[str] | None = None) -> str:
        """Write to all parties told now, or to those named; the message's id."""
        said = {"text": text, "to": None if to is None else list(to)}
        return str(self._caller.change_json("POST", at("coordination", "cases", case, "messages"), said)["message"])

    def inbox(self) -> tuple[Inbox, ...]:
        """Invitations and cases of each organisation you act for."""
        return self._caller.get_all(Inbox, "/coordination/inbox")

    def join(self, party: str, *, accept_embargo: bool) -> bool:
        """Take part; false as long as the embargo in force is not accepted."""
        said = {"accept_embargo": accept_embargo}
        return bool(self._caller.change_json("POST", at("coordination", "parties", party, "join"), said)["told"])

    def decline(self, party: str, *, why: str = "") -> None:
        """Do not take part; joining later is possible."""
        self._act(party, "decline", {"why": why})

    def tell(self, party: str) -> None:
        """Receive the report, once the embargo is accepted or over."""
        self._act(party, "tell")

    def adhere(self, party: str) -> None:
        """Accept the embargo that is in force."""
        self._act(party, "adhere")

    def answer(self, party: str, *, accepts: bool) -> None:
        """Accept or reject the date that is proposed."""
        self._act(party, "answer", {"accepts": accepts})

    def propose(self, party: str, until: datetime, *, why: str = "") -> None:
        """Propose a date: the first, a counter-proposal, a shorter or a longer one."""
        self._act(party, "propose", {"until": iso(until), "why": why})

    def move_report(self, party: str, event: str) -> None:
        """``validate``, ``invalidate``, ``accept``, ``defer`` or ``close`` the report."""
        self._act(party, "report", {"event": event})

    def state_capacity(self, organisation: str, capacity: Capacity) -> Capacity:
        """Say what your organisation can take."""
        return self._caller.change(Capacity, "POST", at("coordination", "capacities", organisation), capacity)

    def progress(self, code: str) -> Progress:
        """What became of the case made of a report, by its receipt code."""
        return self._caller.get(Progress, at("coordination", "progress", code))

    def register_scans(
        self, organisation: str, packages: Sequence[str], window: Window, *, who: str
    ) -> tuple[Registered, ...]:
        """Register packages that you scan, all or none. Keep the answer: the instance does not know the names."""
        said = {"organisation": organisation, "packages": list(packages), "who": who}
        said |= {"opens": iso(window.opens), "closes": iso(window.closes)}
        return self._caller.change_all(Registered, "POST", "/scanning", said)

    def scans(self) -> tuple[ScanView, ...]:
        """Your organisations' registrations, newest first."""
        return self._caller.get_all(ScanView, "/scanning")

    def overlaps(self) -> tuple[OverlapView, ...]:
        """Who else scans what you registered; they see you as well."""
        return self._caller.get_all(OverlapView, "/scanning/overlaps")

    def _act(self, party: str, what: str, said: dict[str, Any] | None = None) -> None:
        self._caller.change_silently("POST", at("coordination", "parties", party, what), said)
