"""What every ``threads.ports.Shelf`` guarantees."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from seatrial.kernel.digests import digest
from seatrial.kernel.errors import Misuse, Unavailable
from seatrial.review.threads.adapters.folder_shelf import FolderShelf

LIMIT = 1_000_000
LATER = timedelta(hours=2)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "attachments"


@pytest.fixture
def shelf(folder: Path) -> FolderShelf:
    return FolderShelf(folder)


def put(shelf: FolderShelf, *pieces: bytes, limit: int = LIMIT) -> Any:
    return shelf.put(iter(pieces), limit=limit, check=lambda file, size: None)


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file() and path.name != "lock")


def test_what_was_put_is_opened_whole(shelf: FolderShelf, folder: Path) -> None:
    kept, size = put(shelf, b"sea", b" ", b"trial")
    assert (kept, size) == (digest(b"sea trial"), 9)
    with shelf.open(kept) as file:
        assert file.read() == b"sea trial"
    assert files(folder) == [kept.removeprefix("sha256:")]


def test_the_same_bytes_are_kept_once_by_however_many(shelf: FolderShelf, folder: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        kept = set(pool.map(lambda _: put(shelf, b"x" * 1000, b"y" * 1000), range(24)))
    assert len(kept) == 1
    assert len(files(folder)) == 1


def test_one_that_is_too_large_is_left_after_the_limit(shelf: FolderShelf, folder: Path) -> None:
    asked = 0

    def endless() -> Iterator[bytes]:
        nonlocal asked
        while True:
            asked += 1
            yield b"\0" * 65_536

    with pytest.raises(Misuse) as refused:
        shelf.put(endless(), limit=LIMIT, check=lambda file, size: None)
    assert refused.value.code == "attachment-too-large"
    assert asked == LIMIT // 65_536 + 1
    assert files(folder) == []


def test_one_that_is_broken_off_or_refused_leaves_nothing(shelf: FolderShelf, folder: Path) -> None:
    def broken() -> Iterator[bytes]:
        yield b"half"
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        shelf.put(broken(), limit=LIMIT, check=lambda file, size: None)

    def refuse(file: Any, size: int) -> None:
        raise Misuse("attachment-type", "No.")

    with pytest.raises(Misuse):
        shelf.put(iter([b"whole"]), limit=LIMIT, check=refuse)
    assert files(folder) == []


def test_one_whose_writer_is_killed_has_no_final_name_and_is_swept(shelf: FolderShelf, folder: Path) -> None:
    program = (
        "import sys, time, pathlib\n"
        "from seatrial.review.threads.adapters.folder_shelf import FolderShelf\n"
        "def pieces():\n    yield b'half'\n    print('ready', flush=True)\n    time.sleep(60)\n"
        f"FolderShelf(pathlib.Path({str(folder)!r})).put(pieces(), limit=10**6, check=lambda file, size: None)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        child.kill()
    assert len(files(folder)) == 1
    assert not list(folder.glob("??/*"))
    now = datetime.now(UTC)
    assert shelf.sweep(lambda batch: (), older_than=now - LATER) == 0, "it might still be on its way"
    assert shelf.sweep(lambda batch: (), older_than=now + LATER) == 1
    assert files(folder) == []


def test_sweeping_takes_old_strays_and_nothing_else(shelf: FolderShelf, folder: Path) -> None:
    referred, stray, young, again = (put(shelf, word)[0] for word in (b"referred", b"stray", b"young", b"again"))
    an_hour_ago = time.time() - 3600
    for old in (referred, stray, again):
        name = old.removeprefix("sha256:")
        os.utime(folder / name[:2] / name, (an_hour_ago, an_hour_ago))
    put(shelf, b"again")  # somebody is about to refer to it
    before = datetime.now(UTC) - timedelta(minutes=30)
    assert shelf.sweep(lambda batch: {found for found in batch if found == referred}, older_than=before) == 1
    for kept in (referred, young, again):
        shelf.open(kept).close()
    with pytest.raises(Unavailable, match="restore"):
        shelf.open(stray)


def test_an_empty_shelf_can_be_swept(shelf: FolderShelf) -> None:
    assert shelf.sweep(lambda batch: batch, older_than=datetime.now(UTC)) == 0
