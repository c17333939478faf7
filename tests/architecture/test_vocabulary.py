"""V3: no enum, state, event, error, template or message of the whole house speaks the language of approval."""

from __future__ import annotations

import ast
import enum
import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import seatrial
from seatrial.clearinghouse.advisories.types import Tlp as Mark
from seatrial.kernel.labels import Tlp
from seatrial.review.cases.core.table import MACHINE as REVIEW
from seatrial.review.determinations.core.lifecycle import MACHINE as DETERMINATION
from seatrial.review.determinations.core.request import MACHINE as REQUEST
from seatrial.review.determinations.types import Finding
from seatrial.review.weights.core.lifecycle import MACHINE as WEIGHTS

SOURCE = Path(seatrial.__file__).parent
FORBIDDEN = re.compile(
    r"\b(approv\w*|disapprov\w*|clear(?:ed|ance|ances)|preclear\w*|den(?:y|ied|ies|ial)|on hold|permit(?:s|ted)?"
    r"|licen[sc]\w*|authoriz\w*)\b",
    re.IGNORECASE,
)
# Words of others' formats (CycloneDX, CSAF, SPDX) and of operating systems, which say nothing of a review.
MEANT = re.compile(
    r"Authorization|authorization|LICENSE|X_FRAME|^DENY$|[Pp]ermission denied|proxy-authorization"
    r"|^(?:component\.)?licenses?$|^license_expression$|^License$|LicenseRef"
)
# The practice suite shows logs and code of invented services; the checkers list the words they look for; CSAF's tests
# speak of the licence under which a document is published.
ELSEWHERE = (
    "clearinghouse/advisories/core/csaf/",
    "review/benchmarks/core/practice/",
    "review/cases/core/modelrules.py",
    "review/determinations/core/request_check.py",
)

TLP = (Tlp, Mark)  # FIRST's word for what anybody may read


def enums() -> Iterator[type[enum.Enum]]:
    seen: set[type] = set()
    for found in pkgutil.walk_packages([str(SOURCE)], "seatrial."):
        if ".migrations" in found.name:
            continue
        for thing in vars(importlib.import_module(found.name)).values():
            ours = isinstance(thing, type) and issubclass(thing, enum.Enum) and thing.__module__.startswith("seatrial.")
            if ours and thing not in seen:
                seen.add(thing)
                yield thing


def messages() -> Iterator[tuple[str, str]]:
    """Every string literal that is no docstring, and every template."""
    for module in SOURCE.rglob("*.py"):
        place = str(module.relative_to(SOURCE))
        if place.startswith(ELSEWHERE) or "/migrations/" in place:
            continue
        tree = ast.parse(module.read_text())
        quiet = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in quiet:
                yield f"{place}:{node.lineno}", node.value
    for template in SOURCE.rglob("*.html"):
        yield str(template.relative_to(SOURCE)), template.read_text()


def test_no_enum_value_means_approval() -> None:
    found = list(enums())
    assert len(found) > 12, "this test looks at too little"
    for kind in found:
        for member in kind:
            for word in (member.name, str(member.value)):
                spoken = word.replace("_", " ").replace("-", " ")
                assert kind in TLP or not FORBIDDEN.search(spoken), f"{kind.__name__}.{member.name}"
                assert not re.search(r"\b(clear|hold|grant)\b", spoken, re.IGNORECASE) or kind in TLP


def test_no_event_and_no_ledger_entry_means_approval() -> None:
    for machine in (REVIEW, DETERMINATION, REQUEST, WEIGHTS):
        for event, row in machine.transitions.items():
            for word in (event, row.entry):
                assert not FORBIDDEN.search(word.replace("_", " ").replace(".", " ")), word


def test_nothing_that_is_said_means_approval() -> None:
    found = [(place, match.group()) for place, text in messages() for match in FORBIDDEN.finditer(MEANT.sub("", text))]
    assert found == []


def test_a_determination_is_one_of_three_words() -> None:
    assert {finding.value for finding in Finding} == {"covered", "not_covered", "not_determined"}


def test_the_check_can_object() -> None:
    for words in ("Release approved", "awaiting clearance", "request denied", "licence", "not permitted"):
        assert FORBIDDEN.search(words), words
