"""A body in a file: whole again however it came in pieces, and nothing that anybody else could find or read."""

from __future__ import annotations

import asyncio
import hashlib
import os
import stat
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seatrial.gateway.spool import PIECE, Intake, Spooled, Spools, check_folder
from seatrial.kernel.errors import Misuse, SeatrialError, Unavailable

ROOM = 8 * PIECE


async def written(spools: Spools, parts: list[bytes], *, size: int = 0) -> Spooled:
    intake = Intake(spools, lambda: None)
    intake.expect(size)
    for part in parts:
        intake.feed(part)
    told: asyncio.Future[Spooled | SeatrialError] = asyncio.get_running_loop().create_future()
    intake.end(told.set_result)
    outcome = await asyncio.wait_for(told, 5)
    assert isinstance(outcome, Spooled), outcome
    return outcome


async def gone(spools: Spools) -> None:
    async with asyncio.timeout(5):
        while spools.left != ROOM:  # noqa: ASYNC110 - given back by a thread
            await asyncio.sleep(0.005)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 2 * PIECE), max_size=3))
def test_it_is_whole_again_however_it_came(sizes):
    parts = [
        bytes(range(number, number + 200)) * (size // 200) + b"x" * (size % 200) for number, size in enumerate(sizes)
    ]
    whole = b"".join(parts)

    async def work() -> None:
        spools = Spools(None, ROOM)
        body = await written(spools, parts, size=len(whole) // 2)
        assert (len(body), body.digest) == (len(whole), f"sha256:{hashlib.sha256(whole).hexdigest()}")
        assert b"".join(map(body.read, range(body.pieces))) == whole
        assert b"".join([await body.piece(number) for number in range(body.pieces)]) == whole
        body.close()
        body.close()
        await gone(spools)
        spools.close()

    asyncio.run(work())


async def test_nobody_else_finds_or_reads_it(tmp_path):
    spools = Spools(tmp_path, ROOM)
    body = await written(spools, [b"the secret weights " * 50_000])
    assert list(tmp_path.iterdir()) == []
    found = os.fstat(body._file.fileno())
    assert (stat.S_IMODE(found.st_mode), found.st_nlink) == (0o600, 0)
    on_disk = os.pread(body._file.fileno(), found.st_size, 0)
    assert len(on_disk) > len(body)
    assert b"secret" not in on_disk


async def test_what_the_disk_changed_is_not_sent(tmp_path):
    body = await written(Spools(tmp_path, ROOM), [bytes(PIECE + 10)])
    os.pwrite(body._file.fileno(), b"\x01", PIECE + 20)
    assert await body.piece(0) == bytes(PIECE)
    with pytest.raises(Unavailable, match="as it came") as refused:
        await body.piece(1)
    assert refused.value.code == "spool-broke"


async def test_a_body_that_was_let_go_is_not_read(tmp_path):
    spools = Spools(tmp_path, ROOM)
    body = await written(spools, [bytes(100)])
    body.close()
    await gone(spools)
    with pytest.raises(Unavailable):
        await body.piece(0)


async def test_room_is_counted_for_all_and_given_back_even_by_who_forgets(tmp_path):
    spools = Spools(tmp_path, ROOM)
    one, other = Intake(spools, lambda: None), Intake(spools, lambda: None)
    one.expect(5 * PIECE)
    with pytest.raises(Unavailable) as refused:
        other.expect(4 * PIECE)
    assert refused.value.code == "spool-full"
    with pytest.raises(Unavailable):
        one.feed(bytes(9 * PIECE))
    one.drop()
    await gone(spools)
    forgotten = await written(spools, [bytes(PIECE)])
    assert spools.left < ROOM
    del forgotten
    await gone(spools)


async def test_a_folder_that_is_missing_is_no_room(tmp_path: Path):
    spools = Spools(tmp_path / "none", ROOM)
    with pytest.raises(Unavailable) as refused:
        Intake(spools, lambda: None)
    assert (refused.value.code, spools.left) == ("spool-full", ROOM)


def test_a_folder_that_cannot_be_used_is_one_clear_sentence_at_start(tmp_path):
    made = tmp_path / "new" / "spool"
    check_folder(made)
    assert (stat.S_IMODE(made.stat().st_mode), list(made.iterdir())) == (0o700, [])
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(Misuse, match=r"SEATRIAL_GATEWAY_SPOOL is .* where no file can be made"):
        check_folder(tmp_path / "file" / "spool")


async def test_a_disk_that_fails_is_told_once_and_at_the_end(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "TemporaryFile", lambda **_: open("/dev/full", "r+b", buffering=0))  # noqa: SIM115, PTH123
    moved: list[bool] = []
    spools = Spools(tmp_path, ROOM)
    intake = Intake(spools, lambda: moved.append(intake.fault is not None))
    intake.feed(bytes(2 * PIECE))
    async with asyncio.timeout(5):
        while not moved:  # noqa: ASYNC110 - written by a thread
            await asyncio.sleep(0.005)
    told: list[object] = []
    intake.end(told.append)
    assert [str(fault) for fault in told] == [str(intake.fault)]
    await gone(spools)
