"""The ledger on a real database: in the caller's transaction, gapless under races, shown by label only."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction

from seatrial.kernel.errors import Misuse, NotFound, Unavailable
from seatrial.kernel.labels import OPEN, Label, Level, Reader
from seatrial.kernel.merkle import EMPTY_ROOT
from seatrial.ledger import api as ledger
from seatrial.ledger import queries
from seatrial.ledger.core.note import Checkpoint, opened
from seatrial.ledger.models import CheckpointRow, EntryRow, Log, NodeRow, OpeningRow

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
    write(secret="nobody may find this", number=8675309)
    stored = EntryRow.objects.get()
    salts = [opening["salt"] for opening in json.loads(stored.opening.facts).values()]
    for hidden in ("nobody may find this", "8675309", "gwen", *salts):
        assert hidden not in stored.data
        assert hidden in stored.opening.facts


@pytest.mark.django_db
def test_values_survive_the_database_bit_for_bit() -> None:
    facts = {"tiny": 1e-7, "big": 1e30, "whole": 1.0, "text": "\u0000 ü 漢", "deep": {"b": [1, None], "a": True}}
    write(**facts)
    receipt = ledger.receipt(LAB, log="main", index=0, at=AT)
    assert ledger.verify_receipt(receipt, ledger.public_key()).facts["deep"] == {"b": [1, None], "a": True}


@pytest.mark.django_db
def test_a_proof_for_a_size_the_log_never_had_is_refused() -> None:
    write()
    for old, new in ((0, 1), (2, 1), (1, 2)):
        with pytest.raises(Misuse, match="ask for sizes"):
            ledger.consistency(old=old, new=new)


@pytest.mark.django_db
def test_nothing_of_the_record_is_changed_or_removed_through_its_models() -> None:
    write()
    write()
    ledger.checkpoint(at=AT)
    for model in (EntryRow, OpeningRow, NodeRow, CheckpointRow):
        row = model.objects.first()
        assert row is not None
        for attempt in (row.save, row.delete, model.objects.all().delete, model.objects.all().update):
            with pytest.raises(RuntimeError, match="cannot be"):
                attempt()
    assert ledger.audit().fault is None


@pytest.mark.django_db
def test_the_database_itself_refuses_a_second_entry_at_an_index() -> None:
    write()
    one = EntryRow.objects.get()
    again = EntryRow(log_id="main", index=0, at=AT, kind="test.double", data="{}", leaf=one.leaf, label=one.label)
    with pytest.raises(IntegrityError), transaction.atomic():
        again.save()


@pytest.mark.django_db
def test_facts_may_not_name_another_actor() -> None:
    with pytest.raises(RuntimeError, match="another actor"), transaction.atomic():
        ledger.append(kind="test.forged", actor="gwen", facts={"actor": "ina"}, label=OPEN, at=AT)


NO_LOG = ["main\n7\nAAAA", "", " ", "a/b", "a" * 61, "\0", "\ud800", "-"]


@pytest.mark.django_db
@pytest.mark.parametrize("log", NO_LOG)
def test_a_name_that_no_log_can_have_is_never_signed_nor_written_to(log: str) -> None:
    with pytest.raises(Misuse, match="No log is called") as caught:
        ledger.checkpoint(log=log, at=AT)
    assert caught.value.code == "bad-log-name"
    with pytest.raises(Misuse, match="No log is called"), transaction.atomic():
        ledger.append(log=log, kind="test.stray", actor="gwen", facts={}, label=OPEN, at=AT)
    assert ledger.head(log) == 0
    assert ledger.entries(LAB, log=log) == ()
    assert ledger.audit(log).entries == 0
    with pytest.raises(NotFound):
        ledger.receipt(LAB, log=log, index=0, at=AT)
    assert not Log.objects.exists()


@pytest.mark.django_db
def test_a_log_nobody_has_written_to_has_an_empty_checkpoint_and_leaves_no_row() -> None:
    found = Checkpoint.parse(opened(ledger.checkpoint(log="lab", at=AT), ledger.public_key()))
    assert (found.origin, found.size, found.root) == ("seatrial.localhost/lab", 0, EMPTY_ROOT)
    assert not Log.objects.exists()


@pytest.mark.django_db
def test_how_much_a_developer_drafts_is_known_to_the_developer_only() -> None:
    """V10: the size of a draft log tells never-came from came-and-left, so others get no checkpoint of it."""
    answers = []
    for _ in range(2):
        with pytest.raises(NotFound) as caught:
            ledger.checkpoint(log="lab", at=AT, asking=BODY)
        answers.append(str(caught.value))
        write(log="lab", label=Label.among("lab"))
    assert answers[0] == answers[1]
    assert "\n2\n" in ledger.checkpoint(log="lab", at=AT, asking=LAB)
    assert "\n0\n" in ledger.checkpoint(log="main", at=AT, asking=Reader())


@pytest.mark.django_db
def test_a_checkpoint_is_signed_once_for_each_size() -> None:
    write()
    assert ledger.checkpoint(at=AT) == ledger.checkpoint(at=AT)
    write()
    ledger.checkpoint(at=AT)
    assert list(CheckpointRow.objects.order_by("size").values_list("size", flat=True)) == [1, 2]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "asked",
    [
        {"kind": "\0"},
        {"kind": "\ud800"},
        {"after": 10**30},
        {"before": -(10**30)},
        {"limit": 0},
        {"limit": -5},
        {"kind": "%"},
    ],
)
def test_a_question_that_nothing_answers_gets_nothing(asked: dict[str, Any]) -> None:
    write()
    assert ledger.entries(LAB, **asked) == ()


@pytest.mark.django_db
def test_a_page_of_entries_takes_two_queries_however_many_it_may_not_show(django_assert_num_queries: Any) -> None:
    for _ in range(30):
        write(label=Label.among("body"))
    write(label=Label.among("lab"))
    with django_assert_num_queries(2):
        assert [entry.index for entry in ledger.entries(LAB, limit=1)] == [30]


@pytest.mark.django_db
def test_appending_takes_as_many_queries_in_a_long_log_as_in_a_short_one(django_assert_max_num_queries: Any) -> None:
    write()
    for _ in range(70):
        with django_assert_max_num_queries(7):  # two are the savepoint of this test's own transaction
            write()


@pytest.mark.django_db
def test_a_receipt_needs_few_queries_in_a_long_log(django_assert_max_num_queries: Any) -> None:
    for _ in range(130):
        write()
    ledger.checkpoint(at=AT)
    with django_assert_max_num_queries(10):
        ledger.receipt(LAB, log="main", index=77, at=AT)


@pytest.mark.django_db
def test_erased_openings_leave_a_record_that_still_verifies() -> None:
    write(secret="to be forgotten")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM ledger_openingrow")
    proven = ledger.verify_receipt(ledger.receipt(LAB, log="main", index=0, at=AT), ledger.public_key())
    assert (proven.kind, proven.facts) == ("test.happened", {})
    assert ledger.entries(LAB)[0].openings == {}
    assert ledger.audit().fault is None


def test_an_instance_that_changes_its_name_is_told_so(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    write()
    monkeypatch.setattr(settings, "SEATRIAL", dataclasses.replace(settings.SEATRIAL, ledger_origin="other.example"))
    with pytest.raises(Unavailable, match="set SEATRIAL_ORIGIN back"):
        write()
    with pytest.raises(Unavailable, match="set SEATRIAL_ORIGIN back"):
        ledger.checkpoint(at=AT)
    monkeypatch.setattr(settings, "SEATRIAL", dataclasses.replace(settings.SEATRIAL, ledger_origin="two words"))
    with pytest.raises(Misuse, match="set SEATRIAL_ORIGIN"):
        ledger.public_key()


def test_a_key_that_was_replaced_is_noticed_before_it_signs(
    db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write()
    ledger.checkpoint(at=AT)
    write()
    monkeypatch.setattr(settings, "SEATRIAL", dataclasses.replace(settings.SEATRIAL, home=tmp_path))
    with pytest.raises(Unavailable, match=r"restore ledger\.key") as caught:
        ledger.checkpoint(at=AT)
    assert caught.value.code == "key-changed"


@pytest.mark.django_db(transaction=True)
def test_a_log_that_grows_while_it_is_audited_is_not_called_damaged(monkeypatch: pytest.MonkeyPatch) -> None:
    @transaction.atomic
    def append() -> None:
        ledger.append(kind="test.grown", actor="gwen", facts={}, label=OPEN, at=AT)

    for _ in range(3):
        append()
    checked = queries._check_head

    def late(*said: Any) -> None:
        """What another process appends after the head was read, and before what lies beyond it is looked for."""
        if ledger.head() < 6:
            append()
        checked(*said)

    monkeypatch.setattr(queries, "_check_head", late)
    found = ledger.audit()
    assert (found.fault, found.entries) == (None, 6)
