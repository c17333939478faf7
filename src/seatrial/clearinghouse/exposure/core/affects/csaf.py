"""CSAF 2.0 and 2.1: what their product trees name, and what each vulnerability says of it, VEX included.

A product is matched by what identifies it: package URLs, CPE 2.3, model numbers, and its vendor's and its own name
from the branches. Of a relationship the component is matched, and what is said holds within the platform.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from seatrial.clearinghouse.exposure.core.coordinates import from_cpe, from_model, from_product, from_purl
from seatrial.clearinghouse.exposure.types import AdvisoryRead, Release, Span, Statement, Verdict
from seatrial.kernel.errors import Misuse

from .ranges import Range, read_range
from .reading import line, mapping, maps, texts

VERSIONS = ("2.0", "2.1")
DEEPEST = 60  # branches in branches
_STATUSES = {
    "first_affected": Verdict.AFFECTED,
    "known_affected": Verdict.AFFECTED,
    "last_affected": Verdict.AFFECTED,
    "first_fixed": Verdict.FIXED,
    "fixed": Verdict.FIXED,
    "known_not_affected": Verdict.NOT_AFFECTED,
    "under_investigation": Verdict.UNDER_INVESTIGATION,
    "unknown": Verdict.CANNOT_TELL,
}
_OVER = frozenset({"csaf_withdrawn", "csaf_superseded"})


@dataclass(frozen=True, slots=True)
class _Product:
    name: str
    releases: tuple[Release, ...]
    range: Range | None = None  # from the branches, where the release itself names no version
    within: str = ""


def from_csaf(data: Mapping[str, Any]) -> AdvisoryRead:
    """Its statements. Raises ``Misuse`` (``not-an-advisory``, ``unknown-version``)."""
    document = mapping(data.get("document"))
    tracking = mapping(document.get("tracking"))
    name = line(tracking.get("id"), 100)
    version = document.get("csaf_version")
    if not name:
        raise Misuse("not-an-advisory", "This CSAF document has no tracking id; an advisory needs one.")
    if version not in VERSIONS:
        raise Misuse(
            "unknown-version", f"This CSAF document is of version {line(version, 40)!r}; 2.0 and 2.1 are known."
        )
    title, revision = line(document.get("title"), 200), line(tracking.get("version"), 40)
    if document.get("category") in _OVER:
        return AdvisoryRead(name, revision, title, ())
    notes: list[str] = []
    products = _products(mapping(data.get("product_tree")), notes)
    statements: list[Statement] = []
    for place, one in enumerate(maps(data.get("vulnerabilities"))):
        statements += _statements(one, products, name, f"/vulnerabilities/{place}")
    return AdvisoryRead(name, revision, title, tuple(statements), tuple(notes))


def _statements(
    vulnerability: Mapping[str, Any], products: Mapping[str, _Product], advisory: str, where: str
) -> Iterator[Statement]:
    ids = [line(one.get("text"), 100) for one in maps(vulnerability.get("ids"))]
    names = tuple(dict.fromkeys(filter(None, [line(vulnerability.get("cve"), 100), *ids]))) or (f"{advisory}{where}",)
    reasons = _reasons(vulnerability)
    for status, listed in mapping(vulnerability.get("product_status")).items():
        verdict = _STATUSES.get(status)
        if verdict is None:
            continue
        for place, product_id in enumerate(texts(listed)):
            product = products.get(product_id)
            for release in product.releases if product else ():
                yield _statement(
                    product,  # type: ignore[arg-type]
                    release,
                    Statement(
                        advisory=advisory,
                        names=names,
                        package=release.package,
                        verdict=verdict,
                        where=f"{where}/product_status/{status}/{place}",
                        scheme=release.scheme,
                        distro=release.distro,
                        why=reasons.get(product_id, "") if verdict is Verdict.NOT_AFFECTED else "",
                    ),
                )


def _statement(product: _Product, release: Release, said: Statement) -> Statement:
    said = replace(said, within=product.within)
    if release.version:
        return replace(said, versions=(release.version,))
    if product.range is None:
        return replace(said, spans=(Span(),))
    found = product.range
    scheme = found.scheme if found.scheme and release.scheme == "generic" else release.scheme
    return replace(said, scheme=scheme, spans=found.spans, versions=found.versions, unread=found.unread)


def _reasons(vulnerability: Mapping[str, Any]) -> Mapping[str, str]:
    """Why products are not affected: the flag's word first, else the impact statement."""
    found: dict[str, str] = {}
    for flag in maps(vulnerability.get("flags")):
        for product in texts(flag.get("product_ids")):
            found.setdefault(product, line(flag.get("label"), 100))
    for threat in maps(vulnerability.get("threats")):
        if threat.get("category") == "impact":
            for product in texts(threat.get("product_ids")):
                found.setdefault(product, line(threat.get("details"), 200))
    return found


def _products(tree: Mapping[str, Any], notes: list[str]) -> Mapping[str, _Product]:
    found: dict[str, _Product] = {}
    waiting: list[tuple[Mapping[str, Any], dict[str, str], int]] = [(one, {}, 1) for one in maps(tree.get("branches"))]
    while waiting:
        branch, path, depth = waiting.pop()
        own = {**path, line(branch.get("category"), 60): line(branch.get("name"), 300)}
        product = mapping(branch.get("product"))
        if isinstance(product.get("product_id"), str):
            found.setdefault(product["product_id"], _product(product, own))
        if depth < DEEPEST:
            waiting += [(one, own, depth + 1) for one in maps(branch.get("branches"))]
        elif branch.get("branches"):
            notes.append(f"/product_tree has branches deeper than {DEEPEST}; those below are not matched.")
    for product in maps(tree.get("full_product_names")):
        if isinstance(product.get("product_id"), str):
            found.setdefault(product["product_id"], _product(product, {}))
    _relate(maps(tree.get("relationships")), found, notes)
    nameless = sum(not product.releases for product in found.values())
    if nameless:
        notes.append(f"/product_tree: {nameless} products have no name by which they could be matched.")
    return found


def _relate(relationships: list[Mapping[str, Any]], found: dict[str, _Product], notes: list[str]) -> None:
    """Combined products; each round those whose parts are known, so that a circle is left over and not followed."""
    waiting = list(relationships)
    while waiting:
        later = []
        for one in waiting:
            product = mapping(one.get("full_product_name"))
            name, part, whole = (
                product.get("product_id"),
                one.get("product_reference"),
                one.get("relates_to_product_reference"),
            )
            if not isinstance(name, str) or not isinstance(part, str) or not isinstance(whole, str):
                continue
            if part not in found or whole not in found:
                later.append(one)
                continue
            own = _product(product, {})
            component, platform = found[part], found[whole]
            helped = bool(mapping(product.get("product_identification_helper")))
            found.setdefault(
                name,
                replace(own if helped else component, name=own.name, within=platform.name),
            )
        if len(later) == len(waiting):
            notes.append(
                f"/product_tree/relationships: {len(later)} relate to products that are not there, or in a circle."
            )
            return
        waiting = later


def _product(product: Mapping[str, Any], path: Mapping[str, str]) -> _Product:
    name = line(product.get("name"), 300)
    helper = mapping(product.get("product_identification_helper"))
    version, stretch = path.get("product_version", ""), path.get("product_version_range")
    releases: list[Release | None] = [
        *(from_purl(line(one, 600)) for one in [*texts(helper.get("purls")), helper.get("purl")] if one),
        from_cpe(line(helper.get("cpe"), 600)),
        *(from_model(line(one, 100)) for one in texts(helper.get("model_numbers"))),
        from_product(path.get("vendor", ""), path.get("product_name", "")),
    ]
    if version:  # what names no version of its own is of the branch's
        releases = [one and (one if one.version else replace(one, version=version[:200])) for one in releases]
    own = read_range(stretch, "generic") if stretch is not None and not version else None
    return _Product(name, tuple(dict.fromkeys(one for one in releases if one is not None)), own)
