"""Reviews: plan, offer, consent, partners, and every way to end. Each change is the caller's own decision."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from seatrial.kernel.money import written
from seatrial.review.cases.types import Budget, Consent, ConsentTerms, PartnerTerms, ReviewView, Tariff

from .calling import Caller, at

PAGE = 200


@dataclass(frozen=True, slots=True)
class Reviews:
    """Raises ``NotFound`` (``no-such-review``) for one you may not know of, and ``Refused`` with the rule's code."""

    _caller: Caller

    def list(self, *, after: str = "", limit: int = 100, find: str = "") -> tuple[ReviewView, ...]:
        """The reviews you may see, newest first, without their timelines; ``after`` is the last id of a page before."""
        return self._caller.get_all(ReviewView, "/reviews", after=after, limit=limit, find=find)

    def all(self, *, find: str = "") -> Iterator[ReviewView]:
        """Every review you may see, newest first, fetched as they are read."""
        after = ""
        while page := self.list(after=after, limit=PAGE, find=find):
            yield from page
            after = page[-1].id

    def show(self, review: str) -> ReviewView:
        """One review: its clock, its consent, what you may do now."""
        return self._caller.get(ReviewView, at("reviews", review))

    def plan(
        self,
        *,
        developer: str,
        body: str,
        title: str,
        model: str,
        partner_release: datetime,
        public_release: datetime,
    ) -> ReviewView:
        """Plan a release and draft a review. A draft is its developer's alone."""
        said = {
            "developer": developer,
            "body": body,
            "title": title,
            "model": model,
            "partner_release": partner_release,
            "public_release": public_release,
        }
        return self._caller.change(ReviewView, "POST", "/reviews", said)

    def offer(self, review: str) -> ReviewView:
        """Share the plan with the review body. This opens no access."""
        return self._happen(review, "offer")

    def move(self, review: str, *, partner_release: datetime, public_release: datetime) -> ReviewView:
        """Plan other dates. An earlier partner release shortens the window; a later one prolongs nothing."""
        said = {"partner_release": partner_release, "public_release": public_release}
        return self._caller.change(ReviewView, "PUT", at("reviews", review, "dates"), said)

    def sign_consent(self, review: str, terms: ConsentTerms) -> Consent:
        """Sign consent: these people, this purpose, this window, this budget, and nothing else."""
        return self._caller.change(Consent, "POST", at("reviews", review, "consents"), _said(terms))

    def narrow_consent(self, review: str, terms: ConsentTerms) -> Consent:
        """Take something away from the standing consent, at once; ``terms`` is what remains of it."""
        return self._caller.change(Consent, "POST", at("reviews", review, "consents", "narrowed"), _said(terms))

    def adopt_policy(self, review: str, version: str) -> ReviewView:
        """Put the review under another version of the body's policy."""
        return self._caller.change(ReviewView, "PUT", at("reviews", review, "policy"), {"version": version})

    def countersign_consent(self, review: str) -> ReviewView:
        """Sign the standing consent for the weights too: they take two people of each side."""
        return self._happen(review, "consents", "countersignatures")

    def propose_partner(self, review: str, organisation: str, criteria: str = "") -> ReviewView:
        """Propose a trusted partner, and say how it meets the policy's criteria. Proposing signs nothing."""
        return self._happen(review, "partners", organisation=organisation, criteria=criteria)

    def sign_partner_terms(self, review: str, organisation: str, terms: PartnerTerms) -> ReviewView:
        """Sign what a partner may do, inside your own consent. The review body signs the same terms."""
        said = {
            "people": terms.people,
            "purposes": terms.purposes,
            "levels": terms.levels,
            "requests": terms.budget.requests,
            "tokens": terms.budget.tokens,
            "concurrency": terms.budget.concurrency,
            "money": _money(terms.budget),
            "opens": terms.window.opens,
            "closes": terms.window.closes,
        }
        return self._caller.change(ReviewView, "PUT", at("reviews", review, "partners", organisation, "terms"), said)

    def end_partner(self, review: str, organisation: str) -> None:
        """End a partnership, at once."""
        self._caller.change_silently("POST", at("reviews", review, "partners", organisation, "end"))

    def withdraw(self, review: str) -> ReviewView:
        """End all access now. No reason is asked, nobody can undo it."""
        return self._happen(review, "withdraw")

    def release(self, review: str) -> ReviewView:
        """Record that the model was released: always possible; ends pre-release access in the same instant."""
        return self._happen(review, "release")

    def close(self, review: str) -> ReviewView:
        """Close the review."""
        return self._happen(review, "close")

    def _happen(self, review: str, *path: str, **said: str) -> ReviewView:
        return self._caller.change(ReviewView, "POST", at("reviews", review, *path), said)


def _said(terms: ConsentTerms) -> dict[str, Any]:
    """The consent as the API takes it: budget and window stand beside the rest."""
    return {
        "model": terms.model,
        "artefact": terms.artefact,
        "variant": terms.variant,
        "people": terms.people,
        "purposes": terms.purposes,
        "levels": terms.levels,
        "upstream": terms.upstream,
        "requests": terms.budget.requests,
        "tokens": terms.budget.tokens,
        "concurrency": terms.budget.concurrency,
        "opens": terms.window.opens,
        "closes": terms.window.closes,
        "label": terms.label,
        "variants": terms.variants,
        "money": _money(terms.budget),
        "tariff": None if terms.tariff is None else _tariff(terms.tariff),
        "endpoints": [str(endpoint) for endpoint in terms.endpoints],
        "keeping": terms.keeping,
    }


def _money(budget: Budget) -> str | None:
    return None if budget.money is None else written(budget.money)


def _tariff(tariff: Tariff) -> dict[str, Any]:
    """Prices as people write them: the API takes amounts as decimal text."""
    prices = [
        {"model": one.model, "prompt": written(one.prompt), "answer": written(one.answer), "call": written(one.call)}
        for one in tariff.prices
    ]
    return {"currency": tariff.currency, "prices": prices}
