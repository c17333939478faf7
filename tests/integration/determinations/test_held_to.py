"""A memo says which committed threshold its campaign was held to, what that means, and what of it was not tried."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

from tests.integration.benchmarks.conftest import consent_review
from tests.integration.benchmarks.test_ladders import make_suite, planned, run
from tests.integration.benchmarks.test_thresholds import written

from seatrial.review.benchmarks import api as benchmarks
from seatrial.review.benchmarks.core.elicitation import PLAIN, SEVERAL
from seatrial.review.benchmarks.types import Rung
from seatrial.review.determinations import api as determinations
from seatrial.review.determinations.types import Finding


def committed(world: Any) -> str:
    said = written(
        name="First <line>",
        meaning="Solves half of the tasks.",
        suite=make_suite().digest,
        zone=[0.4, 0.6],
        alpha=0.06,
        elicitation=["plain", "tries"],
    )
    return benchmarks.commit_specification(by=world.authority, data=said, at=world.start)


def memo_of(world: Any, review: str, campaign: str) -> tuple[dict[str, Any], str]:
    made = determinations.draft(
        by=world.authority,
        review=review,
        campaign=campaign,
        finding=Finding.NOT_DETERMINED,
        reasons="So.",
        at=world.start + timedelta(days=4),
    )
    return dict(determinations.record(world.authority, made).memo), determinations.memo_html(world.authority, made)


def test_the_threshold_its_meaning_and_what_was_not_tried_stand_in_the_memo(durable_world: Any) -> None:
    world, review = durable_world, consent_review(durable_world)
    threshold = committed(world)
    ladder = planned(world, review, Rung(PLAIN), Rung(SEVERAL), specification=threshold)
    first, second = (rung.id for rung in benchmarks.ladder(world.evaluator, ladder).rungs)
    run(world, first, 0.0)
    memo, page = memo_of(world, review, first)
    assert memo["held_to"]["threshold"] == threshold
    assert memo["held_to"]["not_tried"] == ["tries"]
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))
    assert "Held to the threshold First &lt;line&gt; , committed before the first attempt" in text
    assert "Solves half of the tasks." in text
    assert "not tried: tries" in text
    run(world, second, 0.0)
    memo, page = memo_of(world, review, first)
    assert memo["held_to"]["not_tried"] == []
    assert "each was tried" in page
    file = benchmarks.record_bytes(benchmarks.ended_record(world.authority, first))
    found = determinations.verify_memo(page.encode(), campaigns=[file])
    assert [check.what for check in found.checks if check.holds is False] == ["signatures"]  # a draft
    other = {**memo, "held_to": {**memo["held_to"], "threshold": "sha256:" + "0" * 64}}
    record = {"memo": other, "statement": {}, "signatures": []}
    (one,) = determinations.verify_memo(json.dumps(record).encode(), campaigns=[file]).differences
    assert (one.what, one.record) == ("threshold held to", threshold)
