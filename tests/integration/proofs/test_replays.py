"""Transcripts: what was seen, made again elsewhere, and compared."""

from __future__ import annotations

import json
from typing import Any

import pytest

from seatrial.clearinghouse.proofs import api
from seatrial.clearinghouse.proofs.types import Proof, Validation, Verdict
from seatrial.kernel.digests import digest_of
from seatrial.kernel.errors import Misuse
from simulators import proof_targets as targets

pytestmark = [pytest.mark.sandbox, pytest.mark.compiler]


async def told(proof: Proof, shelf: api.Shelf) -> dict[str, Any]:
    found = await api.validate(proof.recipe, proof.attachments, shelf=shelf)
    document = await api.transcript(found, recipe=proof.recipe)
    return dict(json.loads(json.dumps(document)))  # it is JSON


async def test_a_transcript_is_made_again_with_the_same_verdict(shelf: api.Shelf) -> None:
    proof = targets.record(repeats=2)
    document = await told(proof, shelf)
    assert document["verdict"] == "reproduced"
    assert document["crash"]["kind"] == "heap-buffer-overflow"
    assert len(document["runs"]) == 2
    again = await api.replay(document, proof.attachments, shelf=shelf)
    assert (again.same, again.was, again.now.verdict, again.differs) == (
        True,
        Verdict.REPRODUCED,
        Verdict.REPRODUCED,
        (),
    )


async def test_a_verdict_that_does_not_come_out_again_is_told(shelf: api.Shelf) -> None:
    proof = targets.record(b"\3abc", repeats=1)
    document = await told(proof, shelf) | {"verdict": "reproduced"}
    environment = {**document["environment"], "tools": {**document["environment"]["tools"], "gcc": "gcc 4.9"}}
    document |= {"environment": environment, "environment_digest": digest_of(environment)}
    again = await api.replay(document, proof.attachments, shelf=shelf)
    assert not again.same
    assert again.now.verdict is Verdict.NOT_REPRODUCED
    assert [difference.split(":")[0] for difference in again.differs] == ["tools gcc"]


async def test_what_was_changed_in_a_transcript_is_seen(shelf: api.Shelf) -> None:
    proof = targets.record(repeats=1)
    document = await told(proof, shelf)
    for change in (
        {"format": "other"},
        {"verdict": "probably"},
        {"recipe_digest": "sha256:" + "0" * 64},
        {"environment": {}},
    ):
        with pytest.raises(Misuse):
            await api.replay({**document, **change}, proof.attachments, shelf=shelf)


async def test_many_are_validated_at_once_each_with_its_own_verdict(shelf: api.Shelf) -> None:
    proofs = [targets.record(bytes([n]) + b"D" * n, repeats=1) for n in (3, 30, 5, 50, 7, 70)]
    found: dict[int, Validation] = {}
    async for place, validation in api.validate_many(proofs, shelf=shelf, at_once=3):
        found[place] = validation
    fired = [found[place].verdict is Verdict.REPRODUCED for place in range(len(proofs))]
    assert fired == [False, True, False, True, False, True]
