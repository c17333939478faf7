"""The product tree of CSAF 2.0 as CSAF 2.1 writes it (conformance clause 18): branches, ranges, helpers, paths.

Changes a copy in place; tells each step that is uncertain by the place it has in the original.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

from seatrial.clearinghouse.advisories.core.csaf.spans import is_sorted, span_of

Tell = Callable[[str, str], None]
_NOBODY = frozenset({"opensource", "noassertion", "undefined", "unknown"})
_JOINED = re.compile(r"^([^|<>=!]*)((?:>=|>)[^|<>=!\s]+)\s*((?:<=|<)[^|<>=!\s]+)$")
_AROUND = re.compile(r"\s*([<>=!]=?|\|)\s*")
_HASHES = re.compile(r"[^0-9a-z]")
_SPELT = {
    _HASHES.sub("", name): name
    for name in (
        *("md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha512-224", "sha512-256"),
        *("sha3-224", "sha3-256", "sha3-384", "sha3-512", "blake2b512", "blake2s256", "ripemd160"),
    )
}
_PARTIAL = {"model_numbers": "model number", "serial_numbers": "serial number", "skus": "stock keeping unit"}


def convert_products(tree: dict[str, Any], tell: Tell) -> None:
    """Change a product tree of 2.0 into one of 2.1. `tell(pointer, sentence)` hears of every uncertain step."""
    at = "/product_tree"
    _branches(tree, at, (), tell)
    for pointer, product in _products(tree, at):
        helper = product.get("product_identification_helper")
        if helper is not None:
            _helper(helper, f"{pointer}/product_identification_helper", tell)
            if not helper:
                del product["product_identification_helper"]
    _vendors(tree, at, tell)  # last, for it moves branches, and what is told names places in the original
    if "relationships" in tree:
        tree["product_paths"] = [
            {
                "beginning_product_reference": one["product_reference"],
                "full_product_name": one["full_product_name"],
                "subpaths": [
                    {"category": one["category"], "next_product_reference": one["relates_to_product_reference"]}
                ],
            }
            for one in tree.pop("relationships")
        ]


def _vendors(node: dict[str, Any], at: str, tell: Tell, *, below: bool = False) -> None:
    """Stacked vendors: those that name nobody give way to what stands below or above them."""
    kept = []
    for n, branch in enumerate(node.get("branches", [])):
        place = f"{at}/branches/{n}"
        vendor = branch["category"] == "vendor"
        nobody = vendor and re.sub(r"[\s_\-‐-―−]", "", branch["name"]).lower() in _NOBODY
        inner = branch.get("branches", [])
        stacked = below or any(one["category"] == "vendor" for one in inner)
        _vendors(branch, place, tell, below=below or (vendor and not nobody))
        if nobody and stacked and inner:
            tell(place, f"Vendors were stacked; {branch['name']} names nobody and was taken out.")
            kept += branch["branches"]
        else:
            kept.append(branch)
    if kept:
        node["branches"] = kept


def _branches(node: dict[str, Any], at: str, trail: tuple[dict[str, Any], ...], tell: Tell) -> None:
    for n, branch in enumerate(node.get("branches", [])):
        place = f"{at}/branches/{n}"
        if branch["category"] == "legacy":
            branch["category"] = "product_name"
            tell(f"{place}/category", "The category legacy is no longer; product_name was written, please check.")
        if branch["category"] == "product_version_range":
            _range(branch, place, tell)
        if branch["category"] in ("product_version", "product_version_range"):
            _stacked(branch, trail, place, tell)
        _branches(branch, place, (*trail, branch), tell)


def _stacked(branch: dict[str, Any], trail: tuple[dict[str, Any], ...], place: str, tell: Tell) -> None:
    """A version above a version or a range is the name of a product in a family."""
    above = next((n for n, one in enumerate(trail) if one["category"] == "product_version"), 0)
    if not above or trail[above - 1]["category"] not in ("product_name", "product_family"):
        return
    family, version = trail[above - 1], trail[above]
    if family["category"] == "product_family" and branch["category"] == "product_version":
        return
    family["category"], version["category"] = "product_family", "product_name"
    version["name"] = f"{family['name']} {version['name']}"
    tell(place, f"product_version stood above {branch['category']}; it is now the product name {version['name']}.")


def _range(branch: dict[str, Any], place: str, tell: Tell) -> None:
    """A range in VERS or its constraints alone; one version is a version; a range that never ends names its start."""
    was = branch["name"]
    name = _canonical(was)
    if name is None:
        return
    span = span_of(name)
    if span is None:
        return
    branch["name"] = name
    if name != was:
        tell(f"{place}/name", f"The range {was} was written as {name}.")
    if not span.constraints:
        return
    comparator, version = span.constraints[-1]
    if len(span.constraints) > 1:
        if comparator in (">", ">="):
            tell(f"{place}/name", f"The range {was} has no upper end and was kept; please check.")
        return
    if comparator in ("=", ">", ">=") and version != "*":
        branch["category"] = "product_version"
        open_ended = comparator in (">", ">=")
        branch["name"] = version if span.type or open_ended else was
        why = "had no upper end, and only its start is said now" if open_ended else "was a single version"
        tell(f"{place}/name", f"The range {was} {why}: {branch['name']}.")


def _canonical(was: str) -> str | None:
    """The same range as 2.1 allows it, or None."""
    tight = _JOINED.sub(r"\1\2|\3", _AROUND.sub(r"\1", was.strip()))
    for name in (was, tight, tight.removeprefix("vers:all/") if tight != "vers:all/*" else tight):
        span = span_of(name)
        if span is not None and is_sorted(span) is not False:
            return name
    return None


def _products(tree: dict[str, Any], at: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for n, product in enumerate(tree.get("full_product_names", [])):
        yield f"{at}/full_product_names/{n}", product
    for n, one in enumerate(tree.get("relationships", [])):
        yield f"{at}/relationships/{n}/full_product_name", one["full_product_name"]
    yield from _below(tree, at)


def _below(node: dict[str, Any], at: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for n, branch in enumerate(node.get("branches", [])):
        if "product" in branch:
            yield f"{at}/branches/{n}/product", branch["product"]
        yield from _below(branch, f"{at}/branches/{n}")


def _helper(helper: dict[str, Any], at: str, tell: Tell) -> None:
    if "purl" in helper:
        kind, _, rest = helper.pop("purl").partition("/")
        helper["purls"] = [f"{kind.lower()}/{rest}"]
    for n, one in enumerate(helper.get("hashes", [])):
        for m, file_hash in enumerate(one["file_hashes"]):
            said = file_hash["algorithm"]
            known = _SPELT.get(_HASHES.sub("", said.lower()))
            file_hash["algorithm"] = known or said.lower()
            file_hash["value"] = file_hash["value"].lower()
            if known is None:
                tell(f"{at}/hashes/{n}/file_hashes/{m}/algorithm", f"The hash algorithm {said} is not known here.")
    for key, word in _PARTIAL.items():
        if key in helper:
            found = [_pattern(one, word, f"{at}/{key}/{n}", tell) for n, one in enumerate(helper[key])]
            helper[key] = list(dict.fromkeys(one for one in found if one is not None))
            if not helper[key]:
                del helper[key]


def _pattern(was: str, word: str, at: str, tell: Tell) -> str | None:
    """2.0 meant "begins with"; 2.1 says so by a star."""
    name = was.replace("\\", "\\\\")
    if not name.endswith("*"):
        name += "*"
        tell(at, f"The {word} {was} may have been a part of one; a star says so now.")
    if name.count("*") > 1:
        tell(at, f"The {word} {was} has several stars, which is no longer allowed; it was left out.")
        return None
    return name
