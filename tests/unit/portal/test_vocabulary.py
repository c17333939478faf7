"""V3 on the portal: no page, button, heading or message speaks the language of approval."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import seatrial.portal

PORTAL = Path(seatrial.portal.__file__).parent

FORBIDDEN = re.compile(
    r"\b(approv\w*|disapprov\w*|clear(?:ed|s|ance|ances|ing)?|den(?:y|ied|ies|ial|ials)|hold(?:s|ing)?|held|on hold"
    r"|permit\w*|permission\w*|licen[sc]\w*|authoris\w*|authoriz\w*|sanction\w*|granted|grants?)\b",
    re.IGNORECASE,
)
# Names that others gave: of a marking, of a header, of a file, of the ledger's kind for one call.
MEANT = re.compile(r"TLP:CLEAR|Authorization: Bearer|LICENSE|access\.authorised")


def said() -> Iterator[tuple[str, str]]:
    """(place, text) of everything the portal can say: templates without their code, and string literals."""
    for template in PORTAL.rglob("*.html"):
        text = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", " ", template.read_text(), flags=re.DOTALL)
        yield str(template.relative_to(PORTAL)), text
    for module in PORTAL.rglob("*.py"):
        tree = ast.parse(module.read_text())
        quiet = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}  # docstrings
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in quiet:
                yield f"{module.relative_to(PORTAL)}:{node.lineno}", node.value


def test_nothing_the_portal_says_means_approval() -> None:
    found = [(place, match.group()) for place, text in said() for match in FORBIDDEN.finditer(MEANT.sub("", text))]
    assert found == []


def test_the_check_looks_at_something_and_can_object() -> None:
    texts = list(said())
    assert len(texts) > 200
    assert FORBIDDEN.search("This release was Approved")
    assert FORBIDDEN.search("clearance")


def test_no_template_carries_a_style_or_a_script_of_its_own() -> None:
    """The content security policy forbids them; a page that has one would be half dressed."""
    for template in PORTAL.rglob("*.html"):
        text = template.read_text()
        assert not re.search(r"\sstyle=|<style|\son[a-z]+=|<script(?![^>]*\ssrc=)", text), template
