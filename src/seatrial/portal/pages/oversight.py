"""Oversight: where an inspector may want to look. Every page here only reads."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from seatrial.kernel.clock import now
from seatrial.kernel.errors import Misuse
from seatrial.parties import api as parties
from seatrial.portal.asking import asker
from seatrial.review.cases import api as cases
from seatrial.review.oversight import api as oversight
from seatrial.review.oversight.types import Indicators, Share

_PART = 50
_WIDE = 400  # the figure's units from 0 to 100 %


@dataclass(frozen=True, slots=True)
class Bar:
    """One share as a line of the figure and of the table beside it. Places are in the figure's units; without a
    ``dot`` there is nothing to draw.
    """

    words: str
    said: Share
    interval: str
    words_at: int
    top: int
    left: float
    right: float
    dot: float | None


@login_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """``/oversight/``; ``?after=`` goes on in the list of reviews."""
    asking, moment, after = asker(request), now(), request.GET.get("after", "")
    listed = oversight.reviews(asking, moment, after=after, limit=_PART + 1)
    context = {
        "bodies": [] if after else [(one, bars(one)) for one in oversight.bodies(asking, moment)],
        "reviews": listed[:_PART],
        "next": listed[_PART - 1].id if len(listed) > _PART else "",
        "after": after,
    }
    return render(request, "portal/oversight.html", context)


@login_required
@require_safe
def review(request: HttpRequest, review_id: str) -> HttpResponse:
    """``/oversight/reviews/<id>/``"""
    asking, moment = asker(request), now()
    found = oversight.inspection(asking, review_id, moment)
    context = {
        "found": found,
        "review": cases.brief(asking, review_id, moment),
        "phrases": oversight.PHRASES,
        "bars": bars(found.indicators) if found.indicators else (),
    }
    return render(request, "portal/oversight_review.html", context)


@login_required
@require_safe
def sample(request: HttpRequest) -> HttpResponse:
    """``/oversight/sample/``: drawn with ``?n=&seed=&head=&review=``; without a seed one is made."""
    asking, asked, objection, found = asker(request), request.GET, "", None
    try:
        found = oversight.sample(
            asking,
            now(),
            n=_number(asked.get("n")) or 20,
            seed=asked.get("seed", "").strip() or secrets.token_hex(8),
            head=_number(asked.get("head")),
            review=asked.get("review", "").strip() or None,
            uses_only="uses" in asked,
        )
    except Misuse as error:
        if error.code != "bad-sample":
            raise
        objection = error.message
    context = {"sample": found, "objection": objection, "asked": asked, "names": parties.names()}
    return render(request, "portal/oversight_sample.html", context, status=422 if objection else 200)


def bars(one: Indicators) -> tuple[Bar, ...]:
    """The shares of a body, in the order in which they stand."""
    shares = (
        ("Requests close to the window’s end", one.late),
        ("Requests with a wish before the window’s end", one.wished),
        ("Requests that were answered", one.answered),
        ("Requests made after an answer in the same review", one.again),
        ("Requests followed by a narrowing within 24 hours", one.narrowed_after),
        ("Consents signed anew within 7 days of a policy", one.resigned),
    )
    return tuple(_bar(words, said, 28 * number) for number, (words, said) in enumerate(shares))


def _bar(words: str, said: Share, place: int) -> Bar:
    if said.low is None or said.high is None:
        return Bar(words, said, "–", place + 14, place + 22, 0, 0, None)
    interval = f"{said.low:.0%} to {said.high:.0%}"
    left, right, dot = (_WIDE * part for part in (said.low, said.high, said.k / said.n))
    return Bar(words, said, interval, place + 14, place + 22, left, right, dot)


def _number(text: str | None) -> int | None:
    """A whole number as somebody typed it, ``None`` for none. Raises ``Misuse`` (``bad-sample``)."""
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 18):
        raise Misuse("bad-sample", f"{text[:40]!r} is no whole number; write digits only.")
    return int(text)
