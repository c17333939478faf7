"""Money: whole millionths of a currency's unit, written by people as decimal text such as ``12.50``. Never a float."""

from __future__ import annotations

import re

from .errors import Misuse

UNIT = 1_000_000  # millionths in one unit of a currency
MOST = 2**53 - 1  # millionths: about nine billion units, and the largest whole number that every JSON reader keeps

_WRITTEN = re.compile(r"(\d{1,10})(?:\.(\d{1,6}))?", re.ASCII)
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)


def millionths(text: str, what: str) -> int:
    """What ``12.50`` means; ``what`` names the thing in the error. Raises ``Misuse`` (``bad-money``)."""
    found = _WRITTEN.fullmatch(text.strip())
    amount = int(found[1]) * UNIT + int((found[2] or "").ljust(6, "0")) if found else MOST + 1
    if amount > MOST:
        raise Misuse(
            "bad-money",
            f"{what} is {text!r}; write an amount such as 12.50, of six decimals and nine billion at most.",
        )
    return amount


def written(amount: int) -> str:
    """The inverse of ``millionths``: two decimals, or as many more as it takes."""
    units, rest = divmod(amount, UNIT)
    decimals = f"{rest:06d}".rstrip("0").ljust(2, "0")
    return f"{units}.{decimals}"


def checked_currency(code: str) -> str:
    """``code`` if it has the form of ISO 4217, three capital letters. Raises ``Misuse`` (``bad-currency``)."""
    if not _CURRENCY.fullmatch(code):
        raise Misuse("bad-currency", f"{code!r} is no currency; write its three capital letters, such as EUR.")
    return code
