"""The shelf: built once, whole or not there, within its bound, whoever asks and whoever is killed."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from seatrial.clearinghouse.proofs import api
from seatrial.clearinghouse.proofs.adapters import building, validating
from seatrial.clearinghouse.proofs.adapters.shelf import Shelf
from seatrial.clearinghouse.proofs.types import Verdict
from simulators import proof_targets as targets

pytestmark = [pytest.mark.sandbox, pytest.mark.compiler]


def within(place: Path, pattern: str) -> list[Path]:
    return sorted(place.glob(pattern))


async def test_many_who_ask_at_once_get_one_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    builds = []

    async def build(*how: object) -> object:
        builds.append(how)
        return await building.build(*how)  # type: ignore[arg-type]

    monkeypatch.setattr(validating, "build", build)
    shelf, other = Shelf(tmp_path / "shelf"), Shelf(tmp_path / "shelf")  # as two processes have them
    proofs = [targets.record(bytes([20 + n]) + b"A" * 40, repeats=1) for n in range(6)]
    asked = [api.validate(proof.recipe, proof.attachments, shelf=place) for proof in proofs for place in (shelf, other)]
    found = await asyncio.gather(*asked)
    assert {one.verdict for one in found} == {Verdict.REPRODUCED}
    assert len(builds) == 1


async def test_a_shelf_that_lost_bytes_is_built_again(tmp_path: Path) -> None:
    proof = targets.record(repeats=1)
    assert (await api.validate(proof.recipe, proof.attachments, shelf=Shelf(tmp_path))).verdict is Verdict.REPRODUCED
    [binary] = within(tmp_path, "*/tree/record")
    binary.write_bytes(binary.read_bytes()[:100])
    found = await api.validate(proof.recipe, proof.attachments, shelf=Shelf(tmp_path))
    assert found.verdict is Verdict.REPRODUCED, found.reason
    [built] = within(tmp_path, "*/built.json")
    built.write_text("{")
    found = await api.validate(proof.recipe, proof.attachments, shelf=Shelf(tmp_path))
    assert found.verdict is Verdict.REPRODUCED, found.reason


async def test_what_was_used_longest_ago_goes_first(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, most=250_000)
    for n in range(4):
        files = {"run": "#!/bin/sh\nkill -SEGV $$\n", "filling": os.urandom(100_000) + bytes([n])}
        said = {"reproduce": {"argv": ["./run"]}, "oracle": {"kind": "signal", "status": -11}, "repeats": 1}
        proof = targets.proof(files, kind="prebuilt", **said)
        assert (await api.validate(proof.recipe, proof.attachments, shelf=shelf)).verdict is Verdict.REPRODUCED
        await asyncio.sleep(0.02)
    assert len(within(tmp_path, "*/built.json")) == 2
    assert within(tmp_path, "*.new-*") == []


BUILDER = """
import asyncio, os, sys
sys.path[:0] = [sys.argv[1]]
os.environ.update(DJANGO_SETTINGS_MODULE="seatrial.config.django", SEATRIAL_HOME=sys.argv[2])
import django; django.setup()
from pathlib import Path
from simulators import proof_targets as targets
from seatrial.clearinghouse.proofs import api
proof = targets.record(repeats=1, build=[{"argv": ["sleep", "0.3"]}, {"argv": targets.SANITIZED}])
print("begun", flush=True)
found = asyncio.run(api.validate(proof.recipe, proof.attachments, shelf=api.Shelf(Path(sys.argv[2]) / "shelf")))
print(found.verdict, flush=True)
"""


@pytest.mark.slow
def test_a_builder_that_is_killed_leaves_nothing_half_done(tmp_path: Path) -> None:
    command = [sys.executable, "-c", BUILDER, str(Path(__file__).parents[2]), str(tmp_path)]
    for delay in (0.2, 0.6, 0.9, 1.2, 1.5):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(delay)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        for place in (tmp_path / "shelf").glob("*/built.json"):
            assert json.loads(place.read_text())["files"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.splitlines()[-1] == "reproduced", done.stderr
    assert list((tmp_path / "shelf").glob("*.new-*")) == []
