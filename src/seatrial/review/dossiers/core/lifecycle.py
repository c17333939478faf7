"""The life of one version: composed, then shared with one audience after another. Nothing ends, nothing is undone."""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from seatrial.kernel.lifecycle import Machine, Transition
from seatrial.review.dossiers.types import Audience


class State(enum.StrEnum):
    COMPOSED = "composed"
    SHARED = "shared"


@dataclass(frozen=True, slots=True)
class Life:
    """What the rules need to know of a version: whether its review is offered, and who has which twin."""

    offered: bool
    shared: frozenset[tuple[Audience, str]] = frozenset()
    signed: frozenset[tuple[Audience, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class To:
    """One audience, and the organisation if that is a partner."""

    audience: Audience
    partner: str = ""


def not_offered(life: Life, to: To, now: datetime) -> str | None:
    """A draft is nobody's business but the developer's (V10)."""
    return None if life.offered else "This review is still a draft; offer it first, then share its dossier."


def already_shared(life: Life, to: To, now: datetime) -> str | None:
    if (to.audience, to.partner) not in life.shared:
        return None
    return "This version was shared with them already; compose a new one to share more."


def not_shared(life: Life, to: To, now: datetime) -> str | None:
    return None if (to.audience, to.partner) in life.shared else "This version was not shared with them yet."


def already_signed(life: Life, to: To, now: datetime) -> str | None:
    return "That twin is signed already." if (to.audience, to.partner) in life.signed else None


def _shared(life: Life, to: To, now: datetime) -> Life:
    return replace(life, shared=life.shared | {(to.audience, to.partner)})


def _signed(life: Life, to: To, now: datetime) -> Life:
    return replace(life, signed=life.signed | {(to.audience, to.partner)})


def _state_of(life: Life, now: datetime) -> str:
    return State.SHARED if life.shared else State.COMPOSED


_ANY = frozenset(State)

MACHINE: Machine[Any] = Machine.of(
    _state_of,
    [
        Transition("share", "developer", _ANY, "dossier.shared", (not_offered, already_shared), (_shared,)),
        Transition("sign", "developer", _ANY, "dossier.signed", (not_shared, already_signed), (_signed,)),
    ],
)
