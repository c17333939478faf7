"""SPDX licence expressions: their grammar (SPDX 3.0.1, annex B), and the licences that the SPDX list and ScanCode's
LicenseDB know."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from seatrial.clearinghouse.advisories.core.csaf.checks.documents import language, translations
from seatrial.clearinghouse.advisories.core.csaf.reading import Reading, text
from seatrial.clearinghouse.advisories.core.csaf.table import NEW, Hits, Table

TABLE = Table()
_AT = "/document/license_expression"
_TOKEN = re.compile(r"\(|\)|[^\s()]+")
_ID = re.compile(r"[A-Za-z0-9.-]+")
_SCANCODE = "LicenseRef-scancode-"


@dataclass(frozen=True, slots=True)
class Lists:
    """Identifiers of licences and exceptions: all that are listed, and those given up."""

    listed: frozenset[str]
    given_up: frozenset[str]


@lru_cache(maxsize=1)
def _lists() -> Lists:
    index = json.loads((files("license_expression") / "data" / "scancode-licensedb-index.json").read_bytes())
    listed, given_up = {"any-OSI"}, set()
    for item in index:
        key, spdx = _SCANCODE + item["license_key"], item.get("spdx_license_key") or ""
        others = item.get("other_spdx_license_keys") or []
        listed |= {key, spdx, *others}
        given_up |= {other for other in others if not other.startswith("LicenseRef-")}
        if item.get("is_deprecated"):
            given_up |= {key, spdx}
    living = {item.get("spdx_license_key") for item in index if not item.get("is_deprecated")}
    return Lists(frozenset(listed - {""}), frozenset(given_up - living - {""}))


@lru_cache(maxsize=512)
def parsed(expression: str) -> tuple[str, ...] | None:
    """The identifiers of licences and additions in an expression, or None when it is none."""
    tokens = _TOKEN.findall(expression)
    found: list[str] = []
    depth, wants = 0, "operand"
    for n, part in enumerate(tokens):
        operator = part if part in ("AND", "OR", "WITH", "and", "or", "with") else ""
        if part == "(" and wants == "operand":
            depth += 1
        elif part == ")" and wants != "operand" and depth:
            depth -= 1
            wants = "operator"
        elif operator and wants == "operator":
            if operator.upper() == "WITH" and tokens[n - 1] == ")":
                return None
            wants = "addition" if operator.upper() == "WITH" else "operand"
        elif not operator and wants in ("operand", "addition") and _operand(part, addition=wants == "addition"):
            found.append(part.rstrip("+"))
            wants = "operator"
        else:
            return None
    return tuple(found) if found and not depth and wants == "operator" else None


def _operand(token: str, *, addition: bool) -> bool:
    reference = re.match(r"(?i)(licenseref|documentref|additionref)-", token)
    if reference:
        return token.startswith("AdditionRef-" if addition else "LicenseRef-") and bool(_ID.fullmatch(token))
    return bool(_ID.fullmatch(token.removesuffix("+") if not addition else token))


def _identifiers(r: Reading) -> tuple[str, ...]:
    return parsed(text(r.document.get("license_expression"))) or ()


def _unlisted(r: Reading) -> Iterator[str]:
    return (name for name in _identifiers(r) if name not in _lists().listed)


@TABLE.test("6.1.54", NEW)
def expression(r: Reading) -> Hits:
    """A licence expression is one."""
    value = text(r.document.get("license_expression"))
    if value and parsed(value) is None:
        yield _AT, "The licence expression does not follow the grammar of SPDX."


@TABLE.test("6.1.55", NEW)
def licence_text(r: Reading) -> Hits:
    """A licence of one's own is given in full."""
    return _one_text(r, "License") if r.english else iter(())


@TABLE.test("6.2.46", NEW)
def licence_text_translated(r: Reading) -> Hits:
    """A licence of one's own is given in full, under its title in the document's language."""
    term = "" if r.english else translations().get(language(r), {}).get("license", "")
    return _one_text(r, term) if term else iter(())


def _one_text(r: Reading, title: str) -> Hits:
    own = next(
        (
            name
            for name in _unlisted(r)
            if name.startswith(("LicenseRef-", "AdditionRef-")) and not name.startswith(_SCANCODE)
        ),
        "",
    )
    if own:
        found = [note for _, note in r.notes if text(note.get("title")) == title]
        if len(found) != 1 or found[0].get("category") != "legal_disclaimer":
            yield (
                "/document/notes",
                f"The licence {own} is in no list, and no one legal_disclaimer is titled {title}.",
            )


@TABLE.test("6.2.44", NEW)
def deprecated(r: Reading) -> Hits:
    """Licence identifiers have not been given up."""
    for name in _identifiers(r):
        if name in _lists().given_up:
            yield _AT, f"The licence identifier {name} is deprecated."


@TABLE.test("6.2.45", NEW)
def missing(r: Reading) -> Hits:
    """Licence identifiers exist."""
    for name in _unlisted(r):
        if name.startswith(_SCANCODE) or not name.startswith(("LicenseRef-", "AdditionRef-")):
            yield _AT, f"There is no licence identifier {name}."


@TABLE.test("6.3.17", NEW)
def unregistered(r: Reading) -> Hits:
    """Licences are in the SPDX list or in ScanCode's."""
    for name in _unlisted(r):
        yield _AT, f"The licence {name} is neither in the SPDX list nor in ScanCode's LicenseDB."
