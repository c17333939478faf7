"""Consent: sign it from options or from a file, narrow it, adopt a policy, keep the endpoint's credential."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from seatrial.cli.output import show
from seatrial.client.consent_file import consent_terms, from_toml, money_of
from seatrial.kernel.clock import Window, parse_time
from seatrial.kernel.errors import NotFound
from seatrial.review.cases.types import AccessLevel, Consent, ConsentTerms

from .connection import As, Key, Review, connected, under
from .files import read_text

SomeTime = Annotated[
    datetime | None, typer.Option(parser=parse_time, metavar="TIME", help="ISO 8601 with a time zone.")
]


def add_to(app: typer.Typer) -> None:
    """Under "Consent"."""
    under(
        app,
        "Consent",
        {"consent": consent, "narrow": narrow, "countersign": countersign, "policy": policy, "credential": credential},
    )


def consent(
    review: Review,
    file: Annotated[Path | None, typer.Option("--from", help="A TOML file with the terms; options win.")] = None,
    upstream: Annotated[
        str | None, typer.Option(help="Base address of your endpoint, e.g. https://api.lab.example/v1.")
    ] = None,
    artefact: Annotated[
        str | None, typer.Option(help="Digest of the weights or of the declared version, sha256:…")
    ] = None,
    person: Annotated[list[str] | None, typer.Option(help="A person id of the body; repeat for more.")] = None,
    purpose: Annotated[list[str] | None, typer.Option(help="A purpose of the policy; repeat for more.")] = None,
    opens: SomeTime = None,
    closes: SomeTime = None,
    requests: Annotated[int | None, typer.Option(help="The most requests.")] = None,
    tokens: Annotated[int | None, typer.Option(help="The most tokens, in and out.")] = None,
    concurrency: Annotated[int | None, typer.Option(help="The most requests at once (4).")] = None,
    money: Annotated[
        str | None, typer.Option(help="The most money, such as 250.00; prices stand in the file, under tariff.")
    ] = None,
    endpoint: Annotated[
        list[str] | None, typer.Option(help="What else may be called, such as 'GET responses/*'; repeat for more.")
    ] = None,
    variant: Annotated[str | None, typer.Option(help="Which variant is served (safeguarded).")] = None,
    level: Annotated[list[AccessLevel] | None, typer.Option(help="A level (api); repeat for more.")] = None,
    model: Annotated[str | None, typer.Option(help="The model's name at your endpoint, if not as planned.")] = None,
    label: Annotated[
        str | None, typer.Option(help="Label of what may pass through the channel (open//-//TLP:CLEAR//*).")
    ] = None,
    who: As = "",
    key: Key = "",
) -> None:
    """Sign consent: these people, this purpose, this window, this budget, and nothing else."""
    options: dict[str, Any] = {
        "upstream": upstream,
        "artefact": artefact,
        "people": person or None,
        "purposes": purpose or None,
        "opens": opens,
        "closes": closes,
        "requests": requests,
        "tokens": tokens,
        "concurrency": concurrency,
        "money": money,
        "endpoints": endpoint or None,
        "variant": variant,
        "levels": level or None,
        "model": model,
        "label": label,
    }
    said = from_toml(read_text(file), str(file)) if file is not None else {}
    said |= {name: value for name, value in options.items() if value is not None}
    with connected(who, key) as seatrial:
        if "model" not in said:
            said["model"] = seatrial.reviews.show(review).model
        what = str(file) if file is not None else "The command"
        show(seatrial.reviews.sign_consent(review, consent_terms(said, what)))


def narrow(
    review: Review,
    without_person: Annotated[list[str] | None, typer.Option(help="Takes a person out; repeat for more.")] = None,
    without_purpose: Annotated[list[str] | None, typer.Option(help="Takes a purpose out; repeat for more.")] = None,
    closes: SomeTime = None,
    requests: Annotated[int | None, typer.Option(help="The most requests, in all.")] = None,
    tokens: Annotated[int | None, typer.Option(help="The most tokens, in all.")] = None,
    concurrency: Annotated[int | None, typer.Option(help="The most requests at once.")] = None,
    money: Annotated[str | None, typer.Option(help="The most money, in all.")] = None,
    without_endpoint: Annotated[list[str] | None, typer.Option(help="Takes an endpoint out; repeat for more.")] = None,
    keep_nothing: Annotated[bool, typer.Option("--keep-nothing", help="No body is kept from now on.")] = False,
    who: As = "",
    key: Key = "",
) -> None:
    """Take something away from the standing consent, at once. What you do not name stays."""
    with connected(who, key) as seatrial:
        standing = seatrial.reviews.show(review).consent
        if standing is None:
            raise NotFound("no-consent", f"The review {review} has no consent; there is nothing to narrow.")
        budget = replace(
            standing.budget,
            requests=standing.budget.requests if requests is None else requests,
            tokens=standing.budget.tokens if tokens is None else tokens,
            concurrency=standing.budget.concurrency if concurrency is None else concurrency,
            money=standing.budget.money if money is None else money_of(money),
        )
        terms = replace(
            _terms(standing),
            people=standing.people - set(without_person or ()),
            purposes=standing.purposes - set(without_purpose or ()),
            budget=budget,
            endpoints=tuple(one for one in standing.endpoints if str(one) not in (without_endpoint or ())),
            keeping=None if keep_nothing else standing.keeping,
            window=Window(standing.window.opens, closes or standing.window.closes),
        )
        show(seatrial.reviews.narrow_consent(review, terms))


def countersign(review: Review, who: As = "", key: Key = "") -> None:
    """Sign the standing consent for the weights too: they take two people of each side."""
    with connected(who, key) as seatrial:
        seatrial.reviews.countersign_consent(review)
    show({"review": review, "countersigned": True}, lines=["Signed for the weights too."])


def policy(
    review: Review,
    version: Annotated[str, typer.Argument(help="A version that the body has published.")],
    who: As = "",
    key: Key = "",
) -> None:
    """Put the review under another version of the body's policy. Only you can."""
    with connected(who, key) as seatrial:
        seatrial.reviews.adopt_policy(review, version)
    show({"review": review, "policy": version}, lines=[f"The review runs under version {version} now."])


def credential(
    review: Review,
    secret: Annotated[str, typer.Option(envvar="SEATRIAL_UPSTREAM_KEY", prompt=True, hide_input=True)],
    who: As = "",
    key: Key = "",
) -> None:
    """Store your endpoint's API key, sealed: only the gateway ever uses it."""
    with connected(who, key) as seatrial:
        seatrial.access.set_credential(review, secret)
    show({"review": review, "credential": "stored"}, lines=["Stored, sealed. It never leaves the gateway."])


def _terms(consent: Consent) -> ConsentTerms:
    return ConsentTerms(**{field.name: getattr(consent, field.name) for field in fields(ConsentTerms)})
