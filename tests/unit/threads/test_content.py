"""A file is what its name says or it is refused with what it looks like; no archive does harm when it is opened."""

from __future__ import annotations

import io
import struct
import zipfile
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.kernel.errors import Misuse
from seatrial.review.threads.core import archives
from seatrial.review.threads.core.content import KINDS, check

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"


def packed(files: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED, **changes: Any) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", compression, **changes) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return held.getvalue()


def checked(name: str, data: bytes) -> str:
    return check(name, io.BytesIO(data), len(data)).media


def refusal(name: str, data: bytes) -> tuple[str, str]:
    with pytest.raises(Misuse) as refused:
        checked(name, data)
    assert "Traceback" not in refused.value.message
    return refused.value.code, refused.value.message


DOCX = packed({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>"})
XLSX = packed({"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<w/>"})
GOOD = {
    "a.pdf": PDF,
    "a.png": PNG,
    "a.jpg": b"\xff\xd8\xff\xe0",
    "a.JPEG": b"\xff\xd8\xff\xe1",
    "a.csv": "name,Größe\nα,1\n".encode(),
    "a.txt": b"\xef\xbb\xbfwith a mark\r\n\ttabbed\n",
    "a.md": b"# Title\n",
    "a.json": b'{"a": [1, 2]}',
    "a.toml": b'a = "b"\n',
    "a.ipynb": b'{"cells": [], "nbformat": 4}',
    "a.zip": packed({"a.txt": b"text"}),
    "empty.zip": packed({}),
    "a.docx": DOCX,
    "a.xlsx": XLSX,
    "documents.zip": packed({"a.docx": DOCX, "b.xlsx": XLSX}),
}


@pytest.mark.parametrize("name", GOOD)
def test_what_is_what_it_says_is_taken(name: str) -> None:
    assert checked(name, GOOD[name])


def test_every_type_of_the_table_is_tried() -> None:
    assert {name.rpartition(".")[2].lower() for name in GOOD} == set(KINDS)


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("a.pdf", PNG, "looks like a PNG image"),
        ("a.png", PDF, "looks like a PDF document"),
        ("a.jpg", b"GIF89a", "looks like a GIF image"),
        ("a.txt", b"MZ\x90\x00", "looks like a program for Windows"),
        ("a.csv", b"\x7fELF\x02\x01", "looks like a program for Linux"),
        ("a.pdf", b"<!DOCTYPE html><script>", "looks like a web page"),
        ("a.md", b"caf\xe9", "is not UTF-8 text"),
        ("a.txt", b"one\ntwo\x00", "control character in line 2"),
        ("a.json", b"{'a': 1}", "is not valid JSON"),
        ("a.json", b"[" * 100_000, "is not valid JSON"),
        ("a.toml", b"a = ", "is not valid TOML"),
        ("a.ipynb", b"{}", "no notebook format"),
        ("a.zip", b"plain", "looks like plain text"),
        ("a.docx", packed({"a": b"b"}), "looks like a ZIP archive"),
        ("a.xlsx", DOCX, "looks like a ZIP archive"),
        ("a.exe", b"MZ", "no type that can be attached"),
        ("a.svg", b"<svg/>", "no type that can be attached"),
        ("README", b"text", "no type that can be attached"),
    ],
)
def test_what_is_not_what_it_says_is_refused_with_what_it_looks_like(name: str, data: bytes, says: str) -> None:
    code, message = refusal(name, data)
    assert code == "attachment-type"
    assert says in message


@pytest.mark.parametrize("name", GOOD)
def test_a_file_without_bytes_is_refused_whatever_it_is_called(name: str) -> None:
    assert refusal(name, b"")[0] == "attachment-empty"


def test_text_is_read_across_pieces() -> None:
    long = ("ä" * 70_000).encode()
    assert checked("a.txt", b"x" + long)
    assert "line 1" in refusal("a.txt", b"x" + long + b"\xc3")[1]
    notebook = b'{"pad": "' + b" " * (64 * 1024 - 13) + b'", "nbformat": 4}' + b" " * 2_000_000
    assert checked("a.ipynb", notebook)


def bomb(megabytes: int = 200) -> bytes:
    return packed({"zeros": b"\0" * (megabytes * 1024**2)})


def lying(data: bytes, size: int = 10) -> bytes:
    """An archive whose directory says that its one entry is small."""
    place = data.rfind(b"PK\x01\x02") + 24
    return data[:place] + struct.pack("<I", size) + data[place + 4 :]


def counted(data: bytes, entries: int) -> bytes:
    place = data.rfind(b"PK\x05\x06") + 8
    return data[:place] + struct.pack("<HH", entries, entries) + data[place + 4 :]


def overlapping(copies: int) -> bytes:
    """Every directory entry leads to the same packed bytes (after Fifield, 2019)."""
    data = packed({"a": bytes(range(256)) * 40_000})
    start, end = data.rfind(b"PK\x01\x02"), data.rfind(b"PK\x05\x06")
    entry = data[start:end]
    tail = data[end : end + 8] + struct.pack("<HHII", copies, copies, copies * len(entry), start) + b"\0\0"
    return data[:start] + entry * copies + tail


BOMBS = {
    "one that grows two thousandfold": (bomb(), "100 times its size"),
    "many files that grow": (packed({f"{n}": b"\0" * 900_000 for n in range(50)}), "100 times its size"),
    "overlapping files": (overlapping(200), "1 GiB"),
    "a bomb inside": (packed({"b.zip": bomb()}, zipfile.ZIP_STORED), "100 times its size"),
    "three deep": (packed({"b": packed({"c": packed({"d": b"e"})})}), "archive in an archive in an archive"),
    "too many files": (packed({f"{n}": b"" for n in range(10_001)}), "10,000 is the most"),
    "too many files that say they are few": (counted(packed({f"{n}": b"" for n in range(10_001)}), 3), "10,000"),
    "too many files in two": (
        packed(
            {"a.zip": packed({f"{n}": b"" for n in range(6_000)}), "b.zip": packed({f"{n}": b"" for n in range(6_000)})}
        ),
        "10,000 is the most",
    ),
    "a large archive inside": (
        packed({"b.zip": packed({"c": b"c"}) + bytes(17 * 1024**2)}, zipfile.ZIP_STORED),
        "more than 16 MiB",
    ),
    "an unusual method": (packed({"a": b"b" * 100}, zipfile.ZIP_LZMA), "ordinary method"),
    "cut off": (packed({"a": b"b" * 1000})[:-30], "no directory"),
    "damaged": (packed({"a": b"b" * 1000}).replace(b"PK\x03\x04", b"PK\x03\x04\xff\xff", 1), "damaged"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_an_archive_that_would_do_harm_is_refused(name: str) -> None:
    data, says = BOMBS[name]
    code, message = refusal("a.zip", data)
    assert code == "attachment-archive"
    assert says in message


def test_an_archive_that_lies_about_its_size_is_refused() -> None:
    code, _ = refusal("a.zip", lying(bomb(20)))
    assert code == "attachment-archive"


def test_an_encrypted_archive_is_refused() -> None:
    data = bytearray(packed({"a": b"b"}))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.find(mark) + offset] |= 1
    assert "encrypted" in refusal("a.zip", bytes(data))[1]


def test_more_than_a_gibibyte_is_refused_by_the_directory_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MOST_EXPANDED", 3_000_000)
    assert "1 GiB" in refusal("a.zip", packed({f"{n}": bytes(range(256)) * 4000 for n in range(4)}))[1]


def test_an_archive_in_the_form_beyond_four_gibibytes_is_refused() -> None:
    data = packed({"a": b"b"})
    place = data.rfind(b"PK\x05\x06")
    more = data[:place] + b"PK\x06\x07" + bytes(16) + data[place:]
    assert "4 GiB" in refusal("a.zip", more)[1]


REFUSALS = ("attachment-empty", "attachment-type", "attachment-archive")


@given(st.binary(max_size=300), st.sampled_from(sorted(KINDS)), st.integers(0, 3))
def test_whatever_comes_gets_an_answer(data: bytes, kind: str, cut: int) -> None:
    """Any bytes, also behind a good beginning, are taken or refused in a sentence, and nothing else happens."""
    start = next(good for name, good in GOOD.items() if name.lower().endswith(kind))
    for made in (data, start[: len(start) * cut // 3] + data):
        assert outcome(f"a.{kind}", made) in {KINDS[kind].media, *REFUSALS}


def outcome(name: str, data: bytes) -> str:
    try:
        return checked(name, data)
    except Misuse as refused:
        return refused.code
