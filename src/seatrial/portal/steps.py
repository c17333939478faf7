"""What each event that a review's ``may`` lists is called on a button, and the page it is done on.

One table, in the order in which buttons stand. ``weight`` is ``main`` for the natural next step, ``plain``
for what is possible besides, ``end`` for withdrawing. Whatever ends access stands behind a page that
says what will happen.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.urls import reverse

from seatrial.kernel.errors import NotFound
from seatrial.review.cases.types import ReviewView


@dataclass(frozen=True, slots=True)
class Step:
    """``page`` is a URL name that takes the review's id; ``posts`` says that a button there does it at once."""

    event: str
    label: str
    page: str
    weight: str = "plain"
    posts: bool = False


STEPS: tuple[Step, ...] = (
    Step("offer", "Offer this review", "review-offer", "main", posts=True),
    Step("acknowledge", "Acknowledge the offer", "review-acknowledge", "main", posts=True),
    Step("sign_consent", "Sign a consent", "consent-sign", "main"),
    Step("adopt_policy", "Adopt the newer policy", "review-policy"),
    Step("narrow_consent", "Narrow the consent", "consent-narrow"),
    Step("move_release", "Change the planned dates", "review-dates"),
    Step("record_release", "Record the release", "review-release"),
    Step("close", "Close the review", "review-close"),
    Step("withdraw", "Withdraw", "review-withdraw", "end"),
)


def steps(view: ReviewView) -> list[Step]:
    """What the asker can do now, in the order of the table."""
    return [_worded(step, view) for step in STEPS if step.event in view.may]


def links(view: ReviewView, chosen: Iterable[Step]) -> list[tuple[Step, str]]:
    """Each step with its address."""
    return [(step, reverse(step.page, args=[view.id])) for step in chosen]


def offered(view: ReviewView, event: str) -> None:
    """Raises ``NotFound`` (``not-offered``) for the page of something that is not the asker's to do now."""
    if event not in view.may:
        raise NotFound("not-offered", "There is nothing here for you now. The review's own page lists what you can do.")


def _worded(step: Step, view: ReviewView) -> Step:
    """A first consent is the natural next step; one that replaces another is merely possible."""
    if step.event == "sign_consent" and view.consent is not None:
        return replace(step, label="Sign a new consent", weight="plain")
    return step
