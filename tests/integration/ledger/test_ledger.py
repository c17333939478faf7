"""The ledger on a real database: in the caller's transaction, gapless under races, shown by label only."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest
from django.db import connection, transaction

from seatrial.kernel.errors import Misuse, NotFound, Unavailable
from seatrial.kernel.labels import OPEN, Label, Level, Reader
from seatrial.ledger import api as ledger
from seatrial.ledger.core.note import Checkpoint, opened
from seatrial.ledger.models import EntryRow, NodeRow

AT = datetime(2026, 7, 1, 9, tzinfo=UTC)
LAB = Reader("gwen", frozenset({"lab"}), Level.CONTROLLED)
BODY = Reader("ina", frozenset({"body"}), Level.CONTROLLED)


def write(kind: str = "test.happened", label: Label = OPEN, log: str = "main", **facts: object) -> int:
    with transaction.atomic():
        return ledger.append(log=log, kind=kind, actor="gwen", facts=facts, label=label, at=AT).index


@pytest.mark.django_db
def test_each_entry_has_a_receipt_that_verifies() -> None:
    for number in range(13):
        write(number=number)
    for index in range(13):
        proven = ledger.verify_receipt(ledger.receipt(LAB, log="main", index=index, at=AT), ledger.public_key())
        assert proven.facts == {"number": index, "actor": "gwen"}
        assert proven.index == index
    assert ledger.audit().fault is None


@pytest.mark.django_db
def test_old_receipts_stay_valid_and_checkpoints_are_consistent() -> None:
    sizes, roots, receipts = [], [], []
    for number in range(9):
        write(number=number)
        note = ledger.checkpoint(at=AT)
        found = Checkpoint.parse(opened(note, ledger.public_key()))
        sizes.append(found.size)
        roots.append(found.root)
        receipts.append(ledger.receipt(LAB, log="main", index=0, at=AT))
    for receipt in receipts:
        ledger.verify_receipt(receipt, ledger.public_key())
    for old in range(9):
        for new in range(old, 9):
            path = [bytes.fromhex(step) for step in ledger.consistency(old=sizes[old], new=sizes[new])]
            assert ledger.verify_consistency(sizes[old], sizes[new], path, roots[old], roots[new])


@pytest.mark.django_db(transaction=True)
def test_an_entry_stands_only_if_its_transaction_does() -> None:
    write()
    with pytest.raises(KeyError), transaction.atomic():
        ledger.append(kind="test.lost", actor="gwen", facts={}, label=OPEN, at=AT)
        raise KeyError
    assert ledger.head() == 1
    write()
    assert [entry.kind for entry in ledger.entries(LAB)] == ["test.happened", "test.happened"]
    assert ledger.audit().fault is None


@pytest.mark.django_db(transaction=True)
def test_appending_outside_a_transaction_is_a_defect() -> None:
    with pytest.raises(RuntimeError, match="outside a transaction"):
        ledger.append(kind="test.stray", actor="gwen", facts={}, label=OPEN, at=AT)


@pytest.mark.django_db
def test_an_entry_is_seen_only_by_those_its_label_lets_read() -> None:
    write(label=Label.among("lab"), secret="for the lab")
    write(label=Label.among("lab", "body"), shared="for both")
    assert [entry.index for entry in ledger.entries(LAB)] == [0, 1]
    assert [entry.index for entry in ledger.entries(BODY)] == [1]
    with pytest.raises(NotFound):
        ledger.receipt(BODY, log="main", index=0, at=AT)
    with pytest.raises(NotFound):
        ledger.receipt(LAB, log="main", index=2, at=AT)
    with pytest.raises(NotFound):
        ledger.receipt(LAB, log="main", index=-1, at=AT)


@pytest.mark.django_db
def test_logs_are_apart() -> None:
    write(log="lab", label=Label.among("lab"))
    assert ledger.head() == 0
    assert ledger.head("lab") == 1
    receipt = ledger.receipt(LAB, log="lab", index=0, at=AT)
    assert ledger.verify_receipt(receipt, ledger.public_key()).log == "lab"


@pytest.mark.django_db
def test_entries_page_forward_and_backward_and_filter_by_kind() -> None:
    for number in range(6):
        write(kind="case.opened" if number % 2 else "access.refused")
    assert [e.index for e in ledger.entries(LAB, after=2, limit=2)] == [3, 4]
    assert [e.index for e in ledger.entries(LAB, before=3, newest_first=True, limit=2)] == [2, 1]
    assert [e.index for e in ledger.entries(LAB, kind="case")] == [1, 3, 5]


@pytest.mark.django_db
def test_stored_entries_hold_no_value() -> None:
    write(secret="nobody may find this")
    assert "nobody may find this" not in EntryRow.objects.get().data


@pytest.mark.django_db
def test_values_survive_the_database_bit_for_bit() -> None:
    facts = {"tiny": 1e-7, "big": 1e30, "whole": 1.0, "text": "\u0000 ü 漢", "deep": {"b": [1, None], "a": True}}
    write(**facts)
    receipt = ledger.receipt(LAB, log="main", index=0, at=AT)
    assert ledger.verify_receipt(receipt, ledger.public_key()).facts["deep"] == {"b": [1, None], "a": True}


@pytest.mark.django_db
def test_nothing_is_signed_over_a_record_that_was_altered() -> None:
    for number in range(5):
        write(number=number)
    EntryRow.objects.filter(index=2).update(data="{}")
    with pytest.raises(Unavailable, match="do not hash to its head"):
        ledger.checkpoint(at=AT)
    assert "do not hash" in (ledger.audit().fault or "")


@pytest.mark.django_db
def test_a_history_rewritten_under_a_signed_checkpoint_is_found() -> None:
    for number in range(6):
        write(number=number)
    ledger.checkpoint(at=AT)
    NodeRow.objects.filter(level=1, index=0).update(hash="00" * 32)
    NodeRow.objects.filter(level=2, index=0).update(hash="00" * 32)
    write()
    with pytest.raises(Unavailable, match="last checkpoint"):
        ledger.checkpoint(at=AT)
    EntryRow.objects.filter(index=5).update(data="{}")
    assert "signs another history" in (ledger.audit().fault or "")


@pytest.mark.django_db
def test_an_entry_cannot_be_saved_again_or_deleted() -> None:
    write()
    with pytest.raises(RuntimeError, match="cannot be deleted"):
        EntryRow.objects.get().delete()
    with pytest.raises(Exception, match=r"(?i)unique|duplicate"), transaction.atomic():
        EntryRow.objects.get().save()


@pytest.mark.django_db
def test_a_proof_for_a_size_the_log_never_had_is_refused() -> None:
    write()
    for old, new in ((0, 1), (2, 1), (1, 2)):
        with pytest.raises(Misuse, match="ask for sizes"):
            ledger.consistency(old=old, new=new)


@pytest.mark.django_db(transaction=True)
def test_writers_at_once_leave_no_gap_and_no_duplicate() -> None:
    errors: list[BaseException] = []

    def work() -> None:
        try:
            for _ in range(8):
                write()
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert [entry.index for entry in ledger.entries(LAB, limit=1000)] == list(range(48))
    assert ledger.audit().fault is None
