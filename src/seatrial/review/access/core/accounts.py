"""What is charged to which consent. Narrowing a consent must not fill its budget up again.

A consent that gives nothing its predecessor did not goes on with the predecessor's account; one that
gives more in any respect was signed anew, and opens an account of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from seatrial.kernel.canonical import plain
from seatrial.kernel.clock import iso
from seatrial.review.access.types import Settlement, Usage, Why
from seatrial.review.cases.types import Budget, Consent, Endpoint

from .decision import build_of

Terms = Mapping[str, Any]  # JSON


def terms_of(consent: Consent) -> dict[str, Any]:
    """What an account keeps of the consent it was last charged under, JSON-ready."""
    return {
        "people": sorted(consent.people),
        "purposes": sorted(consent.purposes),
        "opens": iso(consent.window.opens),  # of fixed width: compares as text
        "closes": iso(consent.window.closes),
        "levels": sorted(consent.levels),
        "requests": consent.budget.requests,
        "tokens": consent.budget.tokens,
        "concurrency": consent.budget.concurrency,
        "build": build_of(consent),
        "money": consent.budget.money,
        "tariff": plain(consent.tariff),
        "endpoints": [str(endpoint) for endpoint in consent.endpoints],
    }


def gives_nothing_more(later: Terms, than: Terms) -> bool:
    """True if the terms ``later`` allow nothing that the terms ``than`` do not."""
    return (
        set(later["people"]) <= set(than["people"])
        and set(later["purposes"]) <= set(than["purposes"])
        and later["opens"] >= than["opens"]
        and later["closes"] <= than["closes"]
        and set(later["levels"]) <= set(than["levels"])
        and all(later[part] <= than[part] for part in ("requests", "tokens", "concurrency"))
        and later["build"] == than["build"]
        and later["tariff"] == than.get("tariff")  # what was charged in one currency is not added to another
        and _inside(later["endpoints"], than.get("endpoints", ()))
        and _bounds_as_much(later["money"], than.get("money"))
    )


def overspent(budget: Budget, usage: Usage) -> Why | None:
    """Why nothing charged to an account may go on: its budget was narrowed below what is charged already."""
    if usage.requests > budget.requests:
        return Why.REQUESTS
    if usage.tokens > budget.tokens:
        return Why.TOKENS
    return Why.MONEY if budget.money is not None and usage.money > budget.money else None


def charge(reserved: int, settlement: Settlement) -> int:
    """Tokens an exchange is charged in the end.

    What the developer's endpoint reported counts, also beyond the reservation: the record must be true, and
    the next call finds less left. Without any report the whole reservation stays charged.
    """
    if settlement.prompt_tokens is None and settlement.completion_tokens is None:
        return reserved
    return (settlement.prompt_tokens or 0) + (settlement.completion_tokens or 0)


def _inside(later: Sequence[str], than: Sequence[str]) -> bool:
    wide = [Endpoint.parse(text) for text in than]
    return all(any(Endpoint.parse(text).within(one) for one in wide) for text in later)


def _bounds_as_much(later: int | None, than: int | None) -> bool:
    return than is None or (later is not None and later <= than)
