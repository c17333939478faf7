"""Determination requests at every stage: drafted, asked, answered and asked again, closed, withdrawn."""

from __future__ import annotations

from dataclasses import dataclass, field

from seatrial.review.determinations import api as determinations
from seatrial.review.determinations.types import Question

from .cast import Cast
from .voyages import BODIES, LABS

STAGES = ("draft", "asked", "answered", "closed", "withdrawn")


@dataclass
class Questions:
    """Ids by the lab that asked, and those that must not be known of."""

    asked: list[tuple[str, str, str]] = field(default_factory=list)  # developer, body, id
    drafts: list[tuple[str, str]] = field(default_factory=list)  # developer, id
    determinations: list[str] = field(default_factory=list)


def ask(cast: Cast) -> Questions:
    made = Questions()
    for developer, body in (("lab-north", "body-one"), ("lab-north", "body-two"), ("lab-south", "body-one")):
        for stage in STAGES:
            _one(cast, made, developer, body, stage)
    return made


def _one(cast: Cast, made: Questions, developer: str, body: str, stage: str) -> None:
    gov, _, sig = map(cast.actor, LABS[developer])
    intake, _, authority, other = map(cast.actor, BODIES[body])
    told = frozenset({body}) if stage not in ("draft", "withdrawn") else frozenset[str]()

    def plant(what: str, rule: str = "asked") -> str:
        return cast.book.plant(what, rule, developer=developer, home=body, told=told)

    question = Question(plant("model of a request"), plant("description of a request"))
    request = determinations.draft_request(by=gov, developer=developer, body=body, question=question, at=cast.clock())
    if stage == "draft":
        made.drafts.append((developer, request))
        return
    made.asked.append((developer, body, request))
    determinations.ask_request(by=gov, request=request, at=cast.clock())
    determinations.acknowledge_request(by=intake, request=request, at=cast.clock())
    for by in (gov, intake):
        text = plant("words on a request")
        determinations.post_on_request(by=by, request=request, text=text, at=cast.clock())
    if stage in ("answered", "withdrawn"):
        words = plant("reasons of an answer")
        answer = determinations.draft_for_request(by=authority, request=request, reasons=words, at=cast.clock())
        made.determinations.append(answer)
        for signer in (authority, other):
            determinations.sign(by=signer, determination=answer, at=cast.clock())
        determinations.share(by=authority, determination=answer, at=cast.clock())
        determinations.answer_request(by=authority, request=request, determination=answer, at=cast.clock())
        determinations.attach_statement(
            by=sig, determination=answer, text=plant("statement on an answer"), at=cast.clock()
        )
        determinations.ask_reconsideration(
            by=gov,
            request=request,
            reasons=plant("reasons of a reconsideration"),
            evidence=plant("evidence of a reconsideration"),
            at=cast.clock(),
        )
    if stage == "closed":
        determinations.close_request(by=gov, request=request, at=cast.clock())
    if stage == "withdrawn":
        determinations.withdraw_request(by=gov, request=request, at=cast.clock())
