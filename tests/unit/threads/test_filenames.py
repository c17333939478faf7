"""File names of every script are kept; what misleads is taken out."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.review.threads.core.filenames import LONGEST, NAMELESS, extension, neutral


@pytest.mark.parametrize(
    "name",
    [
        "Bericht über Prüfung.pdf",
        "отчёт.docx",
        "評価結果.csv",
        "تقرير.txt",
        "דו״ח.md",
        "रिपोर्ट.json",
        "รายงาน.toml",
        "보고서.xlsx",
        "መግለጫ.zip",
        "⛵ sea trial.png",
        "می‌خواهم.txt",  # with a joiner that Persian needs
    ],
)
def test_every_script_is_kept(name: str) -> None:
    assert neutral(name) == unicodedata.normalize("NFC", name)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "_.._etc_passwd"),
        ("C:\\Users\\x\\a.pdf", "C__Users_x_a.pdf"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("\u2066a\u2069.txt", "a.txt"),
        ("a\r\nContent-Type: text/html.txt", "aContent-Type_ text_html.txt"),
        ("a\x00.pdf", "a.pdf"),
        ("u\u0308.txt", "ü.txt"),
        ("", NAMELESS),
        ("...", NAMELESS),
        ("\u202e\u202e", NAMELESS),
        (" .hidden. ", "hidden"),
        ("x" * 400 + ".ipynb", "x" * (LONGEST - 6) + ".ipynb"),
        ("x" * 400, "x" * LONGEST),
    ],
)
def test_what_misleads_is_taken_out(name: str, kept: str) -> None:
    assert neutral(name) == kept


@given(st.text(max_size=400))
def test_a_neutral_name_is_short_printable_and_stays_as_it_is(name: str) -> None:
    kept = neutral(name)
    assert 0 < len(kept) <= LONGEST
    assert not set(kept) & set('/\\:*?"<>|\r\n\t\0\u202e\u2066')
    assert kept.encode()
    assert neutral(kept) == kept


def test_the_extension_is_what_stands_behind_the_last_dot() -> None:
    assert extension("a.tar.GZ") == "gz"
    assert extension("README") == ""
