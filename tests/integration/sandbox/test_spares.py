"""Control groups are used again only if nothing of a run is left in them, and go when their process has gone."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from seatrial.sandbox import api as sandbox
from seatrial.sandbox.adapters import groups, places
from seatrial.sandbox.adapters.spares import Spares
from seatrial.sandbox.types import Command, Limits

needs_groups = pytest.mark.skipif(not groups.bases(), reason="control groups cannot be made here")
MEMORY = 64 * 1024**2


@pytest.fixture
def spares():
    found = Spares()
    yield found
    found._leave(os.getpid())


@needs_groups
def test_a_clean_group_is_used_again_as_the_next_run_is_bound(spares):
    first = spares.take(Limits(processes=10))
    assert spares.give(first)
    again = spares.take(Limits(processes=20))
    assert again is first
    assert (again.places["pids"] / "pids.max").read_text().strip() == "20"


@needs_groups
def test_a_group_with_a_process_is_not_kept(spares):
    group = spares.take(Limits())
    with subprocess.Popen(["sleep", "60"]) as sleeper:
        group.admit(sleeper.pid)
        assert not spares.give(group)
        sleeper.kill()
    assert group.remove()


@needs_groups
def test_a_group_that_somebody_removed_is_made_anew(spares):
    first = spares.take(Limits())
    assert spares.give(first)
    assert first.removed()
    second = spares.take(Limits())
    assert second is not first
    assert all(place.is_dir() for place in second.places.values())
    second.remove()


@needs_groups
def test_after_a_run_that_had_too_little_memory_the_next_is_not_blamed():
    async def both() -> tuple[bool, bool]:
        limits = Limits(resident_bytes=MEMORY)
        async with sandbox.Sandbox.open() as box:
            hungry = await box.run(Command(("python3", "-c", f"b'x' * {4 * MEMORY}"), limits=limits))
            modest = await box.run(Command(("true",), limits=limits))
        return hungry.out_of_memory, modest.out_of_memory

    assert asyncio.run(both()) == (True, False)


SEVERAL = """
import asyncio, sys
from seatrial.sandbox.api import Sandbox
from seatrial.sandbox.types import Command

async def main():
    async with Sandbox.open() as box:
        await asyncio.gather(*(box.run(Command(("true",))) for _ in range(3)))
    print("ran", flush=True)
    if "stay" in sys.argv:
        await asyncio.sleep(60)

asyncio.run(main())
"""


def _named(prefix: str) -> set[Path]:
    return {place for base in set(groups.bases().values()) for place in base.glob(f"{prefix}*")}


@needs_groups
@pytest.mark.parametrize("killed", [False, True])
def test_the_groups_of_a_process_that_has_gone_are_gone(killed, tmp_path):
    environment = {**os.environ, "SEATRIAL_HOME": str(tmp_path), "DJANGO_SETTINGS_MODULE": "seatrial.config.django"}
    before = _named(places.GROUPS)
    words = [sys.executable, "-c", SEVERAL, *(["stay"] if killed else [])]
    with subprocess.Popen(words, stdout=subprocess.PIPE, env=environment) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == b"ran\n"
        kept = _named(places.GROUPS) - before
        if killed:
            running.send_signal(signal.SIGKILL)
    if killed:
        assert kept
        places.sweep()
    assert not _named(places.GROUPS) - before
