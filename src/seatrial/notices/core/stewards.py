"""Who looks after an organisation's webhooks."""

from __future__ import annotations

from seatrial.kernel.errors import Forbidden
from seatrial.kernel.labels import Label, Reader, Tlp
from seatrial.parties.types import Actor, Role

STEWARDS = frozenset(
    {Role.STEWARD, Role.GOVERNANCE, Role.SECURITY, Role.SIGNATORY, Role.INTAKE, Role.AUTHORITY, Role.ANALYST}
    | {Role.MAINTAINER, Role.DEFENDER}
)
MOST_WEBHOOKS = 10  # of one organisation


def stewarded(asking: Actor) -> frozenset[str]:
    """The organisations whose webhooks this person looks after."""
    return frozenset(organisation for organisation, role in asking.roles if role in STEWARDS)


def check_steward(asking: Actor, organisation: str) -> None:
    """Raises ``Forbidden`` (``role-missing``)."""
    asking.require(organisation, *sorted(STEWARDS), to="look after the webhooks of an organisation")


def check_label(asking: Actor, organisation: str, label: Label) -> None:
    """A webhook is told of nothing beyond its label; whoever adds it must be able to read that, and so must the
    organisation. Raises ``Forbidden`` (``label-forbids``)."""
    if label.audience is None or organisation not in label.audience or label.tlp is Tlp.RED:
        raise Forbidden(
            "label-forbids",
            f"A webhook's label must name {organisation} in its audience and be at most TLP:AMBER+STRICT.",
        )
    asking.check_read(label, "What this webhook would be told of")


def hears(label: Label, organisation: str, of: Label) -> bool:
    """Whether a webhook of ``organisation`` under ``label`` is told of an entry labelled ``of``: only what the
    organisation may read, and nothing stricter than the webhook's own label."""
    reader = Reader(organisations=frozenset({organisation}), level=label.level, compartments=label.compartments)
    return of.tlp <= label.tlp and reader.may_read(of)
