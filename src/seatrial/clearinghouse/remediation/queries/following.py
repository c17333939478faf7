"""What is to be followed: operators whose matches may have changed, and what matching finds there.

For the house itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from seatrial.clearinghouse.exposure import api as exposure
from seatrial.clearinghouse.exposure.types import MatchView
from seatrial.clearinghouse.exposure.types import Verdict as Found
from seatrial.clearinghouse.remediation.core.urgency import urgency
from seatrial.clearinghouse.remediation.models import Followed
from seatrial.clearinghouse.remediation.types import Opened
from seatrial.clearinghouse.triage import api as triage
from seatrial.kernel.labels import Level
from seatrial.parties.types import Actor, Role

_EXPOSED = frozenset({Found.AFFECTED, Found.CANNOT_TELL})


def unfollowed() -> Iterator[tuple[str, str]]:
    """Operators whose matches may have changed since they were followed, each with the mark of now."""
    marks = dict(Followed.objects.values_list("organisation_id", "mark"))
    now = exposure.marks()
    for organisation, mark in now.items():
        if marks.get(organisation) != mark:
            yield organisation, mark
    for organisation in sorted(marks.keys() - now.keys()):
        if marks[organisation]:
            yield organisation, ""  # it has no inventory any more


def found_at(organisation: str, at: datetime) -> list[Opened]:
    """All that matching finds at an operator's, of what its cleared people may know."""
    reader = Actor(
        organisations=frozenset({organisation}),
        level=Level.CONTROLLED,
        roles=frozenset({(organisation, Role.DEFENDER)}),
    )
    matches = [one for one in exposure.matches(reader, organisation=organisation) if one.verdict in _EXPOSED]
    likely = triage.known_use({name for one in matches for name in one.names})
    told = {(one.advisory, one.package) for one in matches if one.verdict is Found.AFFECTED}
    fixed = {pair: exposure.fixed_in(*pair) for pair in sorted(told)}  # once, however many systems have it
    return [
        Opened(
            match=one.id,
            organisation=organisation,
            advisory=one.advisory,
            title=one.title or one.vulnerability,
            urgency=urgency(
                exploited=any(likely[name].exploited for name in one.names if name in likely),
                epss=max((likely[name].epss or 0.0 for name in one.names if name in likely), default=None),
            ),
            system=one.system_name,
            component=one.package,
            version=one.version,
            why=one.reason,
            action=_action(one, fixed),
            at=at,
        )
        for one in matches
    ]


def _action(one: MatchView, fixed: Mapping[tuple[str, str], tuple[str, ...]]) -> str:
    if one.verdict is Found.CANNOT_TELL:
        return "Look whether this version is affected; nobody can tell it from its number."
    versions = fixed[one.advisory, one.package]
    return f"Update to {' or '.join(versions)}, or later." if versions else ""
