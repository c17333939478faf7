"""Endpoints without a network whose answers scatter as a test says, for ``identity.ports.Endpoint``."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from seatrial.review.identity.core.fingerprint import make, order, probe_set
from seatrial.review.identity.types import Fingerprint, Observation, Probe

WORDS = [
    "ahoy",
    "anchor",
    "beacon",
    "bow",
    "buoy",
    "deck",
    "ebb",
    "fathom",
    "gale",
    "hull",
    "jib",
    "keel",
    "knot",
    "lee",
    "mast",
    "oar",
    "port",
    "reef",
    "sail",
    "tide",
]


@dataclass
class NoisyEndpoint:
    """Each probe has a few possible answers of its own, drawn from ``build``.

    ``noise`` is the chance that an answer at temperature 0 is not the first of them; ``heat`` the same for probes
    asked as served. ``changed`` probes answer as another build would. ``prompt_tokens`` are added to the count.
    """

    build: int
    noise: float = 0.0
    heat: float = 0.6
    changed: Sequence[str] = ()
    prompt_tokens: int = 0
    probabilities: bool = False
    blur: float = 0.0  # how far the probabilities of the first token lie from the build's own
    seed: int = 0
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._draw = random.Random(self.seed)

    def ask(self, probe: Probe, *, model: str, probabilities: bool) -> Observation:
        self.asked.append(probe.id)
        own = random.Random(f"{probe.id}/{self.build + 1 if probe.id in self.changed else self.build}")
        possible = [" ".join(own.sample(WORDS, 4)) for _ in range(5)]
        strays = self._draw.random() < (self.heat if probe.served else self.noise)
        text = self._draw.choice(possible[1:]) if strays else possible[0]
        share = min(1.0, max(0.0, own.uniform(0.3, 0.9) + self._draw.gauss(self.blur, 0.002)))
        first = {"a": round(share, 3), "b": round(1 - share, 3)}
        return Observation(
            text=text,
            finish="stop",
            prompt_tokens=len(probe.prompt) + self.prompt_tokens,
            answer_tokens=4,
            first_tokens=first if probabilities and self.probabilities else None,
            model=model,
            build="",
        )


def fingerprint_of(endpoint: NoisyEndpoint, repetitions: int = 8) -> Fingerprint:
    answers: dict[str, list[Observation]] = {probe.id: [] for probe in probe_set().probes}
    for probe in order(repetitions, endpoint.seed):
        answers[probe.id].append(endpoint.ask(probe, model="m", probabilities=endpoint.probabilities))
    return make(model="m", taken_at=datetime(2026, 7, 1, tzinfo=UTC), answers=answers)
