"""The life of a campaign: one table. What is not listed is illegal; the last four states are final."""

from __future__ import annotations

from datetime import datetime

from seatrial.kernel.lifecycle import Machine, Transition
from seatrial.parties.types import Role
from seatrial.review.benchmarks.types import CampaignState

FINAL = frozenset({CampaignState.DECIDED, CampaignState.EXHAUSTED, CampaignState.STOPPED, CampaignState.VOID})
_LIVE = frozenset({CampaignState.PLANNED.value, CampaignState.RUNNING.value})


def _state_of(state: str, now: datetime) -> str:
    return state


def _runs(state: str, details: object, now: datetime) -> str:
    return CampaignState.RUNNING


def _ends(state: str, details: object, now: datetime) -> str:
    """``details`` is the final state."""
    return CampaignState(str(details))


def _is_stopped(state: str, details: object, now: datetime) -> str:
    return CampaignState.STOPPED


MACHINE: Machine[str] = Machine.of(
    _state_of,
    [
        # "run" from running is a resumption, after a kill or a breakdown
        Transition("run", Role.EVALUATOR, _LIVE, "benchmarks.campaign-run", effects=(_runs,)),
        Transition(
            "conclude",
            Role.EVALUATOR,
            frozenset({CampaignState.RUNNING.value}),
            "benchmarks.campaign-concluded",
            effects=(_ends,),
        ),
        Transition("stop", Role.EVALUATOR, _LIVE, "benchmarks.campaign-concluded", effects=(_is_stopped,)),
    ],
)
