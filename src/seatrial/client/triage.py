"""Triage: the queue, findings with what machines saw, what is one flaw and what is not, candidate patches."""

from __future__ import annotations

import asyncio
import hashlib
import io
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seatrial.clearinghouse.triage.types import ClusterView, FindingView, Flow, JudgementView, QueueLine
from seatrial.kernel.digests import digest

from .calling import Caller, at


@dataclass(frozen=True, slots=True)
class Triage:
    """What people decide takes the role of an analyst; all read what their labels let them."""

    _caller: Caller

    def queue(self, *, limit: int = 50, after: str = "") -> tuple[QueueLine, ...]:
        """What waits, one line a flaw, first come first; ``after`` goes on behind the line of that report."""
        return self._caller.get_all(QueueLine, at("findings"), limit=limit, after=after)

    def show(self, report: str) -> FindingView:
        """A report with what machines saw of it, its decision points and vector with reasons, and its patches."""
        return self._caller.get(FindingView, at("findings", report))

    def judgements(self, report: str) -> tuple[JudgementView, ...]:
        """Each run of a report's proof; the first counts."""
        return self._caller.get_all(JudgementView, at("findings", report, "judgements"))

    def flow(self, *, days: int = 30) -> Flow:
        """What came in, was judged, was reproduced and was distinct by day, and how old what waits is."""
        return self._caller.get(Flow, at("findings", "flow"), days=days)

    def point(self, report: str, point: str, value: str, *, reason: str) -> FindingView:
        """Set one of SSVC's decision points."""
        said = {"point": point, "value": value, "reason": reason}
        return self._caller.change(FindingView, "POST", at("findings", report, "points"), said)

    def patch(self, report: str, diff: bytes) -> FindingView:
        """Give a candidate patch (a unified diff) to be checked by machine. Nothing is ever applied."""
        kind, body = _form(diff)
        return self._caller.send_file(FindingView, "POST", at("findings", report, "patches"), io.BytesIO(body), kind)

    def cluster(self, cluster: str) -> ClusterView:
        """Reports of one flaw: why they are together, what people decided, what looks like them."""
        return self._caller.get(ClusterView, at("clusters", cluster))

    def same(self, reports: Sequence[str], *, reason: str) -> int:
        """Say that reports are one flaw; the decision's number."""
        return self._decide("same", {"reports": list(reports), "reason": reason})

    def apart(self, left: Sequence[str], right: Sequence[str], *, reason: str) -> int:
        """Say that nothing on one side is the flaw of anything on the other; the decision's number."""
        return self._decide("apart", {"left": list(left), "right": list(right), "reason": reason})

    def undo(self, decision: int) -> None:
        """Take a decision back, as if it had never been."""
        self._caller.change_json("POST", at("clusters", "decisions", str(decision), "undo"))

    def transcript(self, judgement: str) -> dict[str, Any]:
        """What ran and what was seen, in the form that ``replay`` runs again."""
        found: dict[str, Any] = self._caller.get_json(at("judgements", judgement, "transcript"))
        return found

    def replay(self, transcript: Mapping[str, Any], files: Sequence[bytes]) -> Replay:
        """Run a transcript's proof again on *this* machine, in its sandbox, and compare; the instance is not asked.

        ``files`` are those that it names by digest. Raises ``Misuse`` (``bad-transcript``), ``Unavailable``
        (``no-sandbox``).
        """
        from seatrial.clearinghouse.proofs import api as proofs  # only who replays needs a sandbox

        attachments = {digest(data): data for data in files}
        with tempfile.TemporaryDirectory(prefix="seatrial-replay-") as place:
            shelf = proofs.Shelf(Path(place))
            found = asyncio.run(proofs.replay(transcript, attachments, shelf=shelf))
        return Replay(found.same, str(found.was), str(found.now.verdict), found.now.reason, found.differs)

    def _decide(self, what: str, said: Mapping[str, Any]) -> int:
        return int(self._caller.change_json("POST", at("clusters", what), said)["decision"])


@dataclass(frozen=True, slots=True)
class Replay:
    """A proof that was run again: ``same`` if the verdict is. ``differs`` names what the environments differ in."""

    same: bool
    was: str
    now: str
    reason: str
    differs: tuple[str, ...]


def _form(file: bytes) -> tuple[str, bytes]:
    """A form of one file (RFC 7578): its content type and its bytes, the same for the same file."""
    boundary = f"seatrial-{hashlib.sha256(file).hexdigest()}"
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="patch.diff"\r\n'
    body = f"{head}Content-Type: text/x-diff\r\n\r\n".encode() + file + f"\r\n--{boundary}--\r\n".encode()
    return f"multipart/form-data; boundary={boundary}", body
