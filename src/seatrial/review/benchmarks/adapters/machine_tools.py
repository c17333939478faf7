"""What this machine can run in its sandbox."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.conf import settings

from seatrial.review.benchmarks.adapters.sandbox_choice import OURS
from seatrial.review.benchmarks.core.adapted import COMPOSE, CONTAINER
from seatrial.review.benchmarks.core.manifest import SANDBOX
from seatrial.sandbox import api as sandbox

_ADVICE: Mapping[str, str] = {
    COMPOSE: "Items that bring several containers of their own (compose) need SEATRIAL_SANDBOX=docker or k8s.",
    "python3": "Python cannot be run in the sandbox; install python3.",
    "cc": "There is no C compiler with AddressSanitizer; install gcc or clang (on Debian: apt install gcc).",
}


class MachineTools:
    """See ``ports.Tools``."""

    def missing(self, needs: Iterable[str]) -> Mapping[str, str]:
        return {need: why for need in sorted(needs) if (why := _why_missing(need)) is not None}


def _why_missing(need: str) -> str | None:
    elsewhere = settings.SEATRIAL.sandbox != OURS  # then Inspect's provider finds out as a campaign begins
    if need == SANDBOX or (need == CONTAINER and not elsewhere):  # our box stands in for Docker with one image
        return sandbox.available()
    if need in (CONTAINER, COMPOSE) and elsewhere:
        return None
    if need in sandbox.toolchain():
        return None
    return _ADVICE.get(need, f"This version knows no tool {need!r}; leave such items out.")
