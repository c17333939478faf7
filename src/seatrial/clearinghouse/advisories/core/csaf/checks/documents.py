"""The document itself: category, languages, sharing, canonical address, order of keys."""

import json
import re
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise

from seatrial.clearinghouse.advisories.core.csaf.reading import Reading, mapping, objects, text
from seatrial.clearinghouse.advisories.core.csaf.table import NEW, OLD, Hits, Table
from seatrial.clearinghouse.advisories.core.csaf.values import language_exists, private_subtag

TABLE = Table()
_MAX = "ffffffff-ffff-ffff-ffff-ffffffffffff"
_NIL = "00000000-0000-0000-0000-000000000000"
_RESERVED = {_MAX: "Public", _NIL: "No sharing allowed"}
_PROFILES = ("security_incident_response", "informational_advisory", "security_advisory", "vex")
_NEW_PROFILES = ("deprecated_security_advisory", "superseded", "withdrawn")
_JOINERS = re.compile(
    r"[\s_\-\u00ad\u058a\u2010-\u2015\u2043\u207b\u2212\u2e3a\u2e3b\ufe58\ufe63\uff0d\ufe33\ufe34\ufe4d-\ufe4f\uff3f\u0332\u203f\u2040]+"
)
_NOT_IN_NAMES = re.compile(r"[^+\-a-z0-9]+")


@lru_cache(maxsize=1)
def translations() -> dict[str, dict[str, str]]:
    """The committee's translations of fixed terms, by language."""
    found: dict[str, dict[str, str]] = json.loads(
        (files("seatrial.clearinghouse.advisories.core.csaf") / "data" / "translations.json").read_bytes()
    )
    return found


def language(r: Reading) -> str:
    """The document's primary language in lower case, or an empty text."""
    return text(r.document.get("lang")).split("-")[0].lower()


@TABLE.test("6.1.26")
def prohibited_category(r: Reading) -> Hits:
    """A category of one's own is not called like a profile."""
    names = _PROFILES + (_NEW_PROFILES if r.newer else ())
    if r.category == "csaf_base" or r.category in {f"csaf_{name}" for name in names}:
        return
    plain = _JOINERS.sub("", r.category).lower()
    if plain.removeprefix("csaf") in {_JOINERS.sub("", name) for name in names} and plain:
        yield "/document/category", f"The category {r.category} is called like a profile, which it is not."
    elif r.category.startswith("csaf_") or (r.newer and plain == "csafbase"):
        yield "/document/category", f"The category {r.category} begins like a profile that CSAF does not have."


@TABLE.test("6.2.38", NEW)
def deprecated_profile(r: Reading) -> Hits:
    """No profile is used that CSAF gave up."""
    if r.category.startswith("csaf_deprecated_"):
        yield "/document/category", f"The profile {r.category} is deprecated."


@TABLE.test("6.1.12")
def language_known(r: Reading) -> Hits:
    """Languages exist."""
    for key in ("lang", "source_lang"):
        tag = text(r.document.get(key))
        if tag and not language_exists(tag):
            yield f"/document/{key}", f"There is no language {tag}."


@TABLE.test("6.2.14")
def private_language(r: Reading) -> Hits:
    """Languages are not for private use."""
    for key in ("lang", "source_lang"):
        tag = text(r.document.get(key))
        if tag and private_subtag(tag):
            yield f"/document/{key}", f"The language {tag} has a part that is reserved for private use."


@TABLE.test("6.2.15")
def default_language(r: Reading) -> Hits:
    """Languages are named."""
    for key in ("lang", "source_lang"):
        if text(r.document.get(key)).lower() == "i-default":
            yield f"/document/{key}", "The language is i-default, which names none."


@TABLE.test("6.2.12")
def no_language(r: Reading) -> Hits:
    """The document says its language."""
    return _present(r, "lang", "language")


@TABLE.test("6.2.43", NEW)
def no_licence(r: Reading) -> Hits:
    """The document says its licence."""
    return _present(r, "license_expression", "licence expression")


def _present(r: Reading, key: str, name: str) -> Hits:
    if key not in r.document:
        yield "/document", f"The document has no {name}."
    elif not r.document[key]:
        yield f"/document/{key}", f"The document's {name} is empty."


@TABLE.test("6.1.15")
def translator(r: Reading) -> Hits:
    """A translator says from which language."""
    if text(mapping(r.document.get("publisher")).get("category")) == "translator":
        if "source_lang" not in r.document:
            yield "/document", "A translator publishes it, but the source language is missing."
        elif not r.document["source_lang"]:
            yield "/document/source_lang", "A translator publishes it, but the source language is empty."


@TABLE.test("6.1.28")
def translation(r: Reading) -> Hits:
    """A translation is in another language than its source."""
    one, other = text(r.document.get("lang")), text(r.document.get("source_lang"))
    if one and one.lower() == other.lower():
        yield "/document/lang", f"The document and its source are both in {one}."


@TABLE.test("6.2.10", OLD)
def no_label(r: Reading) -> Hits:
    """The document has a TLP label."""
    if not r.label:
        yield "/document", "The document has no TLP label."


@TABLE.test("6.2.11")
def canonical(r: Reading) -> Hits:
    """The document says where it is."""
    name = _NOT_IN_NAMES.sub("_", text(r.tracking.get("id")).lower()) + ".json"
    for _, link in r.links:
        url = text(link.get("url"))
        if link.get("category") == "self" and url.startswith("https://") and url.endswith("/" + name):
            return
    yield "/document/references", f"No reference to itself is an https address that ends with {name}."


@TABLE.test("6.2.13")
def sorted_keys(r: Reading) -> Hits:
    """Keys are in alphabetical order."""
    if (found := _unsorted(r.root)) is not None:
        yield found[0], f"The key {found[0].rsplit('/', 1)[1]} comes after {found[1]}."


def _unsorted(root: dict[str, object]) -> tuple[str, str] | None:
    """The place of a key that comes too late, and the key before it; a walk that no depth stops."""
    waiting: list[tuple[_Way, object]] = [((), root)]
    while waiting:
        way, value = waiting.pop()
        if isinstance(value, dict):
            keys = list(value)
            if keys != sorted(keys):
                before, key = next(pair for pair in pairwise(keys) if pair[1] < pair[0])
                return _pointer((way, key)), before
            waiting += [((way, key), inner) for key, inner in value.items() if isinstance(inner, dict | list)]
        elif isinstance(value, list):
            waiting += [((way, n), inner) for n, inner in enumerate(value) if isinstance(inner, dict | list)]
    return None


_Way = tuple[()] | tuple["_Way", str | int]  # what is around, and the step from there


def _pointer(way: _Way) -> str:
    """As RFC 6901 writes it; made for the one place that is told, not for each that is passed."""
    steps: list[str] = []
    while way:
        way, step = way
        steps.append(f"/{step}")
    return "".join(reversed(steps))


@TABLE.test("6.2.20")
def additional(_: Reading) -> Hits:
    """Nothing is there that the schema does not name (`validating` holds the strict schema against it)."""
    return iter(())


@TABLE.test("6.2.22", NEW)
def id_in_title(r: Reading) -> Hits:
    """The title does not repeat the tracking id."""
    number = text(r.tracking.get("id"))
    if number and number in text(r.document.get("title")):
        yield "/document/title", "The title contains the tracking id."


def _sharing(r: Reading) -> tuple[str, str, bool]:
    group = mapping(mapping(r.document.get("distribution")).get("sharing_group"))
    return text(group.get("id")), text(group.get("name")), bool(group)


_GROUP = "/document/distribution/sharing_group"


@TABLE.test("6.1.38", NEW)
def max_not_public(r: Reading) -> Hits:
    """The Max UUID means everybody."""
    if _sharing(r)[0] == _MAX and not r.clear:
        yield f"{_GROUP}/id", f"The sharing group is everybody, but the document is TLP:{r.label}."


@TABLE.test("6.1.39", NEW)
def public_not_max(r: Reading) -> Hits:
    """Who shares with everybody names no other group."""
    number, _, there = _sharing(r)
    if there and r.clear and number != _MAX and not (number == _NIL and r.status == "draft"):
        yield f"{_GROUP}/id", "The document is TLP:CLEAR, but its sharing group is not everybody."


@TABLE.test("6.1.40", NEW)
def reserved_name(r: Reading) -> Hits:
    """Reserved names of groups are for the reserved ids."""
    number, name, _ = _sharing(r)
    for reserved, due in _RESERVED.items():
        if name == due and number != reserved:
            yield f"{_GROUP}/name", f"The name {due} is reserved for the group {reserved}."


@TABLE.test("6.1.41", NEW)
def missing_name(r: Reading) -> Hits:
    """Reserved ids of groups have the reserved names."""
    number, name, _ = _sharing(r)
    if number in _RESERVED and name != _RESERVED[number]:
        yield _GROUP, f"The group {number} has to be named {_RESERVED[number]}."


@TABLE.test("6.2.28", NEW)
def max_used(r: Reading) -> Hits:
    """The Max UUID is not used."""
    if _sharing(r)[0] == _MAX:
        yield f"{_GROUP}/id", "The sharing group is the Max UUID."


@TABLE.test("6.2.29", NEW)
def nil_used(r: Reading) -> Hits:
    """The Nil UUID is not used."""
    if _sharing(r)[0] == _NIL:
        yield f"{_GROUP}/id", "The sharing group is the Nil UUID."


@TABLE.test("6.2.30", NEW)
def group_on_clear(r: Reading) -> Hits:
    """What everybody may read needs no group."""
    if r.clear and _sharing(r)[2]:
        yield _GROUP, "The document is TLP:CLEAR and has a sharing group."


@TABLE.test("6.2.40", NEW)
def description_of_nothing(r: Reading) -> Hits:
    """A description of a product says of which."""
    term = "Product Description" if r.english else translations().get(language(r), {}).get("product_description", "")
    for at, note in r.notes + [
        found for flaw in r.flaws for found in objects(flaw.node.get("notes"), f"{flaw.pointer}/notes")
    ]:
        about = "product_ids" in note or "group_ids" in note
        if term and note.get("category") == "description" and text(note.get("title")).startswith(term) and not about:
            yield at, "The note describes a product without saying which."
