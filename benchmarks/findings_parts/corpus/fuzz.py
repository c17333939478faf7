"""Makes the stored variants anew: makers, a structure-blind mutator, AFL++ and libFuzzer, each input verified alone.

    python -m benchmarks.findings_parts.corpus.fuzz [--seconds 12] [--want 54] [PROGRAM …]

Needs ``afl++`` and ``clang`` (Debian's packages); without them makers and mutator do alone, as they do for Python. The
benchmark and the tests need neither: they read what is stored, and gcc builds the programs.

1. Each flaw's maker gives seeds: inputs that know the format.
2. AFL++ explores crashes from the seeds (``-C``) on the program with that flaw only; libFuzzer runs on from them.
3. The mutator changes bytes, cuts and repeats in what was found so far.
4. Kept is what ``truth.Bench.shows_alone`` confirms on gcc's builds, short ones first, sources in turn.

Inputs that the shipped and the repaired program treat alike are kept as benign ones; six of them become the program's
own tests.
"""

from __future__ import annotations

import argparse
import base64
import importlib
import itertools
import json
import os
import random
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from . import HERE, Flaw, Program, programs, sources
from . import flaws as all_flaws
from .truth import QUIET, Bench, lay, run

SANITIZE = ("-g", "-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=undefined")
LONGEST = 600
HARNESS = """
#include <stdint.h>
#include <stdio.h>
int program_run(const unsigned char *data, size_t size, FILE *out);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static FILE *out;
    if (!out)
        out = fopen("/dev/null", "w");
    program_run(data, size, out);
    return 0;
}
"""


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("program", nargs="*")
    asked.add_argument("--seconds", type=float, default=12.0)
    asked.add_argument("--want", type=int, default=54)
    asked.add_argument("--workers", type=int, default=2)
    given = asked.parse_args()
    bench = Bench()
    for one in programs():
        if not given.program or one.name in given.program:
            make(one, bench, seconds=given.seconds, want=given.want, workers=given.workers)
    return 0


def make(one: Program, bench: Bench, *, seconds: float, want: int, workers: int) -> None:
    maker = importlib.import_module(f"{__package__}.makers.{one.name}")
    rows: list[dict[str, str]] = []
    with ThreadPoolExecutor(workers) as pool:
        harmless = list(_benign(one, maker, bench))
        rows += [{"by": "benign", "data": _text(data)} for data in harmless]
        rows += [{"by": "refused", "data": _text(data)} for data in _refused(one, maker, harmless, bench)]
        rows += [{"by": "slow", "data": _text(data)} for data in _slow(one, maker, bench)]
        for flaw in (flaw for flaw in all_flaws() if flaw.program == one.name):
            rng = random.Random(flaw.id)
            made = _distinct(maker.MAKE[flaw.id](rng) for _ in range(3 * want))
            found = {"maker": made}
            if one.language == "c" and shutil.which("afl-fuzz"):
                found["afl"] = afl(flaw, made[:8], seconds)
            if one.language == "c" and shutil.which("clang"):
                found["libfuzzer"] = libfuzzer(flaw, [*made[:8], *harmless[:8]], seconds)
            mutate = getattr(maker, "mutate", mutated)
            if mutate:
                base = list(itertools.chain.from_iterable(found.values()))
                found["mutator"] = [mutate(rng, rng.choice(base)) for _ in range(want)]
            kept = list(_kept(flaw, found, bench, pool, want))
            counts = {by: sum(1 for row in kept if row["by"] == by) for by in found}
            print(f"{flaw.id}: {len(kept)} {counts}", flush=True)
            rows += kept
    target = HERE / "variants" / f"{one.name}.jsonl"
    target.write_text("".join(json.dumps(row, separators=(",", ":")) + "\n" for row in rows))


def _kept(
    flaw: Flaw, found: dict[str, list[bytes]], bench: Bench, pool: ThreadPoolExecutor, want: int
) -> Iterator[dict[str, str]]:
    """The first ``want`` inputs that show the flaw alone: the seed, then each source in turn, short ones first."""
    queues = {by: sorted(_distinct(data), key=len) if by != "maker" else data for by, data in found.items()}
    columns = [[(by, data) for data in queue if len(data) <= LONGEST] for by, queue in queues.items()]
    turns = [each for turn in itertools.zip_longest(*columns) for each in turn if each]
    seen: set[bytes] = set()
    count = 0
    while turns and count < want:
        batch, turns = turns[: 2 * (want - count) + 4], turns[2 * (want - count) + 4 :]
        fresh = {data: by for by, data in reversed(batch) if data not in seen}
        batch = [(by, data) for data, by in reversed(fresh.items())]
        seen |= set(fresh)
        verdicts = pool.map(lambda each: bench.shows_alone(flaw, each[1]), batch)
        for (by, data), true in zip(batch, verdicts, strict=True):
            if true and count < want:
                count += 1
                yield {"flaw": flaw.id, "by": by, "data": _text(data)}


def _benign(one: Program, maker: object, bench: Bench, want: int = 24) -> Iterator[bytes]:
    """Writes the program's own tests on the way: they must be there before anything is built from it."""
    rng = random.Random(one.name)
    kept: list[bytes] = []
    while len(kept) < want:
        data = maker.benign(rng)  # type: ignore[attr-defined]
        repaired, shipped = run(bench.fixed(one.name), data), run(bench.shipped(one.name), data)
        if data not in kept and repaired.status == 0 and not repaired.crashed and repaired == shipped:
            kept.append(data)
    _write_tests(one, kept[:6], bench)
    return iter(kept)


def _refused(one: Program, maker: object, harmless: list[bytes], bench: Bench, want: int = 10) -> list[bytes]:
    """Changed benign inputs that the shipped program refuses in order, with status 2."""
    mutate = getattr(maker, "mutate", mutated)
    rng = random.Random(f"refused {one.name}")
    kept: list[bytes] = []
    while mutate and len(kept) < want:
        data = mutate(rng, rng.choice(harmless))
        outcome = run(bench.shipped(one.name), data)
        if outcome.status == 2 and not outcome.crashed and data not in kept:
            kept.append(data)
    return kept


def _slow(one: Program, maker: object, bench: Bench, want: int = 6) -> list[bytes]:
    rng = random.Random(f"slow {one.name}")
    make_slow = getattr(maker, "slow", None)
    made = _distinct(make_slow(rng) for _ in range(want)) if make_slow else []
    return [data for data in made if run(bench.shipped(one.name), data, seconds=5.0).status is None]


def _write_tests(one: Program, inputs: Iterable[bytes], bench: Bench) -> None:
    folder = HERE / "programs" / one.name / "tests"
    for old in folder.glob("*.in"):
        old.with_suffix(".out").unlink(missing_ok=True)
        old.unlink()
    for number, data in enumerate(inputs, 1):
        outcome = run(bench.fixed(one.name), data)
        (folder / f"{number}.in").write_bytes(data)
        (folder / f"{number}.out").write_bytes(outcome.stdout + b"status %d\n" % (outcome.status or 0))


def afl(flaw: Flaw, seeds: list[bytes], seconds: float) -> list[bytes]:
    """Crashes that AFL++ reaches from crashing seeds, on the program with this flaw only."""
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch)
        lay(sources(flaw.program, frozenset({flaw.id})), home)
        (home / "in").mkdir()
        for number, data in enumerate(seeds):
            (home / "in" / str(number)).write_bytes(data)
        switches = ("QUIET", "SKIP_CPUFREQ", "NO_AFFINITY", "NO_UI", "FAST_CAL", "I_DONT_CARE_ABOUT_MISSING_CRASHES")
        env = os.environ | {
            **{f"AFL_{switch}": "1" for switch in switches},
            "ASAN_OPTIONS": "abort_on_error=1:detect_leaks=0:symbolize=0",
            "UBSAN_OPTIONS": "abort_on_error=1:halt_on_error=1",
        }
        names = [f"{flaw.program}.c", "main.c"]
        subprocess.run(
            ["afl-clang-fast", *SANITIZE, "-o", "fuzzed", *names], cwd=home, env=env, check=True, capture_output=True
        )
        options = (
            "-C",
            "-V",
            str(int(seconds)),
            "-m",
            "none",
            "-t",
            "1000",
            "-i",
            "in",
            "-o",
            "out",
            "-G",
            "300",
            "-s",
            "1",
        )
        argv = ["afl-fuzz", *options, "--", "./fuzzed", "@@"]
        subprocess.run(argv, cwd=home, env=env, check=False, capture_output=True)
        queue = sorted((home / "out" / "default" / "queue").glob("id*"))
        crashes = sorted((home / "out" / "default" / "crashes").glob("id*"))
        return [path.read_bytes() for path in [*crashes, *queue]]


def libfuzzer(flaw: Flaw, corpus: list[bytes], seconds: float) -> list[bytes]:
    """Crashes that libFuzzer writes down, told to go on after each."""
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch)
        lay(sources(flaw.program, frozenset({flaw.id})), home)
        (home / "harness.c").write_text(HARNESS)
        (home / "corpus").mkdir()
        (home / "crashes").mkdir()
        for number, data in enumerate(corpus):
            (home / "corpus" / str(number)).write_bytes(data)
        argv = ["clang", *SANITIZE, "-fsanitize=fuzzer", "-o", "fuzzed", f"{flaw.program}.c", "harness.c"]
        subprocess.run(argv, cwd=home, check=True, capture_output=True)
        options = ("-fork=1", "-ignore_crashes=1", "-max_len=300", "-rss_limit_mb=4096", "-seed=1", "-detect_leaks=0")
        argv = ["./fuzzed", *options, f"-max_total_time={int(seconds)}", "-artifact_prefix=crashes/", "corpus"]
        subprocess.run(argv, cwd=home, check=False, capture_output=True, env=QUIET, timeout=seconds + 60)
        return [path.read_bytes() for path in sorted((home / "crashes").glob("crash-*"))]


def mutated(rng: random.Random, data: bytes) -> bytes:
    """One to three changes that know nothing of the format: a byte, a cut, an insertion, a repetition."""
    out = bytearray(data)
    for _ in range(rng.randint(1, 3)):
        at = rng.randrange(len(out) + 1)
        kind = rng.randrange(5)
        if kind == 0 and out:
            out[at % len(out)] ^= 1 << rng.randrange(8)
        elif kind == 1 and out:
            out[at % len(out)] = rng.randrange(256)
        elif kind == 2:
            del out[at : at + rng.randint(1, 4)]
        elif kind == 3:
            out[at:at] = rng.randbytes(rng.randint(1, 4))
        else:
            out[at:at] = out[at : at + rng.randint(1, 8)]
    return bytes(out)


def _distinct(data: Iterable[bytes]) -> list[bytes]:
    return list(dict.fromkeys(data))


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


if __name__ == "__main__":
    raise SystemExit(main())
