"""All that a PDF says: pages, metadata, bookmarks, alternative texts and links, and every stream unpacked.

For the proof that nothing withheld is in it. Programs of fonts are outlines of letters and are left aside.
"""

from __future__ import annotations

import io
from collections.abc import Iterator

from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, StreamObject

_FONTS = ("/FontFile", "/FontFile2", "/FontFile3")


def inside(pdf: bytes) -> tuple[tuple[str, ...], tuple[bytes, ...]]:
    """What a reader or a program can read of it (texts), and what is packed in it (streams, unpacked)."""
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
    numbers = {number for table in reader.xref.values() for number in table} | set(reader.xref_objStm)
    return (IndirectObject(number, 0, reader) for number in sorted(numbers))


def _fonts(found: object) -> Iterator[IndirectObject]:
    if isinstance(found, DictionaryObject):
        for name in _FONTS:
            reference = found.raw_get(name) if name in found else None
            if isinstance(reference, IndirectObject):
                yield reference


def _strings(found: object) -> Iterator[str]:
    """Every string directly in an object; what it refers to is an object of its own."""
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
