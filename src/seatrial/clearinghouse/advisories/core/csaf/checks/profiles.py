"""The profiles: what each document category must and should have beyond the schema."""

from collections.abc import Callable, Iterable
from functools import wraps

from seatrial.clearinghouse.advisories.core.csaf.checks.documents import language, translations
from seatrial.clearinghouse.advisories.core.csaf.reading import Flaw, Product, Reading, text, texts
from seatrial.clearinghouse.advisories.core.csaf.table import BOTH, NEW, Hits, Judge, Table

TABLE = Table()
_OLD_ADVISORY = "csaf_deprecated_security_advisory"
_INFORMING = frozenset({"csaf_informational_advisory", "csaf_security_incident_response"})
_ADVISING = frozenset({"csaf_security_advisory", "csaf_vex", _OLD_ADVISORY})
_ENDED = frozenset({"csaf_withdrawn", "csaf_superseded"})
_VERSIONING = frozenset({"product_version", "product_version_range", "patch_level", "service_pack"})
_NO_FIX = frozenset({"fix_planned", "no_fix_planned", "none_available"})
Key = tuple[tuple[str, str], ...]


def _profile(number: str, categories: Iterable[str], versions: frozenset[str] = BOTH) -> Callable[[Judge], Judge]:
    wanted = frozenset(categories)

    def note(judge: Judge) -> Judge:
        @wraps(judge)
        def only(r: Reading) -> Hits:
            return judge(r) if r.category in wanted else iter(())

        return TABLE.test(number, versions)(only)

    return note


@_profile("6.1.27.1", _INFORMING)
def some_note(r: Reading) -> Hits:
    """A note says what it is about."""
    if not any(note.get("category") in ("description", "details", "general", "summary") for _, note in r.notes):
        yield "/document/notes", "No note of the document is a description, details, general or summary."


@_profile("6.1.27.2", _INFORMING)
def some_reference(r: Reading) -> Hits:
    """A reference leads outside."""
    if not any(link.get("category", "external") == "external" for _, link in r.links):
        yield "/document/references", "No reference of the document is external."


@_profile("6.1.27.3", {"csaf_informational_advisory"} | _ENDED)
def no_vulnerabilities(r: Reading) -> Hits:
    """It is not about vulnerabilities."""
    if "vulnerabilities" in r.root:
        yield "/vulnerabilities", f"A document of the category {r.category} has no vulnerabilities."


@_profile("6.1.27.4", _ADVISING)
def product_tree(r: Reading) -> Hits:
    """It is about products."""
    if "product_tree" not in r.root:
        yield "", "The document has no product tree."


@_profile("6.1.27.5", _ADVISING)
def vulnerability_notes(r: Reading) -> Hits:
    """Each vulnerability is described."""
    for flaw in r.flaws:
        if "notes" not in flaw.node:
            yield flaw.pointer, "The vulnerability has no notes."


@_profile("6.1.27.6", {"csaf_security_advisory", _OLD_ADVISORY})
def product_status(r: Reading) -> Hits:
    """Each vulnerability says which products it concerns."""
    for flaw in r.flaws:
        if "product_status" not in flaw.node:
            yield flaw.pointer, "The vulnerability has no product status."


@_profile("6.1.27.7", {"csaf_vex"})
def vex_status(r: Reading) -> Hits:
    """Each vulnerability gives a VEX status."""
    for flaw in r.flaws:
        if not {"fixed", "known_affected", "known_not_affected", "under_investigation"} & set(flaw.status):
            yield (
                f"{flaw.pointer}/product_status",
                "No product is fixed, known affected, known not affected or under investigation.",
            )


@_profile("6.1.27.8", {"csaf_vex"})
def vulnerability_id(r: Reading) -> Hits:
    """Each vulnerability has an id, for each of its products."""
    for flaw in r.flaws:
        if "cve" in flaw.node:
            continue
        ids = flaw.each("ids")
        if not ids:
            yield flaw.pointer, "The vulnerability has neither a CVE nor other ids."
        elif r.newer and all("product_ids" in item or "group_ids" in item for _, item in ids):
            named = frozenset().union(*(r.covered(item) for _, item in ids))
            for name in sorted({name for value in flaw.status.values() for _, name in texts(value, "")} - named):
                yield f"{flaw.pointer}/ids", f"The vulnerability has no id for the product {name}."


@_profile("6.1.27.9", {"csaf_vex"})
def impact(r: Reading) -> Hits:
    """Why a product is not affected is said."""
    for flaw in r.flaws:
        said = [item for _, item in flaw.each("flags")] + [
            item for _, item in flaw.each("threats") if item.get("category") == "impact"
        ]
        for name in sorted(flaw.members("not affected") - frozenset().union(*(r.covered(item) for item in said))):
            yield (
                f"{flaw.pointer}/product_status/known_not_affected",
                f"No flag and no impact says why {name} is not affected.",
            )


@_profile("6.1.27.10", {"csaf_vex"})
def action(r: Reading) -> Hits:
    """What to do about an affected product is said."""
    for flaw in r.flaws:
        affected = frozenset(name for _, name in texts(flaw.status.get("known_affected"), ""))
        for name in sorted(affected - frozenset().union(*(r.covered(item) for _, item in flaw.each("remediations")))):
            yield f"{flaw.pointer}/product_status/known_affected", f"No remediation says what to do about {name}."


@_profile("6.1.27.11", _ADVISING)
def vulnerabilities(r: Reading) -> Hits:
    """It is about vulnerabilities."""
    if "vulnerabilities" not in r.root:
        yield "", "The document has no vulnerabilities."


@_profile("6.1.27.12", {"csaf_security_advisory"}, NEW)
def affected(r: Reading) -> Hits:
    """Each vulnerability says what is affected."""
    for flaw in r.flaws:
        if "known_affected" not in flaw.status:
            yield f"{flaw.pointer}/product_status", "The vulnerability names no known affected product."


@_profile("6.1.27.13", {"csaf_security_advisory"}, NEW)
def fixed_of_affected(r: Reading) -> Hits:
    """What is fixed was affected."""
    return _counterparts(r, "fixed", "affected")


@_profile("6.2.39.1", {"csaf_security_advisory"}, NEW)
def affected_is_fixed(r: Reading) -> Hits:
    """What is affected is fixed, unless there is no fix."""
    return _counterparts(r, "affected", "fixed")


def _counterparts(r: Reading, one: str, other: str) -> Hits:
    keys = _keys(r) if r.flaws else {}
    for flaw in r.flaws:
        mine = flaw.members(one)
        theirs = frozenset().union(*(keys.get(name, frozenset()) for name in flaw.members(other)))
        for name in sorted(mine):
            if name in keys and not keys[name] & theirs and not (one == "affected" and _unfixable(r, flaw, name)):
                yield f"{flaw.pointer}/product_status", f"The product {name} is {one}, but no version of it is {other}."


def _unfixable(r: Reading, flaw: Flaw, name: str) -> bool:
    told = {text(item.get("category")) for _, item in flaw.each("remediations") if name in r.covered(item)}
    return bool(told & _NO_FIX) and "vendor_fix" not in told


def _keys(r: Reading) -> dict[str, frozenset[Key]]:
    """What each product is a version of: names along its branches without versions.

    Along a path: its beginning without versions, with all the rest as it is.

    What is installed with something counts as a version of what it is installed with, and the other way round.
    """
    own: dict[str, set[Key]] = {}
    for product in r.products:
        own.setdefault(product.id, set()).add(_key(product))
    found = {name: set(keys) for name, keys in own.items()}
    for at, path in r.paths:
        node = path.get("full_product_name")
        steps = r.steps(at, path)
        made: list[Key] = []
        for _, name, category in steps:
            key = ((category, name),) if category else next(iter(own.get(name, {(("", name),)})))
            if category == "installed_with" and made:
                found.setdefault(name, set()).add(_joined(made))
                continue
            made.append(key)
        if isinstance(node, dict):
            found[text(node.get("product_id"))] = {_joined(made)}
    return {name: frozenset(keys) for name, keys in found.items()}


def _joined(parts: list[Key]) -> Key:
    return tuple(word for part in parts for word in part)


def _key(product: Product) -> Key:
    return tuple((branch.category, branch.name) for branch in product.trail if branch.category not in _VERSIONING)


@_profile("6.1.27.14", _ENDED, NEW)
def ended_note(r: Reading) -> Hits:
    """A note describes why it ended."""
    if not any(note.get("category") == "description" for _, note in r.notes):
        yield "/document/notes", "No note of the document is a description."


@_profile("6.1.27.15", _ENDED, NEW)
def ended_tree(r: Reading) -> Hits:
    """It names no products any more."""
    if "product_tree" in r.root:
        yield "/product_tree", f"A document of the category {r.category} has no product tree."


@_profile("6.1.27.16", _ENDED, NEW)
def ended_history(r: Reading) -> Hits:
    """There was something to end."""
    if len(r.revisions) < 2:
        yield "/document/tracking/revision_history", "The history has a single revision."


def _one_note(r: Reading, title: str, category: str) -> Hits:
    found = [(at, note) for at, note in r.notes if text(note.get("title")) == title]
    if len(found) != 1:
        yield "/document/notes", f"There are {len(found)} notes titled {title}, where there has to be one."
    elif found[0][1].get("category") != category:
        yield f"{found[0][0]}/category", f"The note {title} is not of the category {category}."


def _superseding(r: Reading, term: str) -> Hits:
    found = [link for _, link in r.links if text(link.get("summary")).startswith(term)]
    if not any(link.get("category") == "external" for link in found):
        yield "/document/references", f"No reference of the category external has a summary that begins with {term}."


def _term(r: Reading, key: str) -> str:
    """The committee's translation into the document's language; empty for English and where there is none."""
    return "" if r.english else translations().get(language(r), {}).get(key, "")


@_profile("6.1.27.17", {"csaf_withdrawn"}, NEW)
def withdrawal(r: Reading) -> Hits:
    """Why it was withdrawn is said."""
    return _one_note(r, "Reasoning for Withdrawal", "description") if r.english else iter(())


@_profile("6.1.27.18", {"csaf_superseded"}, NEW)
def supersession(r: Reading) -> Hits:
    """Why it was superseded is said."""
    return _one_note(r, "Reasoning for Supersession", "description") if r.english else iter(())


@_profile("6.1.27.19", {"csaf_superseded"}, NEW)
def successor(r: Reading) -> Hits:
    """What supersedes it is said."""
    return _superseding(r, "Superseding Document") if r.english else iter(())


@_profile("6.2.39.2", {"csaf_withdrawn"}, NEW)
def withdrawal_translated(r: Reading) -> Hits:
    """Why it was withdrawn is said in its language."""
    term = _term(r, "reasoning_for_withdrawal")
    return _one_note(r, term, "description") if term else iter(())


@_profile("6.2.39.3", {"csaf_superseded"}, NEW)
def supersession_translated(r: Reading) -> Hits:
    """Why it was superseded is said in its language."""
    term = _term(r, "reasoning_for_supersession")
    return _one_note(r, term, "description") if term else iter(())


@_profile("6.2.39.4", {"csaf_superseded"}, NEW)
def successor_translated(r: Reading) -> Hits:
    """What supersedes it is said in its language."""
    term = _term(r, "superseding_document")
    return _superseding(r, term) if term else iter(())


@_profile("6.2.39.5", _ENDED, NEW)
def ended_extension(r: Reading) -> Hits:
    """It has no extensions."""
    for at, node in (("", r.root), ("/document", r.document)):
        if "x_extensions" in node:
            yield f"{at}/x_extensions", f"A document of the category {r.category} has an extension."
