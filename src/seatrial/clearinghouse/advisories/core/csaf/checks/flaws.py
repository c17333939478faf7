"""Vulnerabilities: what they say of each product's status, remediation and flags, and what must not be said twice."""

import re
from collections import Counter
from itertools import combinations

from seatrial.clearinghouse.advisories.core.csaf.reading import GROUPS, Reading, text
from seatrial.clearinghouse.advisories.core.csaf.table import NEW, Hits, Table
from seatrial.clearinghouse.advisories.core.csaf.values import moment

TABLE = Table()
_CVE = re.compile(r"CVE-[0-9]{4}-[0-9]{4,}")
_JUSTIFICATIONS = frozenset(
    {
        "component_not_present",
        "inline_mitigations_already_exist",
        "vulnerable_code_cannot_be_controlled_by_adversary",
        "vulnerable_code_not_in_execute_path",
        "vulnerable_code_not_present",
    }
)
_CONTRADICTING = (
    {
        frozenset({"optional_patch", other})
        for other in ("workaround", "mitigation", "vendor_fix", "none_available", "fix_planned", "no_fix_planned")
    }
    | {
        frozenset({"none_available", other})
        for other in ("workaround", "mitigation", "vendor_fix", "fix_planned", "no_fix_planned")
    }
    | {
        frozenset({"vendor_fix", "fix_planned"}),
        frozenset({"vendor_fix", "no_fix_planned"}),
        frozenset({"fix_planned", "no_fix_planned"}),
    }
)
_PROHIBITED = {
    "workaround": ("not affected", "fixed"),
    "mitigation": ("not affected", "fixed"),
    "vendor_fix": ("not affected", "fixed"),
    "optional_patch": ("affected",),
    "none_available": ("not affected", "fixed"),
    "fix_planned": ("fixed",),
    "no_fix_planned": ("fixed",),
}
_DISCOURAGED = {
    "workaround": ("under investigation", "unknown"),
    "mitigation": ("under investigation", "unknown"),
    "vendor_fix": ("under investigation", "unknown"),
    "optional_patch": ("fixed",),
    "fix_planned": ("not affected", "under investigation", "unknown"),
    "no_fix_planned": ("not affected",),
}


@TABLE.test("6.1.6")
def contradicting_status(r: Reading) -> Hits:
    """A product is in one status group."""
    for flaw in r.flaws:
        filled = [group for group in GROUPS if flaw.members(group)]
        for one, other in combinations(filled, 2):
            for name in sorted(flaw.members(one) & flaw.members(other)):
                yield f"{flaw.pointer}/product_status", f"The product {name} is both {one} and {other}."


@TABLE.test("6.1.23")
def cve_twice(r: Reading) -> Hits:
    """A CVE has one vulnerability."""
    seen: set[str] = set()
    for flaw in r.flaws:
        cve = text(flaw.node.get("cve"))
        if cve and cve in seen:
            yield f"{flaw.pointer}/cve", f"{cve} is the CVE of more than one vulnerability."
        seen.add(cve)


@TABLE.test("6.1.24")
def involvement_twice(r: Reading) -> Hits:
    """A party is involved once at any date."""
    for flaw in r.flaws:
        seen: set[tuple[str, object]] = set()
        for at, item in flaw.each("involvements"):
            date = text(item.get("date"))
            key = (text(item.get("party")), moment(date) or date)
            if key in seen:
                yield at, f"The party {key[0]} is involved more than once at that date."
            seen.add(key)


@TABLE.test("6.2.7")
def involvement_date(r: Reading) -> Hits:
    """An involvement has a date."""
    for flaw in r.flaws:
        for at, item in flaw.each("involvements"):
            if "date" not in item:
                yield at, "The involvement has no date."


@TABLE.test("6.1.29")
def aimless_remediation(r: Reading) -> Hits:
    """A remediation names products."""
    for flaw in r.flaws:
        for at, item in flaw.each("remediations"):
            if not ("product_ids" in item or "group_ids" in item):
                yield at, "The remediation names neither products nor product groups."


@TABLE.test("6.1.32")
def aimless_flag(r: Reading) -> Hits:
    """A flag names products."""
    for flaw in r.flaws:
        for at, item in flaw.each("flags"):
            if not ("product_ids" in item or "group_ids" in item):
                yield at, "The flag names neither products nor product groups."


@TABLE.test("6.1.33")
def justified_twice(r: Reading) -> Hits:
    """A product has one VEX justification."""
    for flaw in r.flaws:
        often = Counter(
            name
            for _, item in flaw.each("flags")
            if text(item.get("label")) in _JUSTIFICATIONS
            for name in r.covered(item)
        )
        for name in sorted(name for name, count in often.items() if count > 1):
            yield f"{flaw.pointer}/flags", f"The product {name} has more than one VEX justification."


@TABLE.test("6.1.35", NEW)
def contradicting_remediations(r: Reading) -> Hits:
    """A product's remediations go together."""
    for flaw in r.flaws:
        given: dict[str, set[str]] = {}
        for _, item in flaw.each("remediations"):
            for name in r.covered(item):
                given.setdefault(name, set()).add(text(item.get("category")))
        for name, categories in sorted(given.items()):
            for one, other in combinations(sorted(categories), 2):
                if frozenset({one, other}) in _CONTRADICTING:
                    yield (
                        f"{flaw.pointer}/remediations",
                        f"The product {name} has both {one} and {other}, which contradict each other.",
                    )


@TABLE.test("6.1.36", NEW)
def remediation_against_status(r: Reading) -> Hits:
    """A remediation does not contradict the status of its product."""
    return _against_status(r, _PROHIBITED, "contradict each other")


@TABLE.test("6.2.27", NEW)
def remediation_beside_status(r: Reading) -> Hits:
    """A remediation fits the status of its product."""
    return _against_status(r, _DISCOURAGED, "hardly go together")


def _against_status(r: Reading, table: dict[str, tuple[str, ...]], verdict: str) -> Hits:
    for flaw in r.flaws:
        for at, item in flaw.each("remediations"):
            category = text(item.get("category"))
            products = r.covered(item)
            for group in table.get(category, ()):
                for name in sorted(products & flaw.members(group)):
                    yield at, f"The product {name} is {group} and has a remediation {category}: these {verdict}."


@TABLE.test("6.2.2")
def no_remediation(r: Reading) -> Hits:
    """Products that are or may be affected have a remediation."""
    for flaw in r.flaws:
        helped = frozenset().union(*(r.covered(item) for _, item in flaw.each("remediations")))
        for name in sorted((flaw.members("affected") | flaw.members("under investigation")) - helped):
            yield f"{flaw.pointer}/product_status", f"The product {name} has no remediation."


@TABLE.test("6.2.3")
def no_metric(r: Reading) -> Hits:
    """Affected products have a metric."""
    for flaw in r.flaws:
        measured = frozenset().union(*(metric.products for metric in flaw.metrics))
        for name in sorted(flaw.members("affected") - measured):
            yield f"{flaw.pointer}/product_status", f"The affected product {name} has no metric."


@TABLE.test("6.2.17")
def cve_among_ids(r: Reading) -> Hits:
    """A CVE stands under cve."""
    for flaw in r.flaws:
        for at, item in flaw.each("ids"):
            if _CVE.fullmatch(text(item.get("text"))):
                yield f"{at}/text", f"{item['text']} is a CVE among other ids."


@TABLE.test("6.3.3")
def no_cve(r: Reading) -> Hits:
    """A vulnerability has a CVE."""
    for flaw in r.flaws:
        if "cve" not in flaw.node:
            yield flaw.pointer, "The vulnerability has no CVE."


@TABLE.test("6.3.4")
def no_cwe(r: Reading) -> Hits:
    """A vulnerability has a CWE."""
    for flaw in r.flaws:
        if ("cwes" if r.newer else "cwe") not in flaw.node:
            yield flaw.pointer, "The vulnerability has no CWE."
