"""What ``findings.ports.Shelf`` guarantees, of the shelf in a folder."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from seatrial.clearinghouse.findings.adapters.sealed_shelf import SealedShelf
from seatrial.kernel.digests import digest
from seatrial.kernel.errors import Misuse, Unavailable
from seatrial.kernel.recipients import fresh_key

MIB = 2**20
KEY = fresh_key()


@pytest.fixture
def shelf(tmp_path: Path) -> SealedShelf:
    return SealedShelf(tmp_path / "reports", lambda: KEY)


def files(tmp_path: Path) -> list[Path]:
    return [path for path in (tmp_path / "reports").rglob("*") if path.is_file() and path.name != "lock"]


def nobody(_asked: object) -> frozenset[str]:
    return frozenset()


@pytest.mark.parametrize("size", [0, 1, MIB - 1, MIB, MIB + 1, 3 * MIB + 7])
def test_what_was_put_is_opened_whole_and_in_parts(shelf: SealedShelf, size: int) -> None:
    data = bytes(range(256)) * (size // 256 + 1)
    data = data[:size]
    found = shelf.put([data[:1000], data[1000:]], limit=size)
    assert found == (digest(data), size)
    with shelf.open(found[0]) as file:
        assert file.read() == data
        file.seek(max(0, size - 5))
        assert file.read(3) == data[max(0, size - 5) :][:3]
        assert file.seek(0, io.SEEK_END) == size
        assert file.read() == b""


def test_what_lies_there_is_sealed_and_opens_with_the_key_alone(shelf: SealedShelf, tmp_path: Path) -> None:
    found, _ = shelf.put([b"how to break it " * 1000], limit=MIB)
    (file,) = files(tmp_path)
    assert b"how to break it" not in file.read_bytes()
    with pytest.raises(Misuse, match="not sealed for your key"):
        SealedShelf(tmp_path / "reports", fresh_key).open(found)
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    with pytest.raises(Misuse, match="does not open"):
        shelf.open(found).read()


def test_the_same_bytes_are_kept_once(shelf: SealedShelf, tmp_path: Path) -> None:
    assert shelf.put([b"same"], limit=10) == shelf.put([b"sa", b"me"], limit=10)
    assert len(files(tmp_path)) == 1


def test_what_is_too_large_is_refused_before_all_of_it_was_read(shelf: SealedShelf, tmp_path: Path) -> None:
    read = 0

    def endless() -> Iterator[bytes]:
        nonlocal read
        while True:
            read += MIB
            yield bytes(MIB)

    with pytest.raises(Misuse) as caught:
        shelf.put(endless(), limit=4 * MIB)
    assert (caught.value.code, read) == ("attachment-too-large", 5 * MIB)
    assert files(tmp_path) == []


def test_what_breaks_off_leaves_nothing(shelf: SealedShelf, tmp_path: Path) -> None:
    def cut() -> Iterator[bytes]:
        yield b"some"
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        shelf.put(cut(), limit=MIB)
    assert files(tmp_path) == []


def test_what_is_missing_is_said(shelf: SealedShelf) -> None:
    with pytest.raises(Unavailable) as caught:
        shelf.open(digest(b"never"))
    assert caught.value.code == "attachment-missing"


def test_removing_spares_what_a_row_names_and_waits_for_whoever_holds_the_shelf(shelf: SealedShelf) -> None:
    rows: set[str] = set()
    began, ended = threading.Event(), threading.Event()
    kept, _ = shelf.put([b"in flight"], limit=MIB)
    gone, _ = shelf.put([b"nobody's"], limit=MIB)

    def remove() -> None:
        began.set()
        shelf.remove([kept, gone], lambda asked: rows & set(asked))  # type: ignore[arg-type,return-value]
        ended.set()

    with shelf.held():
        thread = threading.Thread(target=remove)
        thread.start()
        began.wait(5)
        assert not ended.wait(0.2)  # it waits, though no row stands yet
        rows.add(kept)
    thread.join(5)
    assert shelf.open(kept).read() == b"in flight"
    with pytest.raises(Unavailable):
        shelf.open(gone)


def test_only_old_strays_are_swept(shelf: SealedShelf, tmp_path: Path) -> None:
    shelf.put([b"stray"], limit=MIB)
    (tmp_path / "reports" / "incoming" / "half").write_bytes(b"half")
    now = datetime.now(UTC)
    assert shelf.sweep(nobody, older_than=now - timedelta(hours=1)) == 0  # type: ignore[arg-type]
    assert shelf.sweep(lambda asked: asked, older_than=now + timedelta(hours=1)) == 1  # the half one
    assert shelf.sweep(nobody, older_than=now + timedelta(hours=1)) == 1  # type: ignore[arg-type]
    assert files(tmp_path) == []
