"""Determinations and the requests for them: ask whether a model meets the designation. Nothing depends on an answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from seatrial.kernel.canonical import plain
from seatrial.kernel.digests import Digest
from seatrial.review.determinations.types import (
    ConsultationView,
    Consulted,
    DeterminationRequestLine,
    DeterminationRequestPage,
    DeterminationRequestView,
    DeterminationView,
    Evidence,
    RequestPostView,
)

from .calling import Caller, at

PAGE = 100


@dataclass(frozen=True, slots=True)
class Determinations:
    """Raises ``NotFound`` (``no-such-request``, ``no-such-determination``) for what you may not know of."""

    _caller: Caller

    def list(self, *, after: str = "", limit: int = 100) -> tuple[DeterminationRequestLine, ...]:
        """The requests you may see, newest first; ``after`` is the last id of a page before."""
        return self._caller.get_all(DeterminationRequestLine, "/determination-requests", after=after, limit=limit)

    def all(self) -> Iterator[DeterminationRequestLine]:
        """Every request you may see, newest first, fetched as they are read."""
        after = ""
        while page := self.list(after=after, limit=PAGE):
            yield from page
            after = page[-1].id

    def draft(
        self,
        *,
        developer: str,
        body: str,
        model: str,
        description: str,
        artefact: Digest | None = None,
        review: str | None = None,
        dossier_version: int | None = None,
    ) -> DeterminationRequestView:
        """Draft a request. Only the developer's people can see it until it is asked."""
        said = _question(model, description, artefact, review, dossier_version)
        said |= {"developer": developer, "body": body}
        return self._caller.change(DeterminationRequestView, "POST", "/determination-requests", said)

    def revise(
        self,
        request: str,
        *,
        model: str,
        description: str,
        artefact: Digest | None = None,
        review: str | None = None,
        dossier_version: int | None = None,
    ) -> DeterminationRequestView:
        """Say it otherwise, while it is a draft."""
        said = _question(model, description, artefact, review, dossier_version)
        return self._caller.change(DeterminationRequestView, "PUT", at("determination-requests", request), said)

    def show(self, request: str, *, before: str | None = None, limit: int = 50) -> DeterminationRequestPage:
        """A request with its answers and its newest words."""
        path = at("determination-requests", request)
        return self._caller.get(DeterminationRequestPage, path, before=before, limit=limit)

    def all_posts(self, request: str) -> Iterator[RequestPostView]:
        """Every word on a request, newest first, fetched as they are read."""
        page = self.show(request, limit=PAGE)
        yield from page.posts
        while page.earlier is not None:
            page = self.show(request, before=page.earlier, limit=PAGE)
            yield from page.posts

    def ask(self, request: str) -> DeterminationRequestView:
        """Ask the review body. No clock begins."""
        return self._do(request, "ask")

    def post(self, request: str, text: str) -> DeterminationRequestPage:
        """Write words for both sides. They move nothing."""
        path = at("determination-requests", request, "posts")
        return self._caller.change(DeterminationRequestPage, "POST", path, {"text": text})

    def ask_reconsideration(
        self, request: str, reasons: str, *, evidence: str = "", named: Sequence[Evidence] = ()
    ) -> DeterminationRequestView:
        """Ask the review body to look again: why, and what is new. The answer you have stays as it is.

        ``named`` is new evidence that can be found again: a dossier's version, a campaign, a document's digest.
        """
        pieces = [{"kind": one.kind, "ref": one.ref, "what": one.what} for one in named]
        return self._do(request, "reconsideration", {"reasons": reasons, "evidence": evidence, "named": pieces})

    def close(self, request: str) -> DeterminationRequestView:
        """Be done with it; both sides go on reading it."""
        return self._do(request, "close")

    def withdraw(self, request: str) -> DeterminationRequestView:
        """Withdraw it, at any time and without a reason. The body sees nothing of it any more."""
        return self._do(request, "withdraw")

    def of_review(self, review: str) -> tuple[DeterminationView, ...]:
        """The determinations of a review that you may see."""
        return self._caller.get_all(DeterminationView, at("reviews", review, "determinations"))

    def consultations(self, review: str) -> tuple[ConsultationView, ...]:
        """Whom the review body consulted on a review, oldest first: none to whoever may not see it."""
        return self._caller.get_all(ConsultationView, at("reviews", review, "consultations"))

    def record_consultation(self, review: str, consulted: Consulted) -> tuple[ConsultationView, ...]:
        """Record whom you consulted, as an authority of the review body; all that are recorded for this review."""
        path = at("reviews", review, "consultations")
        return self._caller.change_all(ConsultationView, "POST", path, plain(consulted))

    def read(self, determination: str) -> DeterminationView:
        """One determination."""
        return self._caller.get(DeterminationView, at("determinations", determination))

    def memo(self, determination: str) -> bytes:
        """Its memo as one HTML page that can be verified offline."""
        return self._caller.get_bytes(at("determinations", determination, "memo.html"))

    def memo_pdf(self, determination: str) -> bytes:
        """Its memo as a tagged PDF, with the signed record inside."""
        return self._caller.get_bytes(at("determinations", determination, "memo.pdf"))

    def attach_statement(self, determination: str, text: str) -> DeterminationView:
        """Attach your own words to a determination, as they are, once."""
        path = at("determinations", determination, "statement")
        return self._caller.change(DeterminationView, "POST", path, {"text": text})

    def _do(self, request: str, what: str, said: object = None) -> DeterminationRequestView:
        path = at("determination-requests", request, what)
        return self._caller.change(DeterminationRequestView, "POST", path, said)


def _question(
    model: str, description: str, artefact: Digest | None, review: str | None, dossier_version: int | None
) -> dict[str, object]:
    return {
        "model": model,
        "description": description,
        "artefact": artefact,
        "review": review,
        "dossier_version": dossier_version,
    }
