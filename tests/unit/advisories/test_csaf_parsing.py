"""What bytes may be a CSAF document, and the one sentence that each other kind gets."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as some

from seatrial.clearinghouse.advisories.core.csaf import Unreadable, parse, written
from simulators.csaf_documents import advisory

GOOD = json.dumps(advisory()).encode()
BAD = {
    "csaf-not-json": [GOOD[:-40], b"", b"{'a': 1}", b'{"a": 01}', b'{"a": ' + b"9" * 5000 + b"}"],
    "csaf-byte-order-mark": [b"\xef\xbb\xbf" + GOOD],
    "csaf-not-utf8": [json.dumps(advisory()).encode("utf-16"), b'{"a": "\xff"}'],
    "csaf-duplicate-key": [b'{"document": {"title": "one", "title": "two"}}'],
    "csaf-not-a-number": [b'{"a": NaN}', b'{"a": -Infinity}', b'{"a": 1e999}'],
    "csaf-too-deep": [b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", b'{"a":' * 5000 + b"1" + b"}" * 5000],
    "csaf-not-an-object": [b"[]", b'"CSAF"', b"null"],
}


@pytest.mark.parametrize(("code", "data"), [(code, data) for code, kinds in BAD.items() for data in kinds])
def test_whatever_is_no_document_gets_one_sentence(code: str, data: bytes) -> None:
    with pytest.raises(Unreadable) as refused:
        parse(data)
    assert refused.value.code == code
    assert "\n" not in refused.value.message
    assert len(refused.value.message) < 200


def test_a_hundred_megabytes_are_refused_unread() -> None:
    with pytest.raises(Unreadable) as refused:
        parse(b" " * 100_000_000)
    assert refused.value.code == "csaf-too-large"


def test_brackets_in_texts_are_no_levels() -> None:
    assert parse(json.dumps({"a": "[{" * 1000 + '\\"'}).encode()) == {"a": "[{" * 1000 + '\\"'}


VALUES = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats(allow_nan=False, allow_infinity=False) | some.text(),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=5), inner, max_size=3),
    max_leaves=12,
)


@given(some.dictionaries(some.text().filter(lambda key: key.isprintable()), VALUES, max_size=4))
def test_what_is_written_is_read_back_the_same(document: dict[str, object]) -> None:
    try:
        data = written(document)
    except UnicodeEncodeError:  # half of a surrogate pair is no text
        return
    assert parse(data) == document
