"""A receipt verifies with the public key alone, and with anything altered it does not."""

from __future__ import annotations

import base64
import copy
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seatrial.kernel.errors import Misuse
from seatrial.ledger.core.entry import entry_bytes, openings_of
from seatrial.ledger.core.merkle import grow, inclusion_path, leaf_hash, root_of
from seatrial.ledger.core.note import Checkpoint, opened, parse_vkey, signed, vkey
from seatrial.ledger.core.receipt import verify_receipt

AT = datetime(2026, 7, 1, 9, tzinfo=UTC)
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = PRIVATE.public_key().public_bytes_raw()
KEY = vkey("tests.example", PUBLIC)
SECRET = "the dossier's secret sentence"


def make_receipt(entries: int = 5, index: int = 3, facts: dict[str, Any] | None = None) -> dict[str, Any]:
    frontier: list[bytes] = []
    nodes: dict[tuple[int, int], bytes] = {}
    kept: list[tuple[bytes, dict[str, Any]]] = []
    for number in range(entries):
        openings = openings_of(facts or {"review": f"review-{number}", "note": SECRET})
        data = entry_bytes(
            origin="tests.example", log="main", index=number, at=AT, kind="case.withdrawn", openings=openings
        )
        kept.append((data, openings))
        nodes[0, number] = leaf_hash(data)
        frontier, made = grow(number, frontier, leaf_hash(data))
        nodes.update(made)
    text = Checkpoint("tests.example/main", entries, root_of(frontier)).text()
    return {
        "entry": json.loads(kept[index][0]),
        "openings": kept[index][1],
        "inclusion": {
            "index": index,
            "size": entries,
            "path": [step.hex() for step in inclusion_path(nodes.__getitem__, index, entries)],
        },
        "checkpoint": signed(text, "tests.example", PUBLIC, PRIVATE.sign(text.encode())),
    }


RECEIPT = make_receipt()


def test_a_receipt_proves_kind_time_place_and_facts() -> None:
    proven = verify_receipt(RECEIPT, KEY)
    assert (proven.kind, proven.log, proven.index, proven.size) == ("case.withdrawn", "main", 3, 5)
    assert proven.facts == {"review": "review-3", "note": SECRET}
    assert proven.at == "2026-07-01T09:00:00.000000Z"


def test_a_receipt_without_openings_proves_that_something_is_there_and_not_what() -> None:
    closed = {**RECEIPT, "openings": {}}
    assert verify_receipt(closed, KEY).facts == {}


def test_no_value_stands_in_the_entry() -> None:
    assert SECRET not in json.dumps(RECEIPT["entry"])
    assert "review-3" not in json.dumps(RECEIPT["entry"])


def test_equal_facts_have_unequal_commitments() -> None:
    assert make_receipt()["entry"]["commitments"] != make_receipt()["entry"]["commitments"]


def leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, dict):
        return [leaf for key, item in value.items() for leaf in leaves(item, (*path, key))]
    if isinstance(value, list):
        return [leaf for place, item in enumerate(value) for leaf in leaves(item, (*path, place))]
    return [path]


@pytest.mark.parametrize("path", leaves(RECEIPT), ids=lambda path: "/".join(str(part) for part in path))
def test_a_receipt_with_any_one_value_altered_is_refused(path: tuple[Any, ...]) -> None:
    forged = copy.deepcopy(RECEIPT)
    holder: Any = forged
    for part in path[:-1]:
        holder = holder[part]
    value = holder[path[-1]]
    if isinstance(value, int):
        holder[path[-1]] = value + 1
    else:
        middle = len(value) // 2
        holder[path[-1]] = value[:middle] + ("0" if value[middle] != "0" else "1") + value[middle + 1 :]
    with pytest.raises(Misuse, match="does not verify") as caught:
        verify_receipt(forged, KEY)
    assert caught.value.code == "receipt-invalid"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_receipt_of_any_shape_gets_a_sentence_and_never_a_traceback(data: st.DataObject) -> None:
    forged = copy.deepcopy(RECEIPT)
    path = data.draw(st.sampled_from([(key,) for key in RECEIPT] + leaves(RECEIPT)))
    holder: Any = forged
    for part in path[:-1]:
        holder = holder[part]
    before = holder[path[-1]]
    holder[path[-1]] = data.draw(json_values)
    if holder[path[-1]] == before or (path == ("openings",) and holder["openings"] == {}):
        return
    with pytest.raises(Misuse) as caught:
        verify_receipt(forged, KEY)
    assert caught.value.code == "receipt-invalid"


@pytest.mark.parametrize("value", [{}, {"entry": {}}, [], None, "text", 7])
def test_what_is_no_receipt_is_refused(value: Any) -> None:
    with pytest.raises(Misuse, match="does not verify"):
        verify_receipt(value, KEY)


def test_another_key_does_not_verify() -> None:
    other = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    with pytest.raises(Misuse, match=r"did not sign it"):
        verify_receipt(RECEIPT, vkey("tests.example", other))
    with pytest.raises(Misuse, match="did not sign it"):
        verify_receipt(RECEIPT, vkey("other.example", PUBLIC))


@pytest.mark.parametrize("text", ["", "a+b", "name+00000000+AAAA", KEY[:-4], KEY.replace("+", "-"), "x+" + KEY])
def test_a_key_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(Misuse, match="not a ledger's public key"):
        parse_vkey(text)


def test_the_example_key_and_note_of_the_signed_note_specification_open() -> None:
    # The example that Go's sumdb/note documentation and C2SP signed-note share.
    key = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    note = (
        "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
        "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
    )
    assert opened(note, key).startswith("If you think cryptography")
    with pytest.raises(ValueError, match="signature is wrong"):
        opened(note.replace("answer", "Answer"), key)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a\n1\n",
        "a\n01\n" + base64.b64encode(bytes(32)).decode() + "\n",
        "a\n1\nAAAA\n",
        "\n1\nAAAA\n",
        "a\nx\nAAAA\n",
    ],
)
def test_a_malformed_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Checkpoint.parse(text)


def test_a_checkpoint_reads_back_as_it_was_written() -> None:
    made = Checkpoint("tests.example/main", 12, bytes(32))
    assert Checkpoint.parse(made.text()) == made
