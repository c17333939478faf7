"""Every write of coordination. One action is one transaction with one ledger entry, but for what says otherwise."""

from .closing import close_case, reopen_case
from .embargo import adhere, answer, propose, settle, terminate
from .escalating import take_step
from .following import follow_cluster
from .handling import heard, move_report, record_event
from .inviting import decline, invite, join, tell
from .opening import open_case
from .outside import add_contact, add_security_txt, publish_terms, state_capacity
from .pacing import release_waiting
from .scanning import register_scans, tell_overlap
from .talking import mark_told, reach_milestone, say

__all__ = [
    "add_contact",
    "add_security_txt",
    "adhere",
    "answer",
    "close_case",
    "decline",
    "follow_cluster",
    "heard",
    "invite",
    "join",
    "mark_told",
    "move_report",
    "open_case",
    "propose",
    "publish_terms",
    "reach_milestone",
    "record_event",
    "register_scans",
    "release_waiting",
    "reopen_case",
    "say",
    "settle",
    "state_capacity",
    "take_step",
    "tell",
    "tell_overlap",
    "terminate",
]
