"""What proves the rest: the ledger's receipts, and whose keys the signatures are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from seatrial.ledger import api as ledger
from seatrial.ledger.types import MAIN
from seatrial.parties import api as parties
from seatrial.review.casefiles.core import layout
from seatrial.review.casefiles.types import Section

from .case import Case, section

_ORGANISATIONS = 100_000


def receipts(it: Case, wanted: Mapping[str, tuple[int, ...]]) -> Section:
    files, found = [], 0
    for name, log in zip(("main", "own"), wanted, strict=False):
        if wanted[log]:
            path = f"receipts/{name}.jsonl"
            it.put(path, layout.LINES, _receipt_lines(it, log, wanted[log]))
            files.append((path, f"The receipts of the log {log}"))
            found += len(wanted[log])
    sentence = f"{found:,} entries of the ledger, each with the proof that it stands there. Each line verifies alone."
    return Section("Receipts", sentence, files=tuple(files))


def _receipt_lines(it: Case, log: str, wanted: tuple[int, ...]) -> Iterator[bytes]:
    for made in ledger.receipts(it.asking, log=log, wanted=wanted, at=it.now):
        yield layout.as_line(made)
        it.step()


def organisations(it: Case) -> Section:
    homes = sorted(it.organisations | {it.side.home})
    found = [parties.organisation(home) for home in homes]
    it.json("organisations.json", found)
    entries = ledger.entries(it.asking, kind="organisation.created", limit=_ORGANISATIONS)
    joined = [one.index for one in entries if one.openings.get("organisation", {}).get("value") in homes]
    lines = map(layout.as_line, ledger.receipts(it.asking, log=MAIN, wanted=joined, at=it.now))
    it.put("receipts/keys.jsonl", layout.LINES, lines)
    return section(
        "Organisations and their keys", "Whose signatures stand in this file, with the keys that verify them.",
        headings=("Organisation", "Kind", "Public key"),
        rows=[(one.name, one.kind.value, one.public_key) for one in found],
        files=(("organisations.json", "Organisations as data"), ("receipts/keys.jsonl", "The receipts of their keys")),
    )  # fmt: skip
