"""Every read of oversight, through the other rooms' doors: an inspector sees what its labels show, no more.

Inspecting is for a person with the role of inspector; to everybody else there is nothing here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from seatrial.kernel.clock import iso
from seatrial.kernel.errors import Misuse, NotFound
from seatrial.ledger import api as ledger
from seatrial.ledger.types import MAIN, Entry
from seatrial.parties import api as parties
from seatrial.parties.types import Actor, Role
from seatrial.review.access import api as access
from seatrial.review.access.types import ExchangeView, Why
from seatrial.review.cases import api as cases
from seatrial.review.cases.types import ReviewState, ReviewView
from seatrial.review.threads import api as threads
from seatrial.review.threads.types import ThreadKind

from .core.drawing import drawn
from .core.indicators import indicators, pointers
from .core.lexicon import pressing
from .types import Happened, Indicators, Inspected, Inspection, Pointer, RefusalLine, Sample, Sampled, TraceLine

LARGEST_SAMPLE = 500
_SHOWN = 2000  # uses and refusals read for one review
_THREADS = 200  # requests whose words are looked at for one review
_ALL = 100_000  # reviews, and entries of one kind
_COUNTED = (
    "case.offered",
    "case.acknowledged",
    "case.asked",
    "case.answered",
    "case.consented",
    "case.narrowed",
    "case.withdrawn",
)


def bodies(asking: Actor, now: datetime) -> tuple[Indicators, ...]:
    """The indicators of each body whose reviews the asker may inspect, by name.

    Raises ``NotFound`` (``not-offered``) for whoever is no inspector.
    """
    _check(asking)
    found = [view for view in cases.reviews(asking, now, limit=_ALL) if _inspects(asking, view)]
    happened = _happened(asking)
    inspected = list(_inspected(found, happened))
    names = {view.body: view.body_name for view in found}
    made = (indicators(body, names[body], inspected) for body in names)
    return tuple(sorted(made, key=lambda one: one.body_name))


def reviews(asking: Actor, now: datetime, *, after: str = "", limit: int = 50) -> tuple[ReviewView, ...]:
    """At most ``limit`` reviews the asker may inspect, newest first; ``after`` is the last id of the page before."""
    _check(asking)
    return cases.reviews(asking, now, after=after, limit=max(1, min(limit, 200)))


def inspection(asking: Actor, review: str, now: datetime) -> Inspection:
    """One review. Raises ``NotFound`` (``not-offered``, ``no-such-review``)."""
    _check(asking)
    view = cases.brief(asking, review, now)
    one = next(_inspected([view], _happened(asking, review)))
    uses = access.exchanges(asking, review, limit=_SHOWN + 1)
    refused = ledger.entries(asking, kind="access.refused", review=review, newest_first=True, limit=_SHOWN + 1)
    names = parties.names()
    found = sorted((*pointers(one), *_words(asking, review, now)), key=lambda pointer: (pointer.at, pointer.what))
    return Inspection(
        review=review,
        title=view.title,
        indicators=None if one.withdrawn else indicators(view.body, view.body_name, [one]),
        pointers=tuple(found),
        traces=tuple(_traces(uses[:_SHOWN], names)),
        refusals=tuple(_refusal(entry, names) for entry in refused[:_SHOWN]),
        more=max(len(uses), len(refused)) > _SHOWN,
    )


def sample(
    asking: Actor,
    now: datetime,
    *,
    n: int,
    seed: str,
    head: int | None = None,
    review: str | None = None,
    uses_only: bool = False,
) -> Sample:
    """``n`` entries about reviews that the asker may inspect, drawn by ``seed`` from the shared log's first ``head``.

    Raises ``Misuse`` (``bad-sample``), ``NotFound`` (``not-offered``, ``no-such-review``).
    """
    _check(asking)
    size = ledger.head(MAIN)
    if not 1 <= n <= LARGEST_SAMPLE:
        raise Misuse("bad-sample", f"A sample has 1 to {LARGEST_SAMPLE} entries; this asks for {n}.")
    if not (0 < len(seed) <= 100 and seed.isprintable()):
        raise Misuse("bad-sample", "A seed is 1 to 100 visible characters; leave it out to have one made.")
    if head is not None and not 0 < head <= size:
        raise Misuse("bad-sample", f"The shared log has {size} entries; draw from 1 to that many of the first.")
    if review is not None:
        cases.developer_of(asking, review)
    until = size if head is None else head
    kind = "access.exchanges" if uses_only else None
    found = ledger.indexes(asking, log=MAIN, kind=kind, review=review, of_reviews=True)
    population = [index for index in found if index < until]
    chosen = ledger.receipts(asking, log=MAIN, wanted=drawn(seed, MAIN, population, n), at=now)
    return Sample(seed, until, len(population), review, uses_only, tuple(map(_sampled, chosen)))


def _check(asking: Actor) -> None:
    if not any(role is Role.INSPECTOR for _, role in asking.roles):
        raise NotFound("not-offered", "Oversight is for inspectors of an organisation that a policy names.")


def _inspects(asking: Actor, view: ReviewView) -> bool:
    return view.developer not in asking.organisations and view.body not in asking.organisations


def _happened(asking: Actor, review: str | None = None) -> Mapping[str, list[Happened]]:
    """What was counted of each review, oldest first: a few queries, however many reviews there are."""
    found = defaultdict[str, list[Happened]](list)
    for kind in _COUNTED:
        for entry in ledger.entries(asking, kind=kind, review=review, limit=_ALL):
            facts = _facts(entry)
            found[str(facts.get("review"))].append(
                Happened(entry.log, entry.index, entry.at, entry.kind, str(facts.get("review")), facts)
            )
    return {one: sorted(entries, key=lambda entry: entry.index) for one, entries in found.items()}


def _inspected(views: Iterable[ReviewView], happened: Mapping[str, list[Happened]]) -> Iterator[Inspected]:
    published = {(policy.body, policy.version): policy.published_at for policy in parties.policies()}
    for view in views:
        yield Inspected(
            id=view.id,
            body=view.body,
            withdrawn=view.state is ReviewState.WITHDRAWN,
            policy_published_at=published[view.body, view.policy_version],
            partners_by_body=sum(partner.proposed_by == "body" for partner in view.partners),
            happened=tuple(happened.get(view.id, ())),
        )


def _words(asking: Actor, review: str, now: datetime) -> Iterator[Pointer]:
    """Where words of the list stand in what the body wrote in its requests."""
    for thread in threads.threads(asking, review, now, limit=_THREADS).threads:
        if thread.kind is not ThreadKind.REQUEST:
            continue
        subject = pressing(thread.subject)
        if subject:
            yield Pointer(
                thread.opened_at, "A request’s subject has words of the list.", subject, review, thread.id, None, None
            )
        for post in threads.thread(asking, thread.id, now, limit=_THREADS).posts:
            found = pressing(post.text) if post.side == "body" else ()
            if found:
                yield Pointer(post.at, "A request’s text has words of the list.", found, review, thread.id, None, None)


def _traces(uses: Iterable[ExchangeView], names: Mapping[str, str]) -> Iterator[TraceLine]:
    """Uses by day, person and purpose, newest day first."""
    grouped = defaultdict[tuple[str, str, str], list[ExchangeView]](list)
    for use in uses:
        grouped[iso(use.at)[:10], use.person, use.purpose].append(use)
    for (day, person, purpose), made in sorted(grouped.items(), reverse=True):
        tokens = sum((use.prompt_tokens or 0) + (use.completion_tokens or 0) for use in made)
        places = [use.index for use in made if use.index is not None]
        first, last = min(places, default=None), max(places, default=None)
        yield TraceLine(day, person, names.get(person, person), purpose, len(made), tokens, first, last)


def _refusal(entry: Entry, names: Mapping[str, str]) -> RefusalLine:
    facts = _facts(entry)
    person, why = str(facts.get("person", "")), str(facts.get("why", ""))
    sentence = access.SENTENCES[Why(why)] if why in set(Why) else why
    return RefusalLine(
        entry.at,
        person,
        names.get(person, person),
        str(facts.get("purpose", "")),
        why,
        sentence,
        entry.log,
        entry.index,
    )


def _sampled(receipt: Mapping[str, Any]) -> Sampled:
    entry, openings = receipt["entry"], receipt["openings"]
    review = str(openings.get("review", {}).get("value", ""))
    return Sampled(entry["log"], entry["index"], entry["at"], entry["kind"], review, receipt)


def _facts(entry: Entry) -> dict[str, Any]:
    return {name: opening["value"] for name, opening in entry.openings.items()}
