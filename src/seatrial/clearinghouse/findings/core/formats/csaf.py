"""CSAF 2.0 and 2.1 (OASIS): one vulnerability of a document is one report."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from seatrial.clearinghouse.findings.core.document import TLP
from seatrial.kernel.errors import Misuse

from . import words

KNOWN = ("2.0", "2.1")
_PURL, _CPE = re.compile(r"pkg:\S+"), re.compile(r"cpe:\S+")
_STATUSES = ("known_affected", "first_affected", "last_affected", "under_investigation", "unknown")
_SAYS = ("description", "details", "summary", "general", "other")


def is_csaf(data: Mapping[str, Any]) -> bool:
    """By the version in its document part."""
    return "csaf_version" in words.mapping(data.get("document"))


def documents(data: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any] | Misuse]]:
    """(pointer, report) for each vulnerability. Raises ``Misuse`` (``unknown-version``, ``not-a-finding``)."""
    about = words.mapping(data["document"])
    version = about.get("csaf_version")
    if version not in KNOWN:
        raise Misuse(
            "unknown-version",
            f"This CSAF document is of version {words.line(str(version), 40)!r}, and 2.0 and 2.1 are known here; "
            "convert it, or attach it to a report in your own words.",
        )
    found = data.get("vulnerabilities")
    if not words.items(found):
        raise Misuse("not-a-finding", "This CSAF document describes no vulnerability.")
    products = dict(_products(words.mapping(data.get("product_tree"))))
    for place, one in enumerate(found if isinstance(found, list) else []):
        pointer = f"/vulnerabilities/{place}"
        if isinstance(one, dict):
            yield pointer, _document(about, products, one, str(version), pointer)
        else:
            yield pointer, Misuse("report-invalid", "A vulnerability is a JSON object.")


Products = Mapping[str, Mapping[str, Any]]


def _document(
    about: Mapping[str, Any], products: Products, one: Mapping[str, Any], version: str, pointer: str
) -> dict[str, Any]:
    tracking, publisher = words.mapping(about.get("tracking")), words.mapping(about.get("publisher"))
    notes = words.items(one.get("notes"))
    spoken = [words.text(note.get("text")) for kind in _SAYS for note in notes if note.get("category") == kind]
    affected = [name for name in _affected(words.mapping(one.get("product_status"))) if name in products]
    named = affected or list(products)[:1]
    handled = [("CVE", one.get("cve")), *((id_.get("system_name"), id_.get("text")) for id_ in _ids(one))]
    title, cve = words.text(about.get("title"), 200), words.line(one.get("cve"), 40)
    own = words.line(one.get("title"), 160)
    return words.report(
        title=words.titled(cve, own if own not in ("", cve) else title),
        description=words.described(*spoken, title),
        product=products[named[0]]["product"] if named else {"name": words.line(title, 200) or "unnamed"},
        versions=list(dict.fromkeys(_named(products[name]) for name in affected))[:1_000],
        weaknesses=words.weaknesses(
            *(str(cwe.get("id")) for cwe in [words.mapping(one.get("cwe")), *words.items(one.get("cwes"))])
        ),
        severity=_severity(one),
        credits=[credit for part in (one, about) for credit in _credits(part)][:200],
        chain=_chain(publisher, tracking),
        references=words.references(
            (words.line(reference.get("category"), 40), reference.get("url"))
            for part in (one, about)
            for reference in words.items(part.get("references"))
        ),
        handling=words.handling([*handled, (publisher.get("name"), tracking.get("id"))]),
        tlp=_tlp(words.mapping(words.mapping(about.get("distribution")).get("tlp")).get("label")),
        origin=words.origin(
            "csaf",
            version,
            pointer,
            {"document": about, "products": {name: products[name]["raw"] for name in affected}, "vulnerability": one},
        ),
    )


def _ids(one: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return words.items(one.get("ids"))


def _affected(status: Mapping[str, Any]) -> list[str]:
    """Those that have it; where the document says only what has not, those that were looked at."""
    has = [name for kind in _STATUSES for name in words.texts(status.get(kind))]
    looked = [name for names in status.values() for name in words.texts(names)]
    return list(dict.fromkeys(has or looked))


def _products(tree: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each product by its id, with vendor, name and version from the branches it hangs on. No recursion: a tree may be
    as deep as JSON parses."""
    left: list[tuple[Mapping[str, Any], dict[str, str]]] = [(tree, {})]
    while left:
        node, above = left.pop()
        category, name = words.line(node.get("category"), 60), words.line(node.get("name"), 200)
        path = {**above, category: name} if category and name else above
        for product in [words.mapping(node.get("product")), *words.items(node.get("full_product_names"))]:
            yield from _product(product, path)
        for relation in words.items(node.get("relationships")):
            yield from _product(words.mapping(relation.get("full_product_name")), path)
        left.extend((branch, path) for branch in reversed(words.items(node.get("branches"))))


def _product(product: Mapping[str, Any], path: Mapping[str, str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    identity = product.get("product_id")
    if not isinstance(identity, str):
        return
    helper = words.mapping(product.get("product_identification_helper"))
    purls = [*words.texts([helper.get("purl")]), *words.texts(helper.get("purls"))]
    cpe = helper.get("cpe")
    whole = words.line(product.get("name"), 200)
    said: dict[str, str] = {"name": path.get("product_name") or whole or "unnamed"}
    if "vendor" in path:
        said["vendor"] = path["vendor"]
    if purls and len(purls[0]) <= 500 and _PURL.fullmatch(purls[0]):
        said["purl"] = purls[0]
    if isinstance(cpe, str) and len(cpe) <= 500 and _CPE.fullmatch(cpe):
        said["cpe"] = cpe
    version = path.get("product_version") or path.get("product_version_range") or whole
    yield identity, {"product": said, "version": version, "raw": {**product, "path": dict(path)}}


def _named(product: Mapping[str, Any]) -> str:
    return str(product["version"] or product["product"]["name"])


def _severity(one: Mapping[str, Any]) -> dict[str, Any]:
    contents = [words.mapping(metric.get("content")) for metric in words.items(one.get("metrics"))]  # 2.1
    found = [*words.items(one.get("scores")), *contents]
    kinds = ("cvss_v4", "cvss_v3", "cvss_v2")
    scores = [words.mapping(score.get(kind)) for kind in kinds for score in found]
    vectors = list(dict.fromkeys(vector for score in scores if (vector := words.line(score.get("vectorString"), 300))))
    spoken = [word.lower() for score in scores if isinstance(word := score.get("baseSeverity"), str)]
    word = next((one for one in spoken if one in ("none", "low", "medium", "high", "critical")), "")
    return {**({"word": word} if word else {}), **({"vectors": vectors[:10]} if vectors else {})}


def _credits(part: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Names with what they belong to; an organisation alone where no name is given."""
    for one in words.items(part.get("acknowledgments")):
        home = words.line(one.get("organization"), 140)
        names = [named for name in words.texts(one.get("names")) if (named := words.line(name, 140))]
        for name in names:
            yield {"name": f"{name} ({home})" if home else name}
        if home and not names:
            yield {"name": home}


def _chain(publisher: Mapping[str, Any], tracking: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Whoever published the document passed it on."""
    name, identity = words.line(publisher.get("name"), 300), words.line(tracking.get("id"), 200)
    moment = words.moment(tracking.get("current_release_date"))
    if not name:
        return []
    return [
        {"organisation": name, **({"identifier": identity} if identity else {}), **({"at": moment} if moment else {})}
    ]


def _tlp(label: object) -> str:
    said = str(label).upper()
    return "CLEAR" if said == "WHITE" else said if said in TLP else ""
