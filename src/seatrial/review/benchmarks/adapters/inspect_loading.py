"""Somebody else's Inspect task, loaded: its code is run, offline, and its samples come out the same each time.

Samples are made in a process of their own, since a task that draws them may keep in its modules how far it has come:

- Random numbers are seeded with the suite's seed once the task's package is imported, and Python's hashes are fixed.
- A connection to another machine is refused in the loading thread, and Hugging Face's libraries are told to stay
  offline: a data set that is not here is an error and not a download.
- One process loads at a time: some tasks write files beside their code first.

None of this is a sandbox: adapt only tasks whose code you have read.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import pickle
import random
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seatrial.kernel.errors import Misuse, Unavailable

if TYPE_CHECKING:
    from inspect_ai import Task
    from inspect_ai.dataset import Sample

OFFLINE = {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}
SECONDS = 600  # for a task to make its samples


def load(name: str, arguments: Mapping[str, object]) -> Task:
    """The task ``name`` in this process, for its solver and scorer.

    Raises ``Unavailable`` (``task-not-loaded``) with what its code said, and ``Misuse`` (``no-such-task``).
    """
    with _own_folder(), _alone(), _offline():
        try:
            found = _made(name, dict(arguments))
        except Exception as error:
            raise not_loaded(name, said(error)) from error
    if len(found) != 1:
        raise Misuse(
            "no-such-task", f"{name} names {len(found) or 'no'} tasks here; name one, as package/task or file.py@task."
        )
    return found[0]


def make_samples(name: str, arguments: Mapping[str, object], seed: str) -> list[Sample]:
    """The samples of the task ``name``, made in another process; ``seed`` feeds what it draws.

    Raises ``Unavailable`` (``task-not-loaded``).
    """
    asked = json.dumps({"name": name, "arguments": dict(arguments), "seed": seed})
    with tempfile.TemporaryDirectory(prefix="seatrial-task-") as folder:
        answer = Path(folder) / "samples"
        try:
            done = subprocess.run(
                [sys.executable, "-m", __name__, str(answer)],
                input=asked,
                capture_output=True,
                text=True,
                timeout=SECONDS,
                env={**os.environ, **OFFLINE, "PYTHONHASHSEED": "0", "PYTHONPATH": os.pathsep.join(sys.path)},
            )
        except subprocess.TimeoutExpired as error:
            raise not_loaded(name, f"it took longer than {SECONDS} seconds.") from error
        if not answer.exists():
            raise not_loaded(name, said(RuntimeError(done.stderr.strip().rpartition("\n")[2])))
        try:
            found = pickle.loads(answer.read_bytes())  # noqa: S301 - written by the same task's code, which runs here too
        except Exception as error:
            raise not_loaded(name, said(error)) from error
    if isinstance(found, str):
        raise not_loaded(name, found)
    samples: list[Sample] = found
    for place, sample in enumerate(samples, start=1):
        sample.id = place if sample.id is None else sample.id
    return samples


def not_loaded(name: str, why: str) -> Unavailable:
    """The error for a task that cannot be loaded; ``why`` is a sentence."""
    return Unavailable(
        "task-not-loaded",
        f"The task {name} cannot be loaded here: {why} If it wants a package or a data set, fetch that first.",
    )


def said(error: BaseException) -> str:
    """The innermost cause in one line, ending in a full stop."""
    while error.__cause__ is not None:
        error = error.__cause__
    line = (str(error).strip().splitlines() or [""])[0][:300]
    return f"{type(error).__name__}: {line or 'no reason given'}".rstrip(".") + "."


def main(answer: str) -> None:
    """The other process: reads what is asked from standard input, leaves samples or a sentence in ``answer``."""
    from inspect_ai._util.registry import registry_lookup

    asked = json.load(sys.stdin)
    name = asked["name"]
    made: list[Sample] | str
    with _alone(), _offline():
        try:
            if not _is_file(name):
                registry_lookup("task", name)  # imports its package, which may draw numbers of its own
            _seed(asked["seed"])
            made = [sample for task in _made(name, asked["arguments"]) for sample in task.dataset]
            written = pickle.dumps(made)
        except Exception as error:
            written = pickle.dumps(said(error))
    Path(answer).write_bytes(written)


def _made(name: str, arguments: dict[str, Any]) -> list[Task]:
    from inspect_ai._eval.loader import create_tasks, load_tasks

    # A name is looked up in every installed package that has tasks, all of which are imported; a file is not.
    return create_tasks([name], arguments) if _is_file(name) else load_tasks([name], arguments)


def _is_file(name: str) -> bool:
    return name.partition("@")[0].endswith(".py")


def _seed(seed: str) -> None:
    import numpy

    number = int.from_bytes(hashlib.sha256(seed.encode()).digest(), "big")
    random.seed(number)
    numpy.random.seed(number % 2**32)


@contextmanager
def _own_folder() -> Iterator[None]:
    """Some loaders go to the task's folder and stay there when they fail."""
    before = Path.cwd()
    try:
        yield
    finally:
        os.chdir(before)


@contextmanager
def _alone() -> Iterator[None]:
    with (Path(tempfile.gettempdir()) / f"seatrial-task-{os.getuid()}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def _offline() -> Iterator[None]:
    """In this thread, meanwhile: no connection to another machine."""
    mine = threading.get_ident()
    before = {name: getattr(socket.socket, name) for name in ("connect", "connect_ex")}
    environment = {name: os.environ.get(name) for name in OFFLINE}

    def guarded(real: Callable[..., Any]) -> Callable[..., Any]:
        def connect(self: socket.socket, address: Any) -> Any:
            if threading.get_ident() == mine and isinstance(address, tuple) and not _here(str(address[0])):
                raise ConnectionRefusedError(f"no connection to {address[0]} is made while a task is loaded")
            return real(self, address)

        return connect

    os.environ.update(OFFLINE)
    for name, real in before.items():
        setattr(socket.socket, name, guarded(real))
    try:
        yield
    finally:
        for name, real in before.items():
            setattr(socket.socket, name, real)
        for name, value in environment.items():
            os.environ.pop(name, None)
            os.environ.update({} if value is None else {name: value})


def _here(address: str) -> bool:
    return address.startswith("127.") or address in ("::1", "localhost")


if __name__ == "__main__":
    main(sys.argv[1])
