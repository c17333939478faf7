"""kill -9 of the notifier between sending and recording: every notice arrives, always with its own id."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from simulators.scripted_receiver import HANG, ScriptedReceiver

CHILD = Path(__file__).with_name("notifier_process.py")
CHANGES = 12


class Instance:
    """A database in a folder, and the processes a test starts over it."""

    def __init__(self, home: Path) -> None:
        self._environment = {**os.environ, "SEATRIAL_HOME": str(home), "SEATRIAL_DATABASE_URL": f"sqlite:///{home}/db"}
        self._environment.pop("SEATRIAL_TEST_DATABASE", None)
        self._notifiers: list[subprocess.Popen[str]] = []

    def start(self, *words: str) -> subprocess.Popen[str]:
        command = [sys.executable, str(CHILD), *words]
        return subprocess.Popen(
            command, env=self._environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def ask(self, *words: str) -> Any:
        said, complaint = (process := self.start(*words)).communicate(timeout=90)
        assert process.returncode == 0, complaint
        return json.loads(said.strip().splitlines()[-1])

    def notifier(self) -> subprocess.Popen[str]:
        process = self.start("serve")
        self._notifiers.append(process)
        return process

    def until(self, done: Any, seconds: float = 40) -> Any:
        """The report, as soon as ``done`` says yes to it."""
        until = time.monotonic() + seconds
        while not done(report := self.ask("report")) and time.monotonic() < until:
            time.sleep(0.2)
        assert done(report), report
        return report

    def close(self) -> None:
        for process in self._notifiers:
            process.kill()
            process.communicate()


@pytest.fixture
def instance(tmp_path):
    made = Instance(tmp_path)
    yield made
    made.close()


def all_delivered(report: Any) -> bool:
    return len(report["states"]) >= CHANGES and all(state == "delivered" for _, state in report["states"])


def test_a_notifier_killed_while_it_sends_loses_nothing_and_keeps_the_ids(instance):
    chance = random.Random(14409)
    running: list[subprocess.Popen[str]] = []
    strikes = {chance.randint(2, 4), chance.randint(5, 7), chance.randint(8, 10)}

    def strike(number: int) -> int | str:
        """The receiver has taken the notice, and the process dies before it can know."""
        if number in strikes:
            running[-1].send_signal(signal.SIGKILL)
        return 204

    with ScriptedReceiver(strike) as receiver:
        (receiver.secret,) = instance.ask("prepare", receiver.url)
        instance.ask("happen", "0", str(CHANGES))
        for _ in strikes:
            running.append(instance.notifier())
            running[-1].wait(60)
            assert running[-1].returncode == -signal.SIGKILL
            instance.ask("expire")
        running.append(instance.notifier())
        report = instance.until(all_delivered)
        running[-1].terminate()
        _, complaint = running[-1].communicate(timeout=20)
        assert running[-1].returncode == 0, complaint
        assert "Traceback" not in complaint
        assert receiver.unverified == []
        ids = defaultdict(set)
        for got in receiver.received:
            ids[json.loads(got.body)["data"]["review"]].add(got.id)
    assert set(ids) == {f"review-{number}" for number in range(CHANGES)}
    assert all(len(names) == 1 for names in ids.values())  # what came twice came with the same id
    assert len(receiver.received) == CHANGES + len(strikes)
    assert len(report["states"]) == CHANGES
    assert report["cursor"] == report["head"]
    assert report["fault"] is None
    assert report["mails"] > 0


def test_a_receiver_that_hangs_keeps_no_other_waiting_and_sigterm_waits_for_what_is_in_flight(instance):
    with ScriptedReceiver(lambda number: HANG) as lost, ScriptedReceiver() as well:
        lost.secret, well.secret = instance.ask("prepare", lost.url, well.url)
        notifier = instance.notifier()
        instance.ask("happen", "0", "1")
        lost.wait_for(1)
        started = time.monotonic()
        instance.ask("happen", "1", "3")
        well.wait_for(4)
        assert time.monotonic() - started < 9  # sooner than the lost one's ten seconds are over
        notifier.terminate()
        notifier.communicate(timeout=20)
        assert notifier.returncode == 0
        states = instance.ask("report")["states"]
        assert states.count(["review-0", "failed"]) == 1
        assert sum(state == "delivered" for _, state in states) == 4
