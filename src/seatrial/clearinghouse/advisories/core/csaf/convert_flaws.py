"""Vulnerabilities of CSAF 2.0 as CSAF 2.1 writes them (conformance clause 18): weaknesses, metrics, remedies, dates."""

from collections.abc import Iterable
from typing import Any

from seatrial.clearinghouse.advisories.core.csaf.checks.weaknesses import version_naming
from seatrial.clearinghouse.advisories.core.csaf.convert_products import Tell
from seatrial.clearinghouse.advisories.core.csaf.values import moment

_SETTLED = ("known_not_affected", "first_fixed", "fixed")


def convert_flaw(flaw: dict[str, Any], groups: dict[str, list[str]], released: str, at: str, tell: Tell) -> None:
    """Change one vulnerability in place. `groups` are the product groups' members, `released` is the document's
    current release date."""
    if "release_date" in flaw:
        flaw["disclosure_date"] = flaw.pop("release_date")
    if "cwe" in flaw:
        _weakness(flaw, released, at, tell)
    if "scores" in flaw:
        flaw["metrics"] = _once(
            {"content": {k: v for k, v in score.items() if k != "products"}, "products": score["products"]}
            for score in flaw.pop("scores")
        )
    for n, one in enumerate(flaw.get("ids", [])):
        tell(f"{at}/ids/{n}", f"The identifier {one['text']} of {one['system_name']} was kept as it is; please check.")
    for n, note in enumerate(flaw.get("notes", [])):
        if note.get("title") == "SSVC" and note["category"] == "other":
            tell(f"{at}/notes/{n}", "A note on SSVC was kept as a note; no metric was made of it.")
    for n, one in enumerate(flaw.get("references", [])):
        if "first.org/cvss/calculator/4" in one["url"]:
            tell(f"{at}/references/{n}", "A reference to CVSS 4.0 was kept as a reference; no metric was made of it.")
    if "remediations" in flaw:
        _remedies(flaw, groups, released, at, tell)


def _once(items: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    kept: list[dict[str, Any]] = []
    for one in items:
        if one not in kept:
            kept.append(one)
    return kept


def _weakness(flaw: dict[str, Any], released: str, at: str, tell: Tell) -> None:
    was = flaw.pop("cwe")
    name = was["name"].strip()
    version = version_naming(was["id"], name, moment(released))
    if version is None:
        tell(f"{at}/cwe", f"No version of CWE has {was['id']} under the name {name}; it was left out.")
        return
    flaw["cwes"] = [{"id": was["id"], "name": name, "version": version}]


def _named(remedy: dict[str, Any], groups: dict[str, list[str]]) -> list[str]:
    found = list(remedy.get("product_ids", []))
    for group in remedy.get("group_ids", []):
        found += groups.get(group, [])
    return list(dict.fromkeys(found))


def _with(remedy: dict[str, Any], category: str, products: list[str]) -> dict[str, Any]:
    kept = {key: value for key, value in remedy.items() if key not in ("group_ids", "product_ids")}
    return {**kept, "category": category, "product_ids": products}


def _remedies(flaw: dict[str, Any], groups: dict[str, list[str]], released: str, at: str, tell: Tell) -> None:
    """A fix of what needs none is an optional patch; "none available" beside a fix is planned, or untrue."""
    status = flaw.get("product_status", {})
    settled = {one for key in _SETTLED for one in status.get(key, [])}
    day, now_fixed, later_fixed = moment(released), set[str](), set[str]()
    for remedy in flaw["remediations"]:
        if remedy["category"] == "vendor_fix":
            when = moment(remedy["date"]) if "date" in remedy else None
            there = when is not None and day is not None and when <= day
            (now_fixed if there else later_fixed).update(_named(remedy, groups))
    unavailable = {
        one
        for remedy in flaw["remediations"]
        if remedy["category"] == "none_available"
        for one in _named(remedy, groups)
    }
    planned = unavailable & (later_fixed - now_fixed)
    made: list[dict[str, Any]] = []
    for n, remedy in enumerate(flaw["remediations"]):
        products, category = _named(remedy, groups), remedy["category"]
        parts: dict[str, list[str]] = {}
        for one in products:
            word: str | None = category
            if category == "vendor_fix":
                word = None if one in planned else "optional_patch" if one in settled else category
            elif category == "none_available":
                word = "fix_planned" if one in planned else None if one in now_fixed else category
            if word:
                parts.setdefault(word, []).append(one)
        if not products or (list(parts) == [category] and len(parts[category]) == len(products)):
            made.append(remedy)
            continue
        made += [_with(remedy, word, named) for word, named in parts.items()]
        said = "; ".join(f"{word} for {', '.join(named)}" for word, named in parts.items()) or "nothing"
        tell(f"{at}/remediations/{n}", f"The remedy {category} for {', '.join(products)} became: {said}.")
    flaw["remediations"] = made
    if not made:
        del flaw["remediations"]
