"""kill -9 at fifty random moments while reports come in: what was answered stands, nothing is taken twice."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]


@pytest.mark.slow
def test_what_was_answered_stands_and_nothing_is_taken_twice(tmp_path: Path) -> None:
    environment = {**os.environ, "SEATRIAL_HOME": str(tmp_path), "SEATRIAL_DATABASE_URL": f"sqlite:///{tmp_path}/db"}
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.findings_parts.intake", "kills", "50"],
        env=environment,
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert (found["kills"], found["lost"], found["twice"]) == (50, 0, 0)
