"""Every address there is: each pattern of the portal and the feeds, each route of the API, filled with every id of
the world that fits, with one that fits something else, and with one that fits nothing.
"""

from __future__ import annotations

import itertools
import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.urls import URLPattern, URLResolver, get_resolver

from seatrial.clearinghouse.advisories.types import Form as AdvisoryForm
from seatrial.ledger import api as ledger
from seatrial.review.dossiers.types import Audience
from seatrial.review.dossiers.types import Form as DossierForm
from seatrial.review.planning.types import Form as MemoForm

from .cast import KINDS, PEOPLE, Persona
from .desks import MILESTONES
from .oracle import related
from .voyages import CLOSED, EXPIRED, OPEN_NOW, RELEASED, Voyage
from .world import World

NONSENSE = "nothing-0000000000000000"
READS, WRITES = ("GET",), ("POST", "PUT", "PATCH", "DELETE")
LOGS = ("main", "lab-north", "lab-south", "lab-east", "body-one", "body-two", "water-one")
SECTIONS = ("model", "variants", "threat_model", "evaluations", "governance")
_EACH = 5  # things of one kind that a review has, asked for one by one
_SHARE = 0.4  # of the further ways to fill a route
_SAMPLE = 10  # single entries of the ledger; the lists show them all


@dataclass(frozen=True)
class Address:
    """``route`` names the pattern; ``voyage`` is the handle of the review it is about, ``home`` the organisation whose
    desk, people or ledger it is.

    ``ids`` are what fills the pattern. ``blank`` is the same address filled with nonsense, for comparing. ``turn``
    counts the ways in which the pattern can be filled for that review.
    """

    method: str
    path: str
    route: str
    ids: tuple[str, ...] = ()
    voyage: str = ""
    home: str = ""
    blank: str = ""
    turn: int = 0


@dataclass
class Atlas:
    """All addresses, and the parameters for which the world has nothing: each must be taught what to put there."""

    addresses: list[Address] = field(default_factory=list)
    unfilled: set[str] = field(default_factory=set)


def chart(world: World, *, everything: bool = True) -> Atlas:
    """The addresses of ``world``; without ``everything`` only one review of each stage is asked for each route."""
    made = Atlas()
    known = _Places(world, everything)
    for route, pattern, parameters in _patterns():
        for query in _PAGE_QUERIES.get(route, ("",)):
            for method in ("GET", "POST"):
                if method == "POST" and route.startswith(_SIGN_IN):
                    continue
                known.fill(made, method, pattern, route, parameters, query if method == "GET" else "")
    for method, pattern, parameters, queries in _routes(known):
        for query in queries if method == "GET" else ("",):
            known.fill(made, method, pattern, f"{method} {pattern}", parameters, query)
    return made


def share(world: World, who: Persona, addresses: list[Address]) -> list[Address]:
    """``who``'s share of ``addresses``: every route at least twice, for what concerns them and for what does not.

    Which objects at which stages is drawn from the seed and the persona, so that together all ask for everything.
    """
    draw, groups = random.Random(f"{world.book.seed} {who.key}"), defaultdict[tuple[object, ...], list[Address]](list)
    for address in addresses:
        voyage, reads = world.by_handle.get(address.voyage), address.method == "GET"
        if voyage is None:
            kind: tuple[object, ...] = (address.home in who.organisations, bool(address.ids))
            kind += (address.blank if reads else "",)
        elif not related(voyage, who):
            kind = ("another's",)
        elif reads:
            stage = "ended" if voyage.stage in (RELEASED, EXPIRED, CLOSED) else voyage.stage
            kind = (stage, min(address.turn, _EACH), address.blank)
        else:
            kind = ("one's own",)
        groups[(address.method, address.route, *kind)].append(address)
    first: set[tuple[object, ...]] = set()
    chosen = []
    for kind in draw.sample(sorted(groups, key=repr), len(groups)):
        once = (*kind[:2], kind[2] == "another's")
        if once not in first or draw.random() < _SHARE:
            first.add(once)
            chosen.append(draw.choice(groups[kind]))
    return chosen


class _Places:
    """What fits together: by the set of parameters, the ways to fill them."""

    def __init__(self, world: World, everything: bool) -> None:
        self.world = world
        self._ways: dict[frozenset[str], list[tuple[dict[str, str], str, str]]] = defaultdict(list)
        self._rich: set[str] = set()
        voyages = world.voyages if everything else list({one.stage: one for one in world.voyages}.values())
        for voyage in voyages:
            self._voyage(voyage)
        if everything:
            self._strays(world.voyages)
        labs = list(KINDS)[:3]
        for number, plan in enumerate(world.desk.plans):
            lab = labs[number // 3]
            self._add({"plan": plan}, home=lab)
            for key in MILESTONES:
                self._add({"plan": plan, "key": key}, home=lab)
        for number, memo in enumerate(world.desk.memos):
            self._add({"memo": memo}, home=labs[number // 3])
        for report in world.desk.reports:
            self._add({"report": report})
        for file in world.desk.files:
            self._add({"attachment": file})
        for judgement in world.desk.judgements:
            self._add({"judgement": judgement})
        for decision in map(str, world.desk.decisions):
            self._add({"decision": decision})
        for cluster in world.desk.clusters:
            self._add({"cluster": cluster})
            for decision in map(str, world.desk.decisions):
                self._add({"cluster": cluster, "decision": decision})
        for case in world.desk.cases:
            self._add({"case": case})
            for party in world.desk.case_parties:
                self._add({"case": case, "party": party})
        for party in world.desk.case_parties:
            self._add({"party": party})
        for exposure in world.desk.exposures:
            self._add({"exposure": exposure}, home="water-one")
        for advisory in world.desk.advisories:
            self._add({"advisory": advisory}, home="water-one")
        for advisory in world.desk.drafts:
            self._add({"advisory": advisory})
        for undertaking in world.desk.undertakings:
            self._add({"undertaking": undertaking}, home="water-one")
        for inventory in world.desk.inventories:
            self._add({"inventory": inventory}, home="water-one")
        for lab, _, request in world.questions.asked:
            self._add({"request": request}, home=lab)
        for lab, request in world.questions.drafts:
            self._add({"request": request}, home=f"{lab} alone")
        for determination in world.questions.determinations:
            self._add({"determination": determination})
        self._parties(world)
        self._add({"key": NONSENSE, "uidb36": "1"})  # allauth's way to a new password
        for name, values in _FIXED.items():
            for value in values:
                self._add({name: value})
        draw = random.Random(world.book.seed)
        for log in LOGS:
            size = ledger.head(log)
            for index in sorted(draw.sample(range(size), min(size, _SAMPLE if log == "main" else 5))):
                self._add({"log": log, "index": str(index)}, home=log)

    def _add(self, way: dict[str, str], voyage: str = "", home: str = "") -> None:
        self._ways[frozenset(way)].append((way, voyage, home))

    def _voyage(self, voyage: Voyage) -> None:
        review = {"review": voyage.id}
        if voyage.stage == OPEN_NOW:
            self._rich.add(voyage.id)
        self._add(review, voyage.handle)
        for concept, ids in _KINDS_OF_VOYAGE.items():
            for one in getattr(voyage, ids):
                self._add({concept: one}, voyage.handle)
                self._add({**review, concept: one}, voyage.handle)
        for organisation in ("port-trust", "quay-trust"):
            self._add({**review, "organisation": organisation}, voyage.handle)
        for number in ("1", "2"):
            self._add({**review, "number": number}, voyage.handle)
        for transfer in voyage.transfers:
            self._add({"transfer": transfer, "number": "0"}, voyage.handle)
        for section in SECTIONS[:2]:
            self._add({**review, "section": section}, voyage.handle)
        for part in ("now", "happened"):
            self._add({**review, "part": part}, voyage.handle)
        for form in DossierForm:  # drawing a PDF takes its time: one review's are enough
            if not form.endswith("-pdf") or voyage.handle == "lab-north/body-one/open":
                self._add({**review, "dossier form": form}, voyage.handle)
        for concept in ("item", "leak", "key", "exchange", "transfer", "statement"):
            if not getattr(voyage, _KINDS_OF_VOYAGE[concept]):
                self._add({**review, concept: NONSENSE}, voyage.handle)

    def _strays(self, voyages: list[Voyage]) -> None:
        """One review's things under another's address."""
        for one, other in itertools.pairwise(voyages):
            for concept, ids in _KINDS_OF_VOYAGE.items():
                for thing in getattr(other, ids)[:1]:
                    self._add({"review": one.id, concept: thing})

    def _parties(self, world: World) -> None:
        for organisation in KINDS:
            self._add({"organisation": organisation}, home=organisation)
        for person, (home, roles) in PEOPLE.items():
            self._add({"person": person}, home=home)
            self._add({"organisation": home, "person": person}, home=home)
            self._add({"organisation": home, "person": person, "role": roles[0]}, home=home)
        for home, invitation in world.cast.invitations:
            self._add({"invitation": invitation}, home=home)
            self._add({"organisation": home, "invitation": invitation}, home=home)
        for home, delegation in world.cast.delegations:
            self._add({"delegation": delegation}, home=home)
            self._add({"organisation": home, "delegation": delegation}, home=home)
        for webhook in world.cast.webhooks:
            self._add({"webhook": webhook})
        for body, version in world.cast.policies:
            self._add({"body": body, "version": version})

    def fill(self, atlas: Atlas, method: str, pattern: str, route: str, parameters: dict[str, str], query: str) -> None:
        """Every way to fill ``pattern``, whose parameters are told by ``parameters``: name to concept."""
        wanted = {name: concept for name, concept in parameters.items() if concept not in _FREE}
        ways = self._ways.get(frozenset(wanted.values())) if wanted else [({}, "", "")]
        if ways is None:
            atlas.unfilled.add(f"{route}: {', '.join(sorted(wanted.values()))}")
            ways = []
        free = [name for name, concept in parameters.items() if concept in _FREE]
        nothing = {name: "0" if concept == "index" else NONSENSE for name, concept in parameters.items()}
        turns: Counter[str] = Counter()
        for way, voyage, home in ways:
            turns[voyage] += 1
            if query and way.get("review") and way["review"] not in self._rich:
                continue
            for values in itertools.product(*(_FREE[parameters[name]] for name in free)):
                said = {name: way[concept] for name, concept in wanted.items()} | dict(zip(free, values, strict=True))
                path = pattern.format(**said)
                words = {name: value for name, value in said.items() if parameters[name] in _WORDS}
                words |= {name: value for name, value in said.items() if value in MILESTONES}
                ids = tuple(value for name, value in said.items() if name not in words)
                blank = pattern.format(**(nothing | words)) + query
                atlas.addresses.append(Address(method, path + query, route, ids, voyage, home, blank, turns[voyage]))
        if parameters and not query:
            atlas.addresses.append(Address(method, pattern.format(**nothing), route))


_KINDS_OF_VOYAGE = {
    "thread": "threads",
    "attachment": "attachments",
    "item": "items",
    "leak": "leaks",
    "key": "keys",
    "exchange": "exchanges",
    "transfer": "transfers",
    "fingerprint": "fingerprints",
    "statement": "statements",
    "campaign": "campaigns",
    "ladder": "ladders",
    "determination": "determinations",
}
# What is no id, but a word of the house: it stays when an address is filled with nonsense.
_WORDS = frozenset(
    {
        "side",
        "section",
        "part",
        "number",
        "role",
        "progress",
        "dossier form",
        "memo form",
        "advisory form",
        "schema",
        "member",
        "move",
    }
)
_FREE: dict[str, tuple[str, ...]] = {
    "progress": ("done",),
    "move": ("propose", "answer", "say", "terminate", "submit", "withdraw"),
    "side": ("request", "response"),
    "memo form": tuple(form.value for form in MemoForm),
    "advisory form": tuple(form.value for form in AdvisoryForm),
    "token": (NONSENSE,),
    "metadata file": ("timestamp.json", "1.root.json"),
    "target role": ("checks",),
    "target file": (NONSENSE,),
    "code": (NONSENSE,),
    "secret": ("A" * 43,),
    "schema": ("policy-1.json", "policy-1.schema.json"),
    "member": (NONSENSE,),
}
_FIXED = {"developer": list(KINDS)[:3], "body": ["body-one", "body-two"]}
_SIGN_IN = ("account_",)
_ALIASES = {
    ("dossier-section", "name"): "section",
    ("schema", "name"): "schema",
    ("tuf-metadata", "name"): "metadata file",
    ("tuf-target", "role"): "target role",
    ("tuf-target", "name"): "target file",
    ("POST /api/v1/delivery/vendors/{vendor}", "vendor"): "organisation",
    ("engagement-export", "form"): "memo form",
    ("dossier-export", "form"): "dossier form",
    ("GET /api/v1/engagements/{memo}/export/{form}", "form"): "memo form",
    ("GET /api/v1/advisories/{advisory}/forms/{form}", "form"): "advisory form",
    ("advisory-form", "form"): "advisory form",
    ("advisory-preview", "form"): "advisory form",
    ("GET /api/v1/reviews/{review}/dossier/exports/{form}", "form"): "dossier form",
}
_WHOM = [{}, *({"audience": one.value} for one in Audience if one is not Audience.PARTNER)]
_WHOM.append({"audience": "partner", "partner": "port-trust"})


def _queries(*ways: dict[str, str]) -> tuple[str, ...]:
    return tuple("?" + urlencode(way) if way else "" for way in ways)


_AUDIENCES = _queries(*_WHOM, {"version": "1"}, {"version": "2"}, {"version": "3"})
_EACH_LOG = _queries(*({"log": log, "limit": "1000"} for log in LOGS), {})
_PAGE_QUERIES: dict[str, tuple[str, ...]] = {
    "dossier": _AUDIENCES,
    "dossier-exports": _AUDIENCES,
    "dossier-export": _AUDIENCES,
    "dossier-twin": _AUDIENCES,
    "dossier-toml": _AUDIENCES,
    "dossier-json": _AUDIENCES,
    "dossier-changes": _queries({}, {"old": "1", "new": "2"}, {"old": "2", "new": "3"}),
    "ledger": _EACH_LOG,
    "reviews": _queries({}, {"find": "canary"}, {"q": "canary"}),
}
_ROUTE_QUERIES: dict[str, tuple[str, ...]] = {
    "audience": _AUDIENCES,
    "version": _queries({}, {"version": "1"}, {"version": "2"}, {"version": "3"}),
    "old": _queries({"old": "1", "new": "2"}, {"old": "2", "new": "3"}, {"old": "1", "new": "3"}),
    "format": _queries({}, {"format": "json"}, {"format": "toml"}),
    "log": _EACH_LOG,
    "developer": _queries(*({"developer": lab} for lab in _FIXED["developer"])),
    "body": _queries({}, {"body": "body-one"}, {"body": "body-two"}),
    "find": _queries({"limit": "1000"}, {"find": "canary"}),
    "undelivered": _queries({}, {"undelivered": "true"}),
    "limit": _queries({"limit": "1000"}),
}


def _patterns() -> Iterator[tuple[str, str, dict[str, str]]]:
    """Each named pattern outside the API: its name, the path with ``{parameters}``, and what these mean."""
    for prefix, pattern in _walk(get_resolver().url_patterns, "/"):
        if prefix.startswith("/api/"):
            continue
        route, names = prefix, list(pattern.pattern.converters)
        if hasattr(pattern.pattern, "_regex"):  # the feeds
            names = list(pattern.pattern.regex.groupindex)
            calendar = f"/feeds/{'exposures' if pattern.name == 'exposures-calendar' else 'plans'}/<secret>.ics"
            route = calendar if names == ["secret"] else prefix.replace("/^", "/")
        for name in names:
            for kind in ("", "id:", "str:", "int:", "slug:"):
                route = route.replace(f"<{kind}{name}>", f"{{{name}}}")
        said = pattern.name or prefix
        yield said, route, {name: _concept(said, name) for name in names}


def _walk(patterns: list[URLPattern | URLResolver], prefix: str) -> Iterator[tuple[str, URLPattern]]:
    for one in patterns:
        path = prefix + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from _walk(one.url_patterns, path)
        else:
            yield path, one


def _routes(places: _Places) -> Iterator[tuple[str, str, dict[str, str], tuple[str, ...]]]:
    from seatrial.rest.routes import api

    for path, methods in api.get_openapi_schema()["paths"].items():
        for method, operation in methods.items():
            said = operation.get("parameters", [])
            route = f"{method.upper()} {path}"
            named = {one["name"]: _concept(route, one["name"]) for one in said if one["in"] == "path"}
            asked = [one["name"] for one in said if one["in"] == "query"]
            queries = next((ways for name, ways in _ROUTE_QUERIES.items() if name in asked), ("",))
            yield method.upper(), path, named, queries


def _concept(route: str, name: str) -> str:
    return _ALIASES.get((route, name), name.removesuffix("_id").removeprefix("determination_"))
