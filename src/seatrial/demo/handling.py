"""A trusted partner comes aboard and leaves; something is handed over, and its destruction attested."""

from __future__ import annotations

from seatrial.kernel.clock import now
from seatrial.review.access import api as access
from seatrial.review.cases import api as cases
from seatrial.review.cases.types import AccessLevel, Budget, ItemKind, PartnerTerms

from . import calls, cast
from .voyage import Review, Voyage


def partner(voyage: Voyage, review: Review) -> None:
    """Proposed by the body, with terms that both sign; one call goes through, then the lab ends it."""
    people, organisation = voyage.people, cast.PARTNER
    window = cases.standing(review.id, now()).window
    if window is None:
        return
    cases.propose_partner(
        by=people["ines"],
        review=review.id,
        organisation=organisation,
        criteria="It defends ports that the model could be turned against.",
        at=now(),
    )
    terms = PartnerTerms(
        people=frozenset({people["hana"].person}),
        purposes=frozenset({cast.CAPABILITY}),
        levels=frozenset({AccessLevel.API}),
        budget=Budget(requests=20, tokens=20_000, concurrency=1),
        window=window,
    )
    cases.sign_partner_terms(by=people["ruth"], review=review.id, organisation=organisation, terms=terms, at=now())
    cases.countersign_partner(by=people["dana"], review=review.id, organisation=organisation, at=now())
    key = access.issue_key(by=people["hana"], review=review.id, purpose=cast.CAPABILITY, at=now()).secret
    answer = calls.ask(voyage.gateway, key, review.model, "Say one word about harbours.", tokens=8)
    cases.end_partner(by=people["marco"], review=review.id, organisation=organisation, at=now())
    status, _ = calls.refusal(voyage.gateway, key, review.model)
    voyage.facts["partner"] = {"answered": bool(answer), "status_after_end": status}
    voyage.stages.say(
        f"a trusted partner, signed by both, made one call; the lab ended it, and the same key gets {status}"
    )


def hand_over(voyage: Voyage, review: Review) -> None:
    """A document leaves the lab, with a string planted in it that would show where a leak came from."""
    marco, text = voyage.people["marco"], "Evaluation handbook of the model, with one planted string"
    cases.plant_canary(by=marco, review=review.id, place="Page 3 of the evaluation handbook", at=now())
    cases.hand_over(by=marco, review=review.id, kind=ItemKind.DOCUMENTS, text=text, holder=cast.BODY, at=now())
    cases.list_kept(
        by=voyage.people["emil"], review=review.id, kind=ItemKind.OUTPUTS, text="Answers of the first call", at=now()
    )


def destroy(voyage: Voyage, review: Review) -> None:
    """Access is over, so the duties fall due; the body attests each, and the lab sees it."""
    dana = voyage.people["dana"]
    owed = cases.duties(dana, now())
    for item in owed:
        if item.review == review.id:
            cases.attest_destruction(
                by=dana, review=review.id, item=item.id, text="Deleted, and the copies' disk wiped.", at=now()
            )
    seen = cases.items(voyage.people["lena"], review.id, now())
    voyage.facts["handed_over"] = len(seen)
    voyage.facts["destroyed"] = sum(item.attested_at is not None for item in seen)
    voyage.stages.say(f"{voyage.facts['destroyed']} of {len(seen)} things handed over are attested as destroyed")
