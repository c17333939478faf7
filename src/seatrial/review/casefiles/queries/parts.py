"""The parts of a case, each gathered through the door of the room that knows it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

from seatrial.kernel.digests import digest_of
from seatrial.parties import api as parties
from seatrial.parties.types import Signature
from seatrial.review.access import api as access
from seatrial.review.access.types import ExchangeView
from seatrial.review.benchmarks import api as benchmarks
from seatrial.review.casefiles.core import layout
from seatrial.review.casefiles.types import Section, Withheld
from seatrial.review.cases import api as cases
from seatrial.review.cases.types import Paper, PaperKind, TimelineItem
from seatrial.review.determinations import api as determinations
from seatrial.review.dossiers import api as dossiers
from seatrial.review.identity import api as identity
from seatrial.review.threads import api as threads
from seatrial.review.threads.types import SightingView

from .case import PART, Case, Side, section
from .conversation import conversation


def _review(it: Case) -> Section:
    it.json("review.json", it.view)
    view, clock = it.view, it.view.clock
    it.organisations |= {view.developer, view.body}
    rows = [
        ("Model", view.model),
        ("Developer", view.developer_name),
        ("Review body", view.body_name),
        ("State", view.state.value),
        ("Planned release to partners", layout.moment(clock.partner_release)),
        ("Planned public release", layout.moment(clock.public_release)),
        ("Policy", view.policy_version),
    ]
    if clock.window is not None:
        rows.append(("Window", f"{layout.moment(clock.window.opens)} to {layout.moment(clock.window.closes)}"))
    if clock.ended_at is not None:
        rows.append(("Ended", layout.moment(clock.ended_at)))
    facts = ("review.json", "The review as data")
    return section(
        "The review", "What is reviewed, by whom, and when.", headings=("Fact", "Value"), rows=rows, files=(facts,)
    )


def _policy(it: Case) -> Section:
    policy = parties.policy(it.view.body, it.view.policy_version)
    text = parties.policy_document(it.view.body, it.view.policy_version)
    it.put("policy/policy.json", layout.JSON, [text.encode()])
    files = [("policy/policy.json", f"The policy {policy.version}")]
    if policy.signature is not None:
        path = it.signed("policy", "The policy", parties.policy_statement(policy), [policy.signature])
        files.append((path, "The review body’s signature of it"))
    return Section("Policy", "The terms that the developer signed, whole.", files=tuple(files))


def _papers(it: Case) -> Section:
    rows, files = [], []
    numbers = {kind: count(1) for kind in PaperKind}
    for paper in cases.papers(it.asking, it.review):
        number = int(paper.key) if paper.key.isdigit() else next(numbers[paper.kind])
        about = _ABOUT[paper.kind](it, paper)
        said: Any = layout.from_canonical(paper.statement)
        files.append((it.signed(f"{paper.kind.value}-{number}", about, said, paper.signatures), about))
        rows += [
            (about, it.name(one.person), it.name(one.organisation), layout.moment(one.at)) for one in paper.signatures
        ]
    sentence = "What was signed, each with its statement and its signatures." if files else "Nothing was signed."
    return section(
        "Signed papers", sentence, headings=("Paper", "Signed by", "For", "When"), rows=rows, files=tuple(files)
    )


_ABOUT: Mapping[PaperKind, Callable[[Case, Paper], str]] = {
    PaperKind.CONSENT: lambda it, paper: f"Consent number {paper.key}",
    PaperKind.FURTHER: lambda it, paper: f"Further signatures under consent number {paper.key}",
    PaperKind.PARTNER: lambda it, paper: f"Terms for the partner {it.name(paper.key)}",
    PaperKind.DESTRUCTION: lambda it, paper: f"Destruction of {paper.key}",
}


def _dossier(it: Case) -> Section:
    rows, files, withheld = [], [], list[Withheld]()
    for version in dossiers.versions(it.asking, it.review):
        found = dossiers.dossier(it.asking, it.review, version.version)
        path = f"dossier/version-{version.version}.json"
        it.put(path, layout.JSON, [dossiers.as_json_text(found.document).encode()])
        facts = {"digest": found.digest, "source": found.source, "at": found.at, "twins": found.twins}
        it.json(f"dossier/version-{version.version}-facts.json", {**facts, "withheld": found.withheld})
        files.append((path, f"Version {version.version}"))
        for number, twin in enumerate(found.twins, 1):
            if twin.signature is not None:
                about = f"The twin of version {version.version} for {twin.partner or twin.audience.value}"
                path = it.signed(f"dossier-{version.version}-{number}", about, twin.statement, [twin.signature])
                files.append((path, about))
        place = f"Dossier, version {version.version}: "
        withheld += [Withheld(place + one.place, one.category.value) for one in found.withheld]
        rows.append((str(version.version), layout.moment(found.at), str(len(found.twins)), str(len(found.withheld))))
    sentence = "Each version as whoever exported it may read it." if rows else "There is none to read."
    return section(
        "Dossier", sentence, headings=("Version", "When", "Twins shared", "Pieces withheld"),
        rows=rows, files=tuple(files), withheld=tuple(withheld),
    )  # fmt: skip


def _identity(it: Case) -> Section:
    found = identity.identity(it.asking, it.review, it.now)
    it.json("identity/identity.json", found)
    files = [("identity/identity.json", "Declarations, fingerprints and statements as data")]
    for taken in found.fingerprints:
        if taken.digest is not None:
            path = f"identity/{taken.id}.json"
            it.json(path, identity.to_json(identity.answers(it.asking, taken.id, it.now)))
            files.append((path, f"The answers of a fingerprint, {layout.moment(taken.begun_at)}"))
    for number, made in enumerate(found.statements, 1):
        path = f"identity/statement-{number}.json"
        it.json(path, made.envelope)
        files.append((path, f"Statement about the release, {layout.moment(made.at)}"))
    rows = [("Declaration", it.name(one.by), layout.moment(one.at)) for one in found.declarations]
    rows += [("Fingerprint", it.name(one.by), layout.moment(one.begun_at)) for one in found.fingerprints]
    rows += [("Statement", it.name(one.by), layout.moment(one.at)) for one in found.statements]
    return section(
        "Model identity", "What the model was declared to be, how it answered, and what was stated of the release.",
        headings=("What", "By", "When"), rows=rows, files=tuple(files),
    )  # fmt: skip


def _uses(it: Case) -> Section:
    found = list(_all_uses(it))
    names = [name for name in ExchangeView.__dataclass_fields__ if name not in ("review", "bodies")]
    table = [names, *([getattr(one, name) for name in names] for one in found)]
    it.put("uses/uses.csv", layout.CSV, [layout.as_table(table)])
    it.put("uses/uses.jsonl", layout.LINES, map(layout.as_line, found))
    it.json("uses/keys.json", access.keys(it.asking, it.review))
    it.json("uses/usage.json", access.usage(it.asking, it.review))
    rows = [(layout.moment(one.at), it.name(one.person), one.purpose, one.ended or "in flight") for one in found]
    return section(
        "Uses of the model", f"Every call that may be read: {len(found):,}. Keys stand here without secrets.",
        headings=("When", "Who", "Purpose", "Ended"), rows=rows,
        files=(("uses/uses.csv", "All uses as a table"), ("uses/uses.jsonl", "All uses as data"),
               ("uses/keys.json", "Access keys"), ("uses/usage.json", "What the consent was charged")),
    )  # fmt: skip


def _all_uses(it: Case) -> Iterator[ExchangeView]:
    before: str | None = None
    while part := access.exchanges(it.asking, it.review, limit=500, before=before):
        yield from part
        before = part[-1].id


def _handed_over(it: Case) -> Section:
    found = cases.items(it.asking, it.review, it.now)
    it.json("handed-over/items.json", found)
    files = [("handed-over/items.json", "What was handed over, as data")]
    rows = [
        (one.text, it.name(one.holder), layout.moment(one.attested_at) if one.attested_at else "not attested")
        for one in found
    ]
    withheld = list[Withheld]()
    if it.side.view is not None:
        leaks = cases.leaks(it.asking, it.review)
        it.json("handed-over/leaks.json", leaks)
        files.append(("handed-over/leaks.json", "Reports of leaks"))
        rows += [("A leak was reported", one.by or "not said", layout.moment(one.at)) for one in leaks]
        untold = [one for one in leaks if one.found is None]
        withheld += [
            Withheld(f"The words of the leak report of {layout.moment(one.at)}", "told to the developer first")
            for one in untold
        ]
        if it.side.developer:
            it.json("handed-over/planted.json", cases.canaries(it.asking, it.review))
            files.append(("handed-over/planted.json", "Where strings were planted"))
    sentence = "What left the developer’s hands, who has it, and what became of it."
    return section(
        "Handed over, and leaks", sentence, headings=("What", "Who", "Destroyed, or reported"),
        rows=rows, files=tuple(files), withheld=tuple(withheld),
    )  # fmt: skip


def _campaigns(it: Case) -> Section:
    found = benchmarks.campaigns(it.asking, it.review)
    it.json("campaigns.json", found)
    rows = [(one.name, one.state.value) for one in found]
    sentence = "Campaigns that may be read here." if rows else "There is none to read."
    files = (("campaigns.json", "Campaigns as data"),)
    return section("Campaigns", sentence, headings=("Campaign", "State"), rows=rows, files=files)


def _determinations(it: Case) -> Section:
    rows, files = [], []
    for view in determinations.determinations(it.asking, it.review):
        found = determinations.record(it.asking, view.id)
        it.json(f"determinations/{view.id}.json", {"determination": view, "memo": found.memo})
        page = determinations.memo_html(it.asking, view.id)
        it.put(f"determinations/{view.id}.html", layout.HTML, [page.encode()])
        said = digest_of(dict(found.statement))
        given = [
            Signature(one.organisation, one.person, one.at, said, one.public_key, one.value) for one in view.signatures
        ]
        files += [
            (f"determinations/{view.id}.html", f"Memo of {view.id}"),
            (f"determinations/{view.id}.json", f"{view.id} as data"),
            (it.signed(view.id, "A determination", found.statement, given), f"Signatures of {view.id}"),
        ]
        rows.append((view.id, view.finding.value, view.state.value, str(len(view.signatures))))
    for line in determinations.requests(it.asking, it.now, limit=PART, review=it.review):
        pages = list(_all_request_pages(it, line.id))
        posts = [post for page in pages for post in page.posts]
        it.json(f"determinations/{line.id}.json", {"request": pages[0].request, "posts": posts})
        files.append((f"determinations/{line.id}.json", "A determination request"))
        rows.append((line.id, "request", line.state.value, ""))
    sentence = "A determination informs; nothing depends on it." if rows else "There is none to read."
    headings = ("Which", "Finding", "State", "Signatures")
    return section("Determinations", sentence, headings=headings, rows=rows, files=tuple(files))


def _all_request_pages(it: Case, request: str) -> Iterator[Any]:
    before: str | None = None
    while True:
        page = determinations.request_page(it.asking, request, it.now, before=before, limit=PART)
        yield page
        before = page.earlier
        if before is None:
            return


def _seen(it: Case) -> Section:
    found = list(_all_sightings(it))
    it.json("seen.json", found)
    rows = [(one.title, one.person, one.organisation, layout.moment(one.last_at)) for one in found]
    return section(
        "Who has seen this", "Everybody outside the developer who was shown something of the review.",
        headings=("What", "Who", "Of", "Last"), rows=rows, files=(("seen.json", "The whole list as data"),),
    )  # fmt: skip


def _all_sightings(it: Case) -> Iterator[SightingView]:
    before: str | None = None
    while True:
        part = threads.sightings(it.asking, it.review, it.now, before=before, limit=1000)
        yield from part.sightings
        before = part.earlier
        if before is None:
            return


def _timeline(it: Case) -> Section:
    found = list(_all_happened(it))
    it.json("timeline.json", found)
    rows = [
        (layout.moment(one.at), one.what.replace(".", " ").replace("_", " "), one.by, f"{one.log}, {one.index}")
        for one in found
    ]
    return section(
        "What happened", "Newest first; each has its receipt below.",
        headings=("When", "What", "Who", "Entry"), rows=rows, files=(("timeline.json", "What happened, as data"),),
    )  # fmt: skip


def _all_happened(it: Case) -> Iterator[TimelineItem]:
    before: str | None = None
    while True:
        part = cases.timeline(it.asking, it.review, before=before, limit=PART)
        yield from part.items
        before = part.earlier
        if before is None:
            return


@dataclass(frozen=True, slots=True)
class Part:
    """One part: its title, what it holds, and how it is gathered."""

    title: str
    sentence: str
    gather: Callable[[Case], Section]


def parts_for(side: Side) -> tuple[Part, ...]:
    """The parts that this side's file has, in order."""
    if side.view is None:
        return PARTNERS_PARTS
    return tuple(part for part in _ALL if side.developer or part.gather is not _seen)


_PAPERS = Part(
    "Signed papers", "Consents, further signatures, partners’ terms, attestations: each with its signatures.", _papers
)
_USES = Part(
    "Uses of the model", "Every call you may read of, as a table and as data; keys without their secrets.", _uses
)
_GIVEN = Part(
    "Handed over, and leaks", "What left the developer’s hands, who has it, and what became of it.", _handed_over
)

_ALL = (
    Part("The review", "What is reviewed, by whom, and when.", _review),
    Part("Policy", "The policy document with the review body’s signature.", _policy),
    _PAPERS,
    Part("Conversation", "Threads you may read, with posts and attached files.", conversation),
    Part("Dossier", "Each version as you may read it, and signed twins.", _dossier),
    Part("Model identity", "Declarations, fingerprints with their answers, statements about the release.", _identity),
    _USES,
    _GIVEN,
    Part("Campaigns", "Campaigns you may read.", _campaigns),
    Part("Determinations", "Determinations and requests you may read, with memos and signatures.", _determinations),
    Part("Who has seen this", "Everybody outside who was shown something of the review.", _seen),
    Part("What happened", "Everything you may read, with the ledger’s receipt of each.", _timeline),
)
PARTNERS_PARTS = (_PAPERS, _USES, _GIVEN)
