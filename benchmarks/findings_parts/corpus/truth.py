"""Runs the corpus in plain subprocesses, without the house: the truth that everything else is measured against.

A *trial* is one build of a program with some of its flaws. An input shows a flaw **alone** if

1. the program with only this flaw shows it, twice;
2. the program as shipped shows it;
3. the program with every other flaw, and the repaired program, show nothing;
4. a sanitizer's report names a place in the program (one of a stack's end sometimes names none).
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from . import Flaw, Program, flaws, program, sources

SECONDS = 10.0
QUIET = {
    "PATH": os.defpath,
    "PYTHONDONTWRITEBYTECODE": "1",
    "ASAN_OPTIONS": "detect_leaks=0:symbolize=0",
    "UBSAN_OPTIONS": "print_stacktrace=1:symbolize=0",
}
_REPORT = re.compile(rb"==\d+==\s?ERROR: AddressSanitizer|runtime error: ")
_TRACE = re.compile(rb"^Traceback \(most recent call last\):", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one run ended. ``status`` is None where it was stopped for taking too long."""

    status: int | None
    stdout: bytes = field(repr=False)
    stderr: bytes = field(repr=False)

    @property
    def crashed(self) -> bool:
        """A sanitizer's report, or an exception that nobody caught."""
        return bool(_REPORT.search(self.stderr) or _TRACE.search(self.stderr))


@dataclass(frozen=True, slots=True)
class Trial:
    """A program built with some of its flaws, in a folder of its own."""

    program: Program
    folder: Path


class Bench:
    """Builds each trial once, under one folder that goes away with it."""

    def __init__(self, home: Path | None = None) -> None:
        self._own = None if home else tempfile.TemporaryDirectory(prefix="corpus-")
        self.home = home or Path(self._own.name)  # type: ignore[union-attr]
        self._lock = threading.Lock()

    def trial(self, name: str, flawed: Iterable[str] | None = None) -> Trial:
        one = program(name)
        return self.build(one, sources(name, frozenset(one.flaws if flawed is None else flawed)))

    def build(self, one: Program, files: Mapping[str, bytes]) -> Trial:
        """Any text of the program, a patched one too; raises ``CalledProcessError`` where it does not build."""
        key = hashlib.sha256(repr(sorted(files.items())).encode()).hexdigest()[:16]
        folder = self.home / f"{one.name}-{key}"
        with self._lock:
            if not folder.exists():
                built = Path(tempfile.mkdtemp(dir=self.home))
                lay(files, built)
                for argv in one.build:
                    subprocess.run(argv, cwd=built, check=True, capture_output=True, env=QUIET)
                built.rename(folder)
        return Trial(one, folder)

    def shipped(self, name: str) -> Trial:
        return self.trial(name)

    def fixed(self, name: str) -> Trial:
        return self.trial(name, ())

    def only(self, flaw: Flaw) -> Trial:
        return self.trial(flaw.program, (flaw.id,))

    def without(self, flaw: Flaw) -> Trial:
        return self.trial(flaw.program, set(program(flaw.program).flaws) - {flaw.id})

    def shows_alone(self, flaw: Flaw, data: bytes) -> bool:
        """Whether ``data`` shows this flaw, and no other."""
        others = [one for one in flaws() if one.program == flaw.program]
        return (
            all(fires(self.only(flaw), flaw, data) for _ in range(2))
            and not any(shows(self.without(flaw), others, data))
            and not any(shows(self.fixed(flaw.program), others, data))
            and fires(self.shipped(flaw.program), flaw, data)
            and (flaw.oracle != "sanitizer" or self._placed(flaw.program, data))
        )

    def _placed(self, name: str, data: bytes) -> bool:
        said = run(self.shipped(name), data).stderr
        return f"/{name}+0x".encode() in said or f"{name}.c:".encode() in said


def lay(files: Mapping[str, bytes], folder: Path) -> None:
    for path, data in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


def run(trial: Trial, data: bytes, *, seconds: float = SECONDS, symbols: bool = False) -> Outcome:
    """One run on one input, a service's too; the programs only read, so the folder serves many runs at once."""
    handle, path = tempfile.mkstemp()
    env = QUIET | ({"ASAN_OPTIONS": "detect_leaks=0", "UBSAN_OPTIONS": "print_stacktrace=1"} if symbols else {})
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        argv = [*trial.program.run, path]
        try:
            done = subprocess.run(argv, cwd=trial.folder, capture_output=True, timeout=seconds, env=env, check=False)
        except subprocess.TimeoutExpired as late:
            return Outcome(None, late.stdout or b"", late.stderr or b"")
        return Outcome(done.returncode, done.stdout, done.stderr)
    finally:
        Path(path).unlink()


def serve(trial: Trial, data: bytes, *, seconds: float = SECONDS) -> Outcome:
    """Starts the service, sends the requests, and returns the answers as lines ``status body``."""
    port = _free_port()
    argv = [str(port) if part == str(trial.program.port) else part for part in trial.program.service]
    process = subprocess.Popen(argv, cwd=trial.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=QUIET)
    answers = []
    try:
        _await(port, seconds)
        for asked in json.loads(data):
            request = urllib.request.Request(
                f"http://127.0.0.1:{port}{asked['path']}",
                method=asked["method"],
                headers=asked.get("headers", {}),
                data=asked["body"].encode() if "body" in asked else None,
            )
            try:
                with urllib.request.urlopen(request, timeout=seconds) as answer:
                    answers.append(b"%d %s" % (answer.status, answer.read()))
            except urllib.error.HTTPError as refused:
                answers.append(b"%d %s" % (refused.code, refused.read()))
    finally:
        process.terminate()
        _, complaints = process.communicate()
    return Outcome(0, b"\n".join(answers), complaints)


def fires(trial: Trial, flaw: Flaw, data: bytes) -> bool:
    """Whether the run shows what the flaw's oracle asks for."""
    return next(shows(trial, [flaw], data))


def shows(trial: Trial, asked: Iterable[Flaw], data: bytes) -> Iterator[bool]:
    """For each flaw, whether one run shows it; flags are planted for this run alone."""
    asked = list(asked)
    flags = {}
    place = trial
    scratch = None
    if any(flaw.oracle == "flag" for flaw in asked):
        scratch = tempfile.TemporaryDirectory()
        place = Trial(trial.program, Path(scratch.name) / "box")
        shutil.copytree(trial.folder, place.folder)
        for flaw in asked:
            if flaw.oracle == "flag":
                flags[flaw.path] = flags.get(flaw.path) or secrets.token_hex(16).encode()
                (place.folder / flaw.path).write_bytes(flags[flaw.path] + b"\n")
    try:
        outcome = run(place, data)
    finally:
        if scratch:
            scratch.cleanup()
    return iter([seen(flaw, outcome, flags.get(flaw.path, b"")) for flaw in asked])


def seen(flaw: Flaw, outcome: Outcome, flag: bytes = b"") -> bool:
    if flaw.oracle == "sanitizer":
        return bool(_REPORT.search(outcome.stderr))
    if flaw.oracle == "status":
        return outcome.status == flaw.status
    if flaw.oracle == "output":
        return flaw.contains.encode() in outcome.stdout
    if flaw.oracle == "flag":
        return flag in outcome.stdout
    answers = outcome.stdout.split(b"\n")
    status = b"" if flaw.status is None else b"%d " % flaw.status
    return any(answer.startswith(status) and flaw.contains.encode() in answer for answer in answers if answer)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await(port: int, seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.01)
        else:
            return
    raise TimeoutError("the service does not listen")
