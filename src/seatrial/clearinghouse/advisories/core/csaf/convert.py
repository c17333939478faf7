"""CSAF 2.0 to CSAF 2.1, as conformance clause 18 of CSAF 2.1 says; what it leaves to judgement is told as a warning.

Left to people, with a warning where it applies: SSVC in notes, CVSS 4.0 in references, identifiers of other systems,
documents that are withdrawn or superseded. Not done at all: notes about one product stay the document's, no licence is
read out of a disclaimer, and no fixed product is made up for a range; a security advisory that 2.1 does not take
without one becomes `csaf_deprecated_security_advisory`.
"""

import copy
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from seatrial.clearinghouse.advisories.core.csaf.convert_flaws import convert_flaw
from seatrial.clearinghouse.advisories.core.csaf.convert_products import Tell, convert_products
from seatrial.clearinghouse.advisories.core.csaf.report import BINDING, Report
from seatrial.clearinghouse.advisories.core.csaf.validating import validate, version_of
from seatrial.kernel.errors import Misuse

SCHEMA = "https://docs.oasis-open.org/csaf/csaf/v2.1/schema/csaf.json"
DEPRECATED = "csaf_deprecated_security_advisory"
_LEAP = re.compile(r"(\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:)60(?:\.\d+)?(?=[Zz+-])")
_LABEL = re.compile(r"TLP v2\.0: TLP:(AMBER\+STRICT|AMBER|CLEAR|GREEN|RED)")
_EDGES = " \t\r\n:;,-–—_|/()[]{}"


@dataclass(frozen=True, slots=True)
class Warned:
    """One uncertain or lossy step: where in the original (RFC 6901), and a sentence."""

    pointer: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Converted:
    """The document in 2.1, what was uncertain, and how its schema and mandatory tests judge it."""

    document: dict[str, Any]
    warnings: tuple[Warned, ...]
    report: Report


def convert(document: Mapping[str, Any]) -> Converted:
    """A valid CSAF 2.0 document as CSAF 2.1; the input is left as it is. See `Converted.report` for whether 2.1 takes
    it.

    Raises `Misuse`: `csaf-not-2.0` for another version, `csaf-not-valid` for a document that is not valid 2.0.
    """
    if version_of(document) != "2.0":
        raise Misuse("csaf-not-2.0", "Only CSAF 2.0 is converted; the document names another version.")
    warnings: list[Warned] = []

    def tell(pointer: str, sentence: str) -> None:
        warnings.append(Warned(pointer, sentence))

    made = _without_leaps(copy.deepcopy(dict(document)), "", tell)
    before = validate(made, groups=BINDING)
    if not before.valid:
        first = before.findings[0]
        raise Misuse(
            "csaf-not-valid",
            f"The document is not valid CSAF 2.0 ({first.pointer or '/'}: {first.sentence}); mend it before.",
        )
    _additional(made, _schema(), "", tell)
    _head(made["document"], tell)
    tree = made.get("product_tree", {})
    groups = {one["group_id"]: one["product_ids"] for one in tree.get("product_groups", [])}
    if tree:
        convert_products(tree, tell)
    released = made["document"]["tracking"]["current_release_date"]
    for n, flaw in enumerate(made.get("vulnerabilities", [])):
        convert_flaw(flaw, groups, released, f"/vulnerabilities/{n}", tell)
    made = {"$schema": SCHEMA, **{key: value for key, value in made.items() if key != "$schema"}}
    report = validate(made, groups=BINDING)
    profile = [one.sentence for one in report.findings if one.number.startswith("6.1.27.")]
    if made["document"]["category"] == "csaf_security_advisory" and profile:
        made["document"]["category"] = DEPRECATED
        tell("/document/category", f"{profile[0]} The category became {DEPRECATED}.")
        report = validate(made, groups=BINDING)
    return Converted(made, tuple(warnings), report)


@lru_cache(maxsize=1)
def _schema() -> dict[str, Any]:
    place = files("seatrial.clearinghouse.advisories.core.csaf") / "data" / "schemas" / "csaf-2.0.json"
    found: dict[str, Any] = json.loads(place.read_bytes())
    return found


def _additional(node: Any, rule: Mapping[str, Any], at: str, tell: Tell) -> None:
    """Properties that 2.0 does not know are left out, each told."""
    reference = rule.get("$ref", "")
    if reference.startswith("#/"):
        rule = _schema()
        for part in reference[2:].split("/"):
            rule = rule[part]
    if isinstance(node, list):
        for n, item in enumerate(node):
            _additional(item, rule.get("items", {}), f"{at}/{n}", tell)
    if not isinstance(node, dict) or "properties" not in rule:
        return
    for key in list(node):
        place = f"{at}/{key.replace('~', '~0').replace('/', '~1')}"
        if key in rule["properties"]:
            _additional(node[key], rule["properties"][key], place, tell)
        elif place != "/$schema":
            said = json.dumps(node.pop(key), ensure_ascii=False)
            tell(place, f"The additional property {key[:80]!r} was not converted: {said[:200]}.")


def _without_leaps(node: Any, at: str, tell: Tell, key: str = "") -> Any:
    if isinstance(node, dict):
        return {
            k: _without_leaps(v, f"{at}/{k.replace('~', '~0').replace('/', '~1')}", tell, k) for k, v in node.items()
        }
    if isinstance(node, list):
        return [_without_leaps(v, f"{at}/{n}", tell, key) for n, v in enumerate(node)]
    if isinstance(node, str) and (key == "date" or key.endswith("_date")):
        mended = _LEAP.sub(r"\g<1>59.999999", node)
        if mended != node:
            tell(at, f"Leap seconds are no longer allowed: {node} became {mended}.")
        return mended
    return node


def _head(head: dict[str, Any], tell: Tell) -> None:
    head["csaf_version"] = "2.1"
    spread = head.setdefault("distribution", {})
    label = spread.get("tlp", {}).get("label")
    if label is None:
        spread.setdefault("tlp", {})["label"] = "CLEAR"
        tell("/document/distribution", "No TLP label was given; TLP:CLEAR was set.")
    else:
        spread["tlp"]["label"] = "CLEAR" if label == "WHITE" else label
    said = _LABEL.search(spread.get("text", ""))
    if said and said[1] != spread["tlp"]["label"]:
        tell("/document/distribution/text", f"The text says TLP:{said[1]}; the label is TLP:{spread['tlp']['label']}.")
    if spread["tlp"].get("url", "").rstrip("/") == "https://www.first.org/tlp/v1":
        spread["tlp"]["url"] = "https://www.first.org/tlp/"
    if head["publisher"]["category"] == "other":
        tell("/document/publisher/category", "Some publishers called other are called multiplier since CSAF 2.1.")
    name, title = head["tracking"]["id"], head["title"]
    if name in title:
        rest = " ".join(part for piece in title.split(name) if (part := piece.strip(_EDGES)))
        if rest:
            head["title"] = rest
            tell("/document/title", f"The tracking id was taken out of the title: {rest}.")
    for word in ("superseded", "withdrawn"):
        if title.lower().startswith(word) or head["category"].lower() == word:
            tell("/document/category", f"The document may be {word}; its category was kept, please check.")
