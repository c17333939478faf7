"""What an advisory lacks before it can be published: one sentence a gap, each with its place.

Beyond what each form's schema asks, what VEX asks (CISA, "Minimum Requirements for VEX", 2023): a product that is not
affected says why, one that is affected says what to do.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from cvss import CVSS3, CVSS4
from cvss.exceptions import CVSSError

from seatrial.clearinghouse.advisories.types import Content, Flaw, Gap, Product, Status, Tlp

from .versions import well_written

_CVE = re.compile(r"CVE-\d{4}-\d{4,19}")
_CWE = re.compile(r"CWE-[1-9]\d{0,5}")
_PURL = re.compile(r"pkg:[a-z][a-z0-9.\-]*/[^\s@?#]+")
_CPE = re.compile(r"cpe:2\.3:[aho*\-](?::(?:\\[^a-zA-Z0-9\s]|[a-zA-Z0-9._\-?*])+){10}")
_NO_URI = re.compile(r"[^!-~]|[<>\"{}|\\^`]|%(?![0-9A-Fa-f]{2})")  # RFC 3986: what others write is percent-encoded
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@-]*")


def check(content: Content) -> tuple[Gap, ...]:
    """Every gap, in the order of the content; none means that it can be published in all its forms."""
    return tuple(_gaps(content))


def _gaps(content: Content) -> Iterator[Gap]:
    if len(content.title) < 4:
        yield Gap("/title", "Give the advisory a title that says what is affected and how.")
    if len(content.summary) < 10:
        yield Gap("/summary", "Say in a few sentences what happened and what to do.")
    if not content.products:
        yield Gap("/products", "Name at least one product.")
    if not content.flaws:
        yield Gap("/flaws", "Describe at least one flaw.")
    yield from _twice("/products", "product", [one.id for one in content.products])
    yield from _twice("/flaws", "flaw", [one.id for one in content.flaws])
    yield from _twice("/flaws", "CVE", [one.cve for one in content.flaws if one.cve])
    for place, product in enumerate(content.products):
        yield from _product(product, f"/products/{place}")
        if not any(one.product == product.id for flaw in content.flaws for one in flaw.standings):
            yield Gap(f"/products/{place}", f"Say of at least one flaw what it means for {product.name or product.id}.")
    known = {one.id for one in content.products}
    for place, flaw in enumerate(content.flaws):
        yield from _flaw(flaw, known, f"/flaws/{place}")
    for place, reference in enumerate(content.references):
        if not _is_link(reference.url):
            yield Gap(
                f"/references/{place}/url", "A reference is an address in ASCII that begins with https:// or http://."
            )
        if not reference.summary:
            yield Gap(f"/references/{place}/summary", "Say what is found at the reference.")
    for place, credit in enumerate(content.credits):
        if not credit.name:
            yield Gap(f"/credits/{place}/name", "Name whom to thank, or remove the line.")
        if credit.url and not _is_link(credit.url):
            yield Gap(f"/credits/{place}/url", "A link begins with https:// or http:// and is in ASCII.")
    yield from _audience(content)


def _product(product: Product, at: str) -> Iterator[Gap]:
    if not _ID.fullmatch(product.id):
        yield Gap(f"{at}/id", "A product's name within the advisory takes letters, digits, dots and dashes.")
    for field in ("vendor", "name", "versions"):
        if not getattr(product, field):
            yield Gap(f"{at}/{field}", f"Say the product's {field}.")
    if product.versions and not well_written(product.versions):
        yield Gap(f"{at}/versions", "Write one version, or a range such as vers:pypi/>=1.0|<1.4 in ascending order.")
    if product.purl and not _PURL.fullmatch(product.purl):
        yield Gap(f"{at}/purl", "Write the package URL without a version, such as pkg:pypi/name.")
    if product.cpe and not _CPE.fullmatch(product.cpe):
        yield Gap(f"{at}/cpe", "Write a CPE 2.3 name with all its eleven parts.")


def _flaw(flaw: Flaw, known: set[str], at: str) -> Iterator[Gap]:
    if not _ID.fullmatch(flaw.id):
        yield Gap(f"{at}/id", "A flaw's name within the advisory takes letters, digits, dots and dashes.")
    if not flaw.title:
        yield Gap(f"{at}/title", "Give the flaw a title.")
    if len(flaw.description) < 10:
        yield Gap(f"{at}/description", "Describe the flaw in at least one sentence.")
    if flaw.cve and not _CVE.fullmatch(flaw.cve):
        yield Gap(f"{at}/cve", "A CVE id reads CVE-2026-12345.")
    for place, weakness in enumerate(flaw.weaknesses):
        if not _CWE.fullmatch(weakness):
            yield Gap(f"{at}/weaknesses/{place}", "A weakness reads CWE-787.")
    if flaw.cvss3 and not is_vector(flaw.cvss3):
        yield Gap(f"{at}/cvss3", "This is no CVSS 3.1 vector; it begins with CVSS:3.1/ and has all base metrics.")
    if flaw.cvss4 and not is_vector(flaw.cvss4):
        yield Gap(f"{at}/cvss4", "This is no CVSS 4.0 vector; it begins with CVSS:4.0/ and has all base metrics.")
    if not flaw.standings:
        yield Gap(f"{at}/standings", "Say for which products the flaw counts.")
    yield from _twice(f"{at}/standings", "product", [one.product for one in flaw.standings])
    remedied = {product for one in flaw.remedies for product in one.products}
    for place, one in enumerate(flaw.standings):
        if one.product not in known:
            yield Gap(f"{at}/standings/{place}/product", f"There is no product {one.product[:40]!r} in this advisory.")
        if one.status is Status.NOT_AFFECTED and one.justification is None and not one.impact:
            yield Gap(f"{at}/standings/{place}/justification", "Say why the product is not affected.")
        if one.status is not Status.NOT_AFFECTED and one.justification is not None:
            yield Gap(f"{at}/standings/{place}/justification", "Only a product that is not affected has such a reason.")
        if one.status is Status.AFFECTED and not one.action and one.product not in remedied:
            yield Gap(f"{at}/standings/{place}/action", "Say what to do about it, or that there is no fix.")
    for place, remedy in enumerate(flaw.remedies):
        if not remedy.details:
            yield Gap(f"{at}/remedies/{place}/details", "Say what is to be done.")
        if not remedy.products or not set(remedy.products) <= {one.product for one in flaw.standings}:
            yield Gap(f"{at}/remedies/{place}/products", "Name products that the flaw has a status for.")
        if remedy.url and not _is_link(remedy.url):
            yield Gap(f"{at}/remedies/{place}/url", "A link begins with https:// or http:// and is in ASCII.")


def _audience(content: Content) -> Iterator[Gap]:
    narrow = content.tlp in (Tlp.AMBER, Tlp.AMBER_STRICT, Tlp.RED)
    if narrow and not content.audience:
        yield Gap("/audience", f"Name who is to read an advisory marked TLP:{content.tlp.mark}.")
    if content.audience and not narrow:
        yield Gap("/audience", f"TLP:{content.tlp.mark} has no list of readers; choose AMBER, or remove it.")
    for place, one in enumerate(content.audience):
        if not _WORD.fullmatch(one):
            yield Gap(f"/audience/{place}", "Name organisations by id (people for TLP:RED).")


def is_vector(vector: str) -> bool:
    """Whether it is a CVSS 3.1 or 4.0 vector with all base metrics."""
    try:
        CVSS4(vector) if vector.startswith("CVSS:4.0/") else CVSS3(vector)
    except CVSSError:
        return False
    return vector.startswith(("CVSS:4.0/", "CVSS:3.1/"))


def _is_link(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and not _NO_URI.search(url)
    except ValueError:
        return False


def _twice(at: str, what: str, names: Iterable[str]) -> Iterator[Gap]:
    for name, count in Counter(names).items():
        if count > 1:
            yield Gap(at, f"The {what} {name[:40]!r} stands here {count} times; name each once.")
