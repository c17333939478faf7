"""Trusted partners: access needs both signatures, and either side ends it."""

from __future__ import annotations

from typing import Annotated

import typer

from seatrial.cli.output import show
from seatrial.client.consent_file import money_of
from seatrial.kernel.clock import Window
from seatrial.review.cases.types import AccessLevel, Budget, PartnerTerms, ReviewView

from .connection import As, Key, Review, Time, connected, new_group

Organisation = Annotated[str, typer.Argument(help="The partner's organisation id.")]


def add_to(app: typer.Typer) -> None:
    """A group of its own, under "Consent"."""
    group = new_group("Trusted partners: propose, sign terms, end. Declining one changes nothing else.")
    for function in (propose, terms, end):
        group.command()(function)
    app.add_typer(group, name="partner", rich_help_panel="Consent")


def propose(
    review: Review,
    organisation: Organisation,
    criteria: Annotated[str, typer.Option(help="How it meets the policy's criteria.")] = "",
    who: As = "",
    key: Key = "",
) -> None:
    """Propose a trusted partner. Proposing signs nothing."""
    with connected(who, key) as seatrial:
        _show(seatrial.reviews.propose_partner(review, organisation, criteria), organisation, "Proposed.")


def terms(
    review: Review,
    organisation: Organisation,
    person: Annotated[list[str], typer.Option(help="A person id of the partner; repeat for more.")],
    purpose: Annotated[list[str], typer.Option(help="A purpose of your consent; repeat for more.")],
    opens: Time,
    closes: Time,
    requests: Annotated[int, typer.Option(help="The most requests.")],
    tokens: Annotated[int, typer.Option(help="The most tokens, in and out.")],
    concurrency: Annotated[int, typer.Option(help="The most requests at once.")] = 2,
    money: Annotated[str | None, typer.Option(help="The most money, in the currency of your consent.")] = None,
    level: Annotated[list[AccessLevel] | None, typer.Option(help="A level (api); repeat for more.")] = None,
    who: As = "",
    key: Key = "",
) -> None:
    """Sign what a partner may do, inside your consent. It counts once the review body signed the same."""
    signed = PartnerTerms(
        people=frozenset(person),
        purposes=frozenset(purpose),
        levels=frozenset(level or [AccessLevel.API]),
        budget=Budget(requests, tokens, concurrency, money_of(money)),
        window=Window(opens, closes),
    )
    with connected(who, key) as seatrial:
        _show(seatrial.reviews.sign_partner_terms(review, organisation, signed), organisation, "Signed.")


def end(review: Review, organisation: Organisation, who: As = "", key: Key = "") -> None:
    """End a partnership, at once."""
    with connected(who, key) as seatrial:
        seatrial.reviews.end_partner(review, organisation)
        show({"review": review, "organisation": organisation, "ended": True}, lines=["Ended."])


def _show(review: ReviewView, organisation: str, line: str) -> None:
    show(next((partner for partner in review.partners if partner.organisation == organisation), {}), lines=[line])
