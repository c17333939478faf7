"""The sealed file: it opens for its recipients in its context, and whatever was changed of it does not open at all."""

from __future__ import annotations

import base64
import hashlib
import hmac
import io
import json
import os
import stat
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given, settings
from hypothesis import strategies as st

from seatrial.kernel.envelope import (
    CHUNK,
    MAGIC,
    MOST_RECIPIENTS,
    TAG,
    SealedFile,
    Sealing,
    open_stream,
    read_header,
    seal,
    sealed_size,
)
from seatrial.kernel.errors import Misuse
from seatrial.kernel.recipients import PrivateKey, RecipientKey, new_private_key, private_key, recipient_key

CONTEXT = {"case": "review-1", "suite": "practice", "label": "CONFIDENTIAL//TLP:RED"}
ANN, BEN, EVE = (PrivateKey(ec.generate_private_key(ec.SECP384R1())) for _ in range(3))
SIZES = (0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK - 7)


def sealed(plain: bytes, *recipients: PrivateKey, context: dict[str, str] = CONTEXT) -> bytes:
    to = io.BytesIO()
    seal(io.BytesIO(plain), to, context=context, recipients=[one.public for one in recipients or (ANN, BEN)])
    return to.getvalue()


def streamed(data: bytes, key: PrivateKey = ANN, context: dict[str, str] = CONTEXT) -> bytes:
    return b"".join(bytes(piece) for piece in open_stream(io.BytesIO(data), key=key, context=context))


def browsed(data: bytes, key: PrivateKey = ANN, context: dict[str, str] = CONTEXT) -> bytes:
    file = SealedFile(io.BytesIO(data), key=key, context=context)
    plain = b"".join(file.chunk(number) for number in range(file.chunks))
    assert len(plain) == file.size
    return plain


def refused(data: bytes, *, codes: frozenset[str] = frozenset({"sealed-broken"}), **how: object) -> None:
    """Both ways of opening refuse it, in one sentence."""
    for way in (streamed, browsed):
        with pytest.raises(Misuse) as caught:
            way(data, **how)  # type: ignore[arg-type]
        assert caught.value.code in codes
        assert "\n" not in caught.value.message


@pytest.fixture(scope="module")
def three() -> tuple[bytes, bytes]:
    """A plain text of three chunks, the last one short, and its sealed file."""
    plain = os.urandom(2 * CHUNK + 1000)
    return plain, sealed(plain)


@pytest.mark.parametrize("size", SIZES)
def test_each_recipient_opens_what_was_sealed_and_its_size_is_known_beforehand(size: int) -> None:
    plain = os.urandom(size)
    data = sealed(plain)
    assert len(data) == sealed_size(size, read_header(io.BytesIO(data)).size)
    for key in (ANN, BEN):
        assert streamed(data, key) == plain
        assert browsed(data, key) == plain


def test_the_same_text_sealed_twice_gives_two_files_that_tell_nothing_of_it() -> None:
    plain = b"a secret that would be seen" * 100
    one, other = sealed(plain), sealed(plain)
    assert one[-500:] != other[-500:]
    assert b"a secret" not in one


def test_whoever_is_no_recipient_opens_nothing(three: tuple[bytes, bytes]) -> None:
    refused(three[1], key=EVE, codes=frozenset({"not-a-recipient"}))


def test_another_context_does_not_open(three: tuple[bytes, bytes]) -> None:
    for context in ({}, {**CONTEXT, "case": "review-2"}, {**CONTEXT, "more": ""}, {"case": CONTEXT["case"]}):
        refused(three[1], context=context)


@pytest.mark.parametrize("size", [0, 1, 70])
def test_every_single_changed_bit_is_noticed(size: int) -> None:
    data = sealed(os.urandom(size), ANN, BEN)
    for place in range(len(data)):
        for bit in range(8):
            changed = bytearray(data)
            changed[place] ^= 1 << bit
            with pytest.raises(Misuse) as caught:
                browsed(bytes(changed))
            # a changed digit of a key's name leaves a file for somebody else
            assert caught.value.code in {"sealed-broken", "not-a-recipient"}, (place, bit)


def test_a_cut_anywhere_in_a_small_file_is_noticed() -> None:
    data = sealed(b"a few words")
    for length in range(len(data)):
        refused(data[:length])


def test_a_cut_at_or_beside_any_border_of_chunks_is_noticed(three: tuple[bytes, bytes]) -> None:
    _, data = three
    start = read_header(io.BytesIO(data)).size
    for number in range(3):
        border = start + number * (CHUNK + TAG)
        for length in {border - 1, border, border + 1, border + TAG, border + TAG + 1}:
            refused(data[:length])
    for length in range(len(data) - TAG - 2, len(data)):
        refused(data[:length])


def test_whatever_is_appended_is_noticed(three: tuple[bytes, bytes]) -> None:
    for data in (three[1], sealed(b""), sealed(bytes(CHUNK))):
        for more in (b"\0", bytes(TAG), bytes(CHUNK), data[-TAG:]):
            refused(data + more)


def test_chunks_in_another_order_or_twice_or_left_out_are_noticed(three: tuple[bytes, bytes]) -> None:
    _, data = three
    start, step = read_header(io.BytesIO(data)).size, CHUNK + TAG
    head, first, second = data[:start], data[start:][:step], data[start + step :][:step]
    last = data[start + 2 * step :]
    for body in (
        second + first + last,
        first + first + last,
        first + last,
        second + last,
        last,
        first + second + second,
    ):
        refused(head + body)


def test_chunks_and_headers_of_another_file_do_not_fit(three: tuple[bytes, bytes]) -> None:
    plain, data = three
    other = sealed(plain)
    start = read_header(io.BytesIO(data)).size
    assert start == read_header(io.BytesIO(other)).size
    refused(data[:start] + other[start:])
    step = start + CHUNK + TAG
    refused(data[:start] + other[start:step] + data[step:])


def test_what_was_given_out_before_a_damage_is_what_was_sealed(three: tuple[bytes, bytes]) -> None:
    """A stream's first chunks are given out before its last is seen; none of them is ever other than it was."""
    plain, data = three
    start = read_header(io.BytesIO(data)).size
    for damaged in range(3):
        changed = bytearray(data)
        changed[start + damaged * (CHUNK + TAG) + 5] ^= 1
        found = bytearray()
        with pytest.raises(Misuse):
            for piece in open_stream(io.BytesIO(bytes(changed)), key=ANN, context=CONTEXT):
                found += piece
        assert bytes(found) == plain[: damaged * CHUNK]


def with_header(data: bytes, change: dict[str, object]) -> bytes:
    start = read_header(io.BytesIO(data)).size
    said = {**json.loads(data[len(MAGIC) + 4 : start]), **change}
    body = json.dumps(said, separators=(",", ":"), sort_keys=True).encode()
    return MAGIC + len(body).to_bytes(4, "big") + body + data[start:]


def test_a_header_that_was_written_anew_opens_nothing(three: tuple[bytes, bytes]) -> None:
    _, data = three
    header = read_header(io.BytesIO(data))
    rows = [[name, base64.b64encode(wrapped).decode()] for name, wrapped in header.recipients.items()]
    eve = [EVE.public.id, base64.b64encode(EVE.public.wrap(os.urandom(32), b"")).decode()]
    assert streamed(with_header(data, {})) == three[0], "the helper itself changes nothing"
    for recipients in (rows[:1], rows[::-1], [*rows, eve], [rows[0], rows[0]], [], [[rows[0][0], rows[1][1]], rows[1]]):
        refused(with_header(data, {"recipients": recipients}))
    for change in (
        {"context": {**CONTEXT, "case": "review-2"}},
        {"chunk": CHUNK * 2},
        {"chunk": float(CHUNK)},
        {"suite": "none"},
        {"commitment": "00" * 32},
        {"commitment": "00"},
        {"context": {"case": 1}},
        {"recipients": {"a": "b"}},
        {"recipients": 5},
        {"recipients": [[["a"], "b"]]},
        {"more": ""},
    ):
        refused(with_header(data, change))
    refused(with_header(data, {"context": {**CONTEXT, "case": "review-2"}}), context={**CONTEXT, "case": "review-2"})


def test_two_recipients_cannot_be_shown_two_texts() -> None:
    """A sender who wraps another key to the second recipient is found out by the commitment, before any chunk."""
    data = sealed(b"one text")
    header = read_header(io.BytesIO(data))
    info = (
        b"seatrial-sealed 1\0"
        + json.dumps(
            {"context": CONTEXT, "recipients": [ANN.public.id, BEN.public.id]}, separators=(",", ":"), sort_keys=True
        ).encode()
    )
    rows = [
        [ANN.public.id, base64.b64encode(header.recipients[ANN.public.id]).decode()],
        [BEN.public.id, base64.b64encode(BEN.public.wrap(os.urandom(32), info)).decode()],
    ]
    with pytest.raises(Misuse, match="not the one it commits to"):
        streamed(with_header(data, {"recipients": rows}), BEN)


@given(st.binary(max_size=400))
@settings(max_examples=300, deadline=None)
def test_no_bytes_a_stranger_sends_make_anything_but_that_error(data: bytes) -> None:
    for start in (b"", MAGIC, MAGIC + len(data).to_bytes(4, "big")):
        refused(start + data)


@given(st.dictionaries(st.text(max_size=20), st.text(max_size=40), max_size=5), st.binary(max_size=200))
@settings(max_examples=60, deadline=None)
def test_every_context_that_can_be_written_can_be_opened(context: dict[str, str], plain: bytes) -> None:
    assert streamed(sealed(plain, ANN, context=context), ANN, context) == plain


def test_what_cannot_be_sealed() -> None:
    for recipients in ([], [ANN.public, ANN.public], [EVE.public] * (MOST_RECIPIENTS + 1)):
        with pytest.raises(Misuse) as caught:
            seal(io.BytesIO(b""), io.BytesIO(), context=CONTEXT, recipients=recipients)
        assert caught.value.code == "cannot-seal"
    for context in (
        {str(number): "" for number in range(33)},
        {"a": "x" * 1_001},
        {"x" * 1_001: ""},
        {str(number): "\u6f22" * 1_000 for number in range(30)},
    ):
        with pytest.raises(Misuse) as caught:
            seal(io.BytesIO(b""), io.BytesIO(), context=context, recipients=[ANN.public])
        assert caught.value.code == "cannot-seal"


class Dripping(io.RawIOBase):
    """A source that gives a few bytes at a time, as a pipe may."""

    def __init__(self, data: bytes, most: int) -> None:
        self._inner, self._most = io.BytesIO(data), most

    def readable(self) -> bool:
        return True

    def readinto(self, into: memoryview) -> int:  # type: ignore[override]
        piece = self._inner.read(min(len(into), self._most))
        into[: len(piece)] = piece
        return len(piece)


def test_a_short_read_is_no_end(three: tuple[bytes, bytes]) -> None:
    plain, data = three
    to = io.BytesIO()
    seal(Dripping(plain, 70_001), to, context=CONTEXT, recipients=[ANN.public])
    assert streamed(to.getvalue()) == plain
    source = io.BufferedReader(Dripping(data, 70_001))
    assert b"".join(bytes(piece) for piece in open_stream(source, key=ANN, context=CONTEXT)) == plain


class Zeros(io.RawIOBase):
    """A long file of zeros that lies nowhere."""

    def __init__(self, size: int) -> None:
        self.left = size

    def readable(self) -> bool:
        return True

    def readinto(self, into: memoryview) -> int:  # type: ignore[override]
        length = min(len(into), self.left)
        self.left -= length
        return length


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    path = tmp_path / "sealed"
    tracemalloc.start()
    try:
        with path.open("wb") as to:
            seal(Zeros(64 * CHUNK), to, context=CONTEXT, recipients=[ANN.public])
        with path.open("rb") as source:
            assert sum(len(piece) for piece in open_stream(source, key=ANN, context=CONTEXT)) == 64 * CHUNK
        with path.open("rb") as source:
            assert SealedFile(source, key=ANN, context=CONTEXT).size == 64 * CHUNK
        assert tracemalloc.get_traced_memory()[1] < 12 * CHUNK
    finally:
        tracemalloc.stop()


def test_any_chunk_can_be_opened_alone(three: tuple[bytes, bytes]) -> None:
    plain, data = three
    file = SealedFile(io.BytesIO(data), key=ANN, context=CONTEXT)
    for number in (2, 0, 1, 2):
        assert file.chunk(number) == plain[number * CHUNK : (number + 1) * CHUNK]
    for number in (-1, 3):
        with pytest.raises(IndexError):
            file.chunk(number)


# The format as ADR 24 writes it, read by other code: HPKE from RFC 9180's text, on ECDH and HMAC alone ------------


def extract(salt: bytes, material: bytes) -> bytes:
    return hmac.digest(salt or bytes(48), material, "sha384")


def expand(key: bytes, info: bytes, length: int) -> bytes:
    found, block, number = b"", b"", 1
    while len(found) < length:
        block = hmac.digest(key, block + info + bytes([number]), "sha384")
        found, number = found + block, number + 1
    return found[:length]


def hpke_open(private: ec.EllipticCurvePrivateKey, wrapped: bytes, info: bytes) -> bytes:
    def labelled(suite: bytes, salt: bytes, label: bytes, material: bytes) -> bytes:
        return extract(salt, b"HPKE-v1" + suite + label + material)

    def widened(suite: bytes, key: bytes, label: bytes, context: bytes, length: int) -> bytes:
        return expand(key, length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + context, length)

    point, sealed_key = wrapped[:97], wrapped[97:]
    own = private.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    shared = private.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP384R1(), point))
    kem, suite = b"KEM\x00\x11", b"HPKE\x00\x11\x00\x02\x00\x02"
    secret = widened(kem, labelled(kem, b"", b"eae_prk", shared), b"shared_secret", point + own, 48)
    context = b"\0" + labelled(suite, b"", b"psk_id_hash", b"") + labelled(suite, b"", b"info_hash", info)
    schedule = labelled(suite, secret, b"secret", b"")
    key = widened(suite, schedule, b"key", context, 32)
    nonce = widened(suite, schedule, b"base_nonce", context, 12)
    return AESGCM(key).decrypt(nonce, sealed_key, b"")


def open_by_the_text(data: bytes, private: ec.EllipticCurvePrivateKey) -> Iterator[bytes]:
    assert data[:16] == b"seatrial-sealed\x01"
    start = 20 + int.from_bytes(data[16:20], "big")
    header = json.loads(data[20:start])
    der = private.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    rows = dict(header["recipients"])
    bound = json.dumps(
        {"context": header["context"], "recipients": list(rows)}, separators=(",", ":"), sort_keys=True
    ).encode()
    wrapped = base64.b64decode(rows["sha256:" + hashlib.sha256(der).hexdigest()])
    file_key = hpke_open(private, wrapped, b"seatrial-sealed 1\0" + bound)
    derived = extract(b"", file_key)
    assert expand(derived, b"seatrial-sealed 1 commitment", 32).hex() == header["commitment"]
    cipher = AESGCM(expand(derived, b"seatrial-sealed 1 chunks", 32))
    chunks = [data[at : at + 2**20 + 16] for at in range(start, len(data), 2**20 + 16)]
    for number, chunk in enumerate(chunks):
        nonce = number.to_bytes(11, "big") + bytes([number == len(chunks) - 1])
        yield cipher.decrypt(nonce, chunk, hashlib.sha256(data[:start]).digest())


@pytest.mark.parametrize("size", SIZES)
def test_a_reader_written_from_the_decision_alone_opens_it_too(size: int) -> None:
    private = ec.generate_private_key(ec.SECP384R1())
    plain = os.urandom(size)
    data = sealed(plain, ANN, PrivateKey(private))
    assert b"".join(open_by_the_text(data, private)) == plain


# Sealed as it comes ----------------------------------------------------------------------------------------------


def sealed_as_it_came(pieces: list[bytes], *recipients: PrivateKey) -> bytes:
    to = io.BytesIO()
    sealing = Sealing(to, context=CONTEXT, recipients=[one.public for one in recipients or (ANN, BEN)])
    for piece in pieces:
        sealing.add(piece)
    sealing.end()
    return to.getvalue()


@given(st.lists(st.sampled_from((0, 1, 7, CHUNK // 2, CHUNK - 1, CHUNK, CHUNK + 1)), max_size=6))
@settings(max_examples=40, deadline=None)
def test_pieces_of_any_length_open_as_what_they_were_together(lengths: list[int]) -> None:
    pieces = [bytes([number % 251]) * length for number, length in enumerate(lengths)]
    data = sealed_as_it_came(pieces)
    plain = b"".join(pieces)
    assert streamed(data) == browsed(data, BEN) == plain
    assert len(data) == sealed_size(len(plain), read_header(io.BytesIO(data)).size)


@pytest.mark.parametrize("size", SIZES)
def test_what_was_written_before_the_end_does_not_open(size: int) -> None:
    to = io.BytesIO()
    sealing = Sealing(to, context=CONTEXT, recipients=[ANN.public])
    sealing.add(os.urandom(size))
    refused(to.getvalue())


# Keys ------------------------------------------------------------------------------------------------------------


def test_a_key_is_made_once_for_its_holder_alone(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "own.key"
    made = new_private_key(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert new_private_key(path).public == private_key(path).public == made.public
    assert recipient_key(made.public.pem) == made.public
    assert made.public.id == "sha256:" + hashlib.sha256(made.public.der).hexdigest()
    assert path.read_text() not in repr(made)


def test_a_key_written_in_another_encoding_has_the_same_id() -> None:
    private = ec.generate_private_key(ec.SECP384R1())
    point = private.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.CompressedPoint)
    again = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP384R1(), point)
    pem = again.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
    assert recipient_key(pem).id == PrivateKey(private).public.id


def public_pem(key: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey) -> str:
    spki = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(serialization.Encoding.PEM, spki).decode()


def test_only_a_public_key_on_p384_is_one() -> None:
    for pem in (
        "",
        "no key",
        "x" * 5_000,
        "\ud800",
        public_pem(ec.generate_private_key(ec.SECP256R1())),
        public_pem(ec.generate_private_key(ec.SECP521R1())),
        public_pem(ed25519.Ed25519PrivateKey.generate()),
    ):
        with pytest.raises(Misuse) as caught:
            recipient_key(pem)
        assert caught.value.code == "bad-recipient-key"


def test_a_private_key_file_that_is_none(tmp_path: Path) -> None:
    path = tmp_path / "own.key"
    with pytest.raises(Misuse) as caught:
        private_key(path)
    assert caught.value.code == "cannot-read"
    for data in (b"", b"no key", ANN.public.pem.encode()):
        path.write_bytes(data)
        with pytest.raises(Misuse) as caught:
            private_key(path)
        assert caught.value.code == "bad-recipient-key"
    with pytest.raises(Misuse) as caught:
        new_private_key(tmp_path / "own.key" / "under a file")
    assert caught.value.code == "cannot-write"


def test_equal_keys_are_one_recipient() -> None:
    assert RecipientKey(ANN.public.der) == ANN.public
