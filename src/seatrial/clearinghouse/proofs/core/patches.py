"""From the questions asked of a patch to what is known of it. Pure; the table is read from its top."""

from __future__ import annotations

from collections.abc import Sequence

from seatrial.clearinghouse.proofs.types import Check, PatchVerdict

# question: what a "no" means, what "could not be asked" means
MEANS: dict[str, tuple[PatchVerdict, PatchVerdict | None]] = {
    "applies": (PatchVerdict.DOES_NOT_APPLY, PatchVerdict.DOES_NOT_APPLY),
    "fires without it": (PatchVerdict.NEEDS_A_PERSON, PatchVerdict.NEEDS_A_PERSON),
    "builds": (PatchVerdict.BUILD_FAILED, PatchVerdict.NEEDS_A_PERSON),
    "proof is silent": (PatchVerdict.STILL_FIRES, PatchVerdict.NEEDS_A_PERSON),
    "variants are silent": (PatchVerdict.STILL_FIRES, None),
    "near inputs are silent": (PatchVerdict.STILL_FIRES, None),
    "sanitizer at work": (PatchVerdict.SUSPECT, None),
    "text hides nothing": (PatchVerdict.SUSPECT, None),
    "ends openly": (PatchVerdict.SUSPECT, None),
    "tests pass": (PatchVerdict.BREAKS, None),
    "ordinary inputs do as before": (PatchVerdict.BREAKS, None),
    "build is left alone": (PatchVerdict.NEEDS_A_PERSON, None),
    "something shows that it still works": (PatchVerdict.NEEDS_A_PERSON, PatchVerdict.NEEDS_A_PERSON),
}


def verdict_of(checks: Sequence[Check]) -> tuple[PatchVerdict, str]:
    """The first answer, in the table's order, that speaks against the patch; else that it holds."""
    answered = {check.name: check for check in checks}
    for name, (no, unasked) in MEANS.items():
        check = answered.get(name)
        if check is None or check.passed:
            continue
        verdict = no if check.passed is False else unasked
        if verdict is not None:
            return verdict, check.why
    said = next((check.why for check in checks if check.name == "proof is silent"), "Nothing was asked.")
    return PatchVerdict.HOLDS, said
