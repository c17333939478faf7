"""The further terms of a consent, each of which may be left out: prices, other endpoints, what is kept."""

from __future__ import annotations

from typing import Any

from django import forms

from seatrial.kernel.digests import Digest
from seatrial.kernel.errors import Misuse
from seatrial.kernel.money import millionths, written
from seatrial.parties import api as parties
from seatrial.parties.types import Actor
from seatrial.portal.forms import PortalForm, long_text
from seatrial.review.cases.types import Consent, Endpoint, Keeping, Price, ReviewView, Tariff

FURTHER = (
    ("What it costs, if it is to be told or bounded", ("currency", "prices", "money")),
    ("What else may be called, if anything", ("endpoints",)),
    ("What is kept of calls, if anything", ("recipients", "days")),
)


class FurtherTerms(PortalForm):
    """Left empty, a further term is none: nothing else may be called, no body is kept, money is not told."""

    currency = forms.CharField(
        label="Currency", max_length=3, required=False, help_text="Three capital letters, such as EUR."
    )
    prices = forms.CharField(
        label="Prices",
        required=False,
        widget=long_text(3),
        help_text="A line for each build: its model, the price of a million tokens asked, of a million answered, and "
        "of each call if that costs something. For example: north-7b 3.00 15.00",
    )
    money = forms.CharField(label="Most money", max_length=20, required=False, help_text="Such as 250.00.")
    endpoints = forms.CharField(
        label="Endpoints",
        required=False,
        widget=long_text(3),
        help_text="Beside those of models. A line for each: a method and a path below your endpoint’s address, such as "
        "POST rerank or GET responses/*",
    )
    recipients = forms.MultipleChoiceField(
        label="Who may open what is kept",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="The bodies of calls are kept sealed for the keys of these people. With nobody, none is kept.",
    )
    days = forms.IntegerField(
        label="Days until it is destroyed", min_value=1, required=False, help_text="Counted from the end of a call."
    )

    def offer_recipients(self, asking: Actor, view: ReviewView) -> None:
        """Choices are the keys in force of people of both sides, and those that stand already."""
        people = {
            person.id: f"{person.name} ({name})"
            for home, name in ((view.developer, view.developer_name), (view.body, view.body_name))
            for person in parties.people(asking, home)
        }
        choices = {key.id: people[person] for person, key in parties.recipients(people).items()}
        standing = view.consent.keeping if view.consent else None
        for key in standing.recipients if standing else ():
            choices.setdefault(key, f"A key that is no longer in force, {key[:19]}…")
        self.fields["recipients"].choices = sorted(choices.items(), key=lambda choice: choice[1])  # type: ignore[attr-defined]

    def most_money(self) -> int | None:
        """The bound in money, if one was typed. Raises ``Misuse`` (``bad-money``)."""
        typed: str = self.cleaned_data["money"]
        return millionths(typed, "The bound in money") if typed else None

    def further(self) -> dict[str, Any]:
        """The further terms by name. Raises ``Misuse`` with the sentence of what cannot be."""
        return {"tariff": self._tariff(), "endpoints": self._endpoints(), "keeping": self._keeping()}

    def _tariff(self) -> Tariff | None:
        currency, lines = self.cleaned_data["currency"], self.cleaned_data["prices"].splitlines()
        prices = [_price(line) for line in lines if line.strip()]
        return Tariff(currency, tuple(prices)) if currency or prices else None

    def _endpoints(self) -> tuple[Endpoint, ...]:
        lines = self.cleaned_data["endpoints"].splitlines()
        return tuple(Endpoint.parse(line) for line in lines if line.strip())

    def _keeping(self) -> Keeping | None:
        keys, days = self.cleaned_data["recipients"], self.cleaned_data["days"]
        if not keys and not days:
            return None
        return Keeping(tuple(Digest(key) for key in sorted(keys)), days or 0)


def further_said(last: Consent) -> dict[str, Any]:
    """What the form shows of a consent's further terms."""
    tariff, keeping, money = last.tariff, last.keeping, last.budget.money
    return {
        "currency": tariff.currency if tariff else "",
        "prices": "\n".join(_line(price) for price in tariff.prices) if tariff else "",
        "money": "" if money is None else written(money),
        "endpoints": "\n".join(str(endpoint) for endpoint in last.endpoints),
        "recipients": list(keeping.recipients) if keeping else [],
        "days": keeping.days if keeping else None,
    }


def _price(line: str) -> Price:
    model, *amounts = line.split()
    if not 2 <= len(amounts) <= 3:
        raise Misuse(
            "bad-tariff",
            f"The line of prices {line.strip()!r} is not understood; write a model, then two amounts or three, "
            "such as: north-7b 3.00 15.00",
        )
    return Price.of(model, *amounts)


def _line(price: Price) -> str:
    call = f" {written(price.call)}" if price.call else ""
    return f"{price.model} {written(price.prompt)} {written(price.answer)}{call}"
