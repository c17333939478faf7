"""A kept secret is made once, whole, and for its owner's eyes only."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from seatrial.kernel.keyfiles import kept


def test_a_secret_is_made_once_and_read_ever_after(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "a.key"
    first = kept(path, lambda: b"first")
    assert (first, kept(path, lambda: b"second")) == (b"first", b"first")
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert [found.name for found in path.parent.iterdir()] == ["a.key"]


def test_all_who_start_at_once_get_the_same_secret(tmp_path: Path) -> None:
    path, barrier, got = tmp_path / "a.key", threading.Barrier(8), []

    def start() -> None:
        barrier.wait()
        got.append(kept(path, lambda: os.urandom(16)))

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 8
    assert set(got) == {path.read_bytes()}


def test_a_maker_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def fail() -> bytes:
        raise KeyError

    with pytest.raises(KeyError):
        kept(tmp_path / "a.key", fail)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_used_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OSError, match=r"."):
        kept(tmp_path / "file" / "a.key", lambda: b"x")
