"""What identifies a product: purls, CPEs, hashes, serial and model numbers."""

import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

from packageurl import PackageURL

from seatrial.clearinghouse.advisories.core.csaf.reading import Product, Reading, objects, text, texts
from seatrial.clearinghouse.advisories.core.csaf.table import BOTH, NEW, Hits, Table

TABLE = Table()
_ALGORITHMS = frozenset(
    [
        "blake2b512",
        "blake2s256",
        "md4",
        "md5",
        "md5-sha1",
        "mdc2",
        "rmd160",
        "ripemd160",
        "sha1",
        "sha224",
        "sha256",
        "sha384",
        "sha3-224",
        "sha3-256",
        "sha3-384",
        "sha3-512",
        "sha512",
        "sha512-224",
        "sha512-256",
        "shake128",
        "shake256",
        "sm3",
        "whirlpool",
        "blake3",
    ]
)
_NO_NAMESPACE = frozenset(
    ["bitnami", "cargo", "conda", "cran", "gem", "hackage", "mlflow", "nuget", "oci", "opam", "pub", "pypi"]
)
_ESCAPED = re.compile(r"\\.")
_CPE_PARTS = (
    "part",
    "vendor",
    "product",
    "version",
    "update",
    "edition",
    "language",
    "sw_edition",
    "target_sw",
    "target_hw",
    "other",
)
_FORMED_BY = {
    "update": ("patch_level", "service_pack"),
    "language": ("language",),
    "target_hw": ("architecture", "host_name", "platform"),
    "target_sw": ("platform", "host_name"),
}


@lru_cache(maxsize=4096)
def purl_of(value: str) -> PackageURL | None:
    """The package URL that a text is, or None."""
    try:
        found = PackageURL.from_string(value)
    except (ValueError, TypeError):
        return None
    if not found.name or value.startswith("pkg://"):
        return None
    if (found.namespace and found.type in _NO_NAMESPACE) or (
        not found.namespace and found.type in ("composer", "github", "bitbucket")
    ):
        return None
    return found


def _purls(r: Reading, product: Product) -> list[tuple[str, str]]:
    at = f"{product.pointer}/product_identification_helper"
    if r.newer:
        return texts(product.helper.get("purls"), f"{at}/purls")
    value = product.helper.get("purl")
    return [(f"{at}/purl", value)] if isinstance(value, str) else []


@TABLE.test("6.1.13")
def purls(r: Reading) -> Hits:
    """Package URLs are what their type asks."""
    for product in r.products:
        for at, value in _purls(r, product):
            if purl_of(value) is None:
                yield at, "The package URL is not valid."


@TABLE.test("6.1.42", NEW)
def purls_apart(r: Reading) -> Hits:
    """Several package URLs of a product differ in qualifiers only."""
    for product in r.products:
        found = [(at, purl) for at, value in _purls(r, product) if (purl := purl_of(value))]
        for at, purl in found[1:]:
            if _core(purl) != _core(found[0][1]):
                yield at, "The package URLs of the product differ in more than their qualifiers."


def _core(purl: PackageURL) -> tuple[object, ...]:
    return purl.type, purl.namespace, purl.name, purl.version, purl.subpath


def _file_hashes(product: Product) -> Iterator[tuple[str, list[tuple[str, dict[str, object]]]]]:
    for at, item in objects(product.helper.get("hashes"), f"{product.pointer}/product_identification_helper/hashes"):
        yield at, objects(item.get("file_hashes"), f"{at}/file_hashes")


@TABLE.test("6.1.25")
def algorithm_twice(r: Reading) -> Hits:
    """A file has one hash of an algorithm."""
    for product in r.products:
        for at, hashes in _file_hashes(product):
            often = Counter(text(item.get("algorithm")) for _, item in hashes)
            for algorithm, count in often.items():
                if count > 1:
                    yield f"{at}/file_hashes", f"The file has {count} hashes of the algorithm {algorithm}."


@TABLE.test("6.2.8")
def only_md5(r: Reading) -> Hits:
    """MD5 is not the only hash."""
    return _only(r, "md5")


@TABLE.test("6.2.9")
def only_sha1(r: Reading) -> Hits:
    """SHA-1 is not the only hash."""
    return _only(r, "sha1")


def _only(r: Reading, weak: str) -> Hits:
    for product in r.products:
        for at, hashes in _file_hashes(product):
            if hashes and {text(item.get("algorithm")).lower() for _, item in hashes} == {weak}:
                yield f"{at}/file_hashes", f"The only hash of the file is {weak}."


@TABLE.test("6.2.52", NEW)
def unknown_algorithm(r: Reading) -> Hits:
    """Hash algorithms are known."""
    for product in r.products:
        for _, hashes in _file_hashes(product):
            for at, item in hashes:
                if text(item.get("algorithm")) not in _ALGORITHMS:
                    yield (
                        f"{at}/algorithm",
                        f"The hash algorithm {item.get('algorithm')} is named neither in the standard nor known here.",
                    )


@TABLE.test("6.3.5", BOTH)
def short_hash(r: Reading) -> Hits:
    """Hashes have 64 digits or more."""
    for product in r.products:
        for _, hashes in _file_hashes(product):
            for at, item in hashes:
                if len(text(item.get("value"))) < 64:
                    yield f"{at}/value", "The hash is shorter than 64 characters."


@TABLE.test("6.2.16")
def no_helper(r: Reading) -> Hits:
    """Products can be identified."""
    for product in r.products:
        if "product_identification_helper" not in product.node:
            yield product.pointer, f"The product {product.id} has no identification helper."


def _stars(r: Reading, key: str, name: str) -> Hits:
    for product in r.products:
        for at, value in texts(product.helper.get(key), f"{product.pointer}/product_identification_helper/{key}"):
            if _ESCAPED.sub("", value).count("*") > 1:
                yield at, f"The {name} has more than one star."


@TABLE.test("6.1.43", NEW)
def model_stars(r: Reading) -> Hits:
    """A model number has at most one star."""
    return _stars(r, "model_numbers", "model number")


@TABLE.test("6.1.44", NEW)
def serial_stars(r: Reading) -> Hits:
    """A serial number has at most one star."""
    return _stars(r, "serial_numbers", "serial number")


@TABLE.test("6.1.61", NEW)
def sku_stars(r: Reading) -> Hits:
    """A stock keeping unit has at most one star."""
    return _stars(r, "skus", "stock keeping unit")


@TABLE.test("6.2.31", NEW)
def hardware_alone(r: Reading) -> Hits:
    """Hardware comes with what runs on it."""
    stepped = {name for at, path in r.paths for _, name, _ in r.steps(at, path)}
    for product in r.products:
        if ("serial_numbers" in product.helper or "model_numbers" in product.helper) and product.id not in stepped:
            yield (
                product.pointer,
                f"The product {product.id} has serial or model numbers, but no product path refers to it.",
            )


@TABLE.test("6.2.32", NEW)
def same_helper(r: Reading) -> Hits:
    """What identifies one product identifies no other."""
    owner: dict[tuple[str, str], str] = {}
    for product in r.products:
        for key, value in product.helper.items():
            for item in value if isinstance(value, list) else [value]:
                mark = (key, repr(sorted(item.items(), key=str)) if isinstance(item, dict) else repr(item))
                if owner.setdefault(mark, product.id) != product.id:
                    yield (
                        f"{product.pointer}/product_identification_helper/{key}",
                        f"The products {owner[mark]} and {product.id} have the same {key}.",
                    )


@TABLE.test("6.2.42", NEW)
def helper_and_branches(r: Reading) -> Hits:
    """The helper says what the branches say."""
    for product in r.products:
        if product.source != "branches":
            continue
        said = {branch.category: branch.name for branch in product.trail}
        at = f"{product.pointer}/product_identification_helper"
        cpe = product.helper.get("cpe")
        if isinstance(cpe, str):
            for sentence in _cpe_against(cpe, said):
                yield f"{at}/cpe", sentence
        for place, value in _purls(r, product):
            purl, version = purl_of(value), said.get("product_version", "")
            if purl is not None and version and (purl.version or "") != version:
                yield place, f"The package URL does not have the version {version} of the branches."


def _cpe_against(cpe: str, said: dict[str, str]) -> Iterator[str]:
    if not cpe.startswith("cpe:2.3:"):
        return
    parts = dict(zip(_CPE_PARTS, re.split(r"(?<!\\):", cpe.removeprefix("cpe:2.3:")), strict=False))
    version = said.get("product_version", "")
    if version and re.sub(r"\\(.)", r"\1", parts.get("version", "*")).lower() != version.lower():
        yield f"The CPE does not have the version {version} of the branches."
    for name, categories in _FORMED_BY.items():
        if parts.get(name, "*") not in ("*", "-") and not any(category in said for category in categories):
            yield f"The CPE has the {name} {parts[name]}, which no branch says."
