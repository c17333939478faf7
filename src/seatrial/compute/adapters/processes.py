"""One process tree: portal, gateway and worker as children of one parent that stops them all together."""

from __future__ import annotations

import errno
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from urllib.error import URLError
from urllib.request import urlopen

from seatrial.kernel.errors import Unavailable


def check_port(host: str, port: int, variable: str) -> None:
    """Raises ``Unavailable`` (``port-in-use``) naming the setting that moves the port."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            reason = "is in use" if error.errno == errno.EADDRINUSE else f"cannot be used ({error.strerror})"
            raise Unavailable(
                "port-in-use", f"Port {port} on {host} {reason}; set {variable} to a free one.", port=port
            ) from error


def free_port(host: str) -> int:
    """A port that nobody listens on now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def command(*words: str) -> list[str]:
    """The argument list that runs another ``seatrial`` command with this interpreter."""
    return [sys.executable, "-m", "seatrial.config.main", *words]


@contextmanager
def running(
    words: Sequence[str], *, log: Path, environment: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A child that writes to ``log`` and ends, with its own children, when the block does."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as sink:
        child = subprocess.Popen(
            list(words),
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
            start_new_session=True,
            env={**os.environ, **(environment or {})},
        )
    try:
        yield child
    finally:
        stop(child)


def stop(child: subprocess.Popen[bytes], patience: float = 10.0) -> None:
    """Ask ``child`` to end; after ``patience`` seconds end it and whatever it started."""
    if child.poll() is None:
        child.terminate()
        try:
            child.wait(patience)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def wait_until_ready(url: str, child: subprocess.Popen[bytes], *, name: str, log: Path, seconds: float = 60.0) -> None:
    """Return once ``url`` answers. Raises ``Unavailable`` (``did-not-start``) with the log's last line."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if child.poll() is not None:
            break
        try:
            with urlopen(url, timeout=2) as answer:  # noqa: S310 - a loopback address of our own
                if answer.status < 500:
                    return
        except (URLError, OSError):
            time.sleep(0.1)
    lines = log.read_text(errors="replace").strip().splitlines() if log.exists() else []
    last = lines[-1] if lines else "it wrote nothing"
    raise Unavailable("did-not-start", f"The {name} did not start: {last} (the whole log is {log}).")


def supervise(children: Mapping[str, Sequence[str]], *, ready: Callable[[], None]) -> int:
    """Run ``children`` until one ends or a signal comes; then stop all. Returns an exit code."""
    stopping = False

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True

    previous = {number: signal.signal(number, on_signal) for number in (signal.SIGINT, signal.SIGTERM)}
    started = {name: subprocess.Popen(list(words), start_new_session=True) for name, words in children.items()}
    try:
        ready()
        while not stopping:
            for name, child in started.items():
                status = child.poll()
                if status is not None and not stopping:
                    sys.stderr.write(f"seatrial: the {name} ended with status {status}; stopping everything.\n")
                    return 5
            time.sleep(0.2)
        return 0
    finally:
        for child in reversed(started.values()):
            stop(child)
        for number, handler in previous.items():
            signal.signal(number, handler)
