"""What a report must say, under which label it is kept, and the code by which its finder follows it.

Nobody needs an account to report. The finder's TLP wish is a floor: the clearinghouse never passes a
report on more widely than that without the finder's word (V19). With an account it is its organisation's own too.
"""

from __future__ import annotations

import secrets

from seatrial.clearinghouse.findings.types import NewReport
from seatrial.kernel.errors import Misuse
from seatrial.kernel.labels import Label, Level, Tlp

CLEARINGHOUSE = "clearinghouse"  # the audience word of those who handle reports

_LENGTHS = {
    "title": (8, 200),
    "description": (20, 50_000),
    "product": (1, 200),
    "version": (0, 100),
    "finder": (0, 200),
    "proof": (0, 200_000),
}


def check(report: NewReport) -> None:
    """Raises ``Misuse`` (``report-invalid``) naming every field to mend, in one sentence."""
    faults = []
    for name, (least, most) in _LENGTHS.items():
        length = len(getattr(report, name).strip())
        if length < least:
            faults.append(f"{name} needs at least {least} characters" if length else f"{name} is missing")
        elif length > most:
            faults.append(f"{name} has {length} characters, {most} at most")
    if _tlp(report.tlp) is None:
        faults.append("tlp must be CLEAR, GREEN, AMBER, AMBER+STRICT or RED")
    if faults:
        raise Misuse("report-invalid", f"This report cannot be taken yet: {'; '.join(faults)}.", faults=faults)


def label_of(tlp: str, *own: str) -> Label:
    """Controlled, for the clearinghouse and whose report it is (``own``), at the finder's TLP or AMBER if stricter."""
    wished = _tlp(tlp) or Tlp.AMBER
    # RED names persons; until one is named the report goes to the handling organisation as AMBER+STRICT.
    kept = Tlp.AMBER_STRICT if wished is Tlp.RED else max(wished, Tlp.AMBER)
    return Label(level=Level.CONTROLLED, tlp=kept, audience=frozenset({CLEARINGHOUSE, *filter(None, own)}))


def draft_label(own: str) -> Label:
    """A draft is its writers' alone."""
    return Label.among(own)


def new_code() -> str:
    """A receipt code of 100 random bits in five groups: easy to read aloud, hopeless to guess."""
    alphabet = "23456789abcdefghjkmnpqrstvwxyz"
    return "-".join("".join(secrets.choice(alphabet) for _ in range(5)) for _ in range(5))


def _tlp(text: str) -> Tlp | None:
    return Tlp.__members__.get(text.upper().removeprefix("TLP:").replace("+", "_"))
