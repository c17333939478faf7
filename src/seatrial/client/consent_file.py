"""A consent as a TOML file: reviewed and versioned like code, signed from a pipeline.

artefact = "sha256:…"
upstream = "https://api.lab.example/v1"
people   = ["person-…"]
purposes = ["capability-evaluation"]
opens    = 2026-07-01T09:00:00Z
closes   = 2026-07-11T09:00:00Z
requests = 10_000
tokens   = 5_000_000
# may be left out: model, variant, levels, concurrency, label, variants, and
money     = "250.00"            # the most; takes a tariff
endpoints = ["GET responses/*"] # what may be called beside the known endpoints
[tariff]                        # prices of a million tokens, and of a call
currency = "EUR"
prices = [{ model = "m-1", prompt = "3.00", answer = "15.00", call = "0" }]
[keeping]                       # bodies are kept sealed for these keys, for so many days
recipients = ["sha256:…"]
days = 14
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from seatrial.kernel.clock import Window, aware, parse_time
from seatrial.kernel.digests import parse_digest
from seatrial.kernel.errors import Misuse
from seatrial.kernel.labels import Label
from seatrial.kernel.money import millionths
from seatrial.review.cases.types import (
    AccessLevel,
    Budget,
    ConsentTerms,
    Endpoint,
    Keeping,
    Price,
    Tariff,
    Variant,
)

_TEXT, _NUMBER, _LIST, _TIME = "a text", "a whole number", "a list of texts", "a time with a zone"
_BUILDS = "a list of tables with model, name, artefact, upstream and level"
_BUILD = frozenset({"model", "name", "artefact", "upstream", "level"})
_TARIFF = "a table with currency and prices, a list of tables with model, prompt, answer and perhaps call, all texts"
_PRICE = frozenset({"model", "prompt", "answer"})
_KEEPING = "a table with recipients, a list of texts, and days, a whole number"
FIELDS: Mapping[str, str] = {
    "model": _TEXT,
    "artefact": _TEXT,
    "variant": _TEXT,
    "people": _LIST,
    "purposes": _LIST,
    "levels": _LIST,
    "upstream": _TEXT,
    "requests": _NUMBER,
    "tokens": _NUMBER,
    "concurrency": _NUMBER,
    "opens": _TIME,
    "closes": _TIME,
    "label": _TEXT,
    "variants": _BUILDS,
    "money": _TEXT,
    "tariff": _TARIFF,
    "endpoints": _LIST,
    "keeping": _KEEPING,
}
DEFAULTS: Mapping[str, Any] = {
    "variant": "safeguarded",
    "levels": [AccessLevel.API],
    "concurrency": 4,
    "label": "open//-//TLP:CLEAR//*",
    "variants": [],
    "money": None,
    "tariff": None,
    "endpoints": [],
    "keeping": None,
}


def from_toml(text: str, what: str) -> dict[str, Any]:
    """The fields of a consent file; ``what`` names it. Raises ``Misuse`` (``consent-file-invalid``) by line, field."""
    try:
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _invalid(what, str(error)) from error
    for name, value in said.items():
        wanted = FIELDS.get(name)
        if wanted is None:
            raise _invalid(f"{what}{_line(text, name)}", f"there is no field {name!r}; there are {', '.join(FIELDS)}")
        if not _fits(value, wanted):
            raise _invalid(f"{what}{_line(text, name)}", f"{name} must be {wanted}")
    return said


def consent_terms(said: Mapping[str, Any], what: str) -> ConsentTerms:
    """Terms from their fields by name. Raises ``Misuse`` (``consent-incomplete``) naming all that lack."""
    given = {**DEFAULTS, **said}
    lacking = [name for name in FIELDS if name not in given]
    if lacking:
        raise Misuse("consent-incomplete", f"{what} does not say {', '.join(lacking)}; a consent names each of them.")
    levels = frozenset(_level(level, what) for level in given["levels"])
    variants = tuple(
        Variant(
            model=one["model"],
            name=one["name"],
            artefact=parse_digest(one["artefact"]),
            upstream=one["upstream"],
            level=_level(one["level"], what),
        )
        for one in given["variants"]
    )
    return ConsentTerms(
        model=given["model"],
        artefact=parse_digest(given["artefact"]),
        variant=given["variant"],
        people=frozenset(given["people"]),
        purposes=frozenset(given["purposes"]),
        levels=levels,
        upstream=given["upstream"],
        budget=Budget(given["requests"], given["tokens"], given["concurrency"], money_of(given["money"])),
        window=Window(_time(given["opens"]), _time(given["closes"])),
        label=Label.parse(given["label"]),
        variants=variants,
        tariff=_tariff(given["tariff"]),
        endpoints=tuple(Endpoint.parse(text) for text in given["endpoints"]),
        keeping=_keeping(given["keeping"]),
    )


def money_of(text: str | None) -> int | None:
    """A bound in money; ``None`` bounds none. Raises ``Misuse`` (``bad-money``)."""
    return None if text is None else millionths(text, "The bound in money")


def _tariff(said: Mapping[str, Any] | None) -> Tariff | None:
    return None if said is None else Tariff(said["currency"], tuple(Price.of(**price) for price in said["prices"]))


def _keeping(said: Mapping[str, Any] | None) -> Keeping | None:
    return None if said is None else Keeping(tuple(map(parse_digest, said["recipients"])), said["days"])


def _level(word: str, what: str) -> AccessLevel:
    try:
        return AccessLevel(word)
    except ValueError as error:
        known = ", ".join(level.value for level in AccessLevel)
        raise _invalid(what, f"a level is {word!r}; use one of {known}") from error


def _fits(value: object, wanted: str) -> bool:
    if wanted == _TIME:
        return isinstance(value, datetime | str)
    if wanted == _LIST:
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    if wanted == _BUILDS:
        return isinstance(value, list) and all(
            isinstance(item, dict) and set(item) == _BUILD and all(isinstance(part, str) for part in item.values())
            for item in value
        )
    if wanted == _NUMBER:
        return isinstance(value, int) and not isinstance(value, bool)
    if wanted == _KEEPING:
        return (
            isinstance(value, dict)
            and set(value) == {"recipients", "days"}
            and _fits(value["recipients"], _LIST)
            and _fits(value["days"], _NUMBER)
        )
    if wanted == _TARIFF:
        return isinstance(value, dict) and set(value) == {"currency", "prices"} and _priced(**value)
    return isinstance(value, str)


def _priced(currency: object, prices: object) -> bool:
    return (
        isinstance(currency, str)
        and isinstance(prices, list)
        and all(
            isinstance(price, dict)
            and _PRICE <= set(price) <= _PRICE | {"call"}
            and all(isinstance(part, str) for part in price.values())
            for price in prices
        )
    )


def _time(value: datetime | str) -> datetime:
    return parse_time(value) if isinstance(value, str) else aware(value)


def _line(text: str, name: str) -> str:
    """Where a field stands, as far as it can be told."""
    for number, line in enumerate(text.splitlines(), 1):
        if re.match(rf"""\s*(\[+\s*)?["']?{re.escape(name)}["']?\s*([=.\]])""", line):
            return f", line {number}"
    return ""


def _invalid(where: str, why: str) -> Misuse:
    return Misuse("consent-file-invalid", f"{where}: {why}.")
