"""The signed record out of a memo's file: the page, the PDF, or the JSON itself."""

from __future__ import annotations

import io
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any

from pypdf import PdfReader
from pypdf.errors import PyPdfError

from seatrial.kernel.canonical import from_json
from seatrial.kernel.errors import Misuse, SeatrialError

from .memo_paper import RECORD

LARGEST = 64 << 20  # bytes
_UNREADABLE = (PyPdfError, ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError)


def record_in(data: bytes) -> Mapping[str, Any]:
    """``memo``, ``statement`` and ``signatures`` as the file carries them, in JSON's own types.

    Raises ``Misuse`` (``not-a-memo``).
    """
    if len(data) > LARGEST:
        raise _not_a_memo(f"it has {len(data):,} bytes, and a memo has at most {LARGEST:,}")
    text = _text(data)
    try:
        found: Any = from_json(text, "Its record")
    except SeatrialError as error:
        raise _not_a_memo(error.message.rstrip(".")) from error
    whole = isinstance(found, dict) and all(isinstance(found.get(name), dict) for name in ("memo", "statement"))
    if not whole or not isinstance(found.get("signatures"), list):
        raise _not_a_memo("its record lacks the memo, the statement or the signatures")
    return dict(found)


def words_of(data: bytes) -> str:
    """The text of a PDF's pages; empty for what cannot be read."""
    try:
        return "".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages)
    except _UNREADABLE:
        return ""


def _text(data: bytes) -> str | bytes:
    if data.startswith(b"%PDF"):
        return _of_pdf(data)
    return data if data.lstrip()[:1] == b"{" else _of_page(data)


def _of_pdf(data: bytes) -> bytes:
    try:
        attached = PdfReader(io.BytesIO(data)).attachments
        if RECORD not in attached:
            raise _not_a_memo(f"this PDF carries no {RECORD}")
        return bytes(attached[RECORD][0])
    except _UNREADABLE as error:
        raise _not_a_memo(f"this PDF cannot be read ({error})") from error


def _of_page(data: bytes) -> str:
    reader = _Pre()
    try:
        reader.feed(data.decode())
        reader.close()
    except (UnicodeDecodeError, AssertionError) as error:
        raise _not_a_memo("it is neither a PDF nor a page nor JSON") from error
    if not reader.text:
        raise _not_a_memo("the page carries no signed record")
    return "".join(reader.text)


class _Pre(HTMLParser):
    """The text of the last ``pre``: the record stands at the page's foot."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text: list[str] = []
        self._within = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "pre":
            self.text, self._within = [], True

    def handle_endtag(self, tag: str) -> None:
        if tag == "pre":
            self._within = False

    def handle_data(self, data: str) -> None:
        if self._within:
            self.text.append(data)


def _not_a_memo(why: str) -> Misuse:
    return Misuse("not-a-memo", f"This is no memo that can be verified: {why}. Fetch the memo's file again.")
