"""A campaign beside bare Inspect: the same samples, the same endpoint, commitments, decision and ledger on.

    python -m benchmarks.campaign [--quick]

One endpoint with canned replies on one core; in turn, on the other: bare Inspect over N samples (generate, then compare
a word), and a campaign over the same prompts, with plan, order and seed on the ledger, every attempt durable before its
call, the sequential decision after each, and the concluding entry. Both with the same options of Inspect, both timed
in a process that is warm, from the call to its return. Then the campaign on both cores, in one process and over two:
samples a second between the first attempt's start and the last one's end, for a worker takes seconds to import Inspect.
Beside it what this machine gives bare Inspect in two processes at once, which bounds what a campaign can have.
A zone so narrow that no verdict falls early: every cell is run. Exits 1 unless every bar holds. One JSON line last.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from typing import Any

from benchmarks.gateway_parts import stage

CLAIM = "commitments, decision and ledger cost little beside what Inspect takes for a sample"
AT_ONCE = 10
WARM = 20
OPTIONS: dict[str, Any] = {
    "display": "none",
    "log_level": "warning",
    "log_realtime": False,
    "score_display": False,
    "ctl_server": False,
}
ASKED = {"of_bare": 1.10, "two_processes": 1.7}


def prompts(count: int) -> list[str]:
    return [f"Question {number}: which word does every sailor know?" for number in range(count)]


def bare(port: int, count: int) -> float:
    """Seconds of Inspect alone."""
    from inspect_ai import Task
    from inspect_ai import eval as inspect_eval
    from inspect_ai.dataset import MemoryDataset, Sample
    from inspect_ai.model import ChatMessageSystem, ChatMessageUser, GenerateConfig, get_model
    from inspect_ai.scorer import includes
    from inspect_ai.solver import generate

    def once(asked: list[str]) -> float:
        model = get_model(
            "openai-api/stub/m",
            base_url=f"http://127.0.0.1:{port}/v1",
            api_key="k",
            memoize=False,
            config=GenerateConfig(max_retries=0, max_connections=AT_ONCE, max_tokens=256),
        )
        system = ChatMessageSystem(content="Answer the task.")
        samples = [
            Sample(id=f"item-{n:04}#1", input=[system, ChatMessageUser(content=text)], target="Aye")
            for n, text in enumerate(asked)
        ]
        task = Task(MemoryDataset(samples), generate(), scorer=includes())
        started = time.perf_counter()
        with tempfile.TemporaryDirectory() as logs:
            [log] = inspect_eval(task, model=model, log_dir=logs, max_samples=AT_ONCE, fail_on_error=False, **OPTIONS)
            taken = time.perf_counter() - started
        if log.status != "success" or log.results is None or log.results.completed_samples != len(asked):
            raise RuntimeError(log.error or log.results)
        return taken

    once(prompts(WARM))
    return once(prompts(count))


def ours(port: int, count: int) -> float:
    """Seconds of a campaign over ``count`` cells."""
    with stage.instance():
        review = stage.open_review(port, requests=10**6)
        _campaign(review, port, WARM)
        return _campaign(review, port, count)[0]


def flowing(port: int, count: int) -> float:
    """Seconds between the first attempt's start and the last one's end, as the environment's executor runs it."""
    with stage.instance():
        review = stage.open_review(port, requests=10**6)
        _campaign(review, port, WARM)
        return _campaign(review, port, count)[1]


def _campaign(review: str, port: int, count: int) -> tuple[float, float]:
    from seatrial.kernel.clock import now
    from seatrial.parties import api as parties
    from seatrial.review.benchmarks import api as benchmarks
    from seatrial.review.benchmarks.types import Check, Item, Threshold

    by = parties.actor("body-person")
    items = [
        Item(f"item-{n:04}", f"f{n % 8}", text, Check("word", equals="Aye" if n % 2 else "Nay"), "", "", 1.0)
        for n, text in enumerate(prompts(count))
    ]
    suite = benchmarks.make_suite(name=f"bench {count}", version="1", generator="bench", seed="s", items=items)
    digest = benchmarks.register_suite(by=by, suite=suite, at=now())
    campaign = benchmarks.plan_campaign(
        by=by,
        review=review,
        suite=digest,
        epochs=1,
        threshold=Threshold(digest, "suite-mean", 0.4999, 0.5001, 0.001),
        name="bench",
        seed="bench",
        at=now(),
    )
    started = time.perf_counter()
    done = benchmarks.run_campaign(
        by=by, campaign=campaign, base_url=f"http://127.0.0.1:{port}/v1", key="k", concurrency=AT_ONCE
    )
    taken = time.perf_counter() - started
    if done.started < 0.97 * count and count > WARM:  # of few cells the last ones are certain early
        raise RuntimeError(f"only {done.started} of {count} cells were run: {done.state} {done.note}")
    attempts = benchmarks.ended_record(by, campaign).attempts
    ends = [one.finished_at for one in attempts if one.finished_at is not None]
    flow = (max(ends) - min(one.started_at for one in attempts)).total_seconds()
    return taken * count / done.started, flow * count / done.started


def child(kind: str, port: int, count: int) -> None:
    print(json.dumps({"bare": bare, "ours": ours, "flowing": flowing}[kind](port, count)))


def measured(kind: str, port: int, count: int, *, cores: str = "0", **environment: str) -> float:
    """One fresh process of that kind, pinned; samples a second."""
    words = [sys.executable, "-m", "benchmarks.campaign", "--child", kind, str(port), str(count)]
    said = subprocess.run(
        ["taskset", "-c", cores, *words],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return count / float(said.stdout.splitlines()[-1])


def both_bare(port: int, count: int) -> float:
    """Samples a second of two processes of bare Inspect, one on each core, half of the samples each."""
    words = [sys.executable, "-m", "benchmarks.campaign", "--child", "bare", str(port), str(count // 2)]
    children = [
        subprocess.Popen(["taskset", "-c", core, *words], stdout=subprocess.PIPE, text=True) for core in ("0", "1")
    ]
    slowest = max(float(child.communicate()[0].splitlines()[-1]) for child in children)
    return count / slowest


def main() -> int:
    quick = "--quick" in sys.argv[1:]
    count, rounds = (60, 1) if quick else (1000, 5)
    kinds: dict[str, tuple[str, str, dict[str, str]]] = {
        "bare": ("bare", "0", {}),
        "ours": ("ours", "0", {}),
        "one process": ("flowing", "0,1", {"SEATRIAL_EXECUTOR": "inline"}),
        "two processes": ("flowing", "0,1", {"SEATRIAL_EXECUTOR": "processes:2"}),
    }
    found: dict[str, list[float]] = {name: [] for name in kinds}
    twice_bare: list[float] = []
    with stage.endpoint() as port:
        for _ in range(rounds):
            for name, (kind, cores, environment) in kinds.items():
                found[name].append(measured(kind, port, count, cores=cores, **environment))
                print(f"{name:14} {found[name][-1]:7.1f} samples/s", flush=True)
            twice_bare.append(both_bare(port, count))
            print(f"{'bare, twice':14} {twice_bare[-1]:7.1f} samples/s", flush=True)
    medians = {name: statistics.median(rates) for name, rates in found.items()}
    ratio, twice = medians["bare"] / medians["ours"], medians["two processes"] / medians["one process"]
    bars: dict[str, Any] = {
        "wall time of bare Inspect's": {
            "asked": f"<= {ASKED['of_bare']}",
            "measured": round(ratio, 3),
            "holds": ratio <= ASKED["of_bare"],
        },
        "two processes of one": {
            "asked": f">= {ASKED['two_processes']}",
            "measured": round(twice, 2),
            "holds": twice >= ASKED["two_processes"],
        },
    }
    rates = {name: round(rate, 1) for name, rate in medians.items()}
    rates["bare, twice"] = round(statistics.median(twice_bare), 1)
    print(json.dumps({"claim": CLAIM, "bars": bars, "samples": count, "rounds": rounds, "samples_per_second": rates}))
    return 0 if all(bar["holds"] for bar in bars.values()) else 1


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
        raise SystemExit(0)
    sys.exit(main())
