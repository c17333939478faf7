"""A demo that is asked to end leaves nothing running."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

CHILDREN = {"gateway", "portal", "seatrial.demo.model_server", "seatrial.demo.reference_solver"}


def running(home: Path) -> dict[str, int]:
    """The processes over ``home`` that a demo starts, by the word that names each."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes().decode(errors="replace").split("\0")
            environment = (process / "environ").read_bytes().decode(errors="replace").split("\0")
        except OSError:
            continue
        if f"SEATRIAL_HOME={home}" in environment:
            found |= {word: int(process.name) for word in CHILDREN & set(words)}
    return found


def test_a_demo_that_is_asked_to_end_stops_what_it_started(tmp_path: Path) -> None:
    environment = {**os.environ, "SEATRIAL_HOME": str(tmp_path)}
    environment.pop("SEATRIAL_DATABASE_URL", None)
    words = [str(Path(sys.executable).with_name("seatrial")), "demo"]
    demo = subprocess.Popen(words, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        until = time.monotonic() + 60
        while running(tmp_path).keys() != CHILDREN:
            assert demo.poll() is None, demo.communicate()[1]
            assert time.monotonic() < until, "its processes never started"
            time.sleep(0.1)
        demo.send_signal(signal.SIGTERM)
        complaint = demo.communicate(timeout=30)[1]
        assert demo.returncode == 128 + signal.SIGTERM, complaint
        assert "Traceback" not in complaint
        assert running(tmp_path) == {}
    finally:
        demo.kill()
        for process in running(tmp_path).values():
            os.kill(process, signal.SIGKILL)
