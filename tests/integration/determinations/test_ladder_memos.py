"""A memo on a rung shows the whole ladder: other ways of asking, reference models, neutral twins; and it verifies."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from tests.integration.benchmarks.conftest import consent_review
from tests.integration.benchmarks.test_ladders import REFERENCE, TWINS, planned, run

from seatrial.review.benchmarks import api as benchmarks
from seatrial.review.benchmarks.core.elicitation import PLAIN, SEVERAL
from seatrial.review.benchmarks.types import Rung
from seatrial.review.determinations import api as determinations
from seatrial.review.determinations.core.beside import LADDER_NOT_TRIED, WITH_TWINS
from seatrial.review.determinations.types import Finding


@pytest.fixture
def ladder(durable_world: Any) -> tuple[str, list[str]]:
    review = consent_review(durable_world)
    made = planned(durable_world, review, Rung(PLAIN), Rung(SEVERAL), REFERENCE, TWINS)
    rungs = [rung.id for rung in benchmarks.ladder(durable_world.evaluator, made).rungs]
    for rung, score in zip(rungs, (0.0, 1.0, 1.0, 1.0), strict=True):
        run(durable_world, rung, score)
    return review, rungs


def test_the_whole_ladder_stands_in_the_memo(durable_world: Any, ladder: tuple[str, list[str]]) -> None:
    world, (review, rungs) = durable_world, ladder
    made = determinations.draft(
        by=world.authority,
        review=review,
        campaign=rungs[0],
        finding=Finding.COVERED,
        reasons="Asked several times it solves all.",
        at=world.start + timedelta(days=4),
    )
    page = determinations.memo_html(world.authority, made)
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))
    assert "Asked in 2 ways, of which 2 were run, north-1 meets the threshold; together they err" in text
    assert "plain (this one)" in text
    assert "open-1" in text
    assert "Beside neutral twins" in text
    assert WITH_TWINS in text
    assert LADDER_NOT_TRIED in text
    kept = determinations.record(world.authority, made).memo
    assert [one["campaign"] for one in kept["ladder"]["rungs"]] == rungs[:2]
    assert [one["model"] for one in kept["ladder"]["references"]] == ["open-1"]
    assert kept["ladder"]["verdict"] == "meets"
    assert determinations.memo_pdf(world.authority, made).startswith(b"%PDF")
    files = [benchmarks.record_bytes(benchmarks.ended_record(world.authority, one)) for one in rungs]
    found = determinations.verify_memo(page.encode(), campaigns=files)
    assert [check.what for check in found.checks if check.holds is False] == ["signatures"], found  # a draft
    said = json.loads(json.dumps({**kept, "ladder": {**kept["ladder"], "references": []}}))
    said["ladder"]["rungs"][1]["mean"] = 0.2
    record = {"memo": said, "statement": {}, "signatures": []}
    wrong = determinations.verify_memo(json.dumps(record).encode(), campaigns=files)
    assert [(one.what, one.memo, one.record) for one in wrong.differences] == [
        (f"campaign {rungs[1]}, mean", "0.2", "1.0")
    ]


def test_a_memo_on_a_campaign_of_its_own_has_no_ladder(durable_world: Any, ladder: tuple[str, list[str]]) -> None:
    world, (review, _) = durable_world, ladder
    made = determinations.draft(
        by=world.authority, review=review, finding=Finding.NOT_DETERMINED, reasons="None.", at=world.start
    )
    assert "Asked in other ways" not in determinations.memo_html(world.authority, made)
