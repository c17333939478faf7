"""A campaign as one value: what was committed, and every attempt. Everything anybody is shown is computed from it.

The same functions draw the page while it runs, sum it up when it has ended, and verify a memo years later from the file
that ``record_bytes`` writes, offline. The file holds no item's content: cells, scores, digests, tokens, times.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from seatrial.kernel.canonical import canonical, from_json, plain
from seatrial.kernel.clock import parse_time
from seatrial.kernel.digests import Digest, commitment, digest, digest_of
from seatrial.kernel.errors import Misuse, SeatrialError
from seatrial.kernel.labels import Label
from seatrial.review.benchmarks.core.elicitation import read as read_elicitation
from seatrial.review.benchmarks.core.order import cells_of, committed_order, order_digest
from seatrial.review.benchmarks.core.prefix import Prefix, Tally, settle
from seatrial.review.benchmarks.types import (
    AttemptOutcome,
    AttemptResult,
    CampaignState,
    Elicitation,
    Purpose,
    Threshold,
)

FORMAT = "seatrial-campaign/1"
_ENDED = (AttemptOutcome.SCORED, AttemptOutcome.FAILED)


@dataclass(frozen=True, slots=True)
class AttemptRecord:
    """One attempt, from the moment it was started."""

    cell: str
    number: int
    outcome: AttemptOutcome
    score: float | None
    seconds: float
    completion_digest: str  # empty if there was none
    prompt_tokens: int
    completion_tokens: int
    model_identity: str
    refused: bool
    error: str | None
    started_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class RecordItem:
    """What counts of an item. ``difficulty`` is the score foreseen for it, committed with the suite."""

    id: str
    family: str
    human_minutes: float
    difficulty: float | None


@dataclass(frozen=True, slots=True)
class CampaignRecord:
    """The plan as committed, and what became of it."""

    id: str
    review: str
    name: str
    suite: Digest
    suite_name: str
    items: tuple[RecordItem, ...]  # those sent, in the suite's order
    epochs: int
    threshold: Threshold
    specification: str  # the digest of the committed threshold it is held to; empty if there is none
    seed: str
    seed_salt: str
    seed_commitment: Digest
    order: tuple[str, ...]  # cell ids
    order_digest: Digest
    excluded: tuple[tuple[str, str], ...]  # (item, why it was never sent)
    power: str | None
    elicitation: str
    method: Elicitation
    purpose: Purpose
    ladder: str | None
    model: str
    artefact: Digest
    label: Label
    planned_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    state: CampaignState
    note: str | None
    attempts: tuple[AttemptRecord, ...]  # by cell and number


def item_of(cell: str) -> str:
    """The item of a cell's id."""
    return cell.rsplit("#", 1)[0]


def prefix_of(record: CampaignRecord) -> Prefix:
    """What of the campaign is finished, counted in the committed order."""
    foreseen, decides = _terms(record)
    counting = Prefix(record.order, record.threshold, predictions=dict(foreseen), decides=decides)
    for attempt in record.attempts:
        if attempt.outcome in _ENDED:
            counting.record(result_of(attempt))
    return counting


def tally_of(record: CampaignRecord) -> Tally:
    """What the campaign's attempts amount to; not counted again while nothing that counts has changed."""
    foreseen, decides = _terms(record)
    ended = tuple(result_of(attempt) for attempt in record.attempts if attempt.outcome in _ENDED)
    return settle(record.order, ended, record.threshold, foreseen, decides)


def _terms(record: CampaignRecord) -> tuple[tuple[tuple[str, float], ...], bool]:
    """The scores foreseen for items, and whether there is something to decide."""
    foreseen = tuple((item.id, item.difficulty) for item in record.items if item.difficulty is not None)
    return foreseen, record.purpose is Purpose.DECIDE


def result_of(attempt: AttemptRecord) -> AttemptResult:
    """What is counted of an attempt that has ended."""
    return AttemptResult(
        cell=attempt.cell,
        score=attempt.score,
        seconds=attempt.seconds,
        completion_digest=Digest(attempt.completion_digest),
        prompt_tokens=attempt.prompt_tokens,
        completion_tokens=attempt.completion_tokens,
        model_identity=attempt.model_identity,
        refused=attempt.refused,
        error=attempt.error,
    )


def summary_of(record: CampaignRecord, state: CampaignState, tally: Tally) -> Digest:
    """The digest of what was decided, on what: plan, verdict, and every counted cell with score and completion.

    It depends on nothing that time or the number of machines could change: the same plan with the same answers has
    the same summary, wherever and however it was run.
    """
    scored = {one.cell: one for one in record.attempts if one.outcome is AttemptOutcome.SCORED}
    return digest_of(
        {
            "suite": record.suite,
            "order": record.order_digest,
            "threshold": plain(record.threshold),
            "method": plain(record.method),
            "purpose": record.purpose,
            "artefact": record.artefact,
            "model": tally.identity,
            "state": state,
            "verdict": tally.decision.verdict,
            "counted": [
                [cell, scored[cell].score, scored[cell].completion_digest] if cell in scored else [cell, None, None]
                for cell in tally.cells
            ],
        }
    )


def record_bytes(record: CampaignRecord) -> bytes:
    """The record's file, canonical JSON: the ledger pins its SHA-256 when the campaign ends."""
    return canonical({"format": FORMAT, **plain(record)})


def record_digest(record: CampaignRecord) -> Digest:
    """What the ledger pins: every attempt, the unused and the failed ones included."""
    return digest(record_bytes(record))


def read_record(data: bytes) -> CampaignRecord:
    """The campaign in the file ``data``, whole and consistent with its own commitments.

    Raises ``Misuse``: ``bad-record`` if it is none, ``record-differs`` if seed, order or commitment do not fit.
    """
    try:
        document: Any = from_json(data, "The campaign's record")
        if document["format"] != FORMAT:
            raise Misuse("bad-record", f"it is in the format {document['format']!r}; this version reads {FORMAT}.")
        found = _read(document)
    except (KeyError, TypeError, AttributeError, ValueError, SeatrialError) as error:
        why = error.message if isinstance(error, SeatrialError) else f"it lacks or misspells a part ({error})"
        raise Misuse("bad-record", f"This is no campaign's record: {why}") from error
    check_commitments(found)
    return found


def check_commitments(record: CampaignRecord) -> None:
    """Raises ``Misuse`` (``record-differs``) unless seed, order and digests fit each other."""
    natural = cells_of([item.id for item in record.items], record.epochs)
    order = committed_order(natural, record.seed)[: len(record.order)]
    wrong = [
        (commitment(record.seed_salt, "seed", record.seed) != record.seed_commitment, "seed", "commitment"),
        (tuple(cell.id for cell in order) != record.order, "order", "seed"),
        (order_digest(order) != record.order_digest, "order", "digest"),
    ]
    for differs, what, other in wrong:
        if differs:
            raise Misuse(
                "record-differs", f"In the record of {record.id} the {what} does not fit its {other}: it was changed."
            )


def _read(document: Mapping[str, Any]) -> CampaignRecord:
    said = {field.name: document[field.name] for field in fields(CampaignRecord)}
    if set(document) != {*said, "format"}:
        raise ValueError("other fields than a record has")
    moments = {name: _moment(said[name]) for name in ("planned_at", "started_at", "finished_at")}
    return CampaignRecord(
        **{
            **said,
            **moments,
            "items": tuple(RecordItem(**item) for item in said["items"]),
            "threshold": Threshold(**said["threshold"]),
            "order": tuple(said["order"]),
            "excluded": tuple((item, why) for item, why in said["excluded"]),
            "method": read_elicitation(said["method"]),
            "purpose": Purpose(said["purpose"]),
            "label": Label.parse(said["label"]),
            "state": CampaignState(said["state"]),
            "attempts": tuple(_read_attempt(one) for one in said["attempts"]),
        }
    )


def _read_attempt(said: Mapping[str, Any]) -> AttemptRecord:
    moments = {name: _moment(said[name]) for name in ("started_at", "finished_at")}
    return AttemptRecord(**{**said, **moments, "outcome": AttemptOutcome(said["outcome"])})


def _moment(text: str | None) -> datetime | None:
    return None if text is None else parse_time(text)
