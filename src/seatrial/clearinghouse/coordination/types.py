"""The words of coordination. Pure.

States and their letters are those of Vultron, CERT/CC's protocol for coordinated disclosure among several parties
(Householder, "Designing Vultron", CMU/SEI-2022-SR-012): one for the handling of the report by each party, one for
the embargo of the case, one for what vendors and the world know.
"""

from __future__ import annotations

import enum


class PartyRole(enum.StrEnum):
    """What a party is in a case. One organisation may take part in one role only."""

    FINDER = "finder"
    REPORTER = "reporter"
    VENDOR = "vendor"  # or maintainer: whoever can fix it
    COORDINATOR = "coordinator"
    DEPLOYER = "deployer"
    OTHER = "other"


class ReportStatus(enum.StrEnum):
    """How far a party is with the report (RM): each has its own."""

    START = "start"  # has not been told
    RECEIVED = "received"
    INVALID = "invalid"
    VALID = "valid"
    DEFERRED = "deferred"
    ACCEPTED = "accepted"
    CLOSED = "closed"


class EmbargoState(enum.StrEnum):
    """Whether the parties agreed to publish nothing until a date (EM): one for the case."""

    NONE = "none"
    PROPOSED = "proposed"
    ACTIVE = "active"
    REVISE = "revise"  # in force, and another date is proposed
    EXITED = "exited"


class EndReason(enum.StrEnum):
    """Why an embargo ended. Only a lapse needs nobody to say so."""

    LAPSED = "lapsed"  # its date came
    PUBLIC = "public"  # it was published, here or elsewhere
    EXPLOIT = "exploit-public"
    ATTACKS = "attacks"
    ADVERSARIES = "adversaries-know"  # evidence that attackers have it, though nobody published it
    FIXED = "fixed"  # every vendor of the case has a fix out
