"""Fills an instance with the demo's people and one review that has evidence and a shared determination.

Run as a program with ``SEATRIAL_HOME`` set; prints the ids as JSON. The campaign's attempts are scripted:
what a browser test looks at is the pages, not a model.
"""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import replace
from datetime import timedelta
from typing import Any
from zlib import crc32


def told_of(people: dict[str, Any]) -> None:
    """A webhook that works and one that is lost for each side, and everybody's mails as files."""
    from seatrial.demo import cast
    from seatrial.kernel.clock import now
    from seatrial.notices import api as notices
    from seatrial.notices.types import Outcome, Posting

    class Answers:
        def __init__(self, outcome: Outcome) -> None:
            self._outcome = outcome

        def post(self, _posting: Posting) -> Outcome:
            return self._outcome

    receivers = {"intake": Answers(Outcome(204)), "duty": Answers(Outcome(503, "The receiver answered 503."))}
    for steward, home in ((people["ruth"], cast.LAB), (people["ines"], cast.BODY)):
        for name, poster in receivers.items():
            url = f"https://hooks.{home}.example/{name}"
            made = notices.add_webhook(by=steward, organisation=home, url=url, at=now())
            notices.send_test(by=steward, webhook=made.webhook, at=now())
            while notices.post_next(made.webhook, now, poster=poster):
                pass
    while notices.watch(at=now()) or notices.send_mail(now):
        pass


def handled(people: Any, review: str) -> str:
    """A partner with terms that both signed, things handed over, a planted string; and another review with a leak.

    Returns the leaked review's id.
    """
    from seatrial.demo import cast
    from seatrial.kernel.clock import Window, now
    from seatrial.review.cases import api as cases
    from seatrial.review.cases.types import AccessLevel, Budget, ItemKind, PartnerTerms
    from simulators.staged_reviews import CAPABILITY, terms

    lena, ruth, marco, dana = (people[key] for key in ("lena", "ruth", "marco", "dana"))
    partner, at = "harbour-trust", now()
    cases.propose_partner(
        by=people["ines"], review=review, organisation=partner, criteria="It runs the ports' own defence.", at=at
    )
    signed = PartnerTerms(
        people=frozenset({people["hana"].person}),
        purposes=frozenset({CAPABILITY}),
        levels=frozenset({AccessLevel.API}),
        budget=Budget(requests=200, tokens=50_000, concurrency=1),
        window=Window(at, at + timedelta(days=7)),
    )
    cases.sign_partner_terms(by=ruth, review=review, organisation=partner, terms=signed, at=now())
    cases.countersign_partner(by=dana, review=review, organisation=partner, at=now())
    for holder, text in ((cast.BODY, "Transcripts of the first campaign"), (partner, "The sample prompts")):
        cases.hand_over(by=marco, review=review, kind=ItemKind.OUTPUTS, text=text, holder=holder, at=now())
    kept = cases.list_kept(by=people["emil"], review=review, kind=ItemKind.OUTPUTS, text="Scores by item", at=now())
    cases.attest_destruction(by=dana, review=review, item=kept, text="Wiped and the disk shredded.", at=now())
    cases.plant_canary(by=marco, review=review, place="Line 40 of the sample prompts", at=now())
    leaked = cases.draft(
        by=lena, developer=cast.LAB, body=cast.BODY, title="Northwind 6B, after a leak", model="north-6b", at=at,
        partner_release=at + timedelta(days=21), public_release=at + timedelta(days=45),
    )  # fmt: skip
    cases.offer(by=lena, review=leaked, at=now())
    people_named = frozenset({people["emil"].person})
    cases.sign_consent(by=ruth, review=leaked, terms=terms(people_named, model="north-6b"), at=now())
    cases.hand_over(
        by=marco, review=leaked, kind=ItemKind.DOCUMENTS, text="Evaluation handbook", holder=cast.BODY, at=now()
    )
    string = cases.plant_canary(by=marco, review=leaked, place="Page 3 of the evaluation handbook", at=now())
    cases.report_leak(by=people["emil"], review=leaked, found=f"On a forum, quoted whole: {string}", at=now())
    return leaked


def asked_for(people: dict[str, Any], review: str, determination: str) -> dict[str, str]:
    """A determination request answered and to be looked at again, one that waits, one that is a draft."""
    from seatrial.demo import cast
    from seatrial.kernel.clock import now
    from seatrial.review.determinations import api as determinations
    from seatrial.review.determinations.types import (
        Consulted,
        Evidence,
        EvidenceKind,
        Part,
        Question,
        Stance,
        Withhold,
    )

    lena, ines, dana = (people[key] for key in ("lena", "ines", "dana"))

    def draft(model: str, description: str, review: str | None = None) -> str:
        question = Question(model, description, review=review)
        return determinations.draft_request(by=lena, developer=cast.LAB, body=cast.BODY, question=question, at=now())

    asked = draft("north-7b", "The build under review.\n\nPost-training is done; we plan the release.", review)
    waiting = draft("north-9b", "Half trained: a checkpoint every week. We would like to know early.")
    for one in (asked, waiting):
        determinations.ask_request(by=lena, request=one, at=now())
    determinations.acknowledge_request(by=ines, request=asked, at=now())
    determinations.post_on_request(by=ines, request=asked, text="Is this the build of 1 July?", at=now())
    determinations.post_on_request(by=lena, request=asked, text="Yes, the same weights.", at=now())
    determinations.answer_request(by=dana, request=asked, determination=determination, at=now())
    again = {"reasons": "The suite has no tasks with tools.", "evidence": "Our own figures, section 4 of the dossier."}
    determinations.ask_reconsideration(by=lena, request=asked, at=now(), **again)
    for stance, words in ((Stance.AGREES, "Nothing was measured, so nothing can be said."), (Stance.NO_VIEW, "")):
        said = Consulted("Harbour Institute", "Dr. Rosa Quay", "methods, independent", stance, words, now().date())
        determinations.record_consultation(by=dana, request=waiting, consulted=said, at=now())
    report = Evidence(EvidenceKind.DOCUMENT, f"sha256:{'5' * 64}", "The training log of the second month")
    memo = determinations.draft_for_request(
        by=dana,
        request=waiting,
        reasons="Half a model says little about the whole; nothing was run.",
        at=now(),
        reconsiders=determination,
        evidence=(report,),
        withhold=Withhold(frozenset({Part.CONSULTATIONS}), "Dr. Quay spoke in confidence."),
    )
    unasked = draft("north-11b", "Planned for next year.")
    return {"asked": asked, "waiting": waiting, "unasked": unasked, "on_documents": memo}


def judged(start: Any) -> str:
    """Reports, what a machine is to have found of them, and a person's word; the first of a cluster of three."""
    from seatrial.clearinghouse.proofs.types import Verdict
    from simulators.judged_reports import judge, reporting

    report = reporting(start)
    reports = [
        report(title=title)
        for title in ("Long runs write past the end of the row", "Row overflow", "Crash on long rows")
    ]
    for one in reports:
        judge(one, start, key="row")
    for verdict in (Verdict.FLAKY, Verdict.NOT_REPRODUCED, Verdict.NEEDS_A_PERSON):
        judge(report(title=f"A claim that is {verdict.replace('-', ' ')}"), start, verdict)
    return reports[0]


def coordinated(people: Any, report: str) -> dict[str, str]:
    """Cases: one told to a maintainer and to an outside contact who is silent, with another date proposed and words
    said; one that the maintainer is invited to; one that waits for its capacity."""
    from seatrial.clearinghouse.coordination import api as coordination
    from seatrial.clearinghouse.coordination.types import Capacity, Delivery, PartyRole
    from seatrial.demo import cast
    from seatrial.kernel.clock import now

    mina, vera, at = people["mina"], people["vera"], now() - timedelta(days=20)

    def opened(subject: str, title: str, product: str, priority: int) -> str:
        summary = "A long row writes past the end of its buffer.\n\nThe proof is attached to the report."
        texts = {"title": title, "summary": summary, "product": product}
        return coordination.open_case(by=mina, subjects=[subject], priority=priority, at=at, **texts)

    def invited(case: str, **whom: str) -> str:
        return coordination.invite(by=mina, case=case, role=PartyRole.VENDOR, at=at, **whom)

    case = opened(report, "Long rows write past the end of a buffer in curd", "curd", 10)
    party = invited(case, organisation=cast.VENDOR)
    coordination.join(by=vera, party=party, accept_embargo=True, at=at)
    addresses = ["security@whey.example", "https://whey.example/report"]
    contact = coordination.add_contact(by=mina, name="Whey (a fork of curd)", addresses=addresses, at=at)
    coordination.join(by=mina, party=invited(case, contact=contact), accept_embargo=True, at=at)
    coordination.say(by=mina, case=case, text="The fork is told too.\nWhich versions have the row decoder?", at=at)
    for event in ("validate", "accept"):
        coordination.move_report(by=vera, party=party, event=event, at=at + timedelta(days=2))
    coordination.say(by=vera, case=case, text="All since 2.4 — 本番も含む.", to=[party], at=at + timedelta(days=3))
    until, why = now() + timedelta(days=40), "Our release is in five weeks."
    coordination.propose(by=vera, party=party, until=until, why=why, at=now())
    other = invited(opened("flaw-names", "Names are not escaped", "curd-web", 20), organisation=cast.VENDOR)
    capacity = Capacity(2, 2, frozenset({5, 6}), (), Delivery.SINGLE)
    coordination.state_capacity(by=vera, organisation=cast.VENDOR, capacity=capacity, at=now())
    invited(opened("flaw-slow", "A slow pattern", "curd-cli", 30), organisation=cast.VENDOR)
    return (
        {
            "case": case,
            "lone": opened("flaw-lone", "A typing error", "curd-docs", 90),
            "vendor": party,
            "invited": other,
            "house": _house(mina, case),
        }
        | lab_reports(people)
        | written(people, case)
        | exposed(people)
        | kept(people)
    )


def written(people: Any, case: str) -> dict[str, str]:
    """Two advisories being written: one as drafted, one of two flaws in three products that waits for its last word."""
    from seatrial.clearinghouse.advisories import api as advisories
    from seatrial.kernel.clock import now
    from simulators.issues import CONTENT

    mina = people["mina"]
    first, second = (advisories.draft(by=mina, case=case, at=now()) for _ in range(2))
    content = advisories.content_document(CONTENT)
    advisories.edit(by=mina, advisory=second, version=1, content=content, at=now())
    return {"draft": first, "written": second}


def exposed(people: Any) -> dict[str, str]:
    """Systems of the waterworks that an advisory speaks of; one is answered, and something is asked of the operator."""
    from seatrial.clearinghouse.remediation import api as remediation
    from seatrial.clearinghouse.remediation.types import Opened, PaceView, Said, Status
    from seatrial.demo import cast
    from seatrial.kernel.clock import now

    nils, home, at = people["nils"], cast.OPERATOR, now() - timedelta(days=12)
    found = [
        Opened(
            match=f"seed-{number}",
            organisation=home,
            advisory="SEA-2026-0001",
            title="A long header writes past the end of its buffer",
            urgency=urgency,
            system=f"Pumping station {number}: controller 本番",
            component="pkg:generic/curd",
            version="2.5.1",
            why="SEA-2026-0001 says affected of pkg:generic/curd: 2.5.1 lies in >= 2.4, < 2.6.",
            action="Update to 2.6, or close the port that takes rows.",
            at=at,
        )
        for number, urgency in enumerate(("act", "attend", "track", "act"))
    ]
    remediation.open_(opened=found, at=at)
    pace = PaceView(home, act=14, attend=30, remind=3, sector="water and wastewater systems")
    remediation.state_pace(by=nils, pace=pace, at=at)
    mine = remediation.exposures(nils)
    said = Said(Status.FIXED, note="2.6 is on since the night shift.")
    remediation.answer(by=nils, exposures=[mine[0].id], said=said, at=now() - timedelta(days=5))
    asked = "Answer what is to be acted on within two weeks."
    remediation.offer_undertaking(by=people["mina"], organisation=home, text=asked, at=now())
    return {"exposure": mine[1].id}


def kept(people: Any) -> dict[str, str]:
    """Systems of the waterworks that an advisory speaks of, and a line of their list that nothing can be made of."""
    from seatrial.clearinghouse.exposure import api as exposure
    from seatrial.demo import cast
    from seatrial.kernel.clock import now
    from seatrial.kernel.labels import OPEN
    from simulators.inventories import osv

    lines = [f"Pumping station {number}: controller 本番,pkg:pypi/curd@2.{number},," for number in range(3, 7)]
    lines += ["Gate 1,,Acme,RTU 9", "Gate 2,,,"]
    listed = "\n".join(["name,purl,vendor,product", *lines]).encode()
    made = exposure.add_inventory(
        by=people["nils"], organisation=cast.OPERATOR, name="Brackwater", files={"devices.csv": listed}, at=now()
    )
    record = osv("SEA-2026-0001", "curd", {"introduced": "2.4"}, {"fixed": "2.6"}, aliases=["CVE-2026-20001"])
    files = {"sea-2026-0001.json": json.dumps(record | {"summary": "A long header writes past its buffer"}).encode()}
    exposure.learn(by=people["mina"], files=files, label=OPEN, at=now())
    return {"inventory": made.id}


def _house(asking: Any, case: str) -> str:
    from seatrial.clearinghouse.coordination import api as coordination
    from seatrial.demo import cast
    from seatrial.kernel.clock import now

    parties = coordination.case(asking, case, now()).parties
    return next(one.id for one in parties if one.organisation == cast.CLEARINGHOUSE)


def lab_reports(people: Any) -> dict[str, str]:
    """A lab's reports, one of them with a case that waits for capacity, and an overlap of its scans."""
    from seatrial.clearinghouse.coordination import api as coordination
    from seatrial.clearinghouse.coordination.types import PartyRole
    from seatrial.clearinghouse.findings import api as findings
    from seatrial.clearinghouse.findings.types import NewReport
    from seatrial.demo import cast
    from seatrial.kernel.clock import Window, now
    from simulators.judged_reports import judge

    mina, marco, hana, at = people["mina"], people["marco"], people["hana"], now()

    def report(title: str, product: str) -> str:
        words = "An input of a few bytes writes past the end of its buffer."
        new = NewReport(title, words, product)
        return findings.submit(report=new, by=marco, at=at, source="api").report

    taken, free = report("Commas in a header overflow", "curd"), report("Numbers wrap around", "curd-math")
    texts = {"title": "Commas in a header overflow", "summary": "See the report.", "product": "curd"}
    case = coordination.open_case(by=mina, subjects=[taken], at=at, **texts)
    coordination.invite(by=mina, case=case, role=PartyRole.VENDOR, organisation=cast.VENDOR, at=at)
    scanned = {cast.LAB: ["pkg:pypi/requests", "pkg:npm/left-pad"], cast.PARTNER: ["pkg:pypi/requests"]}
    for by, (home, purls) in zip((marco, hana), scanned.items(), strict=True):
        who, window = f"{home}-scan/1, 192.0.2.0/24, scans@{home}.example", Window(at, at + timedelta(days=14))
        coordination.register_scans(by=by, organisation=home, purls=purls, window=window, who=who, at=at)
    judge(free, at, key="numbers")
    return {"free": free}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "seatrial.config.django")
    import django

    django.setup()

    from django.conf import settings

    from seatrial.cli import database
    from seatrial.demo import cast
    from seatrial.demo.dossier import written
    from seatrial.kernel.canonical import canonical
    from seatrial.kernel.clock import now
    from seatrial.kernel.digests import digest
    from seatrial.parties import api as parties
    from seatrial.parties.types import Role
    from seatrial.review.benchmarks import api as benchmarks
    from seatrial.review.benchmarks.types import Threshold
    from seatrial.review.cases import api as cases
    from seatrial.review.cases.types import Budget
    from seatrial.review.determinations import api as determinations
    from seatrial.review.determinations.types import Finding
    from seatrial.review.dossiers import api as dossiers
    from seatrial.review.dossiers.types import Governance, Paragraph
    from seatrial.review.identity import api as identity
    from seatrial.review.identity.types import EndpointVersion
    from seatrial.review.threads import api as threads
    from seatrial.review.threads.types import Incoming
    from simulators.noisy_endpoint import NoisyEndpoint, fingerprint_of
    from simulators.scripted_runner import ScriptedRunner
    from simulators.staged_reviews import terms

    database.upgrade()
    people = cast.assemble(settings.SEATRIAL.home, now())
    lena, ruth, emil, dana, otto = (people[key] for key in ("lena", "ruth", "emil", "dana", "otto"))
    assert lena.has(Role.GOVERNANCE, cast.LAB)
    at = now()
    invited = parties.invite(
        by=people["petra"],
        organisation=cast.LAB,
        email="noor@northwind-lab.example",
        name="Noor Al-Sabah نور الصباح",
        roles=[Role.COUNSEL],
        at=at,
    )
    until = at + timedelta(days=10)
    parties.delegate(by=lena, organisation=cast.LAB, role=Role.GOVERNANCE, to="marco", until=until, at=at)
    review = cases.draft(
        by=lena,
        developer=cast.LAB,
        body=cast.BODY,
        title="Northwind 7B before partner release",
        model="north-7b",
        partner_release=at + timedelta(days=21),
        public_release=at + timedelta(days=45),
        at=at,
    )
    document = written("north-7b", digest(b"the weights"))
    first = replace(document, open_issues=(), governance=Governance(security=(Paragraph("On two machines."),)))
    dossiers.compose(by=lena, review=review, document=first, at=now())
    dossiers.compose(by=lena, review=review, document=document, at=now())
    cases.offer(by=lena, review=review, at=now())
    dossiers.share(by=ruth, review=review, at=now())
    cases.acknowledge(by=people["ines"], review=review, at=now())
    ines = people["ines"]
    asked = threads.ask(
        by=ines, review=review, subject="System prompt", text="Which system prompt will partners see?", at=now()
    )
    threads.answer(by=lena, thread=asked, text="None; partners get the bare chat template.", at=now())
    waiting = threads.ask(
        by=ines,
        review=review,
        subject="Fine-tuning data after the cut-off",
        text="Is there any? A rough date per source is enough:\n\n- web text\n- code\n- books",
        would_help_by=now() + timedelta(days=3),
        files=[Incoming("источники 出典.csv", iter([b"source,share\nweb,0.8\n"]))],
        at=now(),
    )
    note = threads.open_thread(
        by=lena, review=review, subject="Who answers what", text="Ruth takes **data**.", internal=True, at=now()
    )
    threads.thread(ines, asked, now())
    threads.post(by=lena, thread=asked, text="Sam: is this still true of the new build?", internal=True, at=now())
    cases.sign_consent(
        by=ruth,
        review=review,
        terms=terms(frozenset({emil.person}), days=14, budget=Budget(requests=1_000, tokens=500_000, concurrency=2)),
        at=now(),
    )
    identity.declare(
        by=lena,
        review=review,
        at=now(),
        endpoint=EndpointVersion(
            "2026-07-01", "b7f3", digest(b"You are a sailor."), {"temperature": "0.7", "top_p": "1"}
        ),
    )
    identity.share_declaration(by=lena, review=review, number=1, at=now())

    def fingerprint(endpoint: NoisyEndpoint) -> str:
        made = identity.take_fingerprint(
            by=emil,
            review=review,
            purpose="capability-evaluation",
            repetitions=4,
            base_url="http://127.0.0.1:9/v1",
            key="unused",
            endpoint=endpoint,
        )
        return made.id

    opening = fingerprint(NoisyEndpoint(1, heat=0.3, seed=1))
    fingerprint(NoisyEndpoint(1, heat=0.3, seed=2))
    changed = fingerprint(NoisyEndpoint(1, heat=0.3, changed=["count", "rhyme", "tide", "who"], seed=3))
    own = fingerprint_of(NoisyEndpoint(1, heat=0.3, seed=4), 6)
    kept = identity.record_fingerprint(by=lena, review=review, file=canonical(identity.to_json(own)), at=now())
    identity.state_identity(by=ruth, review=review, fingerprint=kept.id, at=now())
    suite = benchmarks.practice_suite(seed="pages", per_family=5)
    benchmarks.register_suite(by=emil, suite=suite, at=now())

    def plan(name: str) -> str:
        return benchmarks.plan_campaign(
            by=emil,
            review=review,
            suite=suite.digest,
            epochs=4,
            threshold=Threshold(suite.digest, "suite-mean", 0.45, 0.55, 0.05),
            name=name,
            seed=secrets.token_hex(16),
            at=now(),
            exclude_missing_tools=True,
        )

    campaign = plan("Single turn, no tools")
    benchmarks.run_campaign(
        by=emil,
        campaign=campaign,
        base_url="http://127.0.0.1:9/v1",
        key="unused",
        concurrency=2,
        runner=ScriptedRunner(lambda cell, number: 1.0 if crc32(cell.id.encode()) % 5 == 0 else 0.0),
    )
    plan("With tools, not begun")
    determination = determinations.draft(
        by=dana,
        review=review,
        campaign=campaign,
        finding=Finding.NOT_COVERED,
        reasons="The suite mean is below the zone at the promised error, over every family that could be run.",
        at=now(),
    )
    determinations.sign(by=dana, determination=determination, at=now())
    determinations.sign(by=otto, determination=determination, at=now())
    determinations.share(by=dana, determination=determination, at=now())
    leaked = handled(people, review)
    requests = asked_for(people, review, determination)
    told_of(people)
    made = {**requests, "leaked": leaked, "review": review, "campaign": campaign, "determination": determination}
    made |= {"thread": asked, "note": note, "open": waiting, "join": invited.secret}
    made |= desk(lena, cast.LAB, review)
    finding = judged(now() - timedelta(days=2))
    made |= coordinated(people, finding)
    print(
        json.dumps(
            {
                **made,
                "opening": opening,
                "changed": changed,
                "finding": finding,
                "cluster": finding.replace("report-", "cluster-"),
            }
        )
    )


def desk(lena: Any, lab: str, review: str) -> dict[str, str]:
    """The lab's own desk: a plan that is under way and a little late, and a memo in its second version."""
    from seatrial.kernel.clock import now
    from seatrial.review.planning import api as planning
    from seatrial.review.planning.types import Entry, Heading, Option, Progress, ReleasePlan, Weighing, WindowRule

    at = now()
    content = ReleasePlan(
        title="Northwind 7B: release",
        model="north-7b",
        zone="America/New_York",
        partner_release=at + timedelta(days=52),
        public_release=at + timedelta(days=73),
        window=WindowRule(30, 5),
        holidays=frozenset(),
        milestones=(),
    )
    plan = planning.make_plan(by=lena, developer=lab, plan=planning.starting(content), at=at)
    for key, progress in (("decide-engagement", Progress.DONE), ("legal-terms", Progress.BEGUN)):
        planning.mark_milestone(by=lena, plan=plan, milestone=key, progress=progress, at=at)
    planning.link_review(by=lena, plan=plan, review=review, at=at)
    planning.issue_feed(by=lena, plan=plan, at=at)
    entries = (
        Entry(Option.ENGAGE, Heading.BENEFITS, 4, "Outside eyes on cyber uplift before partners have the model."),
        Entry(Option.ENGAGE, Heading.EXPOSURE, 3, "Prompts and refusals show how our safeguards work."),
        Entry(Option.PARTLY, Heading.BENEFITS, 3, "The API level answers most of the same questions."),
        Entry(Option.NOT, Heading.ALTERNATIVES, 2, "A second red team of our own, for about the same money."),
    )
    first = Weighing("Northwind 7B: do we take part?", entries[:3], "API level, safeguarded variant, two weeks.")
    memo = planning.write_memo(by=lena, developer=lab, weighing=first, plan=plan, at=at)
    reasons = "The API level serves both sides.\n\nWe look again before the next model."
    final = Weighing(first.title, entries, first.scope, Option.PARTLY, reasons)
    planning.rewrite_memo(by=lena, memo=memo, weighing=final, plan=plan, at=now())
    return {"plan": plan, "memo": memo}


if __name__ == "__main__":
    main()
