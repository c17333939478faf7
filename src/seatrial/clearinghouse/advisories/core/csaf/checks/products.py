"""Products and product groups: each defined once, each reference to one that is defined, no circles."""

from collections import Counter

from seatrial.clearinghouse.advisories.core.csaf.reading import Product, Reading, text
from seatrial.clearinghouse.advisories.core.csaf.table import NEW, Hits, Table

TABLE = Table()


@TABLE.test("6.1.1")
def missing_product(r: Reading) -> Hits:
    """References name products that exist."""
    defined = {product.id for product in r.products}
    for at, name in r.product_references:
        if name not in defined:
            yield at, f"The product tree defines no product {name}."


@TABLE.test("6.1.2")
def product_twice(r: Reading) -> Hits:
    """A product id is defined once."""
    seen: set[str] = set()
    for product in r.products:
        if product.id in seen:
            yield f"{product.pointer}/product_id", f"The product {product.id} is defined more than once."
        seen.add(product.id)


@TABLE.test("6.1.3")
def product_circle(r: Reading) -> Hits:
    """No product of a path is, by way of paths, made of itself."""
    made_of: dict[str, set[str]] = {}
    for at, path in r.paths:
        name = path.get("full_product_name")
        if isinstance(name, dict):
            made_of.setdefault(text(name.get("product_id")), set()).update(step[1] for step in r.steps(at, path))
    for at, path in r.paths:
        name = path.get("full_product_name")
        target = text(name.get("product_id")) if isinstance(name, dict) else ""
        seen: set[str] = set()
        waiting = list(made_of.get(target, ()))
        while waiting:
            part = waiting.pop()
            if part == target:
                yield f"{at}/full_product_name/product_id", f"The product {target} is defined by way of itself."
                break
            if part not in seen:
                seen.add(part)
                waiting += made_of.get(part, ())


@TABLE.test("6.1.4")
def missing_group(r: Reading) -> Hits:
    """References name product groups that exist."""
    for at, name in r.group_references:
        if name not in r.group_products:
            yield at, f"The product tree defines no product group {name}."


@TABLE.test("6.1.5")
def group_twice(r: Reading) -> Hits:
    """A product group id is defined once."""
    seen: set[str] = set()
    for at, name, _ in r.groups:
        if name in seen:
            yield f"{at}/group_id", f"The product group {name} is defined more than once."
        seen.add(name)


@TABLE.test("6.2.1")
def unused_product(r: Reading) -> Hits:
    """A defined product is named somewhere."""
    if r.category == "csaf_informational_advisory":
        return
    used = {name for _, name in r.product_references}
    for product in r.products:
        if product.id not in used:
            yield f"{product.pointer}/product_id", f"The product {product.id} is defined but nothing refers to it."


@TABLE.test("6.1.34", NEW)
def too_deep(r: Reading) -> Hits:
    """No product lies deeper than thirty branches."""
    for product in r.products:
        if len(product.trail) > 30:
            yield product.pointer, f"The product lies below {len(product.trail)} branches, which are more than 30."


@TABLE.test("6.1.57", NEW)
def stacked(r: Reading) -> Hits:
    """No branch category comes twice on the way to a product, families aside."""
    for product in r.products:
        often = Counter(branch.category for branch in product.trail)
        for category, count in often.items():
            if count > 1 and category != "product_family":
                yield product.pointer, f"The branch category {category} comes {count} times on the way to the product."


@TABLE.test("6.1.58", NEW)
def version_and_range(r: Reading) -> Hits:
    """A way to a product names a version or a range, not both."""
    for product in r.products:
        if {"product_version", "product_version_range"} <= {branch.category for branch in product.trail}:
            yield product.pointer, "The way to the product names both a product version and a range of versions."


@TABLE.test("6.2.48", NEW)
def open_source_vendor(r: Reading) -> Hits:
    """ "Open Source" is nobody's name."""
    for branch in r.branches:
        if branch.category == "vendor" and "".join(branch.name.split()).lower() == "opensource":
            yield f"{branch.pointer}/name", "The vendor is called Open Source, which names nobody."


@TABLE.test("6.3.9")
def branch_order(r: Reading) -> Hits:
    """The way to a product names vendor, product and version, in that order."""
    for product in r.products:
        if product.source == "branches" and not _in_order(product):
            yield (
                product.pointer,
                "The way to the product does not name vendor, product name and product version in that order.",
            )


def _in_order(product: Product) -> bool:
    wanted = iter(branch.category for branch in product.trail)
    return all(category in wanted for category in ("vendor", "product_name", "product_version"))


@TABLE.test("6.3.22", NEW)
def nested_path(r: Reading) -> Hits:
    """Product paths are made of products that are not paths themselves."""
    made = {product.id for product in r.products if product.source == "paths"}
    for at, path in r.paths:
        for place, name, _ in r.steps(at, path):
            if name in made:
                yield place, f"The product {name} is itself defined by a product path."
