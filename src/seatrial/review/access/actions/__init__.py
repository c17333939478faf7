"""Every write of access: keys, the developer's credential, and the two halves of an exchange."""

from .batches import seal, settle_abandoned
from .exchanges import authorise, refused, settle
from .keeping import destroy_bodies
from .keys import issue_key, revoke_key, set_upstream_credential
from .rounds import Admitted, Outcome, Refusal, decide_round, record_refusals

__all__ = [
    "Admitted",
    "Outcome",
    "Refusal",
    "authorise",
    "decide_round",
    "destroy_bodies",
    "issue_key",
    "record_refusals",
    "refused",
    "revoke_key",
    "seal",
    "set_upstream_credential",
    "settle",
    "settle_abandoned",
]
