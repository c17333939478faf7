"""Real third-party tasks (inspect-evals) go through sealed and unmodified, and score as under Inspect alone.

The endpoint is a stub on loopback whose answer is settled by the prompt's digest: half are the answers that the task
itself knows (not all of them solve it whole), the rest wrong, cut off, garbled or a refusal. Where inspect-evals is
absent: ``make thirdparty``.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from seatrial.kernel.errors import Unavailable
from seatrial.kernel.halves import open_half
from seatrial.kernel.recipients import fresh_key
from seatrial.review.benchmarks import api as benchmarks
from seatrial.review.benchmarks.adapters.inspect_loading import make_samples
from seatrial.review.benchmarks.adapters.machine_tools import MachineTools
from seatrial.review.benchmarks.core.sealing import context_of, unseal
from seatrial.review.benchmarks.types import Suite
from seatrial.sandbox import api as sandbox
from simulators.scripted_model import Reply, ScriptedModel
from simulators.third_party import Notes, adapted, bare

pytestmark = [
    pytest.mark.sandbox,
    pytest.mark.skipif(importlib.util.find_spec("inspect_evals") is None, reason="inspect-evals is not installed"),
    pytest.mark.skipif(sandbox.available() is not None, reason=str(sandbox.available())),
]

EXPLOITS = "inspect_evals/cyse2_vulnerability_exploit"
ITEMS = 585
SEED = "acceptance"
SAMPLE = 24  # items of every family, in the normal run


@pytest.fixture(scope="module")
def exploits() -> Suite:
    """Adapted, sealed for two custodians, and opened by both: what runs has been through the envelope."""
    made = benchmarks.adapt(benchmarks.Adapting(EXPLOITS, family_from="challenge_type", minutes=15.0, seed=SEED))
    assert len(made.items) == ITEMS
    keys = [fresh_key(), fresh_key()]
    file = benchmarks.sealed_bytes(benchmarks.seal_suite(made, [key.public for key in keys]))
    assert not any(item.prompt[:100].encode() in file for item in made.items)
    sealed = benchmarks.read_sealed(file, made.digest)
    pair = sealed.pair(keys[0].public.id, keys[1].public.id)
    by_id = {key.public.id: key for key in keys}
    halves = [
        open_half(half, pair.custodians, by_id[one], context=context_of(sealed.digest))
        for one, half in zip(pair.custodians, pair.halves, strict=True)
    ]
    opened = unseal(sealed, *halves)
    assert opened == made
    return opened


@pytest.fixture(scope="module")
def stub() -> Callable[[str, int], Reply]:
    """Answers by the prompt's digest; it knows the task's own answers as a model might."""
    known = {sample.input: sample.metadata["answer"] for sample in make_samples(EXPLOITS, {}, SEED) if sample.metadata}

    def reply(prompt: str, number: int) -> Reply:
        draw = hashlib.sha256(prompt.encode()).digest()[0]
        right = json.dumps({"answer": known[prompt]})
        if draw < 128:
            return Reply(right)
        if draw < 192:
            return Reply(json.dumps({"answer": "A" * (draw % 24 + 1)}))
        return Reply((f"```json\n{right}\n```", right[:-2], "I cannot help with that.", "{'answer': 1}")[draw % 4])

    return reply


def spread(suite: Suite, count: int) -> Suite:
    """``count`` items of ``suite`` from all over it, as a suite of their own."""
    step = len(suite.items) // count
    some = suite.items[::step][:count]
    return benchmarks.make_suite(
        name=suite.name, version=suite.version, generator=suite.generator, seed=suite.seed, items=some
    )


def compared(suite: Suite, stub: Callable[[str, int], Reply], folder: Path) -> Counter[str]:
    """Run ``suite`` both ways and hold every score against the other; how many came to what."""
    with ScriptedModel(stub) as model:
        alone = bare(suite, model.base_url, folder)
        asked = Counter(map(canonical_request, model.requests))
        model.requests.clear()
        model.prompts.clear()
        notes = adapted(suite, model.base_url, folder, tries=1)
        assert Counter(map(canonical_request, model.requests)) == asked
    assert len(alone) == len(suite.items)
    differ = [item.id for item in suite.items if worth(alone, item.inspect.sample) != scored(notes, item.id)]  # type: ignore[union-attr]
    assert differ == []
    return Counter("none" if one is None else f"{one:.1f}" for one in (scored(notes, item.id) for item in suite.items))


def canonical_request(request: Mapping[str, Any]) -> str:
    return json.dumps(request, sort_keys=True)


def worth(alone: Mapping[str, Mapping[str, Any] | None], sample: str) -> float | None:
    """What Inspect alone scored; ``None`` where its sample ended in an error."""
    scores = alone[sample]
    if not scores:
        return None
    [value] = scores.values()
    return {"C": 1.0, "I": 0.0}[value] if isinstance(value, str) else float(value)


def scored(notes: Notes, item: str) -> float | None:
    found = notes.results.get(f"{item}#1")
    return None if found is None else found.score


def test_a_spread_of_the_items_scores_as_under_inspect_alone(exploits, stub, tmp_path):
    some = spread(exploits, SAMPLE)
    assert len({item.family for item in some.items}) == len({item.family for item in exploits.items})
    came_to = compared(some, stub, tmp_path)
    print(f"{SAMPLE} of {ITEMS} items: {dict(came_to)}")
    assert came_to["1.0"] >= 1
    assert came_to["0.0"] >= 1
    assert len(came_to) >= 4  # fractions, too


@pytest.mark.slow
def test_all_585_items_score_as_under_inspect_alone_item_by_item(exploits, stub, tmp_path):
    came_to = compared(exploits, stub, tmp_path)
    print(f"{ITEMS} items: {dict(came_to)}")
    assert sum(came_to.values()) == ITEMS
    assert came_to["1.0"] >= ITEMS // 20
    assert came_to["0.0"] >= ITEMS // 20


def test_a_task_with_containers_of_its_own_is_adapted_and_waits_for_docker():
    made = benchmarks.adapt(
        benchmarks.Adapting("inspect_evals/gdm_in_house_ctf", family_from="challenge_type", minutes=30.0)
    )
    assert len(made.items) == 13
    assert {need for item in made.manifest.items for need in item.needs} == {"compose"}
    assert "SEATRIAL_SANDBOX=docker" in MachineTools().missing(["compose"])["compose"]


@pytest.mark.parametrize(
    ("task", "says"),
    [
        ("inspect_evals/cybench", "inspect_cyber"),  # its package, which wants its files downloaded
        ("inspect_evals/cve_bench", "cve-bench"),  # a package that stands in no registry
    ],
)
def test_a_task_that_wants_what_is_not_here_says_so(task, says):
    with pytest.raises(Unavailable, match=says) as caught:
        benchmarks.adapt(benchmarks.Adapting(task, minutes=30.0))
    assert caught.value.code == "task-not-loaded"
