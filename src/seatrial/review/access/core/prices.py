"""What calls cost in money: by the consented tariff, and by what their tokens were bounded to and came to. Pure.

    reserved   before a call: its bound of tokens, each at the dearer of the two prices if nobody can tell them apart
    charged    after it: the tokens reported, a cached one like any other; without a report, what was reserved

Every call that is let through pays the price of a call. A price that an exchange began under stays its price.
"""

from __future__ import annotations

from seatrial.kernel.money import MOST
from seatrial.review.access.types import AccessRequest, Settlement
from seatrial.review.cases.types import Consent, Price

from .endpoints import build_called


def price_of(consent: Consent, request: AccessRequest) -> Price | None:
    """What ``request`` is charged by; ``None`` if nothing has a price."""
    if consent.tariff is None:
        return None
    build = build_called(consent, request.method, request.path, request.model)
    return consent.tariff.price(build.model if build is not None else consent.model)


def money_reserved(price: Price | None, request: AccessRequest) -> int:
    """The most a call may cost, in millionths of the tariff's currency."""
    if price is None:
        return 0
    if request.answer is None:
        dearer = max(price.prompt, price.answer)
        return min(Price(price.model, dearer, dearer, price.call).charge(request.tokens, 0), MOST)
    return min(price.charge(request.tokens - request.answer, request.answer), MOST)


def money_charged(price: Price | None, reserved: int, prompt: int | None, answer: int | None) -> int:
    """What it cost in the end; see ``accounts.charge`` for tokens."""
    if price is None or (prompt is None and answer is None):
        return reserved
    return min(price.charge(prompt or 0, answer or 0), MOST)


def charged_by(price: Price | None, reserved: int, settlement: Settlement) -> int:
    """The same, of a settlement."""
    return money_charged(price, reserved, settlement.prompt_tokens, settlement.completion_tokens)


def price_text(price: Price | None) -> str:
    """As an exchange keeps it."""
    return "" if price is None else f"{price.prompt} {price.answer} {price.call}"


def price_in(text: str, model: str = "") -> Price | None:
    """The inverse of ``price_text``."""
    if not text:
        return None
    prompt, answer, call = map(int, text.split())
    return Price(model, prompt, answer, call)
