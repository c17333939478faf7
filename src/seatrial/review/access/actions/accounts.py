"""What is charged to which account."""

from __future__ import annotations

from seatrial.review.access.core.accounts import gives_nothing_more, terms_of
from seatrial.review.access.models import Account
from seatrial.review.cases.types import Consent, Standing


def account_of(standing: Standing, consent: Consent) -> Account:
    """The locked account of the standing consent: opened at its first use, or that of the consent it only narrowed."""
    terms = terms_of(consent)
    accounts = Account.objects.select_for_update().filter(review=standing.review, home=standing.home)
    latest = accounts.order_by("-number").first()
    if latest is not None and latest.consent == consent.id:
        return latest
    if latest is not None and gives_nothing_more(terms, latest.terms):
        latest.consent, latest.terms = consent.id, terms
        latest.save(update_fields=["consent", "terms"])
        return latest
    Account.objects.get_or_create(
        consent=consent.id,
        defaults={
            "review": standing.review,
            "home": standing.home,
            "number": latest.number + 1 if latest is not None else 1,
            "terms": terms,
            "developer": standing.developer,
            "body": standing.body,
            "label": str(standing.label),
        },
    )
    return Account.objects.select_for_update().get(consent=consent.id)
