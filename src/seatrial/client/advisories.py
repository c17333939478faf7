"""Advisories: written from a case, published by a second person, and read in every form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from seatrial.clearinghouse.advisories.types import AdvisoryLine, AdvisoryView, Form

from .calling import Caller, at


@dataclass(frozen=True, slots=True)
class Advisories:
    """For analysts, except for ``document``."""

    _caller: Caller

    def list(self) -> tuple[AdvisoryLine, ...]:
        """The latest change first."""
        return self._caller.get_all(AdvisoryLine, "/advisories")

    def draft(self, case: str) -> AdvisoryView:
        """Draft one from a case."""
        return self._caller.change(AdvisoryView, "POST", "/advisories", {"case": case})

    def show(self, advisory: str) -> AdvisoryView:
        """One with its content, its gaps, its revisions, and what you can do."""
        return self._caller.get(AdvisoryView, at("advisories", advisory))

    def edit(self, advisory: str, version: int, content: Mapping[str, Any], *, summary: str = "") -> AdvisoryView:
        """Replace what is being written; ``version`` is the one you read."""
        said = {"version": version, "content": dict(content), "summary": summary}
        return self._caller.change(AdvisoryView, "PUT", at("advisories", advisory), said)

    def submit(self, advisory: str, version: int) -> AdvisoryView:
        """Hand it to a second person."""
        return self._moved(advisory, "submit", {"version": version})

    def give_back(self, advisory: str, why: str) -> AdvisoryView:
        """Give it back to whoever wrote it."""
        return self._moved(advisory, "give-back", {"why": why})

    def publish(self, advisory: str) -> AdvisoryView:
        """Publish what somebody else submitted."""
        return self._moved(advisory, "publish")

    def revise(self, advisory: str) -> AdvisoryView:
        """Begin a further revision."""
        return self._moved(advisory, "revise")

    def withdraw(self, advisory: str, why: str) -> AdvisoryView:
        """Withdraw it."""
        return self._moved(advisory, "withdraw", {"why": why})

    def document(self, name: str, form: Form, *, revision: int | None = None) -> bytes:
        """What was published under a tracking id, as the bytes that were signed."""
        query = {} if revision is None else {"revision": revision}
        return self._caller.get_bytes(at("advisories", name, "forms", form.value), **query)

    def _moved(self, advisory: str, move: str, said: Mapping[str, object] | None = None) -> AdvisoryView:
        return self._caller.change(AdvisoryView, "POST", at("advisories", advisory, move), said)
