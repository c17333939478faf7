"""What a lab has on its own desk, and what strangers bring: plans, memos, reports."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from seatrial.clearinghouse.advisories import api as advisories
from seatrial.clearinghouse.coordination import api as coordination
from seatrial.clearinghouse.exposure import api as exposure
from seatrial.clearinghouse.findings import api as findings
from seatrial.clearinghouse.findings.types import NewReport
from seatrial.clearinghouse.remediation import api as remediation
from seatrial.clearinghouse.remediation.types import Opened, Said, Status
from seatrial.clearinghouse.triage import api as triage
from seatrial.kernel.labels import Label
from seatrial.review.planning import api as planning
from seatrial.review.planning.types import (
    Entry,
    Heading,
    Milestone,
    Option,
    ReleasePlan,
    Side,
    Track,
    Unit,
    Weighing,
    WindowRule,
)

from .cast import Cast
from .voyages import LABS, Voyage


@dataclass
class Desk:
    """Ids of what lies on the desks, and the addresses that open one thing to whoever has them."""

    plans: list[str] = field(default_factory=list)
    memos: list[str] = field(default_factory=list)
    reports: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    judgements: list[str] = field(default_factory=list)
    clusters: list[str] = field(default_factory=list)
    decisions: list[int] = field(default_factory=list)
    cases: list[str] = field(default_factory=list)
    case_parties: list[str] = field(default_factory=list)
    exposures: list[str] = field(default_factory=list)
    advisories: list[str] = field(default_factory=list)
    drafts: list[str] = field(default_factory=list)
    undertakings: list[str] = field(default_factory=list)
    inventories: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)


MILESTONES = ("freeze", "papers")


def furnish(cast: Cast, voyages: list[Voyage]) -> Desk:
    desk = Desk()
    for developer in LABS:
        for number in range(3):
            plan = _plan(cast, desk, developer, with_feed=number == 0)
            if number == 0:
                gov = cast.actor(LABS[developer][0])
                review = next((one.id for one in voyages if one.developer == developer), None)
                if review is not None:
                    planning.link_review(by=gov, plan=plan, review=review, at=cast.clock())
            _memo(cast, desk, developer, plan)
    return desk


def bring(cast: Cast, desk: Desk) -> None:
    """Reports of vulnerabilities: one acknowledged, one anonymous, one that its finder follows."""
    for number, tlp in enumerate(("AMBER", "RED", "CLEAR")):
        shared = {"told": frozenset({"clearinghouse"})}
        texts = {
            name: cast.book.plant(f"report {name}", "report followed" if number == 2 else "report", **shared)
            for name in ("title", "description", "product", "version", "finder", "proof")
        }
        files = {}  # a code opens none
        if number != 2:
            name, words = (cast.book.plant(f"report {what}", "report", **shared) for what in ("file name", "file"))
            files[name] = partial(iter, (words.encode(),))
        made = findings.submit(report=NewReport(**texts, tlp=tlp), files=files, at=cast.clock(), source="page")
        desk.reports.append(made.report)
        if number == 0:
            findings.acknowledge(by=cast.actor("clea"), report=made.report, at=cast.clock())
        if number == 2:
            desk.codes.append(made.code)
        else:
            cast.book.secret("receipt code", made.code)
    _triaged(cast, desk)
    _case(cast, desk)
    _advisory(cast, desk)
    _exposed(cast, desk)
    _inventory(cast, desk)


def _triaged(cast: Cast, desk: Desk) -> None:
    """Two of them judged (no proof: a person must) and said to be one flaw, with words in every place."""
    by, told = cast.actor("clea"), frozenset({"clearinghouse"})
    triage.judge_waiting(clock=cast.clock)
    reason = cast.book.plant("decision reason", "report", told=told)
    desk.decisions.append(triage.say_same(by=by, reports=desk.reports[:2], reason=reason, at=cast.clock()))
    found = [triage.finding(by, report) for report in desk.reports]
    desk.files += [file.id for one in found for file in one.report.attachments]
    desk.judgements += [judgement.id for one in found for judgement in one.judgements]
    desk.clusters += sorted({one.line.cluster for one in found})


def _case(cast: Cast, desk: Desk) -> None:
    """A case of the clearinghouse's alone, with words in every place that takes some."""
    by, at, told = cast.actor("clea"), cast.clock(), frozenset({"clearinghouse"})
    texts = {name: cast.book.plant(f"case {name}", "report", told=told) for name in ("title", "summary", "product")}
    case = coordination.open_case(by=by, subjects=[desk.reports[0], "flaw-1"], at=at, **texts)
    coordination.say(by=by, case=case, text=cast.book.plant("case message", "report", told=told), at=cast.clock())
    desk.cases.append(case)
    desk.case_parties += [one.id for one in coordination.case(by, case, cast.clock()).parties]


def _advisory(cast: Cast, desk: Desk) -> None:
    """An advisory being written, with words in every place that takes some: analysts' alone."""
    by, told = cast.actor("clea"), frozenset({"clearinghouse"})
    made = advisories.draft(by=by, case=desk.cases[0], at=cast.clock())
    view = advisories.advisory(by, made, cast.clock())
    texts = {name: cast.book.plant(f"advisory {name}", "report", told=told) for name in ("title", "summary")}
    product = {name: cast.book.plant(f"advisory product {name}", "report", told=told) for name in ("vendor", "name")}
    flaw = {name: cast.book.plant(f"advisory flaw {name}", "report", told=told) for name in ("title", "description")}
    content = {
        **texts,
        "products": [{"id": "one", "versions": "1.0", **product}],
        "flaws": [{"id": "one", "standings": [{"product": "one", "status": "fixed"}], **flaw}],
        "credits": [{"name": cast.book.plant("advisory credit", "report", told=told), "kind": "finder"}],
    }
    summary = cast.book.plant("advisory change", "report", told=told)
    advisories.edit(
        by=by, advisory=made, version=view.version, content=content, summary=summary, at=cast.clock()
    )  # fmt: skip
    desk.drafts.append(made)


def _exposed(cast: Cast, desk: Desk) -> None:
    """What is exposed at an operator's, what it says of that, and what it was asked: the operator's alone."""
    by, told = cast.actor("wim"), frozenset({"water-one"})
    words = ("title", "system", "component", "version", "why", "action")
    texts = {name: cast.book.plant(f"exposure {name}", "report", told=told) for name in words}
    fixed = {"match": "match-one", "organisation": "water-one", "advisory": "SEA-2026-0001", "urgency": "act"}
    opened = Opened(at=cast.clock(), **fixed, **texts)
    remediation.open_(opened=[opened], at=cast.clock())
    [exposure] = remediation.exposures(by)
    said = {name: cast.book.plant(f"answer {name}", "report", told=told) for name in ("note", "action")}
    remediation.answer(by=by, exposures=[exposure.id], said=Said(Status.AFFECTED, **said), at=cast.clock())
    desk.exposures.append(exposure.id)
    desk.advisories.append(exposure.advisory)
    text = cast.book.plant("what is asked", "report", told=told | {"clearinghouse"})
    asked = remediation.offer_undertaking(by=cast.actor("clea"), organisation="water-one", text=text, at=cast.clock())
    desk.undertakings.append(asked)


def _inventory(cast: Cast, desk: Desk) -> None:
    """What an operator runs, and an advisory for its eyes alone that speaks of it: its own people's."""
    told = frozenset({"water-one"})
    words = ("name", "system", "component", "version")
    texts = {name: cast.book.plant(f"inventory {name}", "colleagues", told=told) for name in words}
    line = f"name,vendor,product,version\n{texts['system']},Acme,{texts['component']},{texts['version']}\n"
    kept = exposure.add_inventory(
        by=cast.actor("wim"),
        organisation="water-one",
        name=texts["name"],
        files={"devices.csv": line.encode()},
        at=cast.clock(),
    )
    desk.inventories.append(kept.id)
    tree = {"category": "product_name", "name": texts["component"], "product": {"product_id": "p", "name": "p"}}
    advisory = {
        "document": {
            "csaf_version": "2.0",
            "title": cast.book.plant("advisory title", "colleagues", told=told),
            "tracking": {"id": "SEA-1", "version": "1"},
        },
        "product_tree": {"branches": [{"category": "vendor", "name": "Acme", "branches": [tree]}]},
        "vulnerabilities": [{"cve": "CVE-2026-1", "product_status": {"known_affected": ["p"]}}],
    }
    files = {"sea-1.json": json.dumps(advisory).encode()}
    exposure.learn(by=cast.actor("clea"), files=files, label=Label.among("water-one"), at=cast.clock())
    assert len(list(exposure.matches(cast.actor("wim")))) == 1


def _plan(cast: Cast, desk: Desk, developer: str, *, with_feed: bool) -> str:
    gov, at = cast.actor(LABS[developer][0]), cast.clock()

    def plant(what: str) -> str:
        return cast.book.plant(what, "desk followed" if with_feed else "desk", developer=developer)

    # The calendar's address shows milestones, not the model: of that nothing was promised to whoever has it.
    milestones = tuple(
        Milestone(key, plant("milestone title"), Track.LEGAL, plant("milestone owner"), 2, Unit.WORKING, Side.BEFORE,
                  "partner-release")
        for key in MILESTONES
    )  # fmt: skip
    partner, public = at + timedelta(days=52), at + timedelta(days=73)
    content = ReleasePlan(
        plant("plan title"), plant("plan model"), "UTC", partner, public, WindowRule(30, 5), frozenset(), milestones
    )
    plan = planning.make_plan(by=gov, developer=developer, plan=content, at=at)
    desk.plans.append(plan)
    if with_feed:
        secret = planning.issue_feed(by=gov, plan=plan, at=cast.clock())
        desk.links.append(f"/feeds/plans/{secret}.ics")
    return plan


def _memo(cast: Cast, desk: Desk, developer: str, plan: str) -> None:
    gov = cast.actor(LABS[developer][0])

    def weighing(conclusion: Option | None) -> Weighing:
        def plant(what: str) -> str:
            return cast.book.plant(what, "desk", developer=developer)

        entries = tuple(Entry(option, Heading.BENEFITS, 3, plant("memo entry")) for option in Option)
        return Weighing(plant("memo title"), entries, plant("memo scope"), conclusion, plant("memo reasons"))

    memo = planning.write_memo(by=gov, developer=developer, weighing=weighing(None), plan=plan, at=cast.clock())
    planning.rewrite_memo(by=gov, memo=memo, weighing=weighing(Option.PARTLY), plan=plan, at=cast.clock())
    desk.memos.append(memo)
