"""What a case file never holds for a side, said in the same words whether there is any of it or not (V10, V13)."""

from __future__ import annotations

from seatrial.review.casefiles.types import Withheld

_NEVER = (
    Withheld("Access keys and the endpoint’s credential", "secrets stand in no file"),
    Withheld("The words of calls and answers", "the gateway keeps their digests only"),
)
_OTHERS = Withheld("Notes among the other side’s own people, if there are any", "the other side’s own")


def of_side(*, developer: bool) -> tuple[Withheld, ...]:
    """For the developer, or for everybody else who may read the review."""
    if developer:
        working = "Campaigns and unshared determinations of the review body, if there are any"
        return (*_NEVER, _OTHERS, Withheld(working, "the review body’s working material until it shares it"))
    own = "Drafts, plans and weighings of the developer, and who has seen what, if there are any"
    return (*_NEVER, _OTHERS, Withheld(own, "the developer’s own"))


def of_partner() -> tuple[Withheld, ...]:
    """For a trusted partner."""
    return (*_NEVER, Withheld("The rest of the review", "a partner sees its own terms and uses only"))
