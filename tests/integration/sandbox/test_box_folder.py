"""Files written and read from outside: whatever a program left there, nothing outside is touched and nothing waits."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from seatrial.kernel.errors import Misuse, NotFound, Refused
from seatrial.sandbox import api
from seatrial.sandbox.adapters.folder import Folder
from seatrial.sandbox.types import Command

pytestmark = pytest.mark.sandbox


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "secret"
    path.write_text("of the host")
    return path


async def test_what_is_written_outside_is_the_programs_own_inside(run: Any, box: api.Sandbox) -> None:
    await box.write("deep/er/file.txt", "text\n")
    assert (await run("sh", "-c", "cat deep/er/file.txt; echo more >> deep/er/file.txt; touch deep/new")).ok
    assert await box.read("deep/er/file.txt") == b"text\nmore\n"


async def test_files_given_at_the_start_are_there() -> None:
    async with api.Sandbox.open({"a.txt": "text", "b/c.bin": b"\x00\xff"}) as box:
        assert (await box.run(Command(("cat", "a.txt", "b/c.bin")))).stdout == b"text\x00\xff"


async def test_a_shorter_text_replaces_a_longer_one(box: api.Sandbox) -> None:
    await box.write("file", "long text")
    await box.write("file", "short")
    assert await box.read("file") == b"short"


@pytest.mark.parametrize("path", ["/etc/passwd", "../etc/passwd", "a/../../x", "", "."])
async def test_a_path_outside_is_refused(box: api.Sandbox, path: str) -> None:
    for trying in (box.read(path), box.write(path, b"x")):
        with pytest.raises(Misuse) as raised:
            await trying
        assert raised.value.code == "bad-path"


async def test_a_link_is_not_followed_even_one_that_stays_inside(run: Any, box: api.Sandbox, secret: Path) -> None:
    await run("sh", "-c", f"ln -s {secret} out; echo x > plain; ln -s plain in; ln -s nowhere dangling")
    for name in ("out", "in", "dangling"):
        for trying in (box.read(name), box.write(name, b"overwritten")):
            with pytest.raises(Refused) as raised:
                await trying
            assert raised.value.code == "not-a-plain-file"
    assert _untouched(secret)


async def test_a_folder_that_is_a_link_is_not_entered(run: Any, box: api.Sandbox, secret: Path) -> None:
    await run("sh", "-c", f"ln -s {secret.parent} folder; ln -s / root; ln -s .. up")
    for name in ("folder/secret", "root/etc/passwd", "up/etc/passwd"):
        for trying in (box.read(name), box.write(name, b"overwritten")):
            with pytest.raises(Refused):
                await trying
    assert _untouched(secret)


async def test_a_pipe_is_not_waited_for(run: Any, box: api.Sandbox) -> None:
    await run("mkfifo", "pipe")
    for trying in (box.read("pipe"), box.write("pipe", b"x")):
        with pytest.raises(Refused):
            await trying


async def test_a_folder_is_no_file(run: Any, box: api.Sandbox) -> None:
    await run("mkdir", "folder")
    for trying in (box.read("folder"), box.write("folder", b"x")):
        with pytest.raises(Refused):
            await trying


async def test_a_file_that_is_a_folders_name_is_said_so(box: api.Sandbox) -> None:
    await box.write("file", b"")
    with pytest.raises(Refused):
        await box.write("file/below", b"x")


async def test_permissions_bind_us_as_they_bind_the_program(run: Any, box: api.Sandbox) -> None:
    await run("sh", "-c", "echo x > closed; chmod 000 closed; mkdir shut; echo y > shut/in; chmod 000 shut")
    for trying in (box.read("closed"), box.write("closed", b"x"), box.read("shut/in"), box.write("shut/new", b"")):
        with pytest.raises(Refused) as raised:
            await trying
        assert raised.value.code == "file-closed"


async def test_a_file_that_is_not_there_is_not_found(box: api.Sandbox) -> None:
    with pytest.raises(NotFound) as raised:
        await box.read("nowhere/file")
    assert raised.value.code == "no-such-file"


async def test_a_file_too_large_to_hold_is_refused(run: Any, box: api.Sandbox) -> None:
    await run("truncate", "-s", "20M", "large")
    with pytest.raises(Misuse) as raised:
        await box.read("large", limit=10 * 1024**2)
    assert raised.value.code == "file-too-large"
    assert len(await box.read("large")) == 20 * 1024**2


async def test_everything_is_removed_however_it_was_left(boxes: Callable[[], set[str]]) -> None:
    deep = "import os\nfor _ in range(3000):\n os.mkdir('d'); os.chdir('d')"
    shut = "mkdir -p shut/in && touch shut/in/file && chmod 000 shut/in shut; ln -s / root"
    async with api.Sandbox.open() as box:
        folder = Path(box._folder.path).name
        assert (await box.run(Command(("python3", "-c", deep)))).ok
        assert (await box.run(Command(("sh", "-c", shut)))).ok
        assert boxes() == {folder}
    assert boxes() == set()


async def test_a_box_that_could_not_be_filled_leaves_nothing(boxes: Callable[[], set[str]]) -> None:
    with pytest.raises(Misuse):
        async with api.Sandbox.open({"../x": b""}):
            pass
    assert boxes() == set()


def test_what_killed_processes_left_is_swept_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    living, dead = (Folder.make(nobody=False) for _ in range(2))
    os.close(dead._lock)  # as the kernel does when it ends a process
    waiting = subprocess.Popen(["sh", "-c", "sleep 60; :", f"{dead.path}/work"])
    for name in ("seatrial-new-old", "seatrial-new-young"):
        (tmp_path / name).mkdir()
    os.utime(tmp_path / "seatrial-new-old", (0, 0))
    (tmp_path / "seatrial-box-link").symlink_to(tmp_path)
    assert api.sweep() == 2
    assert waiting.wait(10) == -signal.SIGKILL
    left = {Path(living.path).name, "seatrial-new-young", "seatrial-box-link"}
    assert {place.name for place in tmp_path.iterdir()} == left
    living.remove()


async def test_opening_a_box_sweeps(monkeypatch: pytest.MonkeyPatch, boxes: Callable[[], set[str]]) -> None:
    left = Folder.make(nobody=False)
    os.close(left._lock)
    monkeypatch.setattr(api._sweeping, "due", 0.0)
    async with api.Sandbox.open() as box:
        assert boxes() == {Path(box._folder.path).name}


def _untouched(secret: Path) -> bool:
    return secret.read_text() == "of the host"
