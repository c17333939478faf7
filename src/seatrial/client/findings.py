"""Reports of vulnerabilities: send one or ten thousand, keep drafts, follow what becomes of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, Any

from seatrial.clearinghouse.findings.types import BatchResult, NewReport, Receipt, ReportLine, ReportView

from .calling import Caller, Received, at


@dataclass(frozen=True, slots=True)
class Findings:
    """What you send is your organisation's; ``organisation`` says for which if you act for several."""

    _caller: Caller

    def report(self, report: NewReport, *, organisation: str | None = None) -> Receipt:
        """Report one in the short form. The same again is answered with the report that stands (``known``)."""
        return self._caller.change(Receipt, "POST", at("reports"), report, organisation=organisation)

    def send(
        self,
        reports: IO[bytes],
        *,
        product: str | None = None,
        purl: str | None = None,
        version: str | None = None,
        tlp: str | None = None,
        organisation: str | None = None,
    ) -> BatchResult:
        """Send a file of reports, up to 10,000: own format, SARIF, OSV, CSAF, an array or JSON lines, also gzip.

        ``product``, ``purl``, ``version`` and ``tlp`` are said for those that do not say it. It carries no key, for
        nothing is taken twice however often it is sent.
        """
        said = {"product": product, "purl": purl, "version": version, "tlp": tlp, "organisation": organisation}
        return self._caller.send_again(BatchResult, at("reports", "import"), reports, **said)

    def list(self, *, limit: int = 100) -> tuple[ReportLine, ...]:
        """The reports you may see, newest first."""
        return self._caller.get_all(ReportLine, at("reports"), limit=limit)

    def mine(self, *, limit: int = 100) -> tuple[ReportLine, ...]:
        """What you and your organisations reported, drafts too, newest first."""
        return self._caller.get_all(ReportLine, at("reports", "mine"), limit=limit)

    def show(self, report: str) -> ReportView:
        """A report with its document and its attachments' names."""
        return self._caller.get(ReportView, at("reports", report))

    def follow(self, code: str) -> ReportView:
        """The report that a receipt code was given for."""
        return self._caller.get(ReportView, at("reports", "follow", code))

    def save_draft(self, document: Mapping[str, Any], *, draft: str | None = None) -> ReportView:
        """Keep a report of the own format that is not finished, or put it in place of ``draft``."""
        if draft is None:
            return self._caller.change(ReportView, "POST", at("reports", "drafts"), document)
        return self._caller.change(ReportView, "PUT", at("reports", "drafts", draft), document)

    def submit_draft(self, draft: str) -> ReportView:
        """Send a draft as it stands."""
        return self._caller.change(ReportView, "POST", at("reports", "drafts", draft, "submit"))

    def drop_draft(self, draft: str) -> None:
        """Throw a draft away."""
        self._caller.change_silently("DELETE", at("reports", "drafts", draft))

    def withdraw(self, report: str) -> ReportView:
        """Take a report back; its attachments are deleted."""
        return self._caller.change(ReportView, "POST", at("reports", report, "withdraw"))

    def acknowledge(self, report: str) -> ReportView:
        """Say, as an analyst, that you have seen it."""
        return self._caller.change(ReportView, "POST", at("reports", report, "acknowledge"))

    def accept(self, report: str) -> ReportView:
        """Say, as an analyst, that it is a flaw that is handled."""
        return self._caller.change(ReportView, "POST", at("reports", report, "accept"))

    def return_report(self, report: str, reason: str) -> ReportView:
        """Give it back, as an analyst, with a reason that its reporter reads."""
        return self._caller.change(ReportView, "POST", at("reports", report, "return"), {"reason": reason})

    def pass_on(self, report: str, organisation: str, *, identifier: str = "", note: str = "") -> ReportView:
        """Append to the chain who passed it on, and what they call it."""
        said = {"organisation": organisation, "identifier": identifier, "note": note}
        return self._caller.change(ReportView, "POST", at("reports", report, "passed-on"), said)

    def exchange_identifier(self, report: str, organisation: str, identifier: str) -> ReportView:
        """Say as what another coordinator handles it (VU#, GHSA, an internal id)."""
        said = {"organisation": organisation, "identifier": identifier}
        return self._caller.change(ReportView, "POST", at("reports", report, "identifiers"), said)

    def export(self, report: str, into: IO[bytes], *, files: bool = True, hop: bool = False) -> Received:
        """Write a report in the own format; ``files=False`` without attachments' bytes, ``hop`` with this instance in
        the chain."""
        return self._caller.get_file(at("reports", report, "export"), into, files=files, hop=hop)

    def fetch(self, attachment: str, into: IO[bytes]) -> Received:
        """Write an attachment's bytes as they come; they are checked by their digest."""
        return self._caller.get_file(at("reports", "attachments", attachment), into)

    def receipt(self, report: str) -> dict[str, Any]:
        """What shows offline that a report is on the ledger."""
        found: dict[str, Any] = self._caller.get_json(at("reports", report, "receipt"))
        return found

    def schema(self) -> dict[str, Any]:
        """The JSON Schema of the own format."""
        found: dict[str, Any] = self._caller.get_json(at("reports", "schema"))
        return found
