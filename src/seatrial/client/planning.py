"""The lab's own desk: release plans and engagement memos. To everybody else there is nothing here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from seatrial.review.planning.types import Form, MemoLine, MemoView, PlanLine, PlanView, Progress, Schedule, WhatIf

from .calling import Caller, at


@dataclass(frozen=True, slots=True)
class Plans:
    """Moving a plan prolongs no window and moves no review. ``toml`` is a plan file's text."""

    _caller: Caller

    def list(self) -> tuple[PlanLine, ...]:
        """Your organisation's release plans."""
        return self._caller.get_all(PlanLine, "/plans")

    def show(self, plan: str) -> PlanView:
        """One plan, worked out as of now."""
        return self._caller.get(PlanView, at("plans", plan))

    def check(self, toml: str) -> Schedule:
        """Work out a plan file without keeping it; faults name line and field."""
        return self._caller.work_out(Schedule, "/plans/check", {"toml": toml})

    def keep(self, developer: str, toml: str) -> PlanView:
        """Keep a plan from its file."""
        return self._caller.change(PlanView, "POST", "/plans/files", {"toml": toml}, developer=developer)

    def rewrite(self, plan: str, toml: str, *, revision: int | None = None) -> PlanView:
        """Replace all a plan says by its file; with ``revision`` only if it is still that one."""
        return self._caller.change(PlanView, "PUT", at("plans", plan, "file"), {"toml": toml}, revision=revision)

    def what_if(
        self,
        plan: str,
        *,
        partner_release: datetime | None = None,
        public_release: datetime | None = None,
        lengths: Mapping[str, int] | None = None,
    ) -> WhatIf:
        """What a move would make slip. Nothing is saved."""
        said = _move(partner_release, public_release, lengths)
        return self._caller.work_out(WhatIf, at("plans", plan, "what-if"), said)

    def move(
        self,
        plan: str,
        *,
        partner_release: datetime | None = None,
        public_release: datetime | None = None,
        lengths: Mapping[str, int] | None = None,
        revision: int | None = None,
    ) -> PlanView:
        """Move dates or change lengths of milestones."""
        said = {**_move(partner_release, public_release, lengths), "revision": revision}
        return self._caller.change(PlanView, "POST", at("plans", plan, "move"), said)

    def mark(self, plan: str, milestone: str, progress: Progress) -> PlanView:
        """Say that a milestone is begun, done, or open again."""
        path = at("plans", plan, "milestones", milestone, "mark")
        return self._caller.change(PlanView, "POST", path, {"progress": progress})

    def link(self, plan: str, review: str | None) -> PlanView:
        """Say which review of yours the plan is about, or none. Neither moves the other's dates."""
        return self._caller.change(PlanView, "PUT", at("plans", plan, "review"), {"review": review})

    def toml(self, plan: str) -> bytes:
        """The plan as the file it can be kept from."""
        return self._caller.get_bytes(at("plans", plan, "plan.toml"))

    def calendar(self, plan: str) -> bytes:
        """The plan as a calendar file (iCalendar)."""
        return self._caller.get_bytes(at("plans", plan, "plan.ics"))

    def issue_feed(self, plan: str) -> str:
        """A secret calendar address, shown this once; an earlier one ends."""
        return str(self._caller.change_json("POST", at("plans", plan, "feed"))["feed"])

    def revoke_feed(self, plan: str) -> PlanView:
        """End the calendar address at once."""
        return self._caller.change(PlanView, "DELETE", at("plans", plan, "feed"))


@dataclass(frozen=True, slots=True)
class Memos:
    """The lab's own weighing of engaging. Private to its people; ``toml`` is a memo file's text."""

    _caller: Caller

    def list(self) -> tuple[MemoLine, ...]:
        """Your organisation's engagement memos."""
        return self._caller.get_all(MemoLine, "/engagements")

    def show(self, memo: str, *, version: int | None = None) -> MemoView:
        """A version of a memo, the newest by default."""
        return self._caller.get(MemoView, at("engagements", memo), version=version)

    def write(self, developer: str, toml: str, *, plan: str | None = None) -> MemoView:
        """Begin a memo from its file."""
        return self._caller.change(
            MemoView, "POST", "/engagements/files", {"toml": toml}, developer=developer, plan=plan
        )

    def rewrite(self, memo: str, toml: str, *, plan: str | None = None, version: int | None = None) -> MemoView:
        """A new version from its file; with ``version`` only if that is still the newest."""
        path = at("engagements", memo, "file")
        return self._caller.change(MemoView, "PUT", path, {"toml": toml}, plan=plan, version=version)

    def export(self, memo: str, form: Form, *, version: int | None = None) -> bytes:
        """A memo as Markdown, HTML, JSON, CSV (its entries) or TOML."""
        return self._caller.get_bytes(at("engagements", memo, "export", form), version=version)


def _move(
    partner_release: datetime | None, public_release: datetime | None, lengths: Mapping[str, int] | None
) -> dict[str, Any]:
    return {"partner_release": partner_release, "public_release": public_release, "lengths": lengths or {}}
