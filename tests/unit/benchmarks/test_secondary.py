"""Secondary figures are those of the counted attempts, and come from the record alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from seatrial.kernel.digests import commitment, digest
from seatrial.kernel.labels import OPEN
from seatrial.review.benchmarks.core.elicitation import PLAIN
from seatrial.review.benchmarks.core.order import cells_of, committed_order, order_digest
from seatrial.review.benchmarks.core.record import (
    AttemptRecord,
    CampaignRecord,
    RecordItem,
    read_record,
    record_bytes,
    tally_of,
)
from seatrial.review.benchmarks.core.secondary import secondary
from seatrial.review.benchmarks.types import AttemptOutcome, CampaignState, Purpose, Threshold

AT = datetime(2026, 7, 1, tzinfo=UTC)
ITEMS = tuple(RecordItem(f"i-{n}", f"f-{n % 3}", float(2**n), None) for n in range(9))
ORDER = committed_order(cells_of([item.id for item in ITEMS], 4), "seed")


def attempt(cell: str) -> AttemptRecord:
    score = float(int(cell[2]) < 4 or cell.endswith("#1"))
    return AttemptRecord(cell, 1, AttemptOutcome.SCORED, score, 1.0, "", 5, 5, "m", False, None, AT, AT)


RECORD = CampaignRecord(
    id="campaign-1",
    review="r",
    name="n",
    suite=digest(b"s"),
    suite_name="s 1",
    items=ITEMS,
    epochs=4,
    threshold=Threshold(digest(b"s"), "suite-mean", 0.1, 0.2, 0.05),
    specification="",
    seed="seed",
    seed_salt="00",
    seed_commitment=commitment("00", "seed", "seed"),
    order=tuple(cell.id for cell in ORDER),
    order_digest=order_digest(ORDER),
    excluded=(),
    power=None,
    elicitation="plain",
    method=PLAIN,
    purpose=Purpose.DECIDE,
    ladder=None,
    model="m",
    artefact=digest(b"w"),
    label=OPEN,
    planned_at=AT,
    started_at=AT,
    finished_at=AT,
    state=CampaignState.DECIDED,
    note=None,
    attempts=tuple(sorted((attempt(cell.id) for cell in ORDER), key=lambda one: one.cell)),
)


def test_only_what_was_counted_is_described() -> None:
    found, counted = secondary(RECORD), set(tally_of(RECORD).cells)
    assert 0 < len(counted) < len(ORDER), "the decision falls before the cells are spent"
    fewer = replace(RECORD, attempts=tuple(one for one in RECORD.attempts if one.cell in counted))
    assert secondary(fewer) == found
    assert found.pass_at[0].k == 1
    means = [one.mean for one in found.pass_at]
    assert means == sorted(means)


def test_the_record_in_a_file_gives_the_same_figures() -> None:
    assert secondary(read_record(record_bytes(RECORD))) == secondary(RECORD)


def test_without_an_attempt_nothing_is_described() -> None:
    empty = secondary(replace(RECORD, attempts=()))
    assert (empty.pass_at, empty.horizon) == ((), None)


def test_a_wide_campaign_has_a_horizon_in_a_persons_minutes() -> None:
    spent = replace(RECORD, threshold=replace(RECORD.threshold, low=0.55, high=0.56))
    found = secondary(spent)
    assert [one.k for one in found.pass_at] == [1, 2]
    assert found.horizon is not None
    assert found.horizon.minutes is not None
    assert 4 < found.horizon.minutes < 64
