"""Writers, signers and readers at once, on a real database: no gap, no duplicate, nothing of what was rolled back."""

from __future__ import annotations

import itertools
import random
import threading
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.db import connection, transaction

from seatrial.kernel.labels import OPEN, Reader
from seatrial.ledger import api as ledger
from seatrial.ledger.core.note import Checkpoint, opened

AT = datetime(2026, 7, 1, 9, tzinfo=UTC)
ANYBODY = Reader()
pytestmark = pytest.mark.django_db(transaction=True)


def together(*work: Callable[[], None]) -> None:
    """Run each in a thread with a connection of its own; the first error of any is raised."""
    errors: list[BaseException] = []
    ready = threading.Barrier(len(work))

    def run(one: Callable[[], None]) -> None:
        try:
            ready.wait(30)
            one()
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(one,)) for one in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def write(log: str = "main", **facts: object) -> None:
    ledger.append(log=log, kind="test.happened", actor="gwen", facts=facts, label=OPEN, at=AT)


def writing(times: int, log: str = "main") -> Callable[[], None]:
    def work() -> None:
        for number in range(times):
            with transaction.atomic():
                write(log, number=number)

    return work


def test_writers_at_once_leave_no_gap_and_no_duplicate() -> None:
    together(*[writing(8)] * 6)
    assert [entry.index for entry in ledger.entries(ANYBODY, limit=1000)] == list(range(48))
    assert ledger.audit().fault is None


def test_the_very_first_entries_may_race() -> None:
    together(*[writing(1, "lab")] * 8)
    assert ledger.head("lab") == 8
    assert ledger.audit("lab").fault is None


def test_what_is_rolled_back_among_others_leaves_nothing() -> None:
    """Each thread commits some transactions of one to three entries and takes back the others."""
    committed: list[str] = []

    def work(seed: int) -> Callable[[], None]:
        def turns() -> None:
            chance = random.Random(seed)
            for turn in range(8):
                names = [f"{seed}-{turn}-{number}" for number in range(chance.randint(1, 3))]
                with transaction.atomic():
                    for name in names:
                        write(name=name)
                    if chance.random() < 0.5:
                        transaction.set_rollback(True)
                        continue
                committed.extend(names)

        return turns

    together(*(work(seed) for seed in range(5)))
    found = ledger.entries(ANYBODY, limit=1000)
    assert [entry.index for entry in found] == list(range(len(committed)))
    assert sorted(str(entry.openings["name"]["value"]) for entry in found) == sorted(committed)
    assert ledger.audit().fault is None


def test_a_savepoint_taken_back_leaves_what_stood_before_it() -> None:
    with transaction.atomic():
        write(name="kept")
        with pytest.raises(KeyError), transaction.atomic():
            write(name="lost")
            raise KeyError
        write(name="kept too")
    assert [entry.openings["name"]["value"] for entry in ledger.entries(ANYBODY)] == ["kept", "kept too"]
    assert ledger.audit().fault is None


def test_signing_while_others_write_signs_one_history() -> None:
    notes: list[str] = []

    def sign() -> None:
        for _ in range(6):
            notes.append(ledger.checkpoint(at=AT))

    together(writing(15), writing(15), sign, sign, sign)
    notes.append(ledger.checkpoint(at=AT))
    signed = sorted({(c.size, c.root) for c in (Checkpoint.parse(opened(n, ledger.public_key())) for n in notes)})
    assert len({size for size, _ in signed}) == len(signed), "two histories of one size were signed"
    for (old, old_root), (new, new_root) in itertools.pairwise(signed):
        if old:
            path = [bytes.fromhex(step) for step in ledger.consistency(old=old, new=new)]
            assert ledger.verify_consistency(old, new, path, old_root, new_root)
    assert signed[-1][0] == 30
    assert ledger.audit().fault is None


def test_receipts_taken_while_others_write_verify() -> None:
    writing(5)()

    def read() -> None:
        for index in range(5):
            ledger.verify_receipt(ledger.receipt(ANYBODY, log="main", index=index, at=AT), ledger.public_key())

    together(writing(12), read, read)
    assert ledger.audit().fault is None
