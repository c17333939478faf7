"""What a flaw gives to whoever uses it: from how its proof ends, else from the weakness its finder names."""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping, Sequence

from seatrial.clearinghouse.proofs.types import CrashFacts, Exploitability, OracleKind


class Harm(enum.StrEnum):
    """Worst first."""

    CONTROL = "control"  # of what the program does
    SECRETS = "secrets"  # it tells what it should not
    CHANGES = "changes"  # data or rights are altered
    OUTAGE = "outage"  # it stops
    UNKNOWN = "unknown"


# Common Weakness Enumeration, the entries that reports of flaws name most.
_WEAKNESSES: Mapping[Harm, frozenset[int]] = {
    Harm.CONTROL: frozenset(
        {74, 77, 78, 91, 94, 95, 96, 119, 120, 121, 122, 123, 124, 131, 134, 191, 415, 416, 434, 502, 680, 787, 798}
        | {822, 824, 825, 843, 913, 917, 1321, 1336}
    ),
    Harm.SECRETS: frozenset(
        {22, 23, 36, 59, 89, 125, 126, 127, 200, 203, 208, 209, 295, 319, 326, 327, 330, 338, 347, 532, 611, 918, 457}
    ),
    Harm.CHANGES: frozenset({79, 80, 116, 269, 276, 284, 285, 287, 306, 345, 352, 384, 601, 639, 732, 862, 863, 1236}),
    Harm.OUTAGE: frozenset({190, 248, 252, 362, 369, 400, 401, 404, 407, 476, 617, 674, 755, 770, 772, 835, 908, 1333}),
}
_BY_ORACLE = {
    OracleKind.FLAG: (Harm.SECRETS, "The proof reads a value that it must not see."),
}


def harm_of(crash: CrashFacts | None, oracle: OracleKind | None, weaknesses: Sequence[str]) -> tuple[Harm, str]:
    """The worst that is shown; if nothing is shown, the worst that is claimed. With one sentence that says why."""
    if crash is not None:
        return _of_crash(crash)
    if oracle in _BY_ORACLE:
        return _BY_ORACLE[oracle]
    claimed = {int(number) for word in weaknesses for number in re.findall(r"(?i)\bCWE-(\d{1,5})\b", word)}
    for harm, numbers in _WEAKNESSES.items():
        known = sorted(claimed & numbers)
        if known:
            return harm, f"Its finder names CWE-{known[0]}, which gives {harm}; no proof shows as much."
    return Harm.UNKNOWN, "Neither a proof nor a weakness named by its finder says what it leads to."


def _of_crash(crash: CrashFacts) -> tuple[Harm, str]:
    shown = f"The proof ends in {crash.summary or crash.kind}"
    if crash.exploitability in (Exploitability.EXPLOITABLE, Exploitability.PROBABLY):
        return Harm.CONTROL, f"{shown}, which CASR calls {crash.exploitability.replace('-', ' ')}."
    if crash.access == "write":
        return Harm.CONTROL, f"{shown}: it writes where it must not."
    if crash.access == "read" and "overflow" in crash.kind:
        return Harm.SECRETS, f"{shown}: it reads what lies beyond."
    return Harm.OUTAGE, f"{shown}: it stops."
