"""Every write of triage, a file for each occasion."""

from __future__ import annotations

from .docket import WaitingDocket
from .judging import record_judgement
from .linking import say_apart, say_same, undo_decision
from .patching import give_patch, record_patch_check
from .weighing import import_exploit_scores, import_known_exploited, say_point

__all__ = [
    "WaitingDocket",
    "give_patch",
    "import_exploit_scores",
    "import_known_exploited",
    "record_judgement",
    "record_patch_check",
    "say_apart",
    "say_point",
    "say_same",
    "undo_decision",
]
