"""Work for crews in tests: importable in the processes that do it."""

from __future__ import annotations

import os
import signal
import time
from typing import Any

from seatrial.compute.api import Line
from seatrial.kernel.errors import Refused


def double(task: Any, line: Line) -> None:
    """Ask for the double of each number, many at once; tell the sum."""
    answers = [line.ask(number) for number in task]
    line.ask(("sum", sum(answer.result(10) for answer in answers))).result(10)


def refuse(task: Any, line: Line) -> None:
    raise Refused("no-such-thing", f"The task {task} is refused.")


def stumble(task: Any, line: Line) -> None:
    raise ValueError(task)


def die(task: Any, line: Line) -> None:
    line.ask("about to die").result(10)
    os.kill(os.getpid(), signal.SIGKILL)


def die_or_double(task: Any, line: Line) -> None:
    (die if task == "die" else double)(task, line)


def wait_for_news(task: Any, line: Line) -> None:
    while not line.news:
        line.ask("what is new?").result(10)
        time.sleep(0.02)


def linger(task: Any, line: Line) -> None:
    line.ask(os.getpid()).result(10)
    time.sleep(60)
