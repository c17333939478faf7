"""CSAF judged: the committee's own documents, CISA's real ones, and speed in bulk beside another validator.

    python -m benchmarks.csaf [--quick]

Needs ``../shared/data/csaf-conformance`` and ``cisa-csaf-2023``. *Official*: for each version and group, documents that
must fail the test they are about and do, and that must pass it and do. *Real*: CISA's advisories parse, are judged,
and are the same after being written and read again. *Bulk*: these documents, judged by two processes at once, ours and
``@secvisogram/csaf-validator-lib`` on Node.js (``make peers``) in turn, start-up left out, median of rounds: by
schema and mandatory tests, and by all but those that ask the network or a dictionary. The peer has fewer tests. One
JSON line last; exits 1 unless every bar holds (bars on the peer are skipped, saying so, where it is absent).
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from seatrial.clearinghouse.advisories.adapters.proofreading import grammar, spelling
from seatrial.clearinghouse.advisories.core.csaf import Aids, Extension, parse, validate, written

ROOT = Path(__file__).parent.parent
DATA = ROOT.parent / "shared" / "data"
OFFICIAL, CISA = DATA / "csaf-conformance", DATA / "cisa-csaf-2023"
PEER = ROOT / "var" / "peers" / "csaf" / "node_modules"
NOW = datetime(2026, 11, 28, tzinfo=UTC)
PROCESSES = 2
_EACH = 10  # document of the bulk, in the quick form


def extensions() -> dict[str, Extension]:
    """The extensions that the committee's documents use."""
    found = {}
    for file in (OFFICIAL / "csaf_2.1/test/extension/data").rglob("*-content_*.json"):
        schema = json.loads(file.read_bytes())
        metadata = json.loads(Path(str(file).replace("-content_", "-metadata_")).read_bytes())
        found[schema["$id"]] = Extension(schema, metadata)
    return found


def answer(url: str) -> int | None:
    """A network in which the addresses of the documents answer as the committee means them to."""
    return None if ".invalid" in url else 404 if "not-available" in url else 200


def official() -> tuple[dict[str, str], bool]:
    """By version and group "right/all" for documents that must fail and that must pass; whether all are right."""
    aids = Aids(answer=answer, spelling=spelling, grammar=grammar, extensions=extensions())
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for version in ("2.0", "2.1"):
        base = OFFICIAL / f"csaf_{version}/test/validator/data"
        for test in json.loads((base / "testcases.json").read_bytes())["tests"]:
            for kind, word in (("failures", "must fail"), ("valid", "must pass")):
                for case in test.get(kind, []):
                    report = validate(parse((base / case["name"]).read_bytes()), now=NOW, aids=aids)
                    count = counts[f"{version} {test['group']} {word}"]
                    judged = test["id"] not in report.unjudged
                    count[0] += judged and report.failed(test["id"]) == (kind == "failures")
                    count[1] += 1
    return {key: f"{right}/{every}" for key, (right, every) in counts.items()}, all(
        right == every for right, every in counts.values()
    )


def real() -> dict[str, int]:
    """CISA's advisories: how many there are, are valid, and are the same after a round trip."""
    files = sorted(CISA.glob("*.json"))
    documents = [parse(file.read_bytes()) for file in files]
    return {
        "documents": len(files),
        "valid": sum(validate(document, now=NOW).valid for document in documents),
        "with_reasons": sum(bool(validate(document, now=NOW).findings) for document in documents),
        "round_trips": sum(parse(written(document)) == document for document in documents),
    }


def bulk(words: list[str], listed: Path, groups: str, rounds: int) -> float:
    """Milliseconds of wall-clock time a document on two processes: the slower one's time over all documents."""
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
    running = [
        subprocess.Popen(
            [*words, str(listed), str(share), str(PROCESSES), groups, str(rounds)],
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
            cwd=ROOT,
        )
        for share in range(PROCESSES)
    ]
    said: list[dict[str, Any]] = []
    for process in running:
        out, _ = process.communicate()
        if process.returncode:
            raise SystemExit(f"a worker ended with {process.returncode}: {' '.join(words)}")
        said.append(json.loads(out.splitlines()[-1]))
    return max(one["seconds"] for one in said) / sum(one["documents"] for one in said) * 1000


def compared(quick: bool) -> dict[str, Any]:
    """Ours and the peer in turn, so that a busy moment meets both."""
    node, script = shutil.which("node"), Path(__file__).parent / "csaf_parts" / "peer.mjs"
    ours = [sys.executable, "-m", "benchmarks.csaf_parts.ours"]
    peer = [node, str(script), str(PEER)] if node and PEER.is_dir() else None
    if peer is None:
        print("the peer is absent (node, and `make peers`): the bars beside it are skipped")
    files = sorted(OFFICIAL.glob("csaf_2.?/test/validator/data/*/*.json")) + sorted(CISA.glob("*.json"))
    files = [file for file in files if not file.name.endswith(".result.json")][:: _EACH if quick else 1]
    times: dict[str, list[float]] = defaultdict(list)
    with tempfile.TemporaryDirectory(prefix="seatrial-bench-") as name:
        kinds = {"all": files} if quick else {"all": files, "cisa": [file for file in files if file.parent == CISA]}
        for kind, some in kinds.items():
            listed = Path(name) / kind
            listed.write_text("\n".join(map(str, some)) + "\n")
            for _ in range(1 if quick else 3):
                for groups in ("binding", "all"):
                    times[f"{kind} documents, {groups} tests, ours"].append(
                        bulk(ours, listed, groups, 1 if quick else 5)
                    )
                    if peer:
                        took = bulk(peer, listed, groups, 1 if quick else 5)
                        times[f"{kind} documents, {groups} tests, peer"].append(took)
    return {key: round(statistics.median(values), 3) for key, values in times.items()}


CLAIM = "every CSAF document is judged as its committee judges it, as fast as the validator that others use"


def said(asked: str, measured: object, holds: bool) -> dict[str, Any]:
    """One bar."""
    return {"asked": asked, "measured": measured, "holds": holds}


def main() -> int:
    """Everything, in one run."""
    quick = "--quick" in sys.argv[1:]
    bars: dict[str, dict[str, Any]] = {}
    result: dict[str, Any] = {"claim": CLAIM, "bars": bars, "holds": True, "quick": quick}
    if not (OFFICIAL.is_dir() and CISA.is_dir()):
        print(f"skipped: {DATA.name} does not hold the documents")
        print(json.dumps(result | {"skipped": "documents absent"}))
        return 0
    began = time.perf_counter()
    counts, _ = official()
    for key, count in counts.items():
        print(f"{key}: {count}", flush=True)
        right, _, whole = count.partition("/")
        bars[key] = said("all", count, right == whole)
    advisories = real()
    print(f"real advisories: {advisories}", flush=True)
    survive = advisories["round_trips"]
    bars["real advisories that survive"] = said("all", survive, survive == advisories["documents"] > 0)
    speeds = compared(quick)
    for key, took in speeds.items():
        print(f"{key}: {took} ms a document")
    for kind in ("all", "cisa"):
        name = f"{kind} documents, all tests"
        if f"{name}, peer" in speeds:
            ours, peer = speeds[f"{name}, ours"], speeds[f"{name}, peer"]
            bars[f"{name}, of the peer's time"] = said("<= 1", round(ours / peer, 2), ours <= peer)
    result |= {
        "holds": all(bar["holds"] for bar in bars.values()),
        "real": advisories,
        "ms_per_document": speeds,
        "seconds": round(time.perf_counter() - began, 1),
    }
    print(json.dumps(result))
    return 0 if result["holds"] else 1


if __name__ == "__main__":
    raise SystemExit(main())
