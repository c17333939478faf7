"""What a key may be, and how one request is told from another."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.idempotency.api import fingerprint, parse_key, upload_fingerprint
from seatrial.idempotency.core.keys import name_of
from seatrial.idempotency.types import Asked
from seatrial.kernel.errors import Misuse

parts = st.tuples(st.sampled_from(["POST", "PUT"]), st.text(max_size=20), st.binary(max_size=20))


@given(st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=255))
def test_printable_keys_are_taken_as_they_are(text: str) -> None:
    assert parse_key(text) == text


@pytest.mark.parametrize("text", ["", "x" * 256, "line\nbreak", "tab\t", "nul\0", "schlüssel"])
def test_other_keys_are_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(Misuse, match="1 to 255 printable"):
        parse_key(text)


@given(parts, parts)
def test_two_requests_have_one_fingerprint_only_if_they_are_the_same(one: tuple, other: tuple) -> None:  # type: ignore[type-arg]
    assert (fingerprint(*one) == fingerprint(*other)) == (one == other)


def test_an_upload_is_told_by_what_it_says_of_itself() -> None:
    said = {"type": "multipart/form-data", "size": "10", "files": [["file", "a.pdf", 10]]}
    assert upload_fingerprint("POST", "/x", said) == upload_fingerprint("POST", "/x", dict(said))
    assert upload_fingerprint("POST", "/x", said) != upload_fingerprint("POST", "/x", {**said, "size": "11"})


def test_a_key_is_its_persons_and_the_publics_only_with_the_request() -> None:
    one, other = fingerprint("POST", "/", b"1"), fingerprint("POST", "/", b"2")
    assert name_of(Asked("gwen", "k", one)) == name_of(Asked("gwen", "k", other)), "reuse must be noticed"
    assert name_of(Asked("gwen", "k", one)) != name_of(Asked("riva", "k", one))
    assert name_of(Asked("", "k", one)) != name_of(Asked("", "k", other)), "strangers must not take each other's keys"
