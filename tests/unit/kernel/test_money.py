"""Money is written and read without losing a millionth."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.kernel.errors import Misuse
from seatrial.kernel.money import MOST, checked_currency, millionths, written


@given(st.integers(0, MOST))
def test_what_is_written_is_read_again(amount: int) -> None:
    assert millionths(written(amount), "It") == amount


@pytest.mark.parametrize(
    ("text", "amount"), [("3", 3_000_000), ("3.00", 3_000_000), (" 0.000001 ", 1), ("12.5", 12_500_000)]
)
def test_amounts_mean_millionths(text: str, amount: int) -> None:
    assert millionths(text, "It") == amount


@pytest.mark.parametrize("text", ["", "-1", "1e3", "1,50", ".5", "5.", "0.0000001", "9999999999", "٣", "nan", "1_000"])
def test_anything_else_is_no_amount(text: str) -> None:
    with pytest.raises(Misuse, match="write an amount such as"):
        millionths(text, "It")


@pytest.mark.parametrize("code", ["", "EU", "EURO", "eur", "€", "ÄÖÜ"])
def test_a_currency_is_three_capital_letters(code: str) -> None:
    assert checked_currency("EUR") == "EUR"
    with pytest.raises(Misuse, match="is no currency"):
        checked_currency(code)
