"""Labels broken on purpose, one at a time: each must be found by the same sweep that finds none without them.

A fault replaces a function of production code wherever it was imported to. ``aim`` says whom and what to ask.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from seatrial.kernel.labels import Reader
from seatrial.ledger import queries as ledger
from seatrial.notices.core import wording
from seatrial.parties import queries as parties
from seatrial.review.cases.queries import handling, reading, rows
from seatrial.review.determinations.queries.determinations import readable
from seatrial.review.dossiers import queries as dossiers
from seatrial.review.identity import queries as identity
from seatrial.review.planning import queries as planning
from seatrial.review.threads import queries as threads

from .addresses import Address
from .sent import everything_sent
from .sweep import Sweep
from .world import World


@dataclass(frozen=True)
class Fault:
    """``broken`` makes, from the function it replaces, one that forgets a rule."""

    name: str
    function: Callable[..., Any]
    broken: Callable[[Callable[..., Any]], Callable[..., Any]]
    people: tuple[str, ...]
    routes: tuple[str, ...]  # parts of the names of the routes to ask


@contextmanager
def planted(fault: Fault) -> Iterator[None]:
    """The fault, everywhere in the house, for as long as this lasts."""
    made, changed = fault.broken(fault.function), list[tuple[Any, str]]()
    for name, module in list(sys.modules.items()):
        if name.startswith("seatrial.") and module is not None:
            changed += [(module, key) for key, value in vars(module).items() if value is fault.function]
    home = getattr(fault.function, "__qualname__", "").partition(".")
    if home[2]:  # a method: of its class
        changed.append((Reader, home[2]))
    for owner, key in changed:
        setattr(owner, key, made)
    try:
        yield
    finally:
        for owner, key in changed:
            setattr(owner, key, fault.function)


def finds(world: World, fault: Fault, addresses: list[Address]) -> bool:
    """Whether an aimed sweep notices while the fault is there."""
    aimed = [
        address
        for address in addresses
        if address.method == "GET"
        and ("?" not in address.path or "log=" in address.path)
        and any(part in address.route for part in fault.routes)
    ]
    sweep = Sweep(world, aimed, until_found=True)
    with planted(fault):
        if MAIL in fault.routes:
            for what, text in everything_sent(world):
                sweep.searched(what, text)
        result = sweep.run(who for who in world.personas if who.key in fault.people)
    return bool(result.leaks)


def _unlabelled(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same, for an asker who may read any label."""

    def broken(asking: Any, *rest: Any, **named: Any) -> Any:
        return function(_Everywhere(asking), *rest, **named)

    return broken


class _Everywhere:
    """Whoever asks, but every label lets them read."""

    def __init__(self, asking: Any) -> None:
        self._asking = asking

    def __getattr__(self, name: str) -> Any:
        return getattr(self._asking, name)

    def may_read(self, label: Any) -> bool:
        return True

    def readable(self, labels: Any) -> list[Any]:
        return list(labels)


def _withdrawn_stays(function: Any) -> Any:
    from django.db.models import Q

    def broken(asking: Any) -> Any:
        home = asking.organisations
        return rows.rows().filter(Q(developer_id__in=home) | Q(body_id__in=home, offered_at__isnull=False))

    return broken


def _any_level(function: Any) -> Any:
    def broken(self: Any, label: Any) -> bool:
        return bool(function(self, replace(label, level=type(label.level)(0))))

    return broken


def _any_review(function: Any) -> Any:
    def broken(asking: Any, review_id: str, now: Any) -> Any:
        row = rows.rows().filter(id=review_id).first()
        if row is None:
            raise rows.no_such_review(review_id)
        return reading.view_of(row, asking, now, {})

    return broken


def _all_plans(function: Any) -> Any:
    def broken(asking: Any) -> Any:
        from seatrial.review.planning.models import Memo

        return Memo.objects.select_related("developer") if function.__name__ == "_memos" else function(asking)

    return broken


def _read_at_once(function: Any) -> Any:
    """The words of a leak, before the developer has read them."""

    def broken(asking: Any, review_id: str) -> Any:
        from seatrial.review.cases.models import LeakRow

        words = dict(LeakRow.objects.values_list("id", "found"))
        return tuple(replace(leak, found=words[leak.id]) for leak in function(asking, review_id))

    return broken


def _titled(function: Any) -> Any:
    def broken(*, id: str, reviews: Any, at: Any, portal: str) -> str:
        from seatrial.review.cases.models import Review

        titles = Review.objects.filter(id__in=reviews).values_list("title", flat=True)
        return function(id=id, reviews=reviews, at=at, portal=portal) + " ".join(titles)

    return broken


def _to_everybody(function: Any) -> Any:
    def broken(asking: Any, organisation_id: str, at: Any) -> Any:
        from seatrial.parties.models import Invitation

        rows_ = Invitation.objects.filter(organisation_id=organisation_id)
        return tuple(parties.invitation_view(row, at) for row in rows_)

    return broken


def _all_shared(function: Any) -> Any:
    def broken(asking: Any, standing: Any) -> Any:
        from seatrial.review.identity.models import DeclarationRow

        return DeclarationRow.objects.filter(review_id=standing.review).order_by("-number")

    return broken


MAIL = "mail"
OUTSIDE = ("riva", "pia", "clea")
FAULTS: tuple[Fault, ...] = (
    Fault("the body's list and pages keep a withdrawn review", rows.visible, _withdrawn_stays, ("ina",), ("review",)),
    Fault("the level of a label is not asked", Reader.may_read, _any_level, ("nil-body", "nil-north"), ("review",)),
    Fault("a review's page is anybody's who knows its id", reading.brief, _any_review, OUTSIDE, ("review",)),
    Fault("threads and notes are read under any label", threads._readable, _unlabelled, ("ina", "gwen"), ("thread",)),
    Fault("files are served without their label", threads.attachment, _unlabelled, ("ina", "gwen"), ("attachment",)),
    Fault("a twin withholds nothing", dossiers.derive, lambda f: lambda d, rule: f(d, lambda way: None), ("gwen",), ("dossier",)),  # noqa: E501
    Fault("the words of a leak are shown before they were read", handling.leaks, _read_at_once, ("ada",), ("leak", "handed-over")),  # noqa: E501
    Fault("memos of every lab lie on every desk", planning._memos, _all_plans, ("riva",), ("plan", "engagement")),
    Fault("entries of the ledger are listed without their labels", ledger.entries, _unlabelled, OUTSIDE, ("ledger",)),
    Fault("a determination is readable before it is shared", readable, _unlabelled, ("gwen",), ("memo", "determination")),  # noqa: E501
    Fault("what was declared is the body's at once", identity.declarations, _all_shared, ("ina",), ("identity",)),
    Fault("who was invited is told to everybody", parties.invitations, _to_everybody, ("sam", "riva"), ("organisation", "invitation")),  # noqa: E501
    Fault("a mail names the review", wording.text, _titled, (), (MAIL,)),
)  # fmt: skip
