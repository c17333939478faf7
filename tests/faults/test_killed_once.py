"""kill -9 at every boundary of a change with a key: all of it stands or nothing, and asking again acts once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

PROCESS = Path(__file__).with_name("once_process.py")
DATE = "2031-07-01T09:00:00Z"


class Instance:
    def __init__(self, home: Path) -> None:
        self._environment = {**os.environ, "SEATRIAL_HOME": str(home), "SEATRIAL_DATABASE_URL": f"sqlite:///{home}/db"}

    def __call__(self, *words: str, killed: bool = False) -> Any:
        done = subprocess.run(
            [sys.executable, str(PROCESS), *words],
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == (-signal.SIGKILL if killed else 0), done.stderr[-2000:]
        return None if killed else json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Instance:
    made = Instance(tmp_path_factory.mktemp("killed"))
    made("prepare")
    return made


@pytest.mark.slow
@pytest.mark.parametrize("boundary", ["claimed", "acted", "answered", "committed"])
def test_all_or_nothing_stands_and_the_next_try_acts_once(instance: Instance, boundary: str) -> None:
    before = instance("report")
    instance("act", boundary, boundary, DATE, killed=True)
    after = instance("report")
    stood = int(boundary == "committed")
    for what in ("entries", "keys"):
        assert after[what] == before[what] + stood, what
    assert len(after["reviews"]) == len(before["reviews"]) + stood

    made = instance("act", "none", boundary, DATE)
    again = instance("act", "none", boundary, DATE)
    at_last = instance("report")
    assert made == again
    assert at_last["entries"] == before["entries"] + 1
    assert set(at_last["reviews"]) - set(before["reviews"]) == {made}
    assert at_last["fault"] is None
