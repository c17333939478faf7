"""The own format, ``seatrial-report/1``: what a report may say, checked against one table, faults named by pointer.

The table says what the published schema (``data/report-1.schema.json``) says; a test holds the two together. What a
report says is kept as it came: the canonical JSON of the document, with the bytes of its attachments taken out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

from seatrial.clearinghouse.findings.types import FORMAT, NewReport
from seatrial.kernel.canonical import canonical, from_json
from seatrial.kernel.clock import parse_time
from seatrial.kernel.errors import Misuse, SeatrialError
from seatrial.kernel.labels import Tlp
from seatrial.kernel.text import UNPRINTABLE

MOST_RECIPE = 200_000  # characters of canonical JSON
MOST_EXTENSIONS = 100_000
CREDIT_TYPES = (  # as OSV writes them, and as CVE does; kept as written
    *("FINDER", "REPORTER", "ANALYST", "COORDINATOR", "REMEDIATION_DEVELOPER", "REMEDIATION_REVIEWER"),
    *("REMEDIATION_VERIFIER", "TOOL", "SPONSOR", "OTHER", "finder", "reporter", "analyst", "coordinator"),
    *("remediation developer", "remediation reviewer", "remediation verifier", "tool", "sponsor", "other"),
)
TLP = tuple(tlp.word.removeprefix("TLP:") for tlp in Tlp)
SEVERITIES = ("none", "low", "medium", "high", "critical")

_LACKS = " is missing"

Faults = Iterator[str]
Check = Callable[[str, Any], Faults]


def checked(document: object, *, unfinished: bool = False) -> dict[str, Any]:
    """``document`` if it can be taken. ``unfinished``: as a draft, in which parts may still be missing or too short.

    Raises ``Misuse`` (``report-invalid``, ``report-format``) naming every part to mend.
    """
    if not isinstance(document, dict):
        raise invalid(["a report is a JSON object"])
    if document.get("format") != FORMAT:
        said = document.get("format")
        raise Misuse(
            "report-format",
            f"This says that it is of the format {said!r}, and {FORMAT!r} is known here; write that, or import SARIF, "
            "OSV or CSAF."
            if said is not None
            else f'A report says "format": "{FORMAT}"; add that.',
        )
    faults = list(_WHOLE("", document))
    if unfinished:
        faults = [fault for fault in faults if not fault.endswith(_LACKS) and " needs at least " not in fault]
    if faults:
        raise invalid(faults)
    return document


def invalid(faults: list[str]) -> Misuse:
    """The one sentence for a report that lacks something; at most twenty faults are named."""
    named = faults[:20] + ([f"and {len(faults) - 20} more"] if len(faults) > 20 else [])
    return Misuse("report-invalid", f"This report cannot be taken yet: {'; '.join(named)}.", faults=named)


def of_short(report: NewReport) -> dict[str, Any]:
    """The short form in the own format; whoever calls has checked it."""
    made: dict[str, Any] = {
        "format": FORMAT,
        "title": report.title.strip(),
        "description": report.description.strip(),
        "product": {"name": report.product.strip()},
    }
    if report.version.strip():
        made["versions"] = [report.version.strip()]
    if report.finder.strip():
        made["credits"] = [{"name": report.finder.strip()}]
    if report.proof.strip():
        made["proof"] = {"text": report.proof.strip()}
    made["tlp"] = report.tlp.upper().removeprefix("TLP:").replace("_", "+")
    return made


def is_runnable(document: Mapping[str, Any]) -> bool:
    """True if it brings a recipe; whether that runs is for ``proofs`` to say."""
    return "recipe" in document.get("proof", {})


def finder_of(document: Mapping[str, Any]) -> str:
    """The credits in one line, in their order; empty for nobody."""
    return ", ".join(credit["name"] for credit in document.get("credits", ()))


def version_of(document: Mapping[str, Any]) -> str:
    """The versions in one line."""
    return ", ".join(document.get("versions", ()))


def cut(text: str, longest: int) -> str:
    """``text`` for a column of a list: in one line, the end left out where it is too long."""
    line = " ".join(UNPRINTABLE.sub("\ufffd", text).split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


# What a value may be: each function yields a fault for each thing to mend -----------------------------


def _text(least: int, most: int, *, lines: bool = False, raw: bool = False) -> Check:
    def check(at: str, value: Any) -> Faults:
        if not isinstance(value, str):
            yield f"{at} is no text"
            return
        length = len(value.strip())
        if length < least:
            yield f"{at} needs at least {least} characters" if length else f"{at}{_LACKS}"
        elif len(value) > most:
            yield f"{at} has {len(value)} characters, {most} at most"
        elif not raw and UNPRINTABLE.search(value):
            yield f"{at} holds a control or text-reordering character; put such bytes into an attachment"
        elif not lines and ("\n" in value or "\r" in value):
            yield f"{at} holds a line break"

    return check


def _one_of(*words: str) -> Check:
    def check(at: str, value: Any) -> Faults:
        if value not in words:
            yield f"{at} must be one of {', '.join(words)}"

    return check


def _matching(form: str, said: str, most: int) -> Check:
    pattern = re.compile(form)

    def check(at: str, value: Any) -> Faults:
        if not isinstance(value, str) or len(value) > most or not pattern.fullmatch(value):
            yield f"{at} must be {said}"

    return check


def is_moment(value: str) -> bool:
    """True for a date, or a time with its zone, in ISO 8601."""
    try:
        if len(value) == 10:
            date.fromisoformat(value)
        else:
            parse_time(value)
    except (ValueError, OverflowError, SeatrialError):
        return False
    return True


def _moment(at: str, value: Any) -> Faults:
    if not isinstance(value, str) or len(value) > 64 or not is_moment(value):
        yield f"{at} must be a date or a time with its zone in ISO 8601, e.g. 2026-07-01T09:00:00Z"


def _size(at: str, value: Any) -> Faults:
    if type(value) is not int or not 0 <= value < 2**53:
        yield f"{at} must be a number of bytes"


def _anything(most: int) -> Check:
    def check(at: str, value: Any) -> Faults:
        if not isinstance(value, dict):
            yield f"{at} must be an object"
            return
        try:
            data = canonical(value)
            canonical(from_json(data, at))  # 1e18 is written as an integer that is none to be read everywhere
            length = len(data)
        except (SeatrialError, ValueError):
            yield f"{at} holds a number or a text that JSON cannot carry everywhere (numbers up to 2^53)"
            return
        if length > most:
            yield f"{at} has {length} bytes, {most} at most"

    return check


def _list(of: Check, most: int) -> Check:
    def check(at: str, value: Any) -> Faults:
        if not isinstance(value, list):
            yield f"{at} must be a list"
        elif len(value) > most:
            yield f"{at} has {len(value)} entries, {most} at most"
        else:
            for place, item in enumerate(value):
                yield from of(f"{at}/{place}", item)

    return check


def _object(needed: Mapping[str, Check], optional: Mapping[str, Check]) -> Check:
    known = {**needed, **optional}

    def check(at: str, value: Any) -> Faults:
        if not isinstance(value, dict):
            yield f"{at} must be an object"
            return
        inside = f"{at}/" if at else ""
        for name in needed:
            if name not in value:
                yield f"{inside}{name}{_LACKS}"
        for name, item in value.items():
            if name in known:
                yield from known[name](f"{inside}{name}", item)
            else:
                yield f"{inside}{cut(name, 60)} is not known; what is your own goes into extensions"

    return check


_LINE, _URL = _text(1, 300), _text(1, 2_000)
_DIGEST = _matching(r"sha256:[0-9a-f]{64}", "sha256: and 64 lower-case hex digits", 71)

_PRODUCT = _object(
    {"name": _text(1, 200)},
    {
        "vendor": _text(0, 200),
        "purl": _matching(r"pkg:[^\s]+", "a package URL, pkg:type/name", 500),
        "cpe": _matching(r"cpe:[^\s]+", "a CPE name", 500),
    },
)
_CREDIT = _object({"name": _LINE}, {"type": _one_of(*CREDIT_TYPES), "contact": _list(_text(1, 300), 10)})
_HOP = _object(
    {"organisation": _LINE}, {"identifier": _text(1, 200), "at": _moment, "note": _text(0, 2_000, lines=True)}
)
_ATTACHMENT = _object(
    {"name": _text(1, 200)},
    {"digest": _DIGEST, "size": _size, "media": _text(1, 100), "data": _text(0, 2**31, lines=True, raw=True)},
)
_WHOLE = _object(
    {
        "format": _one_of(FORMAT),
        "title": _text(8, 200),
        "description": _text(20, 50_000, lines=True),
        "product": _PRODUCT,
    },
    {
        "versions": _list(_text(1, 200), 1_000),
        "weaknesses": _list(_matching(r"CWE-[1-9][0-9]{0,5}", "a weakness, e.g. CWE-787", 10), 50),
        "severity": _object({}, {"word": _one_of(*SEVERITIES), "vectors": _list(_text(1, 300), 10)}),
        "proof": _object({}, {"text": _text(0, 200_000, lines=True), "recipe": _anything(MOST_RECIPE)}),
        "attachments": _list(_ATTACHMENT, 100),
        "credits": _list(_CREDIT, 200),
        "chain": _list(_HOP, 100),
        "references": _list(_object({"url": _URL}, {"type": _text(1, 40)}), 500),
        "handling": _list(_object({"organisation": _LINE, "identifier": _text(1, 200)}, {}), 100),
        "embargo": _object({}, {"until": _moment, "conditions": _text(0, 5_000, lines=True)}),
        "tlp": _one_of(*TLP),
        "origin": _object(
            {"format": _text(1, 40)},
            {"version": _text(0, 40), "pointer": _text(0, 500), "data": _text(0, 4_000_000, lines=True, raw=True)},
        ),
        "extensions": _anything(MOST_EXTENSIONS),
    },
)
