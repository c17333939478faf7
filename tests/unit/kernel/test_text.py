"""Every script is kept as written; what cannot be seen is refused."""

from __future__ import annotations

import pytest

from seatrial.kernel.errors import Misuse
from seatrial.kernel.text import checked

NAMES = ["عبد الرحمن", "山田 太郎", "Zoë Ångström", "👩‍🚀 Ada", "e\u0301ric", "Nguyễn", "ދިވެހި", "O'Brien-Łukasz", "𝒳 Æ"]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_of_any_script_is_kept_exactly(name: str) -> None:
    assert checked("The name", f"  {name} ", longest=200, lines=False) == name


@pytest.mark.parametrize(
    "sign", ["\x00", "\x07", "\x1b", "\x7f", "\x85", "\ud800", "\u202e", "\u2066", "\u202b", "\uffff"]
)
def test_control_and_reordering_characters_are_refused(sign: str) -> None:
    with pytest.raises(Misuse, match="visible characters"):
        checked("The name", f"Ada{sign}Lovelace", longest=200)


def test_a_line_break_is_refused_in_a_line_and_kept_in_a_text() -> None:
    assert checked("The text", "one\ntwo", longest=20) == "one\ntwo"
    for sign in "\n\r\t\u2028":
        with pytest.raises(Misuse, match="one line"):
            checked("The name", f"one{sign}two", longest=20, lines=False)


@pytest.mark.parametrize("text", ["", "   ", "x" * 21])
def test_a_text_has_its_length(text: str) -> None:
    with pytest.raises(Misuse, match="1 to 20 characters"):
        checked("The name", text, longest=20)
