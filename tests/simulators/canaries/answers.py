"""Everything an answer says: its head and its body, opened and unescaped until nothing is hidden in it."""

from __future__ import annotations

import base64
import binascii
import html
import io
import re
import zipfile
from collections.abc import Iterator
from urllib.parse import unquote

from pypdf import PdfReader
from pypdf.errors import PyPdfError

_DEEPEST = 3  # archives in archives
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
_BASE64 = re.compile(r"(?<![0-9A-Za-z+/_-])[0-9A-Za-z+/_-]{40,}={0,2}")
_HEX = re.compile(r"[0-9a-f]+")


def said(head: dict[str, str], body: bytes) -> str:
    """All of it as one case-folded text."""
    pieces = [f"{name}: {value}" for name, value in head.items()]
    pieces += opened(body)
    return "\n".join(plain(piece) for piece in pieces).casefold()


def opened(body: bytes, depth: int = 0) -> Iterator[str]:
    """The texts in ``body``: of a PDF its words, its metadata and its streams; of an archive its members and names."""
    if body.startswith(b"%PDF"):
        yield from _pdf(body)
    elif body.startswith(b"PK\x03\x04") and depth < _DEEPEST:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            for member in archive.infolist():
                yield f"{member.filename} {member.comment!r}"
                yield from opened(archive.read(member), depth + 1)
    else:
        yield body.decode("utf-8", "replace")


def plain(text: str) -> str:
    """``text``, and beneath it what it says once unescaped."""
    found = [text]
    if "&" in text:
        found.append(html.unescape(text))
    if "\\u" in text:
        found.append(_ESCAPED.sub(lambda match: chr(int(match[1], 16)), text))
    if "%" in text:
        found.append(unquote(text))
    found += _wrapped(text)
    return "\n".join(found)


def _wrapped(text: str) -> Iterator[str]:
    """What stands in base64, as in a signed envelope."""
    for match in _BASE64.finditer(text):
        run = match.group()
        if _HEX.fullmatch(run):
            continue
        try:
            data = base64.b64decode(run.replace("-", "+").replace("_", "/") + "==")
        except binascii.Error:
            continue
        if b"canary" in data.lower():
            yield data.decode("utf-8", "replace")


def _pdf(body: bytes) -> Iterator[str]:
    try:
        reader = PdfReader(io.BytesIO(body))
        yield str(reader.metadata)
        if reader.xmp_metadata is not None:
            yield str(reader.xmp_metadata.stream.get_data().decode("utf-8", "replace"))
        for page in reader.pages:
            # A line may have been broken inside a word: the words are also given without any gap.
            words = page.extract_text()
            yield words
            yield re.sub(r"[\s\u00ad]+", "", words)
        for number in range(1, len(reader.xref_objStm) + 1 + sum(map(len, reader.xref.values()))):
            held = reader.get_object(number) if number in reader.xref.get(0, {}) else None
            if hasattr(held, "get_data"):
                yield held.get_data().decode("latin-1")
    except (PyPdfError, ValueError, KeyError) as error:
        yield f"unreadable PDF: {error}"
        yield body.decode("latin-1")
