"""CSAF 2.1 extensions: well formed, as their own schema and metadata ask, and where readers may miss them."""

from functools import lru_cache
from typing import Any

from seatrial.clearinghouse.advisories.core.csaf.aids import Extension
from seatrial.clearinghouse.advisories.core.csaf.reading import Reading, mapping, text
from seatrial.clearinghouse.advisories.core.csaf.schemas import extension_faults, faults_of, judge_of
from seatrial.clearinghouse.advisories.core.csaf.table import NEW, Hits, Table

TABLE = Table()
_NAMES = {
    "branches": "branches..product",
    "names": "full_product_names[*]",
    "paths": "product_paths[*].full_product_name",
}
Place = tuple[str, str, list[Any]]


def _places(r: Reading) -> list[Place]:
    """Every list of extensions: pointer, path as metadata writes it, items."""
    found: list[tuple[str, str, dict[str, Any]]] = [
        ("", "$.x_extensions", r.root),
        ("/document", "$.document.x_extensions", r.document),
    ]
    found += [
        (product.pointer, f"$.product_tree.{_NAMES[product.source]}.x_extensions", product.node)
        for product in r.products
    ]
    for flaw in r.flaws:
        found.append((flaw.pointer, "$.vulnerabilities[*].x_extensions", flaw.node))
        found += [
            (metric.content_pointer, "$.vulnerabilities[*].metrics[*].content.x_extensions", metric.content)
            for metric in flaw.metrics
        ]
    return [
        (f"{at}/x_extensions", path, items)
        for at, path, node in found
        if isinstance(items := node.get("x_extensions"), list)
    ]


def _each(r: Reading) -> list[tuple[str, dict[str, Any]]]:
    return [
        (f"{at}/{n}", item) for at, _, items in _places(r) for n, item in enumerate(items) if isinstance(item, dict)
    ]


def _known(r: Reading, item: dict[str, Any]) -> Extension | None:
    return r.aids.extensions.get(text(item.get("$schema")))


def _kind(r: Reading, item: dict[str, Any]) -> str:
    known = _known(r, item)
    return known.kind if known else "experimental"


@TABLE.test("6.1.60.1", NEW)
def content(r: Reading) -> Hits:
    """Every extension has the shape of one."""
    for at, _, items in _places(r):
        for n, item in enumerate(items):
            for pointer, sentence in extension_faults(item):
                yield f"{at}/{n}{pointer}", sentence


@TABLE.test("6.1.60.2", NEW)
def declared(r: Reading) -> Hits:
    """An extension that is known here follows its own schema."""
    for at, item in _each(r):
        known = _known(r, item)
        if known:
            for pointer, sentence in faults_of(_judge(known), item):
                yield at + pointer, sentence


class _Same:
    """An extension, compared by what it is rather than by its content (schemas cannot be hashed)."""

    def __init__(self, value: Extension) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.value is self.value

    def __hash__(self) -> int:
        return id(self.value)


@lru_cache(maxsize=64)
def _compiled(extension: _Same) -> Any:
    return judge_of(extension.value.schema)


def _judge(extension: Extension) -> Any:
    return _compiled(_Same(extension))


@TABLE.test("6.1.60.3", NEW)
def metadata(r: Reading) -> Hits:
    """An extension that is known here stands where it may, as often as it may, beside what it may."""
    for at, path, items in _places(r):
        named = [text(item.get("$schema")) for item in items if isinstance(item, dict)]
        for name in dict.fromkeys(named):
            known = r.aids.extensions.get(name)
            if known is None or not known.metadata:
                continue
            rules = mapping(known.metadata.get("requirement"))
            rule = rules.get(path, rules.get(path.replace("product_paths", "relationships")))
            most = mapping(rule).get("max_occurrence")
            if rule is None:
                yield at, f"The extension {name} may not stand here."
            elif isinstance(most, int) and named.count(name) > most:
                yield at, f"The extension {name} may stand here {most} times, not {named.count(name)}."
            for other in known.metadata.get("incompatible_extensions", ()):
                if other in named:
                    yield at, f"The extension {name} may not stand beside {other}."


@TABLE.test("6.2.54.1", NEW)
def registered(r: Reading) -> Hits:
    """Extensions are registered."""
    for at, item in _each(r):
        if _kind(r, item) == "experimental":
            yield at, "The extension is neither official nor registered."


@TABLE.test("6.2.54.2", NEW)
def official(r: Reading) -> Hits:
    """Extensions are official."""
    for at, item in _each(r):
        if _kind(r, item) != "official":
            yield at, "The extension is not official."


@TABLE.test("6.2.54.3", NEW)
def critical(r: Reading) -> Hits:
    """Extensions are not critical."""
    for at, item in _each(r):
        if item.get("critical", False) is not False:
            yield f"{at}/critical", "The extension is critical."


def _experimental(r: Reading, *, clear: bool) -> Hits:
    if r.clear == clear:
        for at, item in _each(r):
            if _kind(r, item) == "experimental":
                yield at, "The extension is experimental, so readers may not know it."


@TABLE.test("6.2.54.4", NEW)
def experimental_clear(r: Reading) -> Hits:
    """What everybody reads has no experimental extension."""
    return _experimental(r, clear=True)


@TABLE.test("6.3.21.2", NEW)
def experimental_shared(r: Reading) -> Hits:
    """What some read has no experimental extension."""
    return _experimental(r, clear=False)


@TABLE.test("6.3.21.1", NEW)
def essential(r: Reading) -> Hits:
    """No extension is essential."""
    for at, item in _each(r):
        if item.get("category") == "essential":
            yield f"{at}/category", "The extension is essential, so a reader that does not know it misses something."


def _anywhere(r: Reading, prefix: str, path: str) -> Hits:
    for at, where, _ in _places(r):
        if at.startswith(prefix) and where.endswith(path):
            yield at, "There is an extension here, which some readers pass over."


@TABLE.test("6.3.21.3", NEW)
def at_document(r: Reading) -> Hits:
    """The document object has no extension."""
    return _anywhere(r, "/document/x_extensions", "")


@TABLE.test("6.3.21.4", NEW)
def at_branches(r: Reading) -> Hits:
    """Products in branches have no extension."""
    return _anywhere(r, "/product_tree/branches", "")


@TABLE.test("6.3.21.5", NEW)
def at_names(r: Reading) -> Hits:
    """Full product names have no extension."""
    return _anywhere(r, "/product_tree/full_product_names", "")


@TABLE.test("6.3.21.6", NEW)
def at_paths(r: Reading) -> Hits:
    """Product paths have no extension."""
    return _anywhere(r, "/product_tree/product_paths", "")


@TABLE.test("6.3.21.7", NEW)
def at_metrics(r: Reading) -> Hits:
    """Metrics have no extension."""
    return _anywhere(r, "/vulnerabilities", "content.x_extensions")


@TABLE.test("6.3.21.8", NEW)
def at_flaws(r: Reading) -> Hits:
    """Vulnerabilities have no extension."""
    return _anywhere(r, "/vulnerabilities", "vulnerabilities[*].x_extensions")


@TABLE.test("6.3.21.9", NEW)
def at_root(r: Reading) -> Hits:
    """The root has no extension."""
    return _anywhere(r, "/x_extensions", "")
