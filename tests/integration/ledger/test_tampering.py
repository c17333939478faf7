"""Whoever reaches the database can alter it; nothing altered is ever signed, handed out or overlooked."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.db import connection, transaction

from seatrial.kernel.errors import Unavailable
from seatrial.kernel.labels import OPEN, Reader
from seatrial.kernel.merkle import grow, leaf_hash, number
from seatrial.ledger import api as ledger
from seatrial.ledger.models import EntryRow

AT = datetime(2026, 7, 1, 9, tzinfo=UTC)
ANYBODY = Reader()
SIZE = 21


@pytest.fixture
def record(db: None) -> None:
    """21 entries, the first 9 and the first 16 under checkpoints."""
    for turn in range(SIZE):
        with transaction.atomic():
            ledger.append(kind="test.happened", actor="gwen", facts={"number": turn}, label=OPEN, at=AT)
        if turn in (8, 15):
            ledger.checkpoint(at=AT)


def sql(statement: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def alter(table: str, column: str, value: object, where: str, *values: object) -> Callable[[], None]:
    return lambda: sql(f"UPDATE ledger_{table} SET {column} = %s WHERE {where}", value, *values)


OTHER = "ab" * 32
TAMPERINGS: dict[str, tuple[Callable[[], None], str]] = {
    "the bytes of an entry": (alter("entryrow", "data", "{}", '"index" = 3'), "entry 3 does not hash to its leaf"),
    "bytes that are no JSON": (alter("entryrow", "data", "x", '"index" = 3'), "entry 3 does not hash to its leaf"),
    "a leaf hash": (alter("entryrow", "leaf", OTHER, '"index" = 17'), "entry 17 does not hash to its leaf"),
    "what an entry is filed as": (
        alter("entryrow", "kind", "test.never-happened", '"index" = 3'),
        "entry 3 is filed under another kind",
    ),
    "when an entry was made": (
        alter(
            "entryrow",
            "at",
            "2026-07-02 09:00:00+00:00" if connection.vendor == "postgresql" else "2026-07-02 09:00:00",
            '"index" = 3',
        ),
        "entry 3 is filed under another at",
    ),
    "who may read an entry": (
        alter("entryrow", "label", "controlled//-//TLP:RED//ina", '"index" = 3'),
        "openings under another label",
    ),
    "what an entry opens to": (
        alter("openingrow", "facts", json.dumps({"number": {"salt": "00", "value": 7}}), "id > 4"),
        "openings that do not match",
    ),
    "openings that are no JSON": (alter("openingrow", "facts", "[1]", "id > 4"), "cannot be read"),
    "a node": (alter("noderow", "hash", OTHER, "place = 37"), "level 1, 9 is not what"),
    "a high node": (alter("noderow", "hash", OTHER, "place = 15"), "level 4, 0 is not what"),
    "a missing node": (lambda: sql("DELETE FROM ledger_noderow WHERE place = 11"), "level 2, 1 is not"),
    "a node too many": (
        lambda: sql("INSERT INTO ledger_noderow (log_id, place, hash) VALUES ('main', 999, %s)", OTHER),
        "nodes that no entries make",
    ),
    "the head's frontier": (alter("log", "frontier", json.dumps([OTHER]), "name = 'main'"), "do not hash to its head"),
    "a smaller head": (alter("log", "size", 12, "name = 'main'"), "a checkpoint of size 16 was signed"),
    "a larger head": (alter("log", "size", 30, "name = 'main'"), "entry 21 is missing"),
    "an entry moved away": (alter("entryrow", '"index"', 99, '"index" = 5'), "entry 5 is missing"),
    "the last entry moved away": (alter("entryrow", '"index"', 99, '"index" = 20'), "entry 20 is missing"),
    "a checkpoint's root": (alter("checkpointrow", "root", OTHER, "size = 9"), "size 9 signs another history"),
    "a checkpoint's note": (
        alter("checkpointrow", "note", "seatrial.localhost/main\n9\nAAAA\n\n— x AAAA\n", "size = 9"),
        "size 9 cannot be trusted",
    ),
    "a checkpoint's note exchanged for another's": (
        lambda: sql(
            "UPDATE ledger_checkpointrow SET note = (SELECT note FROM ledger_checkpointrow WHERE size = 16) "
            "WHERE size = 9"
        ),
        "size 9 says another thing",
    ),
    "an entry too many": (
        lambda: sql(
            'INSERT INTO ledger_entryrow (log_id, "index", at, kind, review, data, leaf, label) '
            'SELECT log_id, 21, at, kind, review, data, leaf, label FROM ledger_entryrow WHERE "index" = 3'
        ),
        "entries beyond its size of 21",
    ),
    "a checkpoint's size": (alter("checkpointrow", "size", 10, "size = 9"), "size 10 signs another history"),
}


@pytest.mark.parametrize("what", TAMPERINGS)
def test_the_audit_finds_every_part_that_was_altered(record: None, what: str) -> None:
    assert ledger.audit().fault is None
    tamper, says = TAMPERINGS[what]
    tamper()
    assert says in (ledger.audit().fault or "no fault")


def test_the_audit_counts_what_it_looked_at(record: None) -> None:
    found = ledger.audit()
    assert (found.log, found.entries, found.checkpoints, found.fault) == ("main", SIZE, 2, None)
    assert f"\n{SIZE}\n" in ledger.checkpoint(at=AT)
    assert ledger.audit().root == found.root


def test_the_audit_takes_long_logs_in_blocks(record: None, monkeypatch: pytest.MonkeyPatch) -> None:
    from seatrial.ledger import queries

    whole = ledger.audit()
    for size in (1, 2, 3, 7, 8, 20, 21, 22):
        monkeypatch.setattr(queries, "_CHUNK", size)
        assert ledger.audit() == whole
    sql("DELETE FROM ledger_noderow WHERE place = 23")
    for size in (1, 2, 3, 7, 8, 20):
        monkeypatch.setattr(queries, "_CHUNK", size)
        assert "level 3, 1 is not" in (ledger.audit().fault or "")


@pytest.mark.parametrize("index", range(16, SIZE))
def test_nothing_is_signed_over_new_entries_that_were_altered(record: None, index: int) -> None:
    sql('UPDATE ledger_entryrow SET data = %s WHERE "index" = %s', "{}", index)
    with pytest.raises(Unavailable, match="do not hash to its head") as caught:
        ledger.checkpoint(at=AT)
    assert caught.value.code == "ledger-damaged"


def test_a_new_entry_that_is_missing_is_not_signed_over(record: None) -> None:
    sql('UPDATE ledger_entryrow SET "index" = 99 WHERE "index" = 18')
    with pytest.raises(Unavailable, match="entry 18 is missing"):
        ledger.checkpoint(at=AT)


def test_a_consistent_rewriting_of_new_entries_is_possible_and_of_signed_ones_is_not(record: None) -> None:
    """Before a checkpoint leaves the house, who owns the database owns the history; after it, no more."""
    for index, refused in ((3, True), (18, False)):
        with transaction.atomic():
            rewrite(index)
            if refused:
                with pytest.raises(Unavailable, match="last checkpoint"):
                    ledger.checkpoint(at=AT)
                transaction.set_rollback(True)
            else:
                ledger.checkpoint(at=AT)
                assert ledger.audit().fault is None


def rewrite(index: int) -> None:
    """Alter an entry and make all of the tree that is stored agree with it."""
    row = EntryRow.objects.get(index=index)
    entry = json.loads(row.data)
    entry["commitments"] = {}
    data = json.dumps(entry, separators=(",", ":"), sort_keys=True)
    sql(
        'UPDATE ledger_entryrow SET data = %s, leaf = %s WHERE "index" = %s',
        data,
        leaf_hash(data.encode()).hex(),
        index,
    )
    sql("UPDATE ledger_openingrow SET facts = '{}' WHERE entry_id = %s", row.pk)
    frontier: list[bytes] = []
    for place, leaf in EntryRow.objects.order_by("index").values_list("index", "leaf"):
        frontier, made = grow(place, frontier, bytes.fromhex(leaf))
        for at, node in made:
            sql("UPDATE ledger_noderow SET hash = %s WHERE place = %s", node.hex(), number(at))
    sql("UPDATE ledger_log SET frontier = %s", json.dumps([node.hex() for node in frontier]))


def test_a_log_cut_back_below_what_was_signed_is_not_signed_again(record: None) -> None:
    sql("UPDATE ledger_log SET size = 10")
    with pytest.raises(Unavailable, match="it has 10 entries, but 16 were signed"):
        ledger.checkpoint(at=AT)


def test_a_forged_last_checkpoint_is_not_built_upon(record: None) -> None:
    sql("UPDATE ledger_checkpointrow SET note = replace(note, 'main', 'moin') WHERE size = 16")
    with pytest.raises(Unavailable, match="was not signed by this key"):
        ledger.checkpoint(at=AT)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_entryrow SET data = replace(data, 'test', 'tesd') WHERE \"index\" = 3",
        "UPDATE ledger_entryrow SET data = '{}' WHERE \"index\" = 3",
        "UPDATE ledger_openingrow SET facts = replace(facts, '3', '4') WHERE entry_id = (SELECT id "
        'FROM ledger_entryrow WHERE "index" = 3)',
        "UPDATE ledger_entryrow SET leaf = '" + OTHER + '\' WHERE "index" = 2',
        "DELETE FROM ledger_noderow WHERE place = 1",
    ],
    ids=["entry", "unreadable entry", "opening", "neighbour's leaf", "missing node"],
)
def test_no_receipt_is_handed_out_that_does_not_verify(record: None, statement: str) -> None:
    ledger.checkpoint(at=AT)
    sql(statement.replace("%", "%%"))
    with pytest.raises(Unavailable) as caught:
        ledger.receipt(ANYBODY, log="main", index=3, at=AT)
    assert caught.value.code == "ledger-damaged"


def test_an_entry_that_cannot_be_read_is_a_sentence_and_no_traceback(record: None) -> None:
    sql("UPDATE ledger_entryrow SET data = 'x' WHERE \"index\" = 3")
    with pytest.raises(Unavailable, match="entry 3 cannot be read"):
        ledger.entries(ANYBODY)
