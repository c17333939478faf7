"""The life of a determination request: asked by the developer, answered by the body, ended by the developer.

It has no clock: no state depends on time, silence leaves it as it is, and nothing anywhere else follows from it or
from any answer (V3, V4, V5). Everything the developer may do depends on what the developer did, with one exception:
a reconsideration is asked for once there is an answer. An answer is a shared determination and is never changed;
after a reconsideration another one is given beside it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from seatrial.kernel.lifecycle import Machine, Transition
from seatrial.parties.types import Role
from seatrial.review.determinations.types import DeterminationRequestState

DEVELOPER, BODY = "developer", "body"
EITHER = f"{DEVELOPER} or {BODY}"

# One of these roles is needed, on the side that acts.
ROLES: dict[tuple[str, str], tuple[Role, ...]] = {
    ("revise", DEVELOPER): (Role.GOVERNANCE,),
    ("ask", DEVELOPER): (Role.GOVERNANCE,),
    ("ask_reconsideration", DEVELOPER): (Role.GOVERNANCE,),
    ("close", DEVELOPER): (Role.GOVERNANCE,),
    ("withdraw", DEVELOPER): (Role.GOVERNANCE, Role.SECURITY, Role.SIGNATORY),
    ("post", DEVELOPER): (Role.GOVERNANCE, Role.SECURITY, Role.SIGNATORY),
    ("acknowledge", BODY): (Role.INTAKE, Role.AUTHORITY),
    ("answer", BODY): (Role.AUTHORITY,),
    ("post", BODY): (Role.INTAKE, Role.EVALUATOR, Role.AUTHORITY, Role.SIGNATORY),
}


@dataclass(frozen=True, slots=True)
class Request:
    """What is known of a request. ``answers`` are ids of determinations, in order."""

    id: str
    developer: str
    body: str
    asked_at: datetime | None = None
    acknowledged_at: datetime | None = None
    answers: tuple[str, ...] = ()
    reconsiderations: int = 0
    closed_at: datetime | None = None
    withdrawn_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """A determination offered as an answer; ``request`` is the one it was drafted for, if any."""

    determination: str
    developer: str
    body: str
    request: str | None
    shared: bool


def state_of(request: Request, now: datetime) -> DeterminationRequestState:
    """Time does not change a request."""
    if request.withdrawn_at is not None:
        return DeterminationRequestState.WITHDRAWN
    if request.closed_at is not None:
        return DeterminationRequestState.CLOSED
    if request.asked_at is None:
        return DeterminationRequestState.DRAFT
    if request.answers:
        if request.reconsiderations >= len(request.answers):
            return DeterminationRequestState.RECONSIDERATION_ASKED
        again = len(request.answers) > 1
        return DeterminationRequestState.ANSWERED_AGAIN if again else DeterminationRequestState.ANSWERED
    return (
        DeterminationRequestState.ACKNOWLEDGED
        if request.acknowledged_at is not None
        else DeterminationRequestState.ASKED
    )


def shared_first(request: Request, answer: Answer, now: datetime) -> str | None:
    """What answers is what the developer can read."""
    return None if answer.shared else "Two people sign a determination and it is shared before it answers a request."


def of_the_same_two(request: Request, answer: Answer, now: datetime) -> str | None:
    """An answer is about the developer who asked, by the body that was asked."""
    if (answer.developer, answer.body) != (request.developer, request.body):
        return "That determination is about another developer or by another body; choose one of these two."
    return None


def not_for_another_request(request: Request, answer: Answer, now: datetime) -> str | None:
    """What was drafted on the documents of one request speaks of nothing else."""
    if answer.request not in (None, request.id):
        return "That determination rests on the documents of another request; draft one for this request."
    return None


def another_determination(request: Request, answer: Answer, now: datetime) -> str | None:
    """Each answer is a determination of its own; an earlier one stays as it is."""
    if answer.determination in request.answers:
        return "That determination answered this request before; answer again with another one."
    return None


def asked(request: Request, details: object, now: datetime) -> Request:
    return replace(request, asked_at=now)


def acknowledged(request: Request, details: object, now: datetime) -> Request:
    return replace(request, acknowledged_at=now)


def answered(request: Request, answer: Answer, now: datetime) -> Request:
    return replace(request, answers=(*request.answers, answer.determination))


def reconsideration_asked(request: Request, details: object, now: datetime) -> Request:
    return replace(request, reconsiderations=request.reconsiderations + 1)


def closed(request: Request, details: object, now: datetime) -> Request:
    return replace(request, closed_at=now)


def withdrawn(request: Request, details: object, now: datetime) -> Request:
    return replace(request, withdrawn_at=now)


_State = DeterminationRequestState
_ANSWERED = frozenset({_State.ANSWERED, _State.ANSWERED_AGAIN})
_UNANSWERED = frozenset({_State.ASKED, _State.ACKNOWLEDGED, _State.RECONSIDERATION_ASKED})

MACHINE: Machine[Request] = Machine.of(
    state_of,
    (
        Transition("revise", DEVELOPER, frozenset({_State.DRAFT}), "determination-request.revised"),
        Transition("ask", DEVELOPER, frozenset({_State.DRAFT}), "determination-request.asked", (), (asked,)),
        Transition(
            "acknowledge",
            BODY,
            frozenset({_State.ASKED}),
            "determination-request.acknowledged",
            (),
            (acknowledged,),
        ),
        Transition(
            "answer",
            BODY,
            _UNANSWERED,
            "determination-request.answered",
            (shared_first, of_the_same_two, not_for_another_request, another_determination),
            (answered,),
        ),
        Transition(
            "ask_reconsideration",
            DEVELOPER,
            _ANSWERED,
            "determination-request.reconsideration-asked",
            (),
            (reconsideration_asked,),
        ),
        Transition("post", EITHER, _ANSWERED | _UNANSWERED, "determination-request.posted"),
        Transition("close", DEVELOPER, _ANSWERED | _UNANSWERED, "determination-request.closed", (), (closed,)),
        Transition(
            "withdraw",
            DEVELOPER,
            frozenset(_State) - {_State.WITHDRAWN},
            "determination-request.withdrawn",
            (),
            (withdrawn,),
        ),
    ),
)
