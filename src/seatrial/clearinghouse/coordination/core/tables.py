"""The three machines of Vultron as data. What is not listed cannot happen.

Sources: "Process Models" of CERT/CC's documentation, whose grammars are

    RM  S→rR  R→vV|iI  I→vV|cC  V→aA|dD  A→dD|cC  D→aA|cC
    EM  N→pP  P→pP|rN|aA  A→pR|tX  R→pR|aA|rA|tX
    CS  one letter at a time becomes a capital: V before F before D; after pX comes only P, after vP only V

A table of the formal protocol lets a valid report become invalid; its grammar, its figures and its prototype do not,
and neither does this.
"""

from __future__ import annotations

from datetime import datetime
from itertools import product

from seatrial.clearinghouse.coordination.types import EmbargoState, ReportStatus
from seatrial.kernel.lifecycle import Machine, Transition

from . import effects as then
from . import guards as unless
from .standing import Standing, embargo_state

PARTY, VENDOR, COORDINATOR, ANYONE = "party", "vendor", "coordinator", "any party"


def report_state(standing: Standing, _now: datetime) -> ReportStatus:
    return standing.report


def case_state(standing: Standing, _now: datetime) -> str:
    """Six letters such as ``VfdPxa``; for a party that is no vendor three dashes stand for its fix path."""
    path = (
        _letter("v", standing.aware) + _letter("f", standing.ready) + _letter("d", standing.deployed)
        if standing.is_vendor
        else "---"
    )
    return path + _letter("p", standing.public) + _letter("x", standing.exploit) + _letter("a", standing.attacks)


FIX_PATHS = ("vfd", "Vfd", "VFd", "VFD", "---")
CASE_STATES = tuple(path + "".join(world) for path, world in product(FIX_PATHS, product("pP", "xX", "aA")))


def _where(path: str, public: str, exploit: str, attacks: str) -> frozenset[str]:
    """The states whose letters stand in these sets of letters; ``path`` lists fix paths by blanks."""
    return frozenset(
        state
        for state in CASE_STATES
        if state[:3] in path.split() and state[3] in public and state[4] in exploit and state[5] in attacks
    )


_EVERY, _TOLD = "vfd Vfd VFd VFD ---", "Vfd VFd VFD ---"


def _settled(path: str) -> frozenset[str]:
    """Those that no other event must come before: no exploit is public of which the public does not know."""
    return _where(path, "p", "x", "aA") | _where(path, "P", "xX", "aA")


_S, _R, _I, _V, _D, _A, _C = (frozenset({state}) for state in ReportStatus)

REPORT: Machine[Standing] = Machine.of(
    report_state,
    [
        Transition(
            "receive",
            COORDINATOR,
            _S,
            "coordination.party_told",
            (unless.embargo_accepted_first,),
            (then.received, then.vendor_told),
        ),
        Transition("validate", PARTY, _R | _I, "coordination.report_moved", (), (then.found_valid,)),
        Transition("invalidate", PARTY, _R, "coordination.report_moved", (), (then.found_invalid,)),
        Transition("accept", PARTY, _V | _D, "coordination.report_moved", (), (then.taken_on,)),
        Transition("defer", PARTY, _V | _A, "coordination.report_moved", (), (then.put_off,)),
        Transition("close", PARTY, _I | _D | _A, "coordination.report_moved", (), (then.closed,)),
    ],
)

_NONE, _PROPOSED, _ACTIVE, _REVISE, _EXITED = (frozenset({state}) for state in EmbargoState)

EMBARGO: Machine[Standing] = Machine.of(
    embargo_state,
    [
        Transition(
            "propose",
            ANYONE,
            _NONE | _PROPOSED | _ACTIVE | _REVISE,
            "coordination.embargo_proposed",
            (unless.not_closed, unless.nothing_public, unless.date_ahead, unless.date_within_bound),
            (then.proposal_stands,),
        ),
        Transition(
            "accept",
            ANYONE,
            _PROPOSED | _REVISE,
            "coordination.embargo_agreed",
            (unless.not_closed, unless.everyone_counted_agrees),
            (then.proposal_in_force, then.proposal_gone),
        ),
        Transition(
            "reject",
            ANYONE,
            _PROPOSED | _REVISE,
            "coordination.embargo_rejected",
            (unless.not_closed, unless.somebody_objects),
            (then.proposal_gone,),
        ),
        Transition(
            "terminate",
            COORDINATOR,
            _ACTIVE | _REVISE,
            "coordination.embargo_ended",
            (unless.not_closed, unless.reason_holds),
            (then.embargo_over, then.proposal_gone),
        ),
    ],
)

CASE: Machine[Standing] = Machine.of(
    case_state,
    [
        Transition(
            "vendor_aware",
            ANYONE,
            _settled("vfd"),
            "coordination.vendor_aware",
            (),
            (then.vendor_aware,),
        ),
        Transition(
            "fix_ready",
            VENDOR,
            _settled("Vfd"),
            "coordination.fix_ready",
            (unless.report_accepted,),
            (then.fix_ready,),
        ),
        Transition(
            "fix_deployed",
            VENDOR,
            _settled("VFd"),
            "coordination.fix_deployed",
            (unless.not_closed,),
            (then.fix_deployed,),
        ),
        Transition(
            "public",
            ANYONE,
            _where(_EVERY, "p", "xX", "aA"),
            "coordination.public",
            (unless.not_closed,),
            (then.world_knows, then.embargo_ends_with_it),
        ),
        Transition(
            "exploit_public",
            ANYONE,
            _where(_EVERY, "p", "x", "aA") | _where(_TOLD, "P", "x", "aA"),
            "coordination.exploit_public",
            (unless.not_closed,),
            (then.exploit_out,),  # it makes the vulnerability public, and that ends the embargo
        ),
        Transition(
            "attacks",
            ANYONE,
            _where(_EVERY, "p", "x", "a") | _where(_TOLD, "P", "xX", "a"),
            "coordination.attacks_seen",
            (unless.not_closed,),
            (then.attacks_seen, then.embargo_ends_with_it),
        ),
    ],
)


def _letter(letter: str, happened: bool) -> str:
    return letter.upper() if happened else letter
