"""A receipt verifies with the public key alone, and with anything altered it does not."""

from __future__ import annotations

import base64
import copy
import json
import subprocess
import sys
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sigstore._internal.merkle import verify_merkle_inclusion
from sigstore.errors import VerificationError

from seatrial.kernel.errors import Misuse
from seatrial.kernel.merkle import grow, inclusion_path, leaf_hash, root_of
from seatrial.ledger.core.entry import entry_bytes, openings_of
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


TEXT = json.dumps(RECEIPT, indent=2, ensure_ascii=False)


def test_a_receipt_verifies_as_text_and_as_bytes_too() -> None:
    assert verify_receipt(TEXT, KEY) == verify_receipt(TEXT.encode(), KEY) == verify_receipt(RECEIPT, KEY)


def test_a_receipt_with_any_one_bit_flipped_is_refused() -> None:
    data = json.dumps(RECEIPT, ensure_ascii=False, separators=(",", ":")).encode()
    for place in range(len(data)):
        for bit in range(8):
            forged = data[:place] + bytes([data[place] ^ 1 << bit]) + data[place + 1 :]
            with pytest.raises(Misuse) as caught:
                verify_receipt(forged, KEY)
            assert caught.value.code == "receipt-invalid"


@settings(max_examples=200)
@given(st.binary(max_size=60) | st.text(max_size=60))
def test_any_bytes_get_a_sentence(noise: bytes | str) -> None:
    with pytest.raises(Misuse, match="does not verify"):
        verify_receipt(noise, KEY)


@settings(max_examples=300)
@given(st.integers(0, len(TEXT)), st.integers(0, 40), st.text(max_size=20))
def test_a_receipt_with_a_stretch_replaced_gets_a_sentence(start: int, length: int, noise: str) -> None:
    forged = TEXT[:start] + noise + TEXT[start + length :]
    try:
        same = json.loads(forged) == RECEIPT
    except (ValueError, RecursionError):
        same = False
    if same:
        return
    with pytest.raises(Misuse) as caught:
        verify_receipt(forged, KEY)
    assert caught.value.code == "receipt-invalid"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (TEXT.replace('"openings"', '"entry"'), "stands twice"),
        (TEXT.replace('"index": 3', '"index": 3.0'), "not a whole number"),
        (TEXT.replace('"index": 3', '"index": true'), "not a whole number"),
        (TEXT.replace('"size": 5', '"size": NaN'), "cannot be read as JSON"),
        (TEXT.replace('"index": 3', '"index": ' + "9" * 5000), "cannot be read as JSON"),
        ("[" * 100_000, "cannot be read as JSON"),
        (TEXT.encode("utf-16"), "not UTF-8"),
        (b"\xff" + TEXT.encode(), "not UTF-8"),
        (b"\xef\xbb\xbf" + TEXT.encode(), "cannot be read as JSON"),
    ],
    ids=["double key", "float", "boolean", "NaN", "endless number", "deep", "utf-16", "bad utf-8", "byte order mark"],
)
def test_json_that_could_be_read_in_two_ways_is_refused(text: str | bytes, says: str) -> None:
    with pytest.raises(Misuse, match=says) as caught:
        verify_receipt(text, KEY)
    assert caught.value.code == "receipt-invalid"


def test_a_deep_value_is_refused_without_a_traceback() -> None:
    deep: Any = "end"
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(Misuse, match="canonical JSON cannot say"):
        verify_receipt({**RECEIPT, "openings": {"note": {"salt": "00", "value": deep}}}, KEY)


def altered(**parts: Any) -> dict[str, Any]:
    forged = copy.deepcopy(RECEIPT)
    for name, value in parts.items():
        forged[name] = {**forged[name], **value} if isinstance(value, dict) else value
    return forged


OTHER = make_receipt(entries=6, index=2)
STEPS = [
    ("1 parse", altered(comment="not signed"), "does not consist of entry, openings"),
    ("1 parse", altered(inclusion={"note": 1}), "does not consist of index, size and path"),
    ("1 parse", altered(entry={"extra": 1}), "not of version 1"),
    ("1 parse", altered(entry={"v": 2}), "not of version 1"),
    ("1 parse", altered(inclusion={"path": ["AB" * 32]}), "not 32 bytes in hex"),
    ("1 parse", altered(inclusion={"path": ["ab" * 32] * 65}), "longer than any tree is high"),
    ("2 signature", altered(checkpoint="tests.example/main\n5\nAAAA\n"), "it has no signature"),
    ("2 signature", altered(checkpoint=RECEIPT["checkpoint"].replace("\n5\n", "\n6\n")), "signature is wrong"),
    ("3 log", altered(entry={"log": "lab"}), "speak of different logs"),
    ("3 log", altered(entry={"origin": "other.example"}), "speak of different logs"),
    ("3 log", altered(entry={"index": 2}), "another entry than the one it shows"),
    ("4 size", altered(inclusion={"size": 6}), "another size"),
    ("4 size", altered(checkpoint=OTHER["checkpoint"]), "another size"),
    ("5 inclusion", altered(entry={"kind": "case.released"}), "not in the tree"),
    ("5 inclusion", altered(inclusion={"path": RECEIPT["inclusion"]["path"][:-1]}), "not in the tree"),
    ("6 openings", altered(openings={"review": {"salt": "00" * 16, "value": "review-3"}}), "'review' is not the one"),
    ("6 openings", altered(openings={"other": {"salt": "00" * 16, "value": 1}}), "'other' is not the one"),
]


@pytest.mark.parametrize(("forged", "says"), [row[1:] for row in STEPS], ids=[f"{s[0]}: {s[2]}" for s in STEPS])
def test_each_step_fails_with_a_sentence_of_its_own(forged: dict[str, Any], says: str) -> None:
    with pytest.raises(Misuse, match=says) as caught:
        verify_receipt(forged, KEY)
    assert caught.value.code == "receipt-invalid"
    assert str(caught.value).startswith("This receipt does not verify: ")


def test_two_openings_of_one_entry_cannot_be_exchanged() -> None:
    openings = RECEIPT["openings"]
    with pytest.raises(Misuse, match="is not the one that was committed to"):
        verify_receipt({**RECEIPT, "openings": {"review": openings["note"], "note": openings["review"]}}, KEY)


OFFLINE = """
import sys
for name in ("django", "socket", "ssl", "aiohttp", "sqlite3", "psycopg"):
    sys.modules[name] = None
from seatrial.ledger.core.receipt import verify_receipt
print(verify_receipt(sys.stdin.buffer.read(), sys.argv[1]).kind)
"""


def test_verifying_needs_no_database_no_framework_and_no_network() -> None:
    done = subprocess.run(
        [sys.executable, "-c", OFFLINE, KEY], input=TEXT.encode(), capture_output=True, timeout=60, check=False
    )
    assert (done.stdout.decode().strip(), done.returncode) == ("case.withdrawn", 0), done.stderr.decode()


def test_sigstores_verifier_accepts_our_receipts() -> None:
    """Rekor's client, given our entry as the body of one of its own."""
    for size in (1, 2, 3, 8, 13):
        for index in range(size):
            receipt = make_receipt(size, index)
            checkpoint = Checkpoint.parse(opened(receipt["checkpoint"], KEY))
            proof = SimpleNamespace(
                log_index=index,
                tree_size=size,
                hashes=[bytes.fromhex(step) for step in receipt["inclusion"]["path"]],
                root_hash=checkpoint.root,
            )
            inner = SimpleNamespace(inclusion_proof=proof, canonicalized_body=rfc8785.dumps(receipt["entry"]))
            verify_merkle_inclusion(SimpleNamespace(_inner=inner))  # type: ignore[arg-type]
            inner.canonicalized_body += b" "
            with pytest.raises(VerificationError):
                verify_merkle_inclusion(SimpleNamespace(_inner=inner))  # type: ignore[arg-type]


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
        "a\n1\n" + base64.b64encode(bytes(32)).decode() + "\nan extension\n",
        "a\tb\n1\n" + base64.b64encode(bytes(32)).decode() + "\n",
        "a\n１\n" + base64.b64encode(bytes(32)).decode() + "\n",
        "a\n-1\n" + base64.b64encode(bytes(32)).decode() + "\n",
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


@pytest.mark.parametrize("origin", ["", "a\nb", "a\n7\nAAAA", "a\rb", "a\u2028b", "a\x00", "\ud800"])
def test_no_origin_can_forge_a_line_of_a_checkpoint(origin: str) -> None:
    with pytest.raises(ValueError, match="cannot be the origin"):
        Checkpoint(origin, 0, bytes(32)).text()


@pytest.mark.parametrize("name", ["", "two words", "a+b", "a\nb", "a\u00a0b"])
def test_no_key_has_a_name_that_its_text_form_cannot_carry(name: str) -> None:
    with pytest.raises(Misuse, match="set SEATRIAL_ORIGIN"):
        vkey(name, PUBLIC)


def test_a_note_has_one_text_form_only() -> None:
    """Base64 leaves bits unused at its end: another character there means the same bytes, and is refused."""
    note = RECEIPT["checkpoint"]
    assert note.endswith("=\n")
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    twin = note[:-3] + alphabet[alphabet.index(note[-3]) ^ 1] + note[-2:]
    assert base64.b64decode(twin.split(" ")[-1]) == base64.b64decode(note.split(" ")[-1])
    with pytest.raises(ValueError, match="canonical form"):
        opened(twin, KEY)


def test_further_signatures_may_stand_beside_ours() -> None:
    """A witness adds its own line (C2SP tlog-cosignature)."""
    witnessed = RECEIPT["checkpoint"] + "— witness.example " + base64.b64encode(bytes(76)).decode() + "\n"
    assert verify_receipt({**RECEIPT, "checkpoint": witnessed}, KEY).index == 3
    first = RECEIPT["checkpoint"].replace(
        "\n\n", "\n\n— witness.example " + base64.b64encode(bytes(76)).decode() + "\n"
    )
    assert verify_receipt({**RECEIPT, "checkpoint": first}, KEY).index == 3


@settings(max_examples=200)
@given(st.dictionaries(st.text(min_size=1, max_size=8), json_values, max_size=4), st.integers(1, 40), st.data())
def test_any_facts_are_committed_to_and_reopen(facts: dict[str, Any], entries: int, data: st.DataObject) -> None:
    facts = facts or {"none": None}
    try:
        rfc8785.dumps(facts)
    except rfc8785.CanonicalizationError:  # what canonical JSON has no word for is refused before it is written
        with pytest.raises(Misuse, match="cannot be written as canonical JSON"):
            make_receipt(1, 0, facts)
        return
    receipt = make_receipt(entries, data.draw(st.integers(0, entries - 1)), facts)
    assert set(verify_receipt(json.dumps(receipt), KEY).facts) == set(facts)
