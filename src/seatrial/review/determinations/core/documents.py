"""The memo of a determination on documents alone. No campaign was run, so it can only say that it cannot say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from seatrial.kernel.digests import Digest
from seatrial.kernel.errors import Misuse
from seatrial.review.determinations.core.consultation import NOBODY, Heard
from seatrial.review.determinations.core.memo import FINDING_WORDS, INFORMS
from seatrial.review.determinations.core.reconsideration import Reconsidered
from seatrial.review.determinations.types import Consulted, Finding

NO_CAMPAIGN = "No campaign was run. Nothing was measured; this rests on documents alone."
WOULD_CHANGE = (
    "A campaign on this model, inside a consent that its developer signs. Nobody has to sign one.",
    "Further documents from the developer.",
)


@dataclass(frozen=True, slots=True)
class Document:
    """Something that was read, pinned by its digest."""

    what: str
    digest: Digest


@dataclass(frozen=True, slots=True)
class DocumentsMemo:
    """The memo's content where there is no campaign: ``campaign`` is always ``None``."""

    v: int
    model: str
    finding: Finding
    finding_words: str
    reasons: str
    sentence: str
    caution: str
    informs: str
    campaign: None
    request: str | None
    documents: tuple[Document, ...]
    would_change: tuple[str, ...]
    consultations: tuple[Consulted, ...] = ()
    consultation: str = NOBODY
    reconsiders: Reconsidered | None = None


def documents_memo(
    *,
    model: str,
    finding: Finding,
    reasons: str,
    documents: Sequence[Document],
    request: str | None = None,
    asked: Heard = Heard(),  # noqa: B008 - a frozen value
) -> DocumentsMemo:
    """The memo on ``documents``. Raises ``Misuse`` (``nothing-measured``) for any finding but ``not_determined``."""
    if finding is not Finding.NOT_DETERMINED:
        raise Misuse(
            "nothing-measured",
            "Without a campaign nothing was measured: the finding is not_determined, or name a campaign.",
        )
    return DocumentsMemo(
        v=2,
        model=model,
        finding=finding,
        finding_words=FINDING_WORDS[finding],
        reasons=reasons,
        sentence=f"Whether {model} meets the designation is not determined.",
        caution=NO_CAMPAIGN,
        informs=INFORMS,
        campaign=None,
        request=request,
        documents=tuple(documents),
        would_change=WOULD_CHANGE,
        consultations=asked.consultations,
        consultation=asked.words,
    )
