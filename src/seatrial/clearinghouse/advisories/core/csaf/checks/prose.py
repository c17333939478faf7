"""What needs more than the document: addresses that answer, spelling, grammar. Each runs only with its aid."""

from collections.abc import Iterator

from seatrial.clearinghouse.advisories.core.csaf.aids import Proofreader
from seatrial.clearinghouse.advisories.core.csaf.reading import Reading, mapping, objects, text, texts
from seatrial.clearinghouse.advisories.core.csaf.table import BOTH, NEW, Hits, Table

TABLE = Table()


def _links(r: Reading) -> Iterator[tuple[str, str, bool]]:
    """Every reference: pointer of its address, address, whether it is to the document itself."""
    found = list(r.links)
    for flaw in r.flaws:
        found += flaw.each("references")
    return ((f"{at}/url", text(link.get("url")), link.get("category") == "self") for at, link in found)


def _addresses(r: Reading) -> Iterator[tuple[str, str]]:
    for at, url, own in _links(r):
        if not own:
            yield at, url
    thanks = objects(r.document.get("acknowledgments"), "/document/acknowledgments")
    for flaw in r.flaws:
        thanks += flaw.each("acknowledgments")
        yield from ((f"{at}/url", text(item.get("url"))) for at, item in flaw.each("remediations"))
    for at, item in thanks:
        yield from texts(item.get("urls"), f"{at}/urls")
    yield "/document/aggregate_severity/namespace", text(mapping(r.document.get("aggregate_severity")).get("namespace"))
    yield "/document/distribution/tlp/url", text(mapping(mapping(r.document.get("distribution")).get("tlp")).get("url"))
    yield "/document/publisher/namespace", text(mapping(r.document.get("publisher")).get("namespace"))
    for product in r.products:
        at = f"{product.pointer}/product_identification_helper"
        yield from texts(product.helper.get("sbom_urls"), f"{at}/sbom_urls")
        for place, item in objects(product.helper.get("x_generic_uris"), f"{at}/x_generic_uris"):
            yield from ((f"{place}/{key}", text(item.get(key))) for key in ("namespace", "uri"))


@TABLE.test("6.3.6", BOTH, needs="answer")
def dead_address(r: Reading) -> Hits:
    """Addresses answer."""
    for at, url in _addresses(r):
        if url.startswith(("http://", "https://")):
            status = r.aids.answer(url) if r.aids.answer else None
            if status is None or not 200 <= status < 400:
                yield at, f"The address answers {status or 'nothing'}."


@TABLE.test("6.3.7", BOTH, needs="answer")
def dead_self(r: Reading) -> Hits:
    """The document's own addresses answer."""
    for at, url, own in _links(r):
        if own:
            status = r.aids.answer(url) if r.aids.answer else None
            if status is None or status >= 400:
                yield at, f"The document's own address answers {status or 'nothing'}."


def _texts(r: Reading) -> Iterator[tuple[str, str]]:
    """What people read."""
    yield "/document/title", text(r.document.get("title"))
    distribution = mapping(r.document.get("distribution"))
    yield "/document/distribution/text", text(distribution.get("text"))
    for at, note in r.notes:
        yield from ((f"{at}/{key}", text(note.get(key))) for key in ("audience", "text", "title"))
    yield from ((f"{at}/summary", text(link.get("summary"))) for at, link in r.links)
    yield from ((f"{at}/summary", text(item.get("summary"))) for at, item in r.revisions)
    yield from ((f"{branch.pointer}/name", branch.name) for branch in r.branches if branch.category == "product_name")
    yield from ((f"{product.pointer}/name", text(product.node.get("name"))) for product in r.products)
    for flaw in r.flaws:
        yield f"{flaw.pointer}/title", text(flaw.node.get("title"))
        for key, parts in (
            ("notes", ("title", "text")),
            ("threats", ("details",)),
            ("remediations", ("details",)),
            ("involvements", ("summary",)),
            ("references", ("summary",)),
        ):
            yield from ((f"{at}/{part}", text(item.get(part))) for at, item in flaw.each(key) for part in parts)


def _proofread(r: Reading, proofreader: Proofreader | None, what: str) -> Hits:
    lang = text(r.document.get("lang"))
    if not lang or proofreader is None:
        return
    if proofreader(lang, "") is None:
        yield "/document/lang", f"The {what} of the language {lang} cannot be checked here."
        return
    for at, words in _texts(r):
        wrong = (proofreader(lang, words) or ()) if words else ()
        if wrong:
            yield at, f"The {what} is wrong: {', '.join(wrong[:5])}."


@TABLE.test("6.3.8", BOTH, needs="spelling")
def spelling(r: Reading) -> Hits:
    """Words are spelt as a dictionary spells them."""
    return _proofread(r, r.aids.spelling, "spelling")


@TABLE.test("6.3.16", NEW, needs="grammar")
def grammar(r: Reading) -> Hits:
    """Sentences follow the grammar."""
    return _proofread(r, r.aids.grammar, "grammar")
