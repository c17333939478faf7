"""kill -9 at random moments: finished cells are kept, none is counted twice, the verdict is the same."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from seatrial.kernel.digests import digest
from seatrial.review.benchmarks.core.prefix import settle
from seatrial.review.benchmarks.types import AttemptResult, Threshold
from simulators.scripted_model import Reply, ScriptedModel

CHILD = Path(__file__).with_name("campaign_process.py")
KILLS = 4


def right(prompt: str) -> bool:
    """Half of the items are solved, in every epoch: a campaign that has to go on to its end."""
    return int(prompt.removeprefix("Question ").removesuffix("?")) % 2 == 0


def script(prompt: str, number: int) -> Reply:
    return Reply("yes" if right(prompt) else "no", seconds=0.02 if right(prompt) else 0.002)


@pytest.fixture
def child(tmp_path):
    environment = {**os.environ, "SEATRIAL_HOME": str(tmp_path), "SEATRIAL_DATABASE_URL": f"sqlite:///{tmp_path}/db"}
    environment.pop("SEATRIAL_TEST_DATABASE", None)  # the child has a database of its own

    def start(*arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, str(CHILD), *arguments], env=environment, stdout=subprocess.PIPE, text=True
        )

    return start


def output(process: subprocess.Popen[str]) -> str:
    text, _ = process.communicate(timeout=120)
    assert process.returncode == 0
    return text.strip().splitlines()[-1]


def test_a_campaign_killed_again_and_again_keeps_what_is_finished_and_counts_nothing_twice(child):
    chance = random.Random(14409)
    campaign = output(child("prepare"))
    kept: dict[str, Any] = {}
    with ScriptedModel(script) as model:
        for _ in range(KILLS):
            process = child("run", campaign, model.base_url)
            assert process.stdout is not None
            for _ in range(chance.randint(1, 24)):
                process.stdout.readline()
            process.kill()
            process.communicate()
            after = json.loads(output(child("report", campaign)))
            scored = {cell: (number, score) for cell, number, word, score in after["attempts"] if word == "scored"}
            assert kept.items() <= scored.items()
            kept = scored
        assert output(child("run", campaign, model.base_url)) == "done"
        asked = len(model.prompts)
    end = json.loads(output(child("report", campaign)))

    outcomes = Counter(word for _, _, word, _ in end["attempts"])
    scored = [(cell, score) for cell, _, word, score in end["attempts"] if word == "scored"]
    assert (
        kept.items()
        <= {cell: (number, score) for cell, number, _, score in end["attempts"] if score is not None}.items()
    )
    assert len(scored) == len(dict(scored))
    assert outcomes["interrupted"] > 0
    assert outcomes["open"] == outcomes["failed"] == 0
    assert end["started"] == len(end["attempts"]) >= asked  # nothing was sent without being counted as started
    assert end["concluded"] == 1

    prompts = {cell: f"Question {int(cell[5:7])}?" for cell in end["order"]}
    undisturbed = settle(
        tuple(end["order"]),
        tuple(
            AttemptResult(cell, float(right(prompt)), 0.0, digest(b""), 0, 0, "m", False)
            for cell, prompt in prompts.items()
        ),
        Threshold(digest(b"suite"), "suite-mean", 0.45, 0.55, 0.05),
    ).decision
    assert (end["verdict"], end["counted"]) == (undisturbed.verdict, undisturbed.counted)
    assert (end["mean"], end["lower"], end["upper"]) == (undisturbed.mean, undisturbed.lower, undisturbed.upper)
