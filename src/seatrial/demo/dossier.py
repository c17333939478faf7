"""The lab's first dossier in the demo: true words about the models that are really served."""

from __future__ import annotations

from seatrial.kernel.digests import Digest
from seatrial.kernel.labels import OPEN, Label
from seatrial.review.dossiers.types import Section

from .cast import BODY, LAB


def sections(model: str, artefact: Digest) -> tuple[Section, ...]:
    """Seven sections, two of them for the review body only."""
    shared = Label.among(LAB, BODY)
    return (
        Section("model", "Model identity", f"{model}, pinned by `{artefact}`.", OPEN),
        Section(
            "variants", "Variants", "One: as it will be served, with its chat template and no system prompt.", OPEN
        ),
        Section("capabilities", "Capabilities", "Short answers in English; no tools; a context of 4,096 tokens.", OPEN),
        Section(
            "threat-model",
            "Cyber threat model",
            "We looked at spotting flaws, crafting crashing inputs, patching, weak cryptography and log forensics. "
            "The model is too small to plan or to act over several steps.",
            shared,
        ),
        Section(
            "evaluations", "Our own evaluations", "None beyond smoke tests; the review's campaign is the first.", shared
        ),
        Section("safeguards", "Safeguards", "Instruction tuning only; no filter before or behind the model.", OPEN),
        Section("open-issues", "Open issues", "Repeats itself on long prompts.", OPEN),
    )
