"""The editor of an advisory: its content as a table, back to what the door reads, and to controls.

What an advisory says of a product and a flaw has one row for each product, so rows follow the products. It reads and
shows; it writes nothing.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from seatrial.clearinghouse.advisories.types import CreditKind, Gap, Justification, RemedyKind, Status, Tlp
from seatrial.portal import tables
from seatrial.portal.tables import Control, Path, Table, counted, options_of

ROOT = "a"


def _worded(kind: Iterable[enum.StrEnum]) -> tuple[tuple[str, str], ...]:
    return tuple((one.value, one.value.replace("_", " ").capitalize()) for one in kind)


_STATUSES = (Status.AFFECTED, Status.FIXED, Status.NOT_AFFECTED, Status.UNDER_INVESTIGATION)  # the usual one first


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing that is asked of a part. ``kind`` is line, text (of several lines), lines (one thing each) or choice;
    ``nothing`` is the choice of nothing."""

    name: str
    title: str
    kind: str = "line"
    ask: str = ""
    needed: bool = False
    choices: tuple[tuple[str, str], ...] = ()
    nothing: str = "Not said"


WHOLE = (
    Asked("title", "Title", ask="What is affected and how, such as “Overflow in the pump’s web page”.", needed=True),
    Asked("summary", "Summary", "text", "What happened and what to do, in a few sentences.", needed=True),
)
READERS = (
    Asked("tlp", "Marking", "choice", needed=True, choices=tuple((one.value, f"TLP:{one.mark}") for one in Tlp)),
    Asked(
        "audience",
        "Who reads it",
        "lines",
        "For TLP:AMBER, one organisation in each line, by its name; for TLP:RED one person’s sign-in name.",
    ),
)
PRODUCT = (
    Asked("vendor", "Vendor", needed=True),
    Asked("name", "Product", needed=True),
    Asked("versions", "Version or range", ask="One version, or a range: vers:pypi/>=1.0|<1.4", needed=True),
    Asked("purl", "Package URL", ask="Without a version: pkg:pypi/name"),
    Asked("cpe", "CPE 2.3 name"),
)
FLAW = (
    Asked("title", "Title", needed=True),
    Asked("description", "Description", "text", needed=True),
    Asked("cve", "CVE", ask="CVE-2026-12345; empty while none is assigned"),
    Asked("aliases", "Other names", "lines", "One in each line: GHSA, VU#"),
    Asked("weaknesses", "Weaknesses", "lines", "One in each line: CWE-787"),
    Asked("cvss3", "CVSS 3.1 vector"),
    Asked("cvss4", "CVSS 4.0 vector"),
)
STANDING = (
    Asked("status", "Status", "choice", choices=_worded(_STATUSES), nothing="Says nothing of it"),
    Asked("justification", "Why it is not affected", "choice", choices=_worded(Justification)),
    Asked("impact", "Why, in words", "text"),
    Asked("action", "What to do", "text"),
)
REMEDY = (
    Asked("kind", "Kind", "choice", choices=_worded(RemedyKind), needed=True),
    Asked("details", "What is to be done", "text", needed=True),
    Asked("url", "Link"),
)
REFERENCE = (Asked("url", "Address", needed=True), Asked("summary", "What is found there", needed=True))
CREDIT = (
    Asked("name", "Name", ask="Exactly as the finder wishes.", needed=True),
    Asked("kind", "For what", "choice", choices=_worded(CreditKind), needed=True),
    Asked("organisation", "Organisation"),
    Asked("url", "Link"),
)
# Lists by their member of the content: what is asked of an item, what one is called, and which choices it begins with.
LISTS: Mapping[str, tuple[tuple[Asked, ...], str, str, Mapping[str, str]]] = {
    "products": (PRODUCT, "product", "Products", {}),
    "flaws": (FLAW, "flaw", "Flaws", {}),
    "references": (REFERENCE, "reference", "References", {}),
    "credits": (CREDIT, "person to thank", "Credits", {"kind": CreditKind.FINDER.value}),
    "remedies": (REMEDY, "remedy", "What can be done", {"kind": RemedyKind.VENDOR_FIX.value}),
}


# From the content -------------------------------------------------------------------------------------------------


def table_of(content: Mapping[str, Any], names: Mapping[str, str]) -> Table:
    """The content as it is kept (``advisories.content_document``), as names and texts; readers by their names."""
    table: Table = {}
    _fill([*WHOLE, *READERS], content, ROOT, table)
    table[f"{ROOT}.audience"] = "\n".join(names.get(one, one) for one in content["audience"])
    for name in ("products", "flaws", "references", "credits"):
        _fill_list(name, content[name], ROOT, table)
    ids = [one["id"] for one in content["products"]]
    for place, product in enumerate(ids):
        table[f"{ROOT}.products.{place}.id"] = product
    for place, flaw in enumerate(content["flaws"]):
        here = f"{ROOT}.flaws.{place}"
        table[f"{here}.id"] = flaw["id"]
        table[f"{here}.findings"] = "\n".join(flaw["findings"])
        for standing in flaw["standings"]:
            if standing["product"] in ids:
                _fill(STANDING, standing, f"{here}.standings.{ids.index(standing['product'])}", table)
        _fill_list("remedies", flaw["remedies"], here, table)
        for row, remedy in enumerate(flaw["remedies"]):
            for product in set(remedy["products"]) & set(ids):
                table[f"{here}.remedies.{row}.for.{ids.index(product)}"] = "yes"
    return table


def _fill_list(name: str, items: Sequence[Mapping[str, Any]], stem: str, table: Table) -> None:
    table[f"{stem}.{name}.n"] = str(len(items))
    for place, item in enumerate(items):
        _fill(LISTS[name][0], item, f"{stem}.{name}.{place}", table)


def _fill(asked: Iterable[Asked], plain: Mapping[str, Any], stem: str, table: Table) -> None:
    for one in asked:
        value = plain[one.name]
        table[f"{stem}.{one.name}"] = "\n".join(value) if one.kind == "lines" else str(value or "")


def pressed(table: Table, button: str) -> bool:
    """Do what a button says to the table: a product that goes takes its rows along. False if the button says nothing
    of the kind."""
    gone = button.removeprefix(f"remove:{ROOT}.products.")
    if gone != button and gone.isdecimal():
        for place in range(counted(table, f"{ROOT}.flaws")):
            here = f"{ROOT}.flaws.{place}"
            tables.close_up(table, f"{here}.standings", int(gone))
            for row in range(counted(table, f"{here}.remedies")):
                tables.close_up(table, f"{here}.remedies.{row}.for", int(gone))
    added = tables.pressed(table, button)
    for name, (_, _, _, begins) in LISTS.items():
        if button.startswith("add:") and f".{name}." in added:
            table |= {f"{added}.{key}": value for key, value in begins.items()}
    return bool(added)


# To what the door reads -------------------------------------------------------------------------------------------


def said(table: Mapping[str, str], ids: Mapping[str, str]) -> tuple[dict[str, Any], dict[Path, str]]:
    """The content in plain form, and which name stands for which place of it. ``ids`` are readers' by their names, in
    small letters; who has none stands as was typed."""
    read = _Reading(table)
    content = read.fields([*WHOLE, *READERS], ROOT, ())
    content["audience"] = [ids.get(one.casefold(), one) for one in content["audience"]]
    content["products"] = read.items("products", ROOT, (), read.named("product"))
    products = [one["id"] for one in content["products"]]
    content["flaws"] = read.items("flaws", ROOT, (), partial(read.flaw, products, read.named("flaw")))
    content["references"] = read.items("references", ROOT, ())
    content["credits"] = read.items("credits", ROOT, ())
    return content, read.names


Finish = Callable[[dict[str, Any], str, Path], None]


class _Reading:
    """What was typed, and the name of the control for each place of what it becomes."""

    def __init__(self, table: Mapping[str, str]) -> None:
        self.table, self.names = table, dict[Path, str]()

    def fields(self, asked: Iterable[Asked], stem: str, path: Path) -> dict[str, Any]:
        self.names[path] = stem
        found: dict[str, Any] = {}
        for one in asked:
            name = f"{stem}.{one.name}"
            self.names[(*path, one.name)] = name
            typed = self.table.get(name, "").replace("\r\n", "\n").strip()
            found[one.name] = self.lines(typed) if one.kind == "lines" else typed
        return found

    def items(self, name: str, stem: str, path: Path, finish: Finish | None = None) -> list[dict[str, Any]]:
        self.names[(*path, name)] = f"{stem}.{name}"
        found: list[dict[str, Any]] = []
        for place in range(counted(self.table, f"{stem}.{name}")):
            here, at = f"{stem}.{name}.{place}", (*path, name, place)
            item = self.fields(LISTS[name][0], here, at)
            if finish is not None:
                finish(item, here, at)
            found.append(item)
        return found

    def named(self, what: str) -> Finish:
        """Gives each item the name that it had within the advisory, or one that none of them has."""
        had: set[str] = set()

        def finish(item: dict[str, Any], here: str, at: Path) -> None:
            name, number = self.table.get(f"{here}.id", ""), 1
            known = {value for key, value in self.table.items() if key.endswith(".id")} | had
            while not name or name in had:
                name, number = ("" if f"{what}-{number}" in known else f"{what}-{number}"), number + 1
            had.add(name)
            item["id"] = name

        return finish

    def flaw(self, products: Sequence[str], name: Finish, item: dict[str, Any], here: str, at: Path) -> None:
        name(item, here, at)
        item["findings"] = self.lines(self.table.get(f"{here}.findings", ""))
        self.names[(*at, "standings")] = f"{here}.standings"
        item["standings"] = []
        for place, product in enumerate(products):
            row = f"{here}.standings.{place}"
            if self.table.get(f"{row}.status", ""):
                standing = self.fields(STANDING, row, (*at, "standings", len(item["standings"])))
                item["standings"].append({"product": product, **standing})
        item["remedies"] = self.items("remedies", here, at, partial(self.remedy, products))

    def remedy(self, products: Sequence[str], item: dict[str, Any], here: str, at: Path) -> None:
        self.names[(*at, "products")] = f"{here}.for"
        item["products"] = [one for place, one in enumerate(products) if self.table.get(f"{here}.for.{place}")]

    @staticmethod
    def lines(typed: str) -> list[str]:
        return [line.strip() for line in typed.splitlines() if line.strip()]


def by_name(gaps: Sequence[Gap], names: Mapping[Path, str]) -> list[tuple[str, str]]:
    """Each gap's sentence with the name of the control that it stands beside."""
    return [(tables.nearest(_path(gap.pointer), names), gap.sentence) for gap in gaps]


def _path(pointer: str) -> Path:
    return tuple(int(step) if step.isdecimal() else step for step in pointer.split("/")[1:])


# To controls ------------------------------------------------------------------------------------------------------


def controls(table: Mapping[str, str], errors: Mapping[str, Sequence[str]]) -> tuple[Control, ...]:
    """What the page shows, in its order; ``errors`` by name."""
    return _Draw(table, errors).whole()


@dataclass(frozen=True)
class _Draw:
    table: Mapping[str, str]
    errors: Mapping[str, Sequence[str]]

    def whole(self) -> tuple[Control, ...]:
        products = [self.product(f"{ROOT}.products.{n}") for n in range(counted(self.table, f"{ROOT}.products"))]
        return (
            *self.fields(WHOLE, ROOT),
            self.list_of("products", ROOT),
            self.list_of("flaws", ROOT, lambda here: self.of_flaw(here, products)),
            self.list_of("references", ROOT),
            self.list_of("credits", ROOT),
            *self.fields(READERS, ROOT),
        )

    def fields(self, asked: Iterable[Asked], stem: str) -> tuple[Control, ...]:
        return tuple(self.field(one, f"{stem}.{one.name}") for one in asked)

    def field(self, one: Asked, name: str) -> Control:
        value = self.table.get(name, "")
        must = one.needed and one.kind == "choice"
        choices = options_of(one.choices, value, one.nothing)[1 if must and value else 0 :]
        return Control(
            kind="area" if one.kind == "text" else one.kind,
            name=name,
            title=one.title,
            ask=one.ask,
            value=value,
            needed=one.needed,
            options=choices if one.kind == "choice" else (),
            errors=self.said_of(name),
        )

    def list_of(self, name: str, stem: str, more: Callable[[str], Iterable[Control]] = lambda here: ()) -> Control:
        asked, called, title, _ = LISTS[name]
        items = []
        for place in range(counted(self.table, f"{stem}.{name}")):
            here = f"{stem}.{name}.{place}"
            kept = (Control("hidden", f"{here}.id", "", value=self.table.get(f"{here}.id", "")),)
            inner = (*(kept if name in ("products", "flaws") else ()), *self.fields(asked, here), *more(here))
            if name == "remedies":
                inner = (*inner, self.applies(f"{here}.for", here))
            items.append(self.part(here, self.called(name, here, called), inner, one=called))
        whole = f"{stem}.{name}"
        return Control("parts", whole, title, one=called, inner=tuple(items), errors=self.said_of(whole))

    def part(self, name: str, title: str, inner: tuple[Control, ...], one: str = "") -> Control:
        wrong = any(key == name or key.startswith(f"{name}.") for key, said in self.errors.items() if said)
        fresh = one and title == f"New {one}"
        return Control("part", name, title, one=one, inner=inner, errors=self.said_of(name), open=bool(wrong or fresh))

    def of_flaw(self, here: str, products: Sequence[str]) -> Iterable[Control]:
        findings = self.table.get(f"{here}.findings", "")
        yield Control("hidden", f"{here}.findings", "", value=findings)
        rows = []
        for place, product in enumerate(products):
            row = f"{here}.standings.{place}"
            status = self.table.get(f"{row}.status", "")
            words = dict(STANDING[0].choices).get(status, "nothing said")
            rows.append(self.part(row, f"{product}: {words}", self.fields(STANDING, row)))
        name = f"{here}.standings"
        yield Control("rows", name, "What it means for each product", inner=tuple(rows), errors=self.said_of(name))
        yield self.list_of("remedies", here)

    def applies(self, name: str, here: str) -> Control:
        """Which products a remedy is for, of all there are."""
        count = counted(self.table, f"{ROOT}.products")
        boxes = tuple(
            tables.Option(f"{name}.{n}", self.product(f"{ROOT}.products.{n}"), bool(self.table.get(f"{name}.{n}")))
            for n in range(count)
        )
        return Control("boxes", name, "For which products", options=boxes, errors=self.said_of(name), needed=True)

    def product(self, here: str) -> str:
        said = (self.table.get(f"{here}.{name}", "") for name in ("vendor", "name", "versions"))
        return " ".join(filter(None, said)) or "New product"

    def called(self, name: str, here: str, called: str) -> str:
        if name == "products":
            return self.product(here)
        first = "summary" if name == "references" else "details" if name == "remedies" else LISTS[name][0][0].name
        return self.table.get(f"{here}.{first}", "")[:80] or f"New {called}"

    def said_of(self, name: str) -> tuple[str, ...]:
        return tuple(self.errors.get(name, ()))
