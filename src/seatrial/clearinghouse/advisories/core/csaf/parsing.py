"""Bytes to a document, strictly: CSAF is JSON in UTF-8, each key once, numbers that are numbers.

One sentence says what else was sent.
"""

import json
import re
from itertools import accumulate
from typing import Any, NoReturn

from seatrial.kernel.errors import Misuse

MOST_BYTES = 64 * 1024 * 1024
MOST_LEVELS = 200
_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_STEPS = bytes.maketrans(b"[{]}", b"\x02\x02\x00\x00")  # one up and one down, each one more, for bytes have no sign
_NO_BRACKETS = bytes(byte for byte in range(256) if byte not in b"[]{}")


class Unreadable(Misuse):
    """The bytes are no CSAF document that could be judged."""


def parse(data: bytes) -> dict[str, Any]:
    """The document that the bytes hold (at most 64 MiB, at most 200 levels).

    Raises `Unreadable` with one sentence: too large, a byte order mark, another encoding, truncated or other JSON, a
    key twice in one object, NaN or infinity, nested too deep, or no object at its root.
    """
    if len(data) > MOST_BYTES:
        raise Unreadable("csaf-too-large", f"The document has {len(data)} bytes; at most {MOST_BYTES} are read.")
    if data.startswith(b"\xef\xbb\xbf"):
        raise Unreadable("csaf-byte-order-mark", "The document begins with a byte order mark; write UTF-8 without one.")
    try:
        words = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unreadable(
            "csaf-not-utf8", f"The document is not UTF-8 (byte {error.start}); convert it to UTF-8."
        ) from error
    if words.count("[") + words.count("{") > MOST_LEVELS and _levels(words) > MOST_LEVELS:
        raise Unreadable("csaf-too-deep", f"The document is nested deeper than {MOST_LEVELS} levels.")
    try:
        found = json.loads(words, object_pairs_hook=_once, parse_constant=_constant, parse_float=_finite)
    except json.JSONDecodeError as error:
        raise Unreadable(
            "csaf-not-json", f"The document is not JSON: {error.msg} (line {error.lineno}, column {error.colno})."
        ) from error
    except (ValueError, RecursionError) as error:
        raise Unreadable(
            "csaf-not-json", "The document is not JSON that can be read: a number is too long or it is nested too deep."
        ) from error
    if not isinstance(found, dict):
        raise Unreadable("csaf-not-an-object", "The document is JSON, but no object.")
    return found


def written(document: dict[str, Any]) -> bytes:
    """The bytes of a document: UTF-8, two spaces, keys as they are, one newline at the end.

    `parse(written(d)) == d`.
    """
    return (json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False) + "\n").encode("utf-8")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise Unreadable("csaf-duplicate-key", f"The key {key[:80]!r} comes twice in one object.")
            seen.add(key)
    return found


def _constant(name: str) -> NoReturn:
    raise Unreadable("csaf-not-a-number", f"{name} is not JSON.")


def _finite(number: str) -> float:
    value = float(number)
    if value in (float("inf"), float("-inf")):
        raise Unreadable("csaf-not-a-number", "A number is too large to be kept as it is.")
    return value


def _levels(words: str) -> int:
    """How deep brackets are nested outside strings; counted without recursion, before anything is parsed."""
    brackets = _STRING.sub("", words).encode("ascii", "ignore").translate(_STEPS, delete=_NO_BRACKETS)
    return max(accumulate(step - 1 for step in brackets))
