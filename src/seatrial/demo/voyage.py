"""What the stages of the demo hand to each other."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from seatrial.kernel.digests import Digest
from seatrial.kernel.settings import Settings
from seatrial.review.benchmarks.types import Suite

from .cast import Cast
from .stage import Stages


@dataclass
class Voyage:
    """What the stages hand to each other."""

    settings: Settings
    stages: Stages
    people: Cast
    gateway: str
    portal: str
    suite: Suite
    folder: Path
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass
class Review:
    """One review in the story: its id, its model, its evaluator's key."""

    id: str
    model: str
    upstream: str
    artefact: Digest
    secret: str  # of the developer's endpoint
    key: str = ""
