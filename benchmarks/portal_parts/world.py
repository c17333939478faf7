"""A body with thousands of reviews, every one made through the doors, and one of them with a long history."""

from __future__ import annotations

import sys
import time
from datetime import datetime, timedelta
from typing import Any

DEVELOPERS, PEOPLE_EACH = 40, 10
EVENTS, POSTS, THREADS, EXCHANGES = 2_000, 500, 60, 500
PASSWORD = "a long enough password"
PURPOSE = "evaluation"
DAY = timedelta(days=1)


class World:
    """Organisations and people in the database; ``reviews`` counts those made so far."""

    def __init__(self) -> None:
        from django.core.management import call_command
        from django.db import transaction

        from seatrial.kernel.clock import now
        from seatrial.parties.types import OrganisationKind, Role

        call_command("migrate", verbosity=0)
        self.at, self.reviews = now() - 90 * DAY, 0
        with transaction.atomic():
            self._organisation("body", OrganisationKind.BODY)
            self.intake = self._person("intake", "body", Role.INTAKE)
            self.evaluator = self._person("evaluator", "body", Role.EVALUATOR)
            self.authority = self._person("authority", "body", Role.AUTHORITY, Role.SIGNATORY)
            self._policy()
            self._organisation("partner", OrganisationKind.PARTNER)
            self.partner = self._person("partner-person", "partner", Role.EVALUATOR)
            self.labs = []
            for number in range(DEVELOPERS):
                self._organisation(f"lab-{number}", OrganisationKind.DEVELOPER)
                roles = (Role.GOVERNANCE, Role.SECURITY, Role.SIGNATORY)
                self.labs.append(self._person(f"lab-{number}-person", f"lab-{number}", *roles))
            self._colleagues()
        self.stages = (
            self._drafted, self._offered, self._acknowledged, self._asked, self._answered, self._consented,
            self._narrowed, self._with_partner, self._handed_over, self._leaked, self._withdrawn, self._released,
            self._expired, self._closed,
        )  # fmt: skip

    def _organisation(self, key: str, kind: Any) -> None:
        from seatrial.parties import api as parties

        parties.create_organisation(by=parties.operator(), name=f"The {key}", kind=kind, at=self.at, id=key)

    def _person(self, key: str, home: str, *roles: Any) -> Any:
        from seatrial.kernel.labels import Level
        from seatrial.parties import api as parties

        by, mail = parties.operator(), f"{key}@{home}.example"
        parties.add_person(
            by=by, name=f"Person {key}", email=mail, password=PASSWORD, level=Level.CONTROLLED, at=self.at, id=key
        )
        for role in roles:
            parties.give_role(by=by, person=key, organisation=home, role=role, at=self.at)
        return parties.actor(key)

    def _colleagues(self) -> None:
        """People who never sign in: rows alone, for hashing a password each would take minutes and change nothing."""
        from seatrial.parties.models import Membership, Person
        from seatrial.parties.types import Role

        homes = [home for number in range(DEVELOPERS) for home in [f"lab-{number}"] * (PEOPLE_EACH - 1)]
        people = [
            Person(
                id=f"colleague-{number}", name=f"Colleague {number}", email=f"{number}@labs.example", created_at=self.at
            )
            for number in range(len(homes))
        ]
        Person.objects.bulk_create(people)
        Membership.objects.bulk_create(
            Membership(person=person, organisation_id=home, role=Role.COUNSEL, given_at=self.at)
            for person, home in zip(people, homes, strict=True)
        )

    def _policy(self) -> None:
        from seatrial.parties import api as parties

        parties.publish_policy(
            by=self.authority,
            body="body",
            version="1",
            max_window=30 * DAY,
            purposes=frozenset({PURPOSE}),
            terms="As consented.",
            at=self.at,
        )

    def fill(self, wanted: int) -> None:
        """Make reviews until there are ``wanted``, the stages and the developers in turn."""
        from django.db import transaction

        begun, before = time.monotonic(), self.reviews
        while self.reviews < wanted:
            with transaction.atomic():
                for _ in range(min(100, wanted - self.reviews)):
                    self.stages[self.reviews % len(self.stages)](self.labs[self.reviews // 3 % DEVELOPERS])
                    self.reviews += 1
        taken = time.monotonic() - begun
        print(f"{self.reviews} reviews ({self.reviews - before} made in {taken:.0f} s)", file=sys.stderr)

    def _drafted(self, lab: Any, at: datetime | None = None) -> str:
        from seatrial.kernel.clock import now
        from seatrial.review.cases import api as cases

        at = at or now()
        return cases.draft(
            by=lab,
            developer=next(iter(lab.organisations)),
            body="body",
            title=f"Voyage {self.reviews}",
            model=f"model-{self.reviews % 97}",
            partner_release=at + 25 * DAY,
            public_release=at + 40 * DAY,
            at=at,
        )

    def _offered(self, lab: Any, at: datetime | None = None) -> str:
        from seatrial.kernel.clock import now
        from seatrial.review.cases import api as cases

        review = self._drafted(lab, at)
        cases.offer(by=lab, review=review, at=at or now())
        return review

    def _acknowledged(self, lab: Any, at: datetime | None = None) -> str:
        from seatrial.kernel.clock import now
        from seatrial.review.cases import api as cases

        review = self._offered(lab, at)
        cases.acknowledge(by=self.intake, review=review, at=at or now())
        return review

    def _asked(self, lab: Any) -> str:
        from seatrial.kernel.clock import now
        from seatrial.review.threads import api as threads

        review = self._acknowledged(lab)
        self.thread = threads.ask(by=self.intake, review=review, subject="Prompt", text="Which prompt?", at=now())
        return review

    def _answered(self, lab: Any) -> str:
        from seatrial.kernel.clock import now
        from seatrial.review.threads import api as threads

        review = self._asked(lab)
        threads.answer(by=lab, thread=self.thread, text="The usual one.", at=now())
        return review

    def _terms(self, at: datetime, days: int) -> Any:
        from seatrial.kernel.clock import Window
        from seatrial.kernel.digests import digest
        from seatrial.kernel.labels import OPEN
        from seatrial.review.cases.types import AccessLevel, Budget, ConsentTerms

        return ConsentTerms(
            model="north",
            artefact=digest(b"weights"),
            variant="as served",
            people=frozenset({"evaluator"}),
            purposes=frozenset({PURPOSE}),
            levels=frozenset({AccessLevel.API}),
            upstream="http://127.0.0.1:9/v1",
            budget=Budget(requests=10_000, tokens=10**8, concurrency=4),
            window=Window(at, at + days * DAY),
            label=OPEN,
        )

    def _consented(self, lab: Any, at: datetime | None = None) -> str:
        from seatrial.kernel.clock import now
        from seatrial.review.cases import api as cases

        review = self._acknowledged(lab, at)
        signed = at or now()
        cases.sign_consent(by=lab, review=review, terms=self._terms(signed, 20), at=signed)
        return review

    def _narrowed(self, lab: Any) -> str:
        from dataclasses import replace

        from seatrial.kernel.clock import Window, now
        from seatrial.review.cases import api as cases

        review = self._consented(lab)
        standing = cases.brief(lab, review, now()).consent
        less = Window(standing.window.opens, standing.window.closes - DAY)
        terms = replace(self._terms(now(), 1), window=less)
        cases.narrow_consent(by=lab, review=review, terms=terms, at=now())
        return review

    def _with_partner(self, lab: Any) -> str:
        from seatrial.kernel.clock import Window, now
        from seatrial.review.cases import api as cases
        from seatrial.review.cases.types import AccessLevel, Budget, PartnerTerms

        review, at = self._consented(lab), now()
        terms = PartnerTerms(
            people=frozenset({"partner-person"}),
            purposes=frozenset({PURPOSE}),
            levels=frozenset({AccessLevel.API}),
            budget=Budget(requests=10, tokens=1000, concurrency=1),
            window=Window(at, at + 5 * DAY),
        )
        cases.propose_partner(by=lab, review=review, organisation="partner", criteria="Knows the field.", at=at)
        cases.sign_partner_terms(by=lab, review=review, organisation="partner", terms=terms, at=now())
        cases.countersign_partner(by=self.authority, review=review, organisation="partner", at=now())
        return review

    def _handed_over(self, lab: Any) -> str:
        from seatrial.kernel.clock import now
        from seatrial.review.cases import api as cases
        from seatrial.review.cases.types import ItemKind

        review = self._consented(lab)
        cases.hand_over(by=lab, review=review, kind=ItemKind.DOCUMENTS, text="A report", holder="body", at=now())
        return review

    def _leaked(self, lab: Any) -> str:
        from seatrial.kernel.clock import now
        from seatrial.review.cases import api as cases

        review = self._consented(lab)
        cases.report_leak(by=lab, review=review, found="Seen on a forum.", at=now())
        return review

    def _withdrawn(self, lab: Any) -> str:
        from seatrial.kernel.clock import now
        from seatrial.review.cases import api as cases

        review = self._handed_over(lab)
        cases.withdraw(by=lab, review=review, at=now())
        return review

    def _released(self, lab: Any) -> str:
        from seatrial.kernel.clock import now
        from seatrial.review.cases import api as cases

        review = self._consented(lab)
        cases.record_release(by=lab, review=review, at=now())
        return review

    def _expired(self, lab: Any) -> str:
        return self._consented(lab, self.at + 30 * DAY)

    def _closed(self, lab: Any) -> str:
        from seatrial.kernel.clock import now
        from seatrial.review.cases import api as cases

        review = self._acknowledged(lab)
        cases.close(by=lab, review=review, at=now())
        return review

    def large(self) -> str:
        """A consented review with a long history; its posts, events and uses as rows and entries."""
        from django.db import transaction

        from seatrial.kernel.clock import now
        from seatrial.ledger import api as ledger
        from seatrial.review.access import api as access
        from seatrial.review.access.models import AccessKey
        from seatrial.review.cases import api as cases
        from seatrial.review.threads import api as threads

        lab = self.labs[0]
        with transaction.atomic():
            review = self._handed_over(lab)
            access.set_upstream_credential(by=lab, review=review, credential="sk-0123456789abcdef", at=now())
            access.issue_key(by=self.evaluator, review=review, purpose=PURPOSE, at=now())
            label = cases.brief(lab, review, now()).label
            text, long = "Some **words** with a list:\n\n- one\n- two\n", ""
            for number in range(POSTS):
                if number < THREADS:
                    made = threads.open_thread(by=lab, review=review, subject=f"Thread {number}", text=text, at=now())
                    long = long or made
                else:
                    threads.post(by=self.intake, thread=long, text=text, at=now())
            for number in range(EVENTS - POSTS):
                facts = {"review": review, "number": number}
                ledger.append(kind="case.moved", actor=lab.person, facts=facts, label=label, at=now())
            _uses(AccessKey.objects.get(review=review), str(label))
        return review


_BATCH = 2  # exchanges in a batch: as many entries as a slow day leaves


def _batch_of(review: str, label: str) -> Any:
    from seatrial.kernel.clock import now
    from seatrial.kernel.labels import Label
    from seatrial.ledger import api as ledger
    from seatrial.review.access.models import Batch

    facts = {"review": review, "gateway": "benchmark", "count": _BATCH, "root": "00" * 32}
    entry = ledger.append(kind="access.exchanges", actor="gateway", facts=facts, label=Label.parse(label), at=now())
    return Batch.objects.create(review=review, gateway="benchmark", log=entry.log, index=entry.index, size=_BATCH)


def _uses(key: Any, label: str) -> None:
    """Settled uses with the entries that they leave: as rows, for the gateway commits each on its own."""
    from seatrial.kernel.clock import now
    from seatrial.kernel.digests import digest
    from seatrial.review.access.models import Account, Exchange
    from seatrial.review.cases.models import ConsentRow

    consent = ConsentRow.objects.get(review_id=key.review)
    same = {"review": key.review, "developer": key.developer, "body": key.body, "label": label}
    account = Account.objects.create(
        home=key.home, consent=consent.id, number=1, terms={}, requests=EXCHANGES, tokens=20 * EXCHANGES, **same
    )
    rows, batch = [], None
    for number in range(EXCHANGES):
        batch = batch if number % _BATCH else _batch_of(key.review, label)
        rows.append(
            Exchange(
                id=f"exchange-{number:016}",
                key=key,
                account=account,
                person=key.person,
                consent=consent.id,
                build=digest(b"weights"),
                purpose=PURPOSE,
                gateway="benchmark",
                at=now(),
                ends_at=now(),
                method="POST",
                path="/v1/chat/completions",
                model="north",
                logits=False,
                request_digest=digest(str(number).encode()),
                request_bytes=100,
                reserved=100,
                ended="finished",
                settled_at=now(),
                status=200,
                response_digest=digest(b"answer"),
                response_bytes=200,
                prompt_tokens=10,
                completion_tokens=10,
                first_byte_seconds=0.1,
                seconds=0.2,
                batch=batch,
                place=number % _BATCH,
                **same,
            )
        )
    Exchange.objects.bulk_create(rows)
