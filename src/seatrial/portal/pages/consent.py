"""Consent: sign one, narrow one. Whatever is not written in it is not access."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import BoundField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from seatrial.kernel.clock import Window, now
from seatrial.kernel.digests import parse_digest
from seatrial.kernel.labels import Label, Level
from seatrial.parties import api as parties
from seatrial.parties.types import Actor, DeclarationView, Policy
from seatrial.portal.asking import asker
from seatrial.portal.forms import MomentField, PortalForm, exactly, objections
from seatrial.portal.steps import offered
from seatrial.portal.templatetags.words import said, span
from seatrial.review.access import api as access
from seatrial.review.cases import api as cases
from seatrial.review.cases.types import AccessLevel, Budget, Consent, ConsentTerms, ReviewView, Variant

from .consent_further import FURTHER, FurtherTerms, further_said

_GROUPS = (
    ("Who, and for what", ("people", "purposes")),
    ("When", ("opens", "closes")),
    ("Which model, and how deep", ("model", "upstream", "artefact", "variant", "levels")),
    (
        "Another build, if there is one",
        ("other_model", "other_name", "other_upstream", "other_artefact", "other_level"),
    ),
    ("How much", ("requests", "tokens", "concurrency", "channel")),
)


_LEVELS = [(level.value, said(level)) for level in AccessLevel]


class Terms(FurtherTerms):
    """A consent as its signatory writes it."""

    people = forms.MultipleChoiceField(
        label="Who",
        widget=forms.CheckboxSelectMultiple,
        help_text="Only these people; each uses a key of their own. "
        "What they declared about you is beside their name; nothing depends on it.",
    )
    purposes = forms.MultipleChoiceField(
        label="For what", widget=forms.CheckboxSelectMultiple, help_text="The purposes that the policy knows."
    )
    opens = MomentField(label="Opens (UTC)")
    closes = MomentField(label="Closes (UTC)")
    model = forms.CharField(label="Model", max_length=200, help_text="The name that calls carry as “model”.")
    upstream = forms.CharField(
        label="Address of your endpoint",
        max_length=500,
        help_text="Only the gateway calls it, for example http://127.0.0.1:9000/v1",
        widget=forms.TextInput(attrs={"inputmode": "url", "spellcheck": "false"}),
    )
    artefact = forms.CharField(
        label="Artefact",
        max_length=71,
        help_text="Digest of the weights or of the declared version: sha256: and 64 hex digits.",
        widget=forms.TextInput(attrs={"spellcheck": "false"}),
    )
    variant = forms.CharField(label="Variant", max_length=100, initial="safeguarded")
    levels = forms.MultipleChoiceField(
        label="How deep",
        widget=forms.CheckboxSelectMultiple,
        choices=_LEVELS,
        help_text="Each level for itself; none includes another. The weights also take a second signature of your "
        "side and two of the review body.",
    )
    other_model = forms.CharField(
        label="The other build’s model", max_length=200, required=False, help_text="A name of its own for calls."
    )
    other_name = forms.CharField(label="What it is", max_length=100, required=False, help_text="Such as helpful-only.")
    other_upstream = forms.CharField(label="Address of its endpoint", max_length=500, required=False)
    other_artefact = forms.CharField(label="Its artefact", max_length=71, required=False)
    other_level = forms.ChoiceField(
        label="The level it takes",
        choices=_LEVELS,
        initial=AccessLevel.SAFEGUARDS_OFF.value,
        required=False,
        help_text="It can be called only while the consent names this level.",
    )
    after = forms.IntegerField(widget=forms.HiddenInput, required=False)
    requests = forms.IntegerField(label="Most requests", min_value=1, initial=5000)
    tokens = forms.IntegerField(label="Most tokens, in and out", min_value=1, initial=2_000_000)
    concurrency = forms.IntegerField(label="Most requests at once", min_value=1, initial=4)
    channel = forms.ChoiceField(
        label="What may pass through the channel", help_text="Items labelled above this are never sent."
    )

    def __init__(self, asking: Actor, view: ReviewView, policy: Policy, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        people = parties.people(asking, view.body)
        declared = {made.person: made for made in parties.declarations(asking, view.developer, now())}
        high = Level[settings.SEATRIAL.system_high.upper().replace("-", "_")]
        choices = {
            "people": [
                (person.id, f"{person.name} ({_roles(person, view.body)}); {_declared(declared.get(person.id))}")
                for person in people
            ],
            "purposes": [(purpose, said(purpose)) for purpose in sorted(policy.purposes)],
            "channel": [(level.word, said(level.word)) for level in Level if level <= high],
        }
        for name, chosen in choices.items():
            self.fields[name].choices = chosen  # type: ignore[attr-defined]
        self.offer_recipients(asking, view)
        longest = span(policy.max_window)
        self.fields[
            "closes"
        ].help_text = f"At most {longest} after it opens, and no later than the planned release to partners."

    def grouped(self) -> list[tuple[str, list[BoundField]]]:
        """The fields under their headings."""
        return [(heading, [self[name] for name in names]) for heading, names in _GROUPS]

    def further_grouped(self) -> list[tuple[str, list[BoundField], bool]]:
        """The fields that may all stay empty, under their headings; true where something is said, or to be mended."""
        groups = [(heading, [self[name] for name in names]) for heading, names in FURTHER]
        return [(heading, fields, any(field.value() or field.errors for field in fields)) for heading, fields in groups]

    def terms(self, last: Consent | None) -> ConsentTerms:
        """What was typed, as the words of the room; moments of the ``last`` consent left alone stay exact."""
        typed, window = self.cleaned_data, last.window if last else None
        return ConsentTerms(
            model=typed["model"],
            artefact=parse_digest(typed["artefact"].strip()),
            variant=typed["variant"],
            people=frozenset(typed["people"]),
            purposes=frozenset(typed["purposes"]),
            levels=frozenset(AccessLevel(level) for level in typed["levels"]),
            upstream=typed["upstream"].strip(),
            budget=Budget(typed["requests"], typed["tokens"], typed["concurrency"], self.most_money()),
            window=Window(
                exactly(typed["opens"], window.opens if window else None),
                exactly(typed["closes"], window.closes if window else None),
            ),
            label=Label(level=Level[typed["channel"].upper().replace("-", "_")]),
            variants=self._variants(last),
            **self.further(),
        )

    def _variants(self, last: Consent | None) -> tuple[Variant, ...]:
        """The one further build the form shows; more of them are signed through the API and kept here."""
        typed = self.cleaned_data
        more = last.variants[1:] if last else ()
        if not typed["other_model"]:
            return more
        first = Variant(
            model=typed["other_model"],
            name=typed["other_name"],
            artefact=parse_digest(typed["other_artefact"].strip()),
            upstream=typed["other_upstream"].strip(),
            level=AccessLevel(typed["other_level"] or AccessLevel.SAFEGUARDS_OFF),
        )
        return (first, *more)


@dataclass(frozen=True, slots=True)
class Signing:
    """One of the two ways to put one's name under terms."""

    event: str
    here: str
    lede: str
    button: str
    act: Callable[..., Any]


SIGN = Signing(
    "sign_consent",
    "Sign a consent",
    "Whatever you do not write here is not access. You can narrow it, replace it or withdraw at any time; "
    "no reason is asked.",
    "Sign for {developer}",
    cases.sign_consent,
)
NARROW = Signing(
    "narrow_consent",
    "Narrow the consent",
    "Take away what should no longer be. Narrowing gives nothing new; to widen, sign a new consent.",
    "Narrow it",
    cases.narrow_consent,
)


@login_required
@require_http_methods(["GET", "POST"])
def consent(request: HttpRequest, review_id: str, signing: Signing) -> HttpResponse:
    """``/reviews/<id>/consent/`` and ``…/consent/narrow/``"""
    asking, moment = asker(request), now()
    view = cases.review(asking, review_id, moment)
    offered(view, signing.event)
    policy = parties.policy(view.body, view.policy_version)
    form = Terms(asking, view, policy, request.POST or None, initial=_proposal(view, policy, moment, signing))
    if form.is_valid():
        with objections(to=form):
            seen = form.cleaned_data["after"]
            signing.act(by=asking, review=review_id, terms=form.terms(view.consent), after=seen, at=now())
            messages.success(request, "Signed. The consent on this page is the one that counts from now on.")
            return redirect("review", review_id)
    button = signing.button.format(developer=view.developer_name)
    context = {"form": form, "review": view, "policy": policy, "signing": signing, "button": button}
    return render(request, "portal/consent.html", context, status=422 if form.errors else 200)


class Credential(PortalForm):
    """The developer's own key for its endpoint."""

    credential = forms.CharField(
        label="API key of your endpoint", max_length=1000, widget=forms.PasswordInput(attrs={"autocomplete": "off"})
    )


@login_required
@require_http_methods(["GET", "POST"])
def credential(request: HttpRequest, review_id: str) -> HttpResponse:
    """``/reviews/<id>/credential/``"""
    asking = asker(request)
    view = cases.review(asking, review_id, now())
    if view.developer not in asking.organisations:
        offered(view, "set_upstream_credential")
    form = Credential(request.POST or None)
    if form.is_valid():
        with objections(to=form):
            secret = form.cleaned_data["credential"]
            access.set_upstream_credential(by=asking, review=review_id, credential=secret, at=now())
            messages.success(request, "Stored, sealed. It never leaves the gateway.")
            return redirect("review", review_id)
    context = {
        "form": form,
        "review": view,
        "here": "Key of your endpoint",
        "intro": "Only the gateway uses it, to call your endpoint. Nobody can read it back; a new one replaces it.",
        "button": "Store it",
    }
    return render(request, "portal/review_form.html", context, status=422 if form.errors else 200)


def _proposal(view: ReviewView, policy: Policy, moment: datetime, signing: Signing) -> dict[str, Any]:
    """What the form says before anybody typed: the last consent, or the widest the dates leave."""
    opens = moment.replace(second=0, microsecond=0)
    closes = min(opens + policy.max_window, view.clock.partner_release)
    proposal: dict[str, Any] = {
        "model": view.model,
        "opens": opens,
        "closes": closes,
        "levels": [AccessLevel.API.value],
    }
    proposal["after"] = view.consent.number if view.consent else 0
    last = view.consent
    if last is None:
        return proposal
    if signing is NARROW:
        proposal |= {"opens": last.window.opens, "closes": last.window.closes}
    if last.variants:
        other = last.variants[0]
        proposal |= {"other_model": other.model, "other_name": other.name, "other_upstream": other.upstream}
        proposal |= {"other_artefact": other.artefact, "other_level": other.level.value}
    return (
        proposal
        | further_said(last)
        | {
            "people": sorted(last.people),
            "purposes": sorted(last.purposes),
            "model": last.model,
            "upstream": last.upstream,
            "artefact": last.artefact,
            "variant": last.variant,
            "levels": sorted(last.levels),
            "requests": last.budget.requests,
            "tokens": last.budget.tokens,
            "concurrency": last.budget.concurrency,
            "channel": last.label.level.word,
        }
    )


def _declared(made: DeclarationView | None) -> str:
    """What a person declared about the developer, as words beside their name. It informs; nothing depends on it."""
    if made is None:
        return "has declared nothing"
    number = len(made.interests) or "no"
    return f"declared {number} interest{'' if number == 1 else 's'} on {made.declared_at:%-d %B %Y}"


def _roles(person: Any, body: str) -> str:
    return ", ".join(sorted(role.value for home, role in person.roles if home == body))
