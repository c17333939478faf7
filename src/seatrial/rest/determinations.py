"""Determinations and the requests for them over HTTP. They inform; no other route reads one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema, Status

from seatrial.kernel.canonical import plain
from seatrial.kernel.clock import now
from seatrial.kernel.digests import Digest
from seatrial.review.determinations import api as determinations
from seatrial.review.determinations.types import (
    ConsultationView,
    Consulted,
    DeterminationRequestLine,
    DeterminationRequestPage,
    DeterminationRequestView,
    DeterminationView,
    Evidence,
    EvidenceKind,
    Finding,
    Part,
    Question,
    Stance,
    Withhold,
)

from .asking import actor_of
from .schemas import schema_of

of_a_review = Router(tags=["determinations"])
router = Router(tags=["determinations"])
requests = Router(tags=["determination requests"])


class EvidenceIn(Schema):
    """New evidence: a campaign's id, the number of a dossier's version, or a document's digest."""

    kind: EvidenceKind
    ref: str
    what: str = ""


class AnyDraftIn(Schema):
    """What an earlier determination is reconsidered with; what the developer will not be given, and why."""

    reconsiders: str | None = None
    evidence: list[EvidenceIn] = []
    withhold: list[Part] = []
    why_withheld: str = ""

    def beside(self) -> dict[str, Any]:
        asked = Withhold(frozenset(self.withhold), self.why_withheld) if self.withhold or self.why_withheld else None
        return {"reconsiders": self.reconsiders, "evidence": _evidence(self.evidence), "withhold": asked}


class DraftIn(AnyDraftIn):
    """Without a campaign it rests on documents alone and can only be ``not_determined``."""

    finding: Finding
    reasons: str
    campaign: str | None = None


class ReasonsIn(AnyDraftIn):
    reasons: str


class ConsultedIn(Schema):
    organisation: str
    capacity: str
    stance: Stance
    on: date
    person: str = ""
    words: str = ""

    def consulted(self) -> Consulted:
        return Consulted(self.organisation, self.person, self.capacity, self.stance, self.words, self.on)


class TextIn(Schema):
    text: str


class QuestionIn(Schema):
    model: str
    description: str
    artefact: str | None = None
    review: str | None = None
    dossier_version: int | None = None

    def question(self) -> Question:
        return Question(
            model=self.model,
            description=self.description,
            artefact=Digest(self.artefact) if self.artefact else None,
            review=self.review,
            dossier_version=self.dossier_version,
        )


class RequestIn(QuestionIn):
    developer: str
    body: str


class AnswerIn(Schema):
    determination: str


class ReconsiderationIn(Schema):
    reasons: str
    evidence: str = ""
    named: list[EvidenceIn] = []


@of_a_review.get("/{review}/determinations", response=list[schema_of(DeterminationView)])  # type: ignore[misc]
def list_determinations(request: HttpRequest, review: str) -> Any:
    """The determinations of a review that you may see. Nothing depends on one."""
    return plain(determinations.determinations(actor_of(request), review))


@of_a_review.post("/{review}/determinations", response={201: schema_of(DeterminationView)})
def draft(request: HttpRequest, review: str, body: DraftIn) -> Any:
    """Draft a determination, as an authority of the review body. Two people sign it before it is shared."""
    actor = actor_of(request)
    made = determinations.draft(
        by=actor,
        review=review,
        campaign=body.campaign,
        finding=body.finding,
        reasons=body.reasons,
        at=now(),
        **body.beside(),
    )
    return Status(201, plain(determinations.determination(actor, made)))


@of_a_review.get(
    "/{review}/consultations",
    response=list[schema_of(ConsultationView)],  # type: ignore[misc]
)
def list_consultations(request: HttpRequest, review: str) -> Any:
    """Whom the review body consulted, as far as you may see it, oldest first."""
    return plain(determinations.consultations(actor_of(request), review))


@of_a_review.post("/{review}/consultations", response={201: list[schema_of(ConsultationView)]})  # type: ignore[misc]
def record_consultation(request: HttpRequest, review: str, body: ConsultedIn) -> Any:
    """Record whom you consulted, as an authority of the review body. It stands in every memo drafted afterwards."""
    actor = actor_of(request)
    determinations.record_consultation(by=actor, review=review, consulted=body.consulted(), at=now())
    return Status(201, plain(determinations.consultations(actor, review)))


@router.get("/{determination}", response=schema_of(DeterminationView))
def show(request: HttpRequest, determination: str) -> Any:
    """One determination."""
    return plain(determinations.determination(actor_of(request), determination))


@router.get("/{determination}/memo.html", response=None)
def memo(request: HttpRequest, determination: str, twin: bool = False) -> Any:
    """Its memo as one page that can be verified offline; with ``twin`` what the developer gets of it."""
    page = determinations.memo_html(actor_of(request), determination, twin=twin)
    return HttpResponse(page, headers={"Content-Disposition": f'attachment; filename="{determination}.html"'})


@router.get("/{determination}/memo.pdf", response=None)
def memo_pdf(request: HttpRequest, determination: str, twin: bool = False) -> Any:
    """Its memo as a tagged PDF, with the signed record inside; with ``twin`` what the developer gets of it."""
    found = determinations.memo_pdf(actor_of(request), determination, twin=twin)
    headers = {"Content-Disposition": f'attachment; filename="{determination}.pdf"'}
    return HttpResponse(found, content_type="application/pdf", headers=headers)


@router.post("/{determination}/sign", response=schema_of(DeterminationView))
def sign(request: HttpRequest, determination: str) -> Any:
    """Give one of the two signatures."""
    actor = actor_of(request)
    determinations.sign(by=actor, determination=determination, at=now())
    return plain(determinations.determination(actor, determination))


@router.post("/{determination}/share", response=schema_of(DeterminationView))
def share(request: HttpRequest, determination: str) -> Any:
    """Let the developer read it."""
    actor = actor_of(request)
    determinations.share(by=actor, determination=determination, at=now())
    return plain(determinations.determination(actor, determination))


@router.post("/{determination}/statement", response=schema_of(DeterminationView))
def statement(request: HttpRequest, determination: str, body: TextIn) -> Any:
    """Attach the developer's own words, once."""
    actor = actor_of(request)
    determinations.attach_statement(by=actor, determination=determination, text=body.text, at=now())
    return plain(determinations.determination(actor, determination))


@requests.get("", response=list[schema_of(DeterminationRequestLine)])  # type: ignore[misc]
def list_requests(request: HttpRequest, after: str = "", limit: int = 100) -> Any:
    """The determination requests you may see, newest first; ``after`` is the last id of the page before."""
    return plain(determinations.requests(actor_of(request), now(), after=after, limit=limit))


@requests.post("", response={201: schema_of(DeterminationRequestView)})
def draft_request(request: HttpRequest, body: RequestIn) -> Any:
    """Draft a request. Only the developer's people can see it until it is asked."""
    actor, at = actor_of(request), now()
    made = determinations.draft_request(
        by=actor, developer=body.developer, body=body.body, question=body.question(), at=at
    )
    return Status(201, plain(determinations.one_request(actor, made, at)))


@requests.get("/{determination_request}", response=schema_of(DeterminationRequestPage))
def show_request(request: HttpRequest, determination_request: str, before: str | None = None, limit: int = 50) -> Any:
    """A request with its answers and its newest words; ``before`` goes further back."""
    page = determinations.request_page(actor_of(request), determination_request, now(), before=before, limit=limit)
    return plain(page)


@requests.put("/{determination_request}", response=schema_of(DeterminationRequestView))
def revise(request: HttpRequest, determination_request: str, body: QuestionIn) -> Any:
    """Say it otherwise, while it is a draft."""
    return _after(request, determination_request, determinations.revise_request, question=body.question())


@requests.post("/{determination_request}/ask", response=schema_of(DeterminationRequestView))
def ask(request: HttpRequest, determination_request: str) -> Any:
    """Ask the review body. No clock begins, and nothing depends on an answer."""
    return _after(request, determination_request, determinations.ask_request)


@requests.post("/{determination_request}/acknowledge", response=schema_of(DeterminationRequestView))
def acknowledge(request: HttpRequest, determination_request: str) -> Any:
    """Say that it arrived, as the review body."""
    return _after(request, determination_request, determinations.acknowledge_request)


@requests.get(
    "/{determination_request}/answers-offered",
    response=list[schema_of(DeterminationView)],  # type: ignore[misc]
)
def answers_offered(request: HttpRequest, determination_request: str) -> Any:
    """The shared determinations that you could answer with now."""
    return plain(determinations.answers_offered(actor_of(request), determination_request, now()))


@requests.get(
    "/{determination_request}/determinations",
    response=list[schema_of(DeterminationView)],  # type: ignore[misc]
)
def drafted_for(request: HttpRequest, determination_request: str) -> Any:
    """The determinations drafted on a request's documents, as far as you may see them."""
    return plain(determinations.drafted_for(actor_of(request), determination_request))


@requests.post("/{determination_request}/determinations", response={201: schema_of(DeterminationView)})
def draft_on_documents(request: HttpRequest, determination_request: str, body: ReasonsIn) -> Any:
    """Draft ``not_determined`` on the documents of a request alone, with reasons."""
    actor = actor_of(request)
    made = determinations.draft_for_request(
        by=actor, request=determination_request, reasons=body.reasons, at=now(), **body.beside()
    )
    return Status(201, plain(determinations.determination(actor, made)))


@requests.get(
    "/{determination_request}/consultations",
    response=list[schema_of(ConsultationView)],  # type: ignore[misc]
)
def list_consultations_for_request(request: HttpRequest, determination_request: str) -> Any:
    """Whom the review body consulted on a request, as far as you may see it, oldest first."""
    return plain(determinations.consultations_for_request(actor_of(request), determination_request))


@requests.post(
    "/{determination_request}/consultations",
    response={201: list[schema_of(ConsultationView)]},  # type: ignore[misc]
)
def record_consultation_for_request(request: HttpRequest, determination_request: str, body: ConsultedIn) -> Any:
    """Record whom you consulted on a request, as an authority of the review body."""
    actor = actor_of(request)
    determinations.record_consultation(by=actor, request=determination_request, consulted=body.consulted(), at=now())
    return Status(201, plain(determinations.consultations_for_request(actor, determination_request)))


@requests.post("/{determination_request}/answer", response=schema_of(DeterminationRequestView))
def answer(request: HttpRequest, determination_request: str, body: AnswerIn) -> Any:
    """Answer with a shared determination."""
    return _after(request, determination_request, determinations.answer_request, determination=body.determination)


@requests.post("/{determination_request}/reconsideration", response=schema_of(DeterminationRequestView))
def ask_reconsideration(request: HttpRequest, determination_request: str, body: ReconsiderationIn) -> Any:
    """Ask the review body to look again: why, and what is new."""
    said = {"reasons": body.reasons, "evidence": body.evidence, "named": _evidence(body.named)}
    return _after(request, determination_request, determinations.ask_reconsideration, **said)


@requests.post("/{determination_request}/posts", response={201: schema_of(DeterminationRequestPage)})
def post(request: HttpRequest, determination_request: str, body: TextIn) -> Any:
    """Write words for both sides. They move nothing."""
    actor, at = actor_of(request), now()
    determinations.post_on_request(by=actor, request=determination_request, text=body.text, at=at)
    return Status(201, plain(determinations.request_page(actor, determination_request, at)))


@requests.post("/{determination_request}/close", response=schema_of(DeterminationRequestView))
def close(request: HttpRequest, determination_request: str) -> Any:
    """Be done with it, as the developer."""
    return _after(request, determination_request, determinations.close_request)


@requests.post("/{determination_request}/withdraw", response=schema_of(DeterminationRequestView))
def withdraw(request: HttpRequest, determination_request: str) -> Any:
    """Withdraw it, at any time and without a reason. The review body sees nothing of it any more."""
    return _after(request, determination_request, determinations.withdraw_request)


def _evidence(named: Sequence[EvidenceIn]) -> tuple[Evidence, ...]:
    return tuple(Evidence(one.kind, one.ref, one.what) for one in named)


def _after(request: HttpRequest, determination_request: str, act: Callable[..., None], **said: object) -> Any:
    """Do one thing to a request, and show what has become of it."""
    actor, at = actor_of(request), now()
    act(by=actor, request=determination_request, at=at, **said)
    return plain(determinations.one_request(actor, determination_request, at))
