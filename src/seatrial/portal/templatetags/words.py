"""How values are said on a page: moments, spans, digests, states, names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from django import template
from django.forms import BoundField, CheckboxInput
from django.utils.html import format_html
from django.utils.safestring import SafeString

from seatrial.kernel.clock import iso
from seatrial.kernel.labels import Label
from seatrial.kernel.money import written

register = template.Library()

_STATES: Mapping[str, str] = {
    "draft": "Draft",
    "offered": "Offered",
    "consented": "Consent signed",
    "contained": "Access ended by a leak",
    "withdrawn": "Withdrawn",
    "released": "Released",
    "expired": "Window over",
    "closed": "Closed",
    "steward": "People manager",
    "signed_once": "Signed by one",
    "signed": "Signed by two",
    "shared": "Shared with the developer",
    "not_covered": "Not covered",
    "not_determined": "Not determined",
    "no_view": "Has no view",
    "safeguards-off": "Safeguards off: answers without safeguards",
    "fine-tuning": "Fine-tuning: training the model further",
    "api": "API: answers, as the model will be served",
    "logits": "Logits: answers with the probabilities of tokens",
    "weights": "Weights: the model itself",
}


# Kinds of ledger entries, as a history tells them. What is not listed is told by its own words.
_HAPPENED: Mapping[str, str] = {
    "case.drafted": "The review was drafted",
    "case.offered": "The review was offered",
    "case.acknowledged": "The offer was acknowledged",
    "case.consented": "A consent was signed",
    "case.narrowed": "The consent was narrowed",
    "case.moved": "The planned dates were changed",
    "case.asked": "Information was asked for",
    "case.answered": "A request for information was answered",
    "case.taken_back": "A request for information was taken back",
    "thread.opened": "A discussion was begun",
    "thread.posted": "Something was written in a thread",
    "weights.offered": "Weights were offered: their sealed parts are coming",
    "weights.completed": "Weights were handed over, sealed",
    "weights.fetched": "Somebody began to fetch the weights",
    "weights.destroyed": "The sealed weights here were destroyed",
    "case.withdrawn": "The developer withdrew",
    "case.released": "The release was recorded",
    "case.closed": "The review was closed",
    "case.policy_adopted": "A newer policy was adopted",
    "partner.proposed": "A trusted partner was proposed",
    "partner.terms_signed": "Terms for a trusted partner were signed",
    "partner.countersigned": "The review body signed a trusted partner",
    "case.countersigned": "A further signature was given for the weights",
    "case.handed_over": "Something was handed over",
    "case.kept_listed": "The review body listed something it keeps",
    "case.destruction_attested": "A destruction was attested",
    "case.canary_planted": "A string was made to plant",
    "case.leak_reported": "A leak was reported, and all access ended",
    "case.leak_acknowledged": "The developer read the report of a leak",
    "partner.ended": "A trusted partnership was ended",
    "access.key-issued": "An access key was issued",
    "access.key-revoked": "An access key was revoked",
    "access.credential-set": "The key of the endpoint was stored",
    "access.exchanges": "Calls ended; each has its place here",
    "access.refused": "A call was refused",
    "access.bodies-destroyed": "Kept words of calls were destroyed",
    "benchmarks.suite-registered": "A suite was registered",
    "benchmarks.threshold-committed": "A threshold was committed",
    "benchmarks.campaign-planned": "A campaign was planned",
    "benchmarks.ladder-planned": "A ladder of campaigns was planned",
    "benchmarks.half-released": "A custodian's half of a sealed suite was released",
    "benchmarks.half-handed": "A custodian's half of a sealed suite was handed over",
    "benchmarks.campaign-run": "A campaign was run",
    "benchmarks.campaign-concluded": "A campaign ended",
    "dossier.composed": "A version of the dossier was written",
    "dossier.shared": "A twin of the dossier was shared",
    "dossier.signed": "The statement beside a twin of the dossier was signed",
    "plan.made": "A release plan was made",
    "plan.changed": "A release plan was rewritten",
    "plan.moved": "A release plan was moved",
    "plan.milestone-set": "A milestone was written",
    "plan.milestone-removed": "A milestone was taken out",
    "plan.milestone-marked": "A milestone was marked",
    "plan.review-linked": "A release plan was linked to a review, or to none",
    "plan.feed-issued": "A calendar address was issued",
    "plan.feed-revoked": "A calendar address was ended",
    "engagement.written": "A version of an engagement memo was written",
    "identity.declared": "The model was declared",
    "identity.declaration-shared": "A declaration of the model was shared",
    "identity.fingerprint-begun": "The taking of a fingerprint began",
    "identity.fingerprint-taken": "A fingerprint was taken",
    "identity.fingerprint-stopped": "The taking of a fingerprint stopped",
    "identity.fingerprint-recorded": "A fingerprint of an own endpoint was kept",
    "identity.stated": "A statement about the release was signed",
    "identity.statement-shared": "A statement about the release was shared",
    "casefile.exported": "The case was exported as one file",
    "organisation.created": "An organisation was created",
    "person.added": "A person was added",
    "person.removed": "A person was removed from an organisation",
    "person.deactivated": "A person was deactivated",
    "role.given": "A role was given",
    "role.ended": "A role was ended",
    "invitation.made": "Somebody was invited",
    "invitation.accepted": "An invitation was accepted",
    "invitation.withdrawn": "An invitation was withdrawn",
    "delegation.given": "A role was delegated",
    "delegation.ended": "A delegation was ended",
    "declaration.made": "Interests were declared",
    "policy.published": "A policy was published",
    "token.issued": "An API token was issued",
    "recipient-key.registered": "A key that files are sealed for was registered",
    "recipient-key.retired": "A key that files are sealed for was retired",
    "determination.consulted": "A consultation was recorded",
    "determination.drafted": "A determination was drafted",
    "determination.signed": "A determination was signed",
    "determination.shared": "A determination was shared with the developer",
    "determination.statement": "The developer attached its statement",
    "determination-request.drafted": "A determination request was drafted",
    "determination-request.revised": "A draft of a determination request was changed",
    "determination-request.asked": "A determination was asked for",
    "determination-request.acknowledged": "A determination request was acknowledged",
    "determination-request.answered": "A determination request was answered",
    "determination-request.reconsideration-asked": "A reconsideration was asked for",
    "determination-request.posted": "Something was written on a determination request",
    "determination-request.closed": "A determination request was closed",
    "determination-request.withdrawn": "A determination request was withdrawn",
    "coordination.opened": "A case was opened",
    "coordination.invited": "A party was invited to a case",
    "coordination.joined": "A party takes part in a case",
    "coordination.declined": "A party does not take part in a case",
    "coordination.party_told": "A party was told of a case",
    "coordination.report_moved": "A party said what becomes of a report",
    "coordination.embargo_proposed": "A date was proposed until which nothing is published",
    "coordination.embargo_answered": "A party answered a proposed date",
    "coordination.embargo_agreed": "An embargo was agreed",
    "coordination.embargo_rejected": "A proposed date was rejected",
    "coordination.embargo_joined": "A party accepted the embargo in force",
    "coordination.embargo_ended": "An embargo was ended before its date",
    "coordination.vendor_aware": "A vendor knows of a flaw",
    "coordination.fix_ready": "A fix is ready",
    "coordination.fix_deployed": "A fix is out",
    "coordination.public": "A flaw is public",
    "coordination.exploit_public": "An exploit is public",
    "coordination.attacks_seen": "Attacks are seen",
    "coordination.said": "Something was said in a case",
    "coordination.milestone": "A milestone of a case was reached",
    "coordination.relayed": "A reporter was told by other means",
    "coordination.heard": "A party gave word by other means",
    "coordination.escalated": "A silence led to the next step",
    "coordination.released": "What waited for capacity was released",
    "coordination.capacity": "A maintainer said what it can take",
    "coordination.contact_added": "A contact was added",
    "coordination.terms_published": "Terms of disclosure were published",
    "advisories.drafted": "An advisory was drafted",
    "advisories.edited": "An advisory was changed",
    "advisories.submitted": "An advisory was handed to a second person",
    "advisories.returned": "An advisory was given back",
    "advisories.published": "An advisory was published",
    "advisories.reopened": "A further revision of an advisory was begun",
    "advisories.withdrawn": "An advisory was withdrawn",
    "scanning.registered": "Scans were registered",
    "scanning.overlapped": "Scans of two labs met",
    "notices.chosen": "Somebody chose how often they are told",
    "notices.webhook-added": "A webhook was added",
    "notices.webhook-rotated": "A webhook got a new secret",
    "notices.webhook-removed": "A webhook was removed",
    "notices.webhook-failing": "A webhook could not be reached any more",
    "notices.webhook-gone": "A webhook's receiver wants no more",
    "notices.redelivery-asked": "Notices were sent again to a webhook",
    "notices.test-asked": "A test was sent to a webhook",
}


_REQUESTED: Mapping[str, str] = {"open": "Open request", "answered": "Answered", "taken-back": "Taken back"}


@register.filter
def requested(state: str) -> str:
    """Where a request for information is."""
    return _REQUESTED[state]


@register.filter
def happened(kind: str) -> str:
    """A ledger entry's kind as a sentence: ``case.withdrawn`` is ``The developer withdrew``."""
    return _HAPPENED.get(kind) or said(kind.replace(".", " "))


@register.filter
def moment(value: datetime | None) -> SafeString | str:
    """A ``time`` element: ``1 July 2026, 09:00 UTC``."""
    if value is None:
        return "–"
    text = f"{value.day} {value:%B %Y, %H:%M} UTC"
    return format_html('<time datetime="{}">{}</time>', iso(value), text)


@register.filter
def span(value: timedelta | float | None) -> str:
    """A length of time in its two largest units: ``12 days 4 hours``; numbers are seconds."""
    if value is None:
        return "–"
    seconds = int(value.total_seconds() if isinstance(value, timedelta) else value)
    if seconds < 60:
        return _count(max(seconds, 0), "second")
    sizes = (("day", 86400), ("hour", 3600), ("minute", 60))
    first = next(place for place, (_, size) in enumerate(sizes) if seconds >= size)
    words, rest = [], seconds
    for unit, size in sizes[first : first + 2]:
        if rest >= size:
            words.append(_count(rest // size, unit))
        rest %= size
    return " ".join(words)


@register.filter
def said(value: object) -> str:
    """A state, a finding or any other enum's word as people write it."""
    word = str(value.value if isinstance(value, Enum) else value)
    return _STATES.get(word) or word.replace("_", " ").replace("-", " ").capitalize()


@register.filter
def short(value: object) -> SafeString | str:
    """A digest, abbreviated, whole in its title."""
    text = str(value or "")
    if len(text) <= 24:
        return text or "–"
    return format_html('<code title="{}">{}…</code>', text, text[:19])


@register.filter
def named(value: str, names: Mapping[str, str]) -> str:
    """The name of a person or an organisation, or its id if there is none."""
    return names.get(value, value)


@register.filter
def labelled(label: Label, names: Mapping[str, str] | None = None) -> str:
    """A label as a sentence's part: ``Controlled, TLP:AMBER, for North Lab and Review Body One``."""
    audience = sorted((names or {}).get(word, word) for word in label.audience or ())
    reach = "for everyone" if label.audience is None else "for " + (" and ".join(audience) or "nobody")
    parts = [label.level.word.capitalize(), *sorted(label.compartments), label.tlp.word, reach]
    return ", ".join(parts)


@register.filter
def article(word: str) -> str:
    """A thing with its article: ``an evaluation``, ``a scenario``."""
    return f"{'an' if word[:1] in 'aeio' else 'a'} {word}"


_ADVISORY: Mapping[str, str] = {
    "draft": "Being written",
    "submitted": "Waits for a second person",
    "published": "Published",
    "revising": "Published; a revision is being written",
    "resubmitted": "Published; a revision waits for a second person",
    "withdrawn": "Withdrawn",
}


@register.filter
def advisory_words(state: str) -> str:
    """Where an advisory is."""
    return _ADVISORY[state]


@register.filter
def slot(name: str) -> str:
    """The id of the place where a control's sentences stand; no dots, which selectors would take for classes."""
    return f"said-{name.replace('.', '-')}"


@register.filter
def in_order(words: Iterable[str]) -> list[str]:
    """A set, the same way each time."""
    return sorted(words)


@register.filter
def percent(part: float, whole: float) -> int:
    """``part`` of ``whole`` in whole per cent, at most 100."""
    return min(100, round(100 * part / whole)) if whole else 0


@register.filter
def figure(value: Any) -> str:
    """A number with thousands separated, a fraction with three places, a dash for nothing."""
    if value is None:
        return "–"
    return f"{value:,}" if isinstance(value, int) else f"{value:.3f}"


@register.filter
def money(amount: int) -> str:
    """Millionths of a currency as people write them: ``12.50``."""
    return written(amount)


@register.filter
def is_checkbox(field: BoundField) -> bool:
    """True for a single box to tick, whose label stands behind it."""
    return type(field.field.widget) is CheckboxInput


def _count(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"
