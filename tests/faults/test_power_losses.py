"""The power goes while the gateway works: what was forwarded is on record, and every record gets its receipt."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest
from benchmarks.gateway_parts.disk import Disk
from benchmarks.gateway_parts.recovery import FAULTS
from benchmarks.gateway_parts.trace import Event, available

ROOT = Path(__file__).parents[2]
LOSSES = 20


@pytest.mark.skipif(not available(), reason="strace is not installed, or may not look at processes here")
def test_what_was_forwarded_is_on_record_and_recovery_proves_all_of_it():
    words = [sys.executable, "-m", "benchmarks.gateway_parts.power", str(LOSSES), "0.7"]
    said = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=120, check=True).stdout
    found = json.loads(said.splitlines()[-1])
    assert found["forwarded_without_record"] == 0
    assert {fault: found[fault] for fault in FAULTS} == dict.fromkeys(FAULTS, 0)
    assert found["losses"] == LOSSES
    assert found["forwarded"] > 20
    assert found["receipts_verified"] > LOSSES
    assert found["whole_bodies"] > LOSSES
    assert found["caught_on_a_disk_that_lies"] > 0  # it would have been noticed


class Steps:
    """Events on a disk with one file, as a trace would tell them."""

    def __init__(self, *, honest: bool = True) -> None:
        self.disk = Disk({"/d/a": b"old."}, ("/d/a", "/d/b"), honest=honest)
        self.number = 0

    def begin(self, call: str, file: str = "", *texts: bytes, at: int = 0, flags: str = "") -> Event:
        self.number += 1
        event = Event(self.number, call, False, file, texts, (at,), flags, None)
        self.disk.take(event)
        return event

    def end(self, event: Event) -> None:
        result = len(event.texts[0]) if event.call == "pwrite64" else 0
        told = (event.number, event.call, True, event.file, event.texts, event.numbers, event.flags, result)
        self.disk.take(Event(*told))

    def do(self, *said, **more) -> None:
        self.end(self.begin(*said, **more))

    def found(self, path: str = "/d/a") -> set[bytes | None]:
        """Everything that may be there."""
        return {self.disk.lost(random.Random(seed)).get(path) for seed in range(200)}


def test_a_write_that_was_not_synced_may_be_there_or_not_and_one_that_was_is():
    steps = Steps()
    steps.do("pwrite64", "/d/a", b"new!")
    assert steps.found() == {b"old.", b"new!"}
    steps.do("fdatasync", "/d/a")
    assert steps.found() == {b"new!"}
    steps.do("ftruncate", "/d/a", at=2)
    assert steps.found() == {b"new!", b"ne"}


def test_a_sync_covers_what_had_returned_when_it_began_and_only_once_it_returns():
    steps = Steps()
    late = steps.begin("pwrite64", "/d/a", b"A")
    steps.do("pwrite64", "/d/a", b"B", at=1)
    sync = steps.begin("fdatasync", "/d/a")
    steps.end(late)
    assert steps.found() == {b"old.", b"Ald.", b"oBd.", b"ABd."}
    steps.end(sync)
    assert steps.found() == {b"oBd.", b"ABd."}


def test_a_large_write_may_be_there_in_part_and_out_of_order():
    steps = Steps()
    steps.do("pwrite64", "/d/a", b"x" * 1024, at=4)
    steps.do("pwrite64", "/d/a", b"y" * 512, at=1028)
    found = steps.found()
    assert any(data[4:516].strip(b"x") and data[520:1024] == b"x" * 504 for data in found if len(data) >= 1028)
    assert any(data[4:1028].strip(b"\0") == b"" and data.endswith(b"y") for data in found)


def test_a_file_is_found_by_its_name_once_its_folder_was_synced():
    steps = Steps()
    made = Event(99, "openat", True, "", (b"/d/b",), (), "O_RDWR|O_CREAT", 5)
    steps.disk.take(made)
    steps.do("pwrite64", "/d/b", b"wal")
    steps.do("fdatasync", "/d/b")
    assert steps.found("/d/b") == {None, b"wal"}
    steps.do("fdatasync", "/d")
    assert steps.found("/d/b") == {b"wal"}
    steps.disk.take(Event(100, "unlink", True, "", (b"/d/b",), (), "", 0))
    assert steps.found("/d/b") == {None, b"wal"}


def test_a_disk_that_lies_keeps_nothing_for_sure():
    steps = Steps(honest=False)
    steps.do("pwrite64", "/d/a", b"new!")
    steps.do("fdatasync", "/d/a")
    assert steps.found() == {b"old.", b"new!"}


def test_what_the_model_does_not_know_is_no_proof():
    with pytest.raises(ValueError, match="not modelled"):
        Steps().begin("writev", "/d/a", b"new!")
