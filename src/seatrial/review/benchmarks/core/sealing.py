"""A suite that two people open together, and nobody alone.

The content is sealed (``kernel.envelope``) for a key pair of its own, whose private half is split for each pair of
custodians (``kernel.halves``).

The sealed file is one JSON document:

    {"format", "manifest": {…}, "content": base64 of the sealed file, "key": id of its recipient,
     "pairs": [{"custodians": [id, id], "halves": [base64, base64]}, …]}

The manifest lies open in it, and its digest is the suite's. Whoever opens the content compares it with the manifest.
"""

from __future__ import annotations

import base64
import binascii
import io
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from seatrial.kernel.canonical import canonical, from_json
from seatrial.kernel.digests import Digest, same
from seatrial.kernel.envelope import open_stream, seal
from seatrial.kernel.errors import Misuse, SeatrialError
from seatrial.kernel.halves import Pair, join, split
from seatrial.kernel.recipients import RecipientKey, fresh_key
from seatrial.review.benchmarks.core.manifest import (
    check_against,
    content_bytes,
    manifest_bytes,
    mismatch,
    read_content,
    read_manifest,
)
from seatrial.review.benchmarks.types import Manifest, Suite

FORMAT = "seatrial-sealed-suite/1"
MOST_CUSTODIANS = 12  # 66 pairs


@dataclass(frozen=True, slots=True)
class SealedSuite:
    """A suite of which everything but its manifest is sealed."""

    manifest: Manifest
    key: Digest  # the id of the suite's own key
    pairs: tuple[Pair, ...]
    content: bytes

    @property
    def digest(self) -> Digest:
        return self.manifest.digest

    @property
    def custodians(self) -> tuple[Digest, ...]:
        """The ids of the keys that hold a half, in order."""
        return tuple(sorted({one for pair in self.pairs for one in pair.custodians}))

    def pair(self, one: Digest, other: Digest) -> Pair:
        """Raises ``Misuse`` (``no-such-pair``) if these two keys cannot open it together."""
        for pair in self.pairs:
            if set(pair.custodians) == {one, other}:
                return pair
        raise Misuse("no-such-pair", "These two keys hold no halves that belong together; name two of the custodians.")


def seal_suite(suite: Suite, custodians: Sequence[RecipientKey]) -> SealedSuite:
    """``suite`` for every pair of ``custodians``. Raises ``Misuse`` (``cannot-seal``) unless 2 to 12 are named."""
    ids = [one.id for one in custodians]
    if not 2 <= len(ids) <= MOST_CUSTODIANS or len(set(ids)) != len(ids):
        raise Misuse("cannot-seal", f"A suite is sealed for 2 to {MOST_CUSTODIANS} custodians, each named once.")
    key = fresh_key()
    sealed = io.BytesIO()
    seal(io.BytesIO(content_bytes(suite)), sealed, context=context_of(suite.digest), recipients=[key.public])
    context = context_of(suite.digest)
    pairs = tuple(split(key, one, other, context=context) for one, other in combinations(custodians, 2))
    return SealedSuite(suite.manifest, key.public.id, pairs, sealed.getvalue())


def sealed_bytes(sealed: SealedSuite) -> bytes:
    """The file of a sealed suite, canonical JSON."""
    return canonical(
        {
            "format": FORMAT,
            "manifest": from_json(manifest_bytes(sealed.manifest), "The manifest"),
            "key": sealed.key,
            "pairs": [
                {
                    "custodians": list(pair.custodians),
                    "halves": [base64.b64encode(half).decode() for half in pair.halves],
                }
                for pair in sealed.pairs
            ],
            "content": _text(sealed.content),
        }
    )


def is_sealed(data: bytes) -> bool:
    """Whether ``data`` means to be a sealed suite rather than an open one."""
    return FORMAT.partition("/")[0].encode() + b"/" in data


def read_sealed(data: bytes, expected: str | None = None) -> SealedSuite:
    """The sealed suite in ``data``; ``expected`` is the digest it was committed under, if any.

    What the content holds is known when it is opened. Raises ``Misuse`` (``bad-suite``, ``suite-digest-mismatch``).
    """
    try:
        document: Any = from_json(data, "The sealed suite")
        if document["format"] != FORMAT:
            raise Misuse("bad-suite", f"it is in the format {document['format']!r}; this version reads {FORMAT}.")
        found = SealedSuite(
            read_manifest(canonical(document["manifest"])),
            Digest(document["key"]),
            tuple(_read_pair(pair) for pair in document["pairs"]),
            base64.b64decode(document["content"], validate=True),
        )
    except (KeyError, TypeError, AttributeError, ValueError, binascii.Error, SeatrialError) as error:
        why = error.message if isinstance(error, SeatrialError) else f"it lacks or misspells a part ({error})"
        raise Misuse("bad-suite", f"This is no sealed suite: {why} Fetch it again.") from error
    if sealed_bytes(found) != data or not found.pairs:
        raise Misuse("bad-suite", "This is no sealed suite as it was made: a byte was changed, or it was written anew.")
    if expected is not None and not same(found.digest, expected):
        raise mismatch(expected, found.digest)
    return found


def unseal(sealed: SealedSuite, one: bytes, other: bytes) -> Suite:
    """The suite, opened with both halves of a pair, and compared with its manifest.

    Raises ``Misuse``: ``halves-differ`` if they do not belong together, ``sealed-broken``, ``manifest-lies``.
    """
    key = join(one, other)
    if key is None or key.public.id != sealed.key:
        raise Misuse("halves-differ", "The two halves do not open this suite; both custodians hand theirs over again.")
    pieces = open_stream(io.BytesIO(sealed.content), key=key, context=context_of(sealed.digest))
    data = b"".join(bytes(piece) for piece in pieces)  # a piece is valid only until the next
    suite = read_content(data)
    check_against(sealed.manifest, suite)
    return suite


def _read_pair(pair: Any) -> Pair:
    (one, other), (first, second) = pair["custodians"], pair["halves"]
    halves = base64.b64decode(first, validate=True), base64.b64decode(second, validate=True)
    return Pair((Digest(one), Digest(other)), halves)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def context_of(digest: Digest) -> dict[str, str]:
    """What content and halves of the suite ``digest`` are bound to."""
    return {"what": "suite", "suite": digest}
