"""Threshold specifications on a real database: committed once, superseded, never edited."""

from __future__ import annotations

import json
from typing import Any

import pytest

from seatrial.kernel.digests import digest
from seatrial.kernel.errors import Conflict, Forbidden, Misuse, NotFound, Refused
from seatrial.ledger import api as ledger
from seatrial.review.benchmarks import api as benchmarks
from seatrial.review.benchmarks.models import ThresholdSpecification


def written(**changed: object) -> bytes:
    document = {
        "format": "seatrial-threshold/1",
        "name": "First line",
        "meaning": "Half of the items or more.",
        "suite": digest(b"suite"),
        "generator": None,
        "metric": "suite-mean",
        "zone": [0.45, 0.55],
        "alpha": 0.05,
        "elicitation": ["plain"],
        "label": "open//-//TLP:CLEAR//*",
    }
    return json.dumps({**document, **changed}).encode()


def commit(world: Any, **changed: object) -> str:
    return benchmarks.commit_specification(by=world.authority, data=written(**changed), at=world.start)


def test_a_threshold_is_committed_once_with_one_entry_and_read_as_it_was(world: Any) -> None:
    before = ledger.head()
    made = commit(world)
    assert ledger.head() == before + 1
    assert commit(world) == made
    assert ledger.head() == before + 1
    entry = ledger.entries(world.rival, limit=1, newest_first=True)[0]
    assert (entry.kind, entry.openings["threshold"]["value"]) == ("benchmarks.threshold-committed", made)
    assert entry.openings["specification"]["value"]["zone"] == [0.45, 0.55]
    found = benchmarks.specification(world.rival, made)  # its label is open
    assert found.specification == benchmarks.read_specification(written())
    assert found.owner == world.body


def test_a_later_version_supersedes_and_the_earlier_stays(world: Any) -> None:
    first = commit(world)
    second = commit(world, alpha=0.01, supersedes=first)
    assert benchmarks.specification(world.authority, first).superseded_by == second
    assert [one.digest for one in benchmarks.specifications(world.authority)].count(first) == 1
    assert benchmarks.specification(world.authority, first).specification.alpha == 0.05
    with pytest.raises(Conflict, match="superseded by"):
        commit(world, alpha=0.02, supersedes=first)
    with pytest.raises(Conflict, match="never edited"):
        commit(world, alpha=0.02)
    with pytest.raises(Misuse, match="keeps its name"):
        commit(world, name="Other", supersedes=second)
    with pytest.raises(NotFound, match="was not committed"):
        commit(world, supersedes=digest(b"nothing"))


def test_who_commits_is_the_bodys_authority_and_stays_among_its_readers(world: Any) -> None:
    with pytest.raises(Forbidden, match="commit a threshold"):
        benchmarks.commit_specification(by=world.evaluator, data=written(), at=world.start)
    with pytest.raises(Misuse, match="leaves out"):
        commit(world, label="controlled//-//TLP:AMBER//lab-north")
    with pytest.raises(Refused, match="instance of that level"):
        commit(world, label="top-secret//-//TLP:CLEAR//*")


def test_a_threshold_is_there_only_for_its_readers(world: Any) -> None:
    made = commit(world, label=f"controlled//-//TLP:AMBER//{world.body}")
    with pytest.raises(NotFound):
        benchmarks.specification(world.rival, made)
    assert benchmarks.specifications(world.rival) == ()


def test_a_threshold_edited_in_the_database_is_not_used(world: Any) -> None:
    made = commit(world)
    kept = json.loads(ThresholdSpecification.objects.get(id=made).content)
    for content in ({**kept, "alpha": 0.2}, {**{k: v for k, v in kept.items() if k != "digest"}, "alpha": 0.2}):
        ThresholdSpecification.objects.filter(id=made).update(content=json.dumps(content))
        with pytest.raises(Misuse, match="edited after it was committed"):
            benchmarks.specification(world.authority, made)
