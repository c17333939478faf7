"""Looking again: another determination names the one it reconsiders and the new evidence, and says what changed.

The earlier one stays as it is. What changed is read off the two memos, figure by figure; nothing is weighed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from seatrial.kernel.digests import Digest, parse_digest
from seatrial.kernel.errors import Misuse
from seatrial.kernel.text import checked
from seatrial.review.determinations.types import LONGEST_NAME, Evidence, EvidenceKind

MOST_EVIDENCE = 20
NO_EVIDENCE = "No new evidence was named: the same evidence was looked at again."
NOTHING_CHANGED = "Finding and figures are the same as before."
_NONE = "none"
_VERSION = re.compile(r"[1-9][0-9]{0,5}")


@dataclass(frozen=True, slots=True)
class Earlier:
    """The determination that is looked at again."""

    determination: str
    memo_digest: Digest
    memo: Mapping[str, Any]  # its content, as it was fixed
    signers: int
    at: datetime  # when it was drafted


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs, in words of both sides."""

    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Reconsidered:
    """What the memo shows of an earlier determination."""

    determination: str
    memo: Digest
    at: datetime
    finding_words: str
    sentence: str
    evidence: tuple[Evidence, ...]
    evidence_words: str | None  # said where no evidence is named
    changed: tuple[Change, ...]


def read_evidence(text: str) -> tuple[Evidence, ...]:
    """Evidence as people write it, one a line: ``campaign:ID``, ``dossier:3`` or ``document:sha256:…``, then words.

    Raises ``Misuse`` (``bad-evidence`` and what ``checked_evidence`` raises).
    """
    return checked_evidence([Evidence.parse(line) for line in text.splitlines() if line.strip()])


def checked_evidence(named: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """``named`` with each reference in its form. Raises ``Misuse`` (``bad-evidence``, ``bad-text``, ``bad-digest``)."""
    if len(named) > MOST_EVIDENCE:
        raise Misuse("bad-evidence", f"At most {MOST_EVIDENCE} pieces of new evidence can be named, not {len(named)}.")
    found = []
    for one in named:
        what = checked("What the evidence is", one.what, longest=LONGEST_NAME, lines=False, optional=True)
        ref = checked("The reference", one.ref, longest=LONGEST_NAME, lines=False)
        if one.kind is EvidenceKind.DOSSIER and not _VERSION.fullmatch(ref):
            raise Misuse("bad-evidence", f"A dossier is named by the number of its version, not {ref!r}.")
        digest = parse_digest(ref) if one.kind is EvidenceKind.DOCUMENT else one.digest
        found.append(Evidence(one.kind, ref, what, digest))
    return tuple(found)


def reconsidered(earlier: Earlier, evidence: Sequence[Evidence], memo: Mapping[str, Any]) -> Reconsidered:
    """What ``memo``, in plain JSON types, says of ``earlier``. Raises ``Misuse`` (``not-signed-yet``)."""
    if earlier.signers < 2:
        raise Misuse(
            "not-signed-yet",
            f"{earlier.determination} is a draft that nobody relies on; draft again without naming it.",
        )
    return Reconsidered(
        determination=earlier.determination,
        memo=earlier.memo_digest,
        at=earlier.at,
        finding_words=earlier.memo["finding_words"],
        sentence=earlier.memo["sentence"],
        evidence=tuple(evidence),
        evidence_words=None if evidence else NO_EVIDENCE,
        changed=changes(earlier.memo, memo),
    )


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Change, ...]:
    """Every line of ``_TOLD`` that differs between two memos; either may rest on documents alone."""
    found = [(what, _told(tell, before), _told(tell, after)) for what, tell in _TOLD]
    return tuple(Change(what, one, other) for what, one, other in found if one != other)


def _told(tell: Callable[[Mapping[str, Any]], str], memo: Mapping[str, Any]) -> str:
    try:
        return tell(memo) or _NONE
    except KeyError:  # a memo on documents alone has no figures
        return _NONE


def _decided(memo: Mapping[str, Any]) -> str:
    return "void" if memo["state"] == "void" else str(memo["decision"]["verdict"])


def _between(memo: Mapping[str, Any]) -> str:
    decision = memo["decision"]
    return f"{decision['lower']:.2f} to {decision['upper']:.2f}" if decision["counted"] else _NONE


def _zone(memo: Mapping[str, Any]) -> str:
    threshold = memo["threshold"]
    return f"{threshold['low']:g} to {threshold['high']:g}, error {threshold['alpha']:g}"


_TOLD: tuple[tuple[str, Callable[[Mapping[str, Any]], str]], ...] = (
    ("finding", lambda memo: str(memo["finding_words"])),
    ("model", lambda memo: str(memo["model"])),
    ("model as it answered", lambda memo: str(memo["model_identity"])),
    ("campaign", lambda memo: f"{memo['campaign_name']} ({memo['campaign']})"),
    ("suite", lambda memo: f"{memo['suite_name']} ({memo['suite'].removeprefix('sha256:')[:12]})"),
    ("threshold", _zone),
    ("elicitation", lambda memo: str(memo["elicitation"])),
    ("the campaign said", _decided),
    ("suite mean", lambda memo: f"{memo['decision']['mean']:.2f}" if memo["decision"]["counted"] else _NONE),
    ("means not ruled out", _between),
    ("cells counted", lambda memo: f"{memo['decision']['counted']} of {memo['cells']}"),
    ("items never sent", lambda memo: str(len(memo["excluded"]))),
    ("documents read", lambda memo: str(len(memo["documents"]))),
    ("consulted", lambda memo: str(len(memo["consultations"]))),
)
