"""The sealed file: who holds a recipient's private key can open it, for the context it was sealed for, and nobody else.

Approved algorithms, not a validated module: AES-256-GCM (SP 800-38D), HKDF-SHA384 (SP 800-56C), HPKE on P-384
(RFC 9180, in ``recipients``). The format, byte for byte, is ADR 24; in short:

    "seatrial-sealed" 0x01 | length of the header, 4 bytes | header, canonical JSON | chunk 0 | chunk 1 | … | last one

1. A file has a key of its own, 32 random bytes, wrapped to each recipient. The chunk key and the commitment are derived
   from it. The commitment stands in the header: two recipients cannot be shown two plain texts for one file.
2. A chunk is 1 MiB of plain text and its tag of 16 bytes; the last may be shorter, and is empty only if the file is.
   Its nonce is its number (11 bytes) and whether it is the last (1 byte); the key is fresh, so no nonce comes twice.
3. Every chunk has the digest of all that stands before chunk 0 as associated data: context and recipients included.

So a changed bit, a cut anywhere, chunks in another order or from another file, another context and another list of
recipients all end in ``sealed-broken``. A chunk is given out only after its tag was checked; that none is missing is
known with the last one, which ``SealedFile`` therefore opens first, and ``open_stream`` at its end.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from .canonical import canonical, from_json
from .digests import Digest, same
from .errors import Misuse, SeatrialError
from .recipients import SUITE, WRAPPED, NotWrappedForThis, PrivateKey, RecipientKey

MAGIC = b"seatrial-sealed\x01"  # its last byte is the version
CHUNK = 2**20  # bytes of plain text
TAG = 16
LONGEST_HEADER = 64 * 2**10
MOST_RECIPIENTS = 64
MOST_CONTEXT = 32  # entries
LONGEST_WORD = 1_000  # characters of a name or value in a context

_SEALED = CHUNK + TAG
_FIELDS = frozenset({"chunk", "commitment", "context", "recipients", "suite"})
_FRONT = len(MAGIC) + 4


class Writable(Protocol):
    """Where bytes go. ``write`` takes all it is given, or raises; it must not keep the view."""

    def write(self, data: memoryview, /) -> object: ...


@dataclass(frozen=True, slots=True)
class Header:
    """What a sealed file says of itself before it is opened. Nobody has vouched for it until a chunk was opened."""

    context: Mapping[str, str]
    recipients: Mapping[Digest, bytes]  # a key's id → the wrapped file key
    commitment: str
    raw: bytes  # everything before chunk 0

    @property
    def size(self) -> int:
        """Bytes before chunk 0."""
        return len(self.raw)


def sealed_size(plain: int, header: int) -> int:
    """Bytes of the sealed file of ``plain`` bytes whose header has ``header`` (``Header.size``)."""
    return header + plain + TAG * max(1, -(-plain // CHUNK))


def seal(
    source: BinaryIO, to: Writable, *, context: Mapping[str, str], recipients: Sequence[RecipientKey]
) -> tuple[Header, int]:
    """Read ``source`` to its end and write it, sealed, to ``to``. Returns the header and the bytes of plain text.

    ``context`` says what the file is and where it belongs (texts by name); everybody can read it, and to open takes the
    same. Holds three chunks in memory, whatever the size. Raises ``Misuse`` (``cannot-seal``) for no recipient, one
    named twice, or a context that cannot stand in a header.
    """
    key = os.urandom(32)
    header = _new_header(key, context, recipients)
    to.write(memoryview(header.raw))
    cipher, bound = AESGCM(_derived(key, b"chunks")), hashlib.sha256(header.raw).digest()
    sealed = memoryview(bytearray(_SEALED))
    ahead, here = memoryview(bytearray(CHUNK)), memoryview(bytearray(CHUNK))
    number, total, length = 0, 0, _fill(source, here)
    while True:
        following = _fill(source, ahead) if length == CHUNK else 0
        last = following == 0
        written = cipher.encrypt_into(_nonce(number, last), here[:length], bound, sealed[: length + TAG])
        to.write(sealed[:written])
        number, total = number + 1, total + length
        if last:
            return header, total
        here, ahead, length = ahead, here, following


class Sealing:
    """A sealed file whose plain text comes piece by piece. Writes what ``seal`` would write of the same pieces.

    Holds one chunk of plain text and one sealed. Until ``end`` returned the file is cut, and does not open. Not for two
    threads at once.
    """

    def __init__(self, to: Writable, *, context: Mapping[str, str], recipients: Sequence[RecipientKey]) -> None:
        """Writes the header. Raises ``Misuse`` (``cannot-seal``) as ``seal`` does."""
        key = os.urandom(32)
        header = _new_header(key, context, recipients)
        self._to, self._cipher = to, AESGCM(_derived(key, b"chunks"))
        self._bound = hashlib.sha256(header.raw).digest()
        self._number, self._rest = 0, bytearray()
        to.write(memoryview(header.raw))

    def add(self, data: bytes) -> None:
        """More of the plain text. A chunk is written once it is known not to be the last."""
        view = memoryview(data)
        while len(view):
            if len(self._rest) == CHUNK:
                self._write(last=False)
            taken = min(len(view), CHUNK - len(self._rest))
            self._rest += view[:taken]
            view = view[taken:]

    def end(self) -> None:
        """That was all of it: writes the last chunk. Nothing can be added after it."""
        self._write(last=True)

    def _write(self, *, last: bool) -> None:
        sealed = self._cipher.encrypt(_nonce(self._number, last), self._rest, self._bound)
        self._to.write(memoryview(sealed))
        self._number += 1
        self._rest.clear()


def read_header(source: BinaryIO) -> Header:
    """The header at which ``source`` stands. Raises ``Misuse`` (``sealed-broken``)."""
    front = source.read(_FRONT)
    if len(front) != _FRONT or front[:-4] != MAGIC:
        raise _broken("it does not begin as a sealed file of version 1")
    length = int.from_bytes(front[-4:], "big")
    body = source.read(length) if length <= LONGEST_HEADER else b""
    if not body or len(body) != length:
        raise _broken("its header is cut")
    return _parsed(front, body)


def open_stream(source: BinaryIO, *, key: PrivateKey, context: Mapping[str, str]) -> Iterator[memoryview]:
    """The plain text of a sealed file that is read once from front to end, chunk by chunk.

    Each piece is valid until the next is asked for. What came is what was sealed, in its order; that it is all of it is
    known when the iteration ends: whoever stores it counts it only then. Raises ``Misuse`` (``sealed-broken``,
    ``not-a-recipient``).
    """
    header = read_header(source)
    cipher, bound = _cipher(header, key, context)
    plain = memoryview(bytearray(CHUNK))
    ahead, here = memoryview(bytearray(_SEALED)), memoryview(bytearray(_SEALED))
    number, length = 0, _fill(source, here)
    while True:
        following = _fill(source, ahead) if length == _SEALED else 0
        last = following == 0
        opened = _open(cipher, number, last, here[:length], bound, plain)
        yield plain[:opened]
        if last:
            return
        number, here, ahead, length = number + 1, ahead, here, following


class SealedFile:
    """A sealed file one can go about in. ``source`` must be seekable and stay as it is.

    The last chunk is opened at once: from then on ``size`` (bytes of plain text) and ``chunks`` are vouched for, and a
    file cut at any place has been refused.
    """

    def __init__(self, source: BinaryIO, *, key: PrivateKey, context: Mapping[str, str]) -> None:
        """Raises ``Misuse`` (``sealed-broken``, ``not-a-recipient``)."""
        source.seek(0)
        self.header = read_header(source)
        self._source = source
        self._cipher, self._bound = _cipher(self.header, key, context)
        body = source.seek(0, os.SEEK_END) - self.header.size
        self.chunks = max(1, -(-body // _SEALED))
        self._last = body - (self.chunks - 1) * _SEALED  # bytes of the last chunk, tag included
        self.size = (self.chunks - 1) * CHUNK + len(self.chunk(self.chunks - 1))

    def chunk(self, number: int) -> bytes:
        """Bytes ``number * CHUNK`` and on, up to ``CHUNK`` of them. Raises ``Misuse`` (``sealed-broken``)."""
        if not 0 <= number < self.chunks:
            raise IndexError(number)
        last = number == self.chunks - 1
        sealed = memoryview(bytearray(self._last if last else _SEALED))
        self._source.seek(self.header.size + number * _SEALED)
        if _fill(self._source, sealed) != len(sealed):
            raise _broken("it became shorter while it was read")
        plain = memoryview(bytearray(max(0, len(sealed) - TAG)))
        _open(self._cipher, number, last, sealed, self._bound, plain)
        return bytes(plain)


def _open(cipher: AESGCM, number: int, last: bool, sealed: memoryview, bound: bytes, plain: memoryview) -> int:
    length = len(sealed) - TAG
    if length < 0 or (length == 0 and number > 0):
        raise _broken("its last chunk is cut")
    try:
        return cipher.decrypt_into(_nonce(number, last), sealed, bound, plain[:length])
    except InvalidTag as error:
        raise _broken(f"chunk {number} is not what was sealed there") from error


def _cipher(header: Header, key: PrivateKey, context: Mapping[str, str]) -> tuple[AESGCM, bytes]:
    """The cipher of the chunks and what they are bound to, once the file's key was unwrapped and found committed to."""
    if dict(context) != dict(header.context):
        raise _broken("it was sealed for another context")
    wrapped = header.recipients.get(key.public.id)
    if wrapped is None:
        raise Misuse(
            "not-a-recipient",
            "This file was not sealed for your key; open it with the key you had given, or have it sealed again.",
        )
    try:
        file_key = key.unwrap(wrapped, _info(header.context, tuple(header.recipients)))
    except NotWrappedForThis as error:
        raise _broken("its key does not unwrap") from error
    if len(file_key) != 32 or not same(_derived(file_key, b"commitment").hex(), header.commitment):
        raise _broken("its key is not the one it commits to")
    return AESGCM(_derived(file_key, b"chunks")), hashlib.sha256(header.raw).digest()


def _new_header(key: bytes, context: Mapping[str, str], recipients: Sequence[RecipientKey]) -> Header:
    ids = tuple(one.id for one in recipients)
    if not 0 < len(ids) <= MOST_RECIPIENTS or len(set(ids)) != len(ids):
        raise Misuse("cannot-seal", f"A file is sealed for 1 to {MOST_RECIPIENTS} keys, each named once.")
    words = [word for entry in context.items() for word in entry]
    if len(context) > MOST_CONTEXT or any(not isinstance(word, str) or len(word) > LONGEST_WORD for word in words):
        raise Misuse("cannot-seal", f"A context has at most {MOST_CONTEXT} texts of {LONGEST_WORD:,} characters.")
    info = _info(context, ids)
    wrapped = {one.id: one.wrap(key, info) for one in recipients}
    body = canonical(
        {
            "chunk": CHUNK,
            "commitment": _derived(key, b"commitment").hex(),
            "context": dict(context),
            "recipients": [[name, base64.b64encode(value).decode()] for name, value in wrapped.items()],
            "suite": SUITE,
        }
    )
    if len(body) > LONGEST_HEADER:
        raise Misuse("cannot-seal", f"The context is too long: a header has at most {LONGEST_HEADER:,} bytes.")
    return _parsed(MAGIC + len(body).to_bytes(4, "big"), body)


def _parsed(front: bytes, body: bytes) -> Header:
    """Only what ``_new_header`` writes: one value, one byte string."""
    try:
        said = from_json(body, "The header")
        if not isinstance(said, dict) or set(said) != _FIELDS or canonical(said) != body:
            raise ValueError("other fields, or not canonical")
        if type(said["chunk"]) is not int or (said["chunk"], said["suite"]) != (CHUNK, SUITE):
            raise ValueError("another suite")
        if len(bytes.fromhex(said["commitment"])) != 32:
            raise ValueError("no commitment")
        recipients = {Digest(name): base64.b64decode(text, validate=True) for name, text in said["recipients"]}
        if not 0 < len(recipients) == len(said["recipients"]) <= MOST_RECIPIENTS:
            raise ValueError("a recipient twice, or too many")
        if any(len(wrapped) != WRAPPED for wrapped in recipients.values()):
            raise ValueError("a wrapped key of another length")
        context = said["context"]
        if not isinstance(context, dict) or not all(isinstance(value, str) for value in context.values()):
            raise ValueError("no context")
    except (ValueError, TypeError, binascii.Error, SeatrialError) as error:
        raise _broken("its header does not read") from error
    return Header(context, recipients, said["commitment"], front + body)


def _info(context: Mapping[str, str], recipients: Sequence[Digest]) -> bytes:
    """What a wrapped key is bound to: it does not unwrap beside other recipients or in another context."""
    return b"seatrial-sealed 1\0" + canonical({"context": dict(context), "recipients": list(recipients)})


def _derived(key: bytes, purpose: bytes) -> bytes:
    return HKDF(hashes.SHA384(), 32, salt=None, info=b"seatrial-sealed 1 " + purpose).derive(key)


def _nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(11, "big") + (b"\x01" if last else b"\x00")


def _fill(source: BinaryIO, view: memoryview) -> int:
    """Read until ``view`` is full or the source has ended; a short read is no end."""
    done = 0
    while done < len(view):
        if isinstance(source, io.RawIOBase | io.BufferedIOBase):
            read = source.readinto(view[done:]) or 0
        else:
            piece = source.read(len(view) - done)
            read = len(piece)
            view[done : done + read] = piece
        if not read:
            break
        done += read
    return done


def _broken(why: str) -> Misuse:
    return Misuse(
        "sealed-broken",
        f"This sealed file does not open: {why}. Fetch it again; if that does not help, ask for it to be sealed again.",
    )
