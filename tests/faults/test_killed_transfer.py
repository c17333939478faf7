"""Weights sent and fetched by the real commands over the real server, each killed again and again: all arrives."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from seatrial.compute.api import command, free_port, running, wait_until_ready

HERE = Path(__file__).parent
MARK = b"never in the clear on the instance"
ROUNDS = 3


def content(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def until_done(words: list[str], environment: dict[str, str], chance: random.Random) -> int:
    """Start the command, kill it, and so on; then let it end. How many were killed at their work."""
    killed = 0
    for _ in range(ROUNDS):
        child = subprocess.Popen(command(*words), env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(chance.uniform(0.9, 1.9))
        if child.poll() is None:
            child.send_signal(signal.SIGKILL)
            killed += 1
        child.wait()
    done = subprocess.run(command(*words), env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return killed


def test_killed_again_and_again_every_part_arrives_once(tmp_path: Path) -> None:
    home, port = tmp_path / "home", free_port("127.0.0.1")
    folder, key, to = tmp_path / "model", tmp_path / "eva.key", tmp_path / "to"
    folder.mkdir()
    for name, mebibytes in (("a.bin", 24), ("b.bin", 9)):
        (folder / name).write_bytes(MARK + os.urandom(mebibytes << 20))
    environment = {
        **os.environ,
        "SEATRIAL_HOME": str(home),
        "SEATRIAL_DATABASE_URL": f"sqlite:///{home}/db",
        "SEATRIAL_PORT": str(port),
        "PYTHONPATH": os.pathsep.join(filter(None, (str(HERE.parent), os.environ.get("PYTHONPATH")))),
    }
    home.mkdir()
    words = [sys.executable, str(HERE / "weights_instance.py"), str(folder), str(key)]
    said = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stderr[-2000:]
    made = json.loads(said.stdout.splitlines()[-1])
    url, chance = f"http://127.0.0.1:{port}", random.Random(14409)

    def acting(who: str) -> dict[str, str]:
        return {**environment, "SEATRIAL_URL": url, "SEATRIAL_TOKEN": made[who], "SEATRIAL_JSON": "1"}

    log = tmp_path / "portal.log"
    with running(command("portal"), log=log, environment=environment) as child:
        wait_until_ready(f"{url}/api/v1/health", child, name="portal", log=log)
        sending = ["weights", "send", str(folder), "--review", made["review"], "--part-mib", "1"]
        killed = until_done(sending, acting("signatory"), chance)
        listed = subprocess.run(
            command("weights", "list", made["review"]), env=acting("evaluator"), capture_output=True, check=True
        )
        [transfer] = json.loads(listed.stdout)
        assert (transfer["state"], transfer["received"]) == ("complete", transfer["parts"])
        fetching = ["weights", "fetch", transfer["id"], "--to", str(to), "--key", str(key)]
        killed += until_done(fetching, acting("evaluator"), chance)
    assert killed > 0
    assert content(folder) == content(to)
    assert not [p for p in home.rglob("*") if p.is_file() and MARK in p.read_bytes()], "nothing of it in the clear"
