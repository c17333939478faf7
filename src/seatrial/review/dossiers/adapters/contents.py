"""All that an exported file says, for the proof that nothing withheld is in it.

Of a PDF: pages, metadata, bookmarks, alternative texts and links, and every stream unpacked; programs of fonts are
outlines of letters and are left aside. Of HTML what is shown and what stands in attributes; of JSON every string.
"""

from __future__ import annotations

import html
import io
import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pypdf import PdfReader
    from pypdf.generic import IndirectObject

_TAG = re.compile(r"<[^<>]*>")
_ATTRIBUTE = re.compile(r'\b(?:content|alt|title|aria-label|href)="([^"]*)"')
_UNSHOWN = re.compile(r"<style>.*?</style>", re.DOTALL)  # ours, and the same in every file
_FONTS = ("/FontFile", "/FontFile2", "/FontFile3")


def contents(data: bytes, ending: str) -> tuple[tuple[str, ...], tuple[bytes, ...]]:
    """What a reader or a program can read of a file (texts), and what is packed in it (unpacked)."""
    match ending:
        case "pdf":
            return _of_pdf(data)
        case "json" | "cdx.json":
            return tuple(_of_json(json.loads(data))), ()
        case "html":
            text = data.decode()
            shown = html.unescape(_TAG.sub(" ", _UNSHOWN.sub(" ", text)))
            return (shown, *(html.unescape(value) for value in _ATTRIBUTE.findall(text))), ()
        case _:
            return (data.decode(),), ()


def _of_json(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield name
            yield from _of_json(item)
    elif isinstance(value, list):
        for item in value:
            yield from _of_json(item)
    elif value is not None:
        yield str(value)


def _of_pdf(pdf: bytes) -> tuple[tuple[str, ...], tuple[bytes, ...]]:
    from pypdf import PdfReader  # half a second that only a PDF is worth
    from pypdf.generic import StreamObject

    reader = PdfReader(io.BytesIO(pdf))
    objects = [found for found in map(reader.get_object, _every(reader)) if found is not None]
    outlines = {reference.idnum for found in objects for reference in _fonts(found)}
    texts = [page.extract_text() for page in reader.pages]
    parts = []
    for found in objects:
        texts += _strings(found)
        if isinstance(found, StreamObject) and getattr(found.indirect_reference, "idnum", None) not in outlines:
            parts.append(found.get_data())
    return tuple(text for text in texts if text), tuple(parts)


def _every(reader: PdfReader) -> Iterator[IndirectObject]:
    from pypdf.generic import IndirectObject

    numbers = {number for table in reader.xref.values() for number in table} | set(reader.xref_objStm)
    return (IndirectObject(number, 0, reader) for number in sorted(numbers))


def _fonts(found: object) -> Iterator[IndirectObject]:
    from pypdf.generic import DictionaryObject, IndirectObject

    if isinstance(found, DictionaryObject):
        for name in _FONTS:
            reference = found.raw_get(name) if name in found else None
            if isinstance(reference, IndirectObject):
                yield reference


def _strings(found: object) -> Iterator[str]:
    """Every string directly in an object; what it refers to is an object of its own."""
    from pypdf.generic import ArrayObject, DictionaryObject

    if isinstance(found, DictionaryObject):
        for value in found.values():
            yield from _strings(value)
    elif isinstance(found, ArrayObject):
        for value in found:
            yield from _strings(value)
    elif isinstance(found, bytes):
        yield found.decode("utf-8", "replace")
    elif isinstance(found, str) and not found.startswith("/"):
        yield str(found)
