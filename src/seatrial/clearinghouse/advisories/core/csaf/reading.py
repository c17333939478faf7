"""A CSAF document read once, so that each test need not walk it again.

Reading never fails: what has the wrong shape is left out (the schema reports it).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from seatrial.clearinghouse.advisories.core.csaf.aids import Aids

GROUPS = {
    "affected": ("first_affected", "known_affected", "last_affected"),
    "not affected": ("known_not_affected",),
    "fixed": ("first_fixed", "fixed"),
    "under investigation": ("under_investigation",),
    "unknown": ("unknown",),
}
_REFERRING = ("flags", "ids", "involvements", "notes", "remediations", "threats", "first_known_exploitation_dates")
_NOTHING: dict[str, Any] = {}


def mapping(value: object) -> dict[str, Any]:
    """The value if it is an object, or an empty one."""
    return value if isinstance(value, dict) else _NOTHING


def objects(value: object, pointer: str) -> list[tuple[str, dict[str, Any]]]:
    """The objects of a list, each with its pointer."""
    return (
        [(f"{pointer}/{n}", item) for n, item in enumerate(value) if isinstance(item, dict)]
        if isinstance(value, list)
        else []
    )


def texts(value: object, pointer: str) -> list[tuple[str, str]]:
    """The strings of a list, each with its pointer."""
    return (
        [(f"{pointer}/{n}", item) for n, item in enumerate(value) if isinstance(item, str)]
        if isinstance(value, list)
        else []
    )


def text(value: object) -> str:
    """The value if it is a string, or an empty one."""
    return value if isinstance(value, str) else ""


@dataclass(slots=True, eq=False)
class Branch:
    """One node of the product tree; `trail` leads from the root to it and ends with it; `level` are it and its
    siblings."""

    pointer: str
    category: str
    name: str
    node: dict[str, Any]
    trail: tuple["Branch", ...] = ()
    level: "list[Branch]" = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Product:
    """One full product name; `source` says where it is defined: "branches", "names" or "paths"."""

    pointer: str
    id: str
    node: dict[str, Any]
    source: str
    trail: tuple[Branch, ...] = ()

    @property
    def helper(self) -> dict[str, Any]:
        """Its identification helper, or an empty object."""
        return mapping(self.node.get("product_identification_helper"))


@dataclass(slots=True, eq=False)
class Metric:
    """One set of scores over some products; `content` holds `cvss_v3` and its like in both versions."""

    pointer: str
    content_pointer: str
    content: dict[str, Any]
    products: frozenset[str]
    source: str | None

    _scores: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        for key in ("cvss_v2", "cvss_v3", "cvss_v4"):
            score = self.content.get(key)
            if isinstance(score, dict):
                self._scores.append((f"{self.content_pointer}/{key}", key, score))

    def cvss(self) -> list[tuple[str, str, dict[str, Any]]]:
        """Its CVSS objects: pointer, key, object."""
        return self._scores


@dataclass(slots=True, eq=False)
class Flaw:
    """One item of `/vulnerabilities`."""

    pointer: str
    node: dict[str, Any]
    status: dict[str, Any]
    metrics: tuple[Metric, ...]
    _members: dict[str, frozenset[str]] = field(default_factory=dict)
    _lists: dict[str, list[tuple[str, dict[str, Any]]]] = field(default_factory=dict)

    def members(self, group: str) -> frozenset[str]:
        """The products of one status group, by the names of `GROUPS`."""
        known = self._members.get(group)
        if known is None:
            known = frozenset(item for key in GROUPS[group] for _, item in texts(self.status.get(key), ""))
            self._members[group] = known
        return known

    def each(self, key: str) -> list[tuple[str, dict[str, Any]]]:
        """The objects of one of its lists, with pointers."""
        if key not in self.node:
            return []
        known = self._lists.get(key)
        if known is None:
            known = self._lists[key] = objects(self.node[key], f"{self.pointer}/{key}")
        return known


class Reading:
    """One document, its version, and what several tests ask of it."""

    def __init__(
        self, document: Mapping[str, Any], version: str, *, now: datetime | None = None, aids: Aids | None = None
    ) -> None:
        self.root = dict(document)
        self.version = version
        self.newer = version == "2.1"
        self.now = now
        self.aids = aids or Aids()
        self.document = mapping(self.root.get("document"))
        self.tree = mapping(self.root.get("product_tree"))
        self.tracking = mapping(self.document.get("tracking"))
        self.category = text(self.document.get("category"))
        self.status = text(self.tracking.get("status"))
        self.notes = objects(self.document.get("notes"), "/document/notes")
        self.links = objects(self.document.get("references"), "/document/references")
        self.revisions = objects(self.tracking.get("revision_history"), "/document/tracking/revision_history")
        self.label = text(mapping(mapping(self.document.get("distribution")).get("tlp")).get("label"))
        self._covered: dict[int, frozenset[str]] = {}  # by identity: the items live as long as the document
        self.flaws = tuple(self._flaws())
        self.groups = self._groups()
        self.group_products: dict[str, frozenset[str]] = {}
        for _, name, members in self.groups:
            self.group_products[name] = self.group_products.get(name, frozenset()) | members

    @property
    def clear(self) -> bool:
        """Whether anybody may read it."""
        return self.label == "CLEAR"

    @property
    def settled(self) -> bool:
        """Whether its status is final or interim."""
        return self.status in ("final", "interim")

    @property
    def english(self) -> bool:
        """Whether its language is English or not named."""
        lang = text(self.document.get("lang"))
        return not lang or lang.split("-")[0].lower() == "en"

    @cached_property
    def branches(self) -> list[Branch]:
        """Every node of the product tree, parents before children (a walk that no depth stops)."""
        found: list[Branch] = []
        waiting: list[tuple[object, str, tuple[Branch, ...]]] = [
            (self.tree.get("branches"), "/product_tree/branches", ())
        ]
        while waiting:
            nodes, pointer, trail = waiting.pop()
            level: list[Branch] = []
            for at, node in objects(nodes, pointer):
                branch = Branch(at, text(node.get("category")), text(node.get("name")), node, level=level)
                branch.trail = (*trail, branch)
                level.append(branch)
                if "branches" in node:
                    waiting.append((node["branches"], f"{at}/branches", branch.trail))
            found += level
        return found

    @cached_property
    def products(self) -> list[Product]:
        """Every full product name that the document defines."""
        found = [
            Product(f"{branch.pointer}/product", text(node.get("product_id")), node, "branches", branch.trail)
            for branch in self.branches
            if (node := mapping(branch.node.get("product")))
        ]
        found += [
            Product(at, text(node.get("product_id")), node, "names")
            for at, node in objects(self.tree.get("full_product_names"), "/product_tree/full_product_names")
        ]
        found += [
            Product(f"{at}/full_product_name", text(node.get("product_id")), node, "paths")
            for at, path in self.paths
            if (node := mapping(path.get("full_product_name")))
        ]
        return found

    @cached_property
    def statuses(self) -> dict[str, list[tuple[int, str]]]:
        """What each product is: the number of a vulnerability, and a status group in it."""
        found: dict[str, list[tuple[int, str]]] = {}
        for n, flaw in enumerate(self.flaws):
            for group in GROUPS:
                for name in flaw.members(group):
                    found.setdefault(name, []).append((n, group))
        return found

    @cached_property
    def products_below(self) -> dict[int, frozenset[str]]:
        """The ids of the products below each branch, by the branch's `id()`."""
        found: dict[int, set[str]] = {}
        for product in self.products:
            for branch in product.trail:
                found.setdefault(id(branch), set()).add(product.id)
        return {branch: frozenset(names) for branch, names in found.items()}

    @cached_property
    def paths(self) -> list[tuple[str, dict[str, Any]]]:
        """Product paths (2.1) or relationships (2.0)."""
        key = "product_paths" if self.newer else "relationships"
        return objects(self.tree.get(key), f"/product_tree/{key}")

    def steps(self, pointer: str, path: dict[str, Any]) -> list[tuple[str, str, str]]:
        """The products that a path is made of: pointer, product id, category of the step ("" for the first)."""
        if self.newer:
            found = [(f"{pointer}/beginning_product_reference", text(path.get("beginning_product_reference")), "")]
            found += [
                (f"{at}/next_product_reference", text(step.get("next_product_reference")), text(step.get("category")))
                for at, step in objects(path.get("subpaths"), f"{pointer}/subpaths")
            ]
            return found
        return [
            (f"{pointer}/product_reference", text(path.get("product_reference")), ""),
            (
                f"{pointer}/relates_to_product_reference",
                text(path.get("relates_to_product_reference")),
                text(path.get("category")),
            ),
        ]

    def covered(self, item: Mapping[str, Any]) -> frozenset[str]:
        """The products that an item names, directly and through product groups."""
        known = self._covered.get(id(item))
        if known is None:
            direct = frozenset(name for _, name in texts(item.get("product_ids"), ""))
            groups = [self.group_products.get(name, frozenset()) for _, name in texts(item.get("group_ids"), "")]
            known = self._covered[id(item)] = direct.union(*groups)
        return known

    @cached_property
    def product_references(self) -> list[tuple[str, str]]:
        """Every place that names a product which it does not define."""
        found = [step[:2] for at, path in self.paths for step in self.steps(at, path) if step[1]]
        for at, group in objects(self.tree.get("product_groups"), "/product_tree/product_groups"):
            found += texts(group.get("product_ids"), f"{at}/product_ids")
        for at, note in self.notes:
            found += texts(note.get("product_ids"), f"{at}/product_ids")
        for flaw in self.flaws:
            for key, value in flaw.status.items():
                found += texts(value, f"{flaw.pointer}/product_status/{key}")
            for key in _REFERRING:
                for at, item in flaw.each(key):
                    found += texts(item.get("product_ids"), f"{at}/product_ids")
            for at, item in flaw.each("metrics" if self.newer else "scores"):
                found += texts(item.get("products"), f"{at}/products")
        return found

    @cached_property
    def group_references(self) -> list[tuple[str, str]]:
        """Every place that names a product group."""
        found: list[tuple[str, str]] = []
        for at, note in self.notes:
            found += texts(note.get("group_ids"), f"{at}/group_ids")
        for flaw in self.flaws:
            for key in _REFERRING:
                for at, item in flaw.each(key):
                    found += texts(item.get("group_ids"), f"{at}/group_ids")
        return found

    def _groups(self) -> list[tuple[str, str, frozenset[str]]]:
        listed = objects(self.tree.get("product_groups"), "/product_tree/product_groups")
        return [
            (at, text(group.get("group_id")), frozenset(name for _, name in texts(group.get("product_ids"), "")))
            for at, group in listed
        ]

    def _flaws(self) -> Iterator[Flaw]:
        key = "metrics" if self.newer else "scores"
        for at, node in objects(self.root.get("vulnerabilities"), "/vulnerabilities"):
            metrics = []
            for place, item in objects(node.get(key), f"{at}/{key}"):
                products = frozenset(name for _, name in texts(item.get("products"), ""))
                source = item.get("source") if self.newer else None
                inner = (f"{place}/content", mapping(item.get("content"))) if self.newer else (place, item)
                metrics.append(Metric(place, inner[0], inner[1], products, source if isinstance(source, str) else None))
            yield Flaw(at, node, mapping(node.get("product_status")), tuple(metrics))
