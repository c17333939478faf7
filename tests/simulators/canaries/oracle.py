"""Who may see a canary, from the invariants alone: V10, V13, V14 and V19 of voluntariness.md, labels and roles.

Nothing here asks a room. A rule is given the canary, whoever asks and the review it belongs to, and says how far the
asker may see it: nowhere, on the record (what the ledger keeps by label, sealed, V10), or wherever it is shown.
"""

from __future__ import annotations

import enum
from collections.abc import Callable

from seatrial.parties.types import Role
from seatrial.review.dossiers.types import Category

from .book import Canary
from .cast import HOLDER, NOBODY, Persona
from .voyages import Voyage
from .world import World


class Sight(enum.IntEnum):
    NOWHERE = 0
    RECORD = 1
    ANYWHERE = 2


Rule = Callable[[Canary, Persona, "Voyage | None"], Sight]
DESK = (Role.GOVERNANCE, Role.SECURITY, Role.SIGNATORY)


def sight(world: World, canary: Canary, who: Persona) -> Sight:
    """How far ``who`` may see ``canary``."""
    return RULES[canary.rule](canary, who, world.by_handle.get(canary.voyage))


def related(voyage: Voyage, who: Persona) -> bool:
    """False if ``who`` must not be able to tell whether this review exists (V10, V14)."""
    if voyage.developer in who.organisations:
        return True
    mine = {voyage.body, *voyage.watched_by, *voyage.partners, "quay-trust", "reef-trust", "port-trust"}
    return voyage.offered and bool(mine & who.organisations)


def must_be_seen(world: World, canary: Canary) -> bool:
    """True if the developer must find this about itself somewhere (V13)."""
    if not canary.developer or canary.rule in ("nowhere", "declared") or canary.developer == canary.home == "":
        return False
    rule = RULES[canary.rule]
    voyage = world.by_handle.get(canary.voyage)
    return any(
        canary.developer in who.organisations and rule(canary, who, voyage) is Sight.ANYWHERE for who in world.personas
    )


def _yes(seen: bool) -> Sight:
    return Sight.ANYWHERE if seen else Sight.NOWHERE


def _own(canary: Canary, who: Persona) -> bool:
    return canary.developer in who.organisations and who.cleared


def _public(canary: Canary, who: Persona, voyage: Voyage | None) -> Sight:
    return Sight.ANYWHERE


def _nowhere(canary: Canary, who: Persona, voyage: Voyage | None) -> Sight:
    return Sight.NOWHERE


def _known(canary: Canary, who: Persona, voyage: Voyage | None) -> Sight:
    """Who exists is for every known person; a link by which one joins names who sent it and where it leads."""
    return _yes(who not in (NOBODY,))


def _colleagues(canary: Canary, who: Persona, voyage: Voyage | None) -> Sight:
    return _yes(bool(canary.told & who.organisations))


def _invited(canary: Canary, who: Persona, voyage: Voyage | None) -> Sight:
    return _yes(who.has(canary.home, Role.STEWARD) or who is HOLDER)


def _stewards(canary: Canary, who: Persona, voyage: Voyage | None) -> Sight:
    return _yes(who.has(canary.home, Role.STEWARD) or (who.cleared and canary.home in who.organisations))


def _declared(canary: Canary, who: Persona, voyage: Voyage | None) -> Sight:
    """A declaration informs one developer; those who made it and their colleagues know it."""
    return _yes(bool({canary.developer, canary.home} & who.organisations))


def _desk(canary: Canary, who: Persona, voyage: Voyage | None) -> Sight:
    """A plan or a memo: the lab's alone, and there for those who plan and sign (V10)."""
    return _yes(_own(canary, who) and who.has(canary.developer, *DESK))


def _desk_followed(canary: Canary, who: Persona, voyage: Voyage | None) -> Sight:
    """A calendar's address is a capability: whoever was given it reads what a calendar shows."""
    return Sight.ANYWHERE if who is HOLDER else _desk(canary, who, voyage)


def _developer(canary: Canary, who: Persona, voyage: Voyage | None) -> Sight:
    return _yes(_own(canary, who))


def _review(canary: Canary, who: Persona, voyage: Voyage | None) -> Sight:
    """Both sides from the offer on, the body until a withdrawal; inspectors whom the signed policy names."""
    assert voyage is not None
    return _yes(_own(canary, who) or _body(voyage, who) or _inspects(voyage, who))


def _on_the_record(canary: Canary, who: Persona, voyage: Voyage | None) -> Sight:
    """What the shared ledger itself names: it stays on the record when all else is gone (V10)."""
    assert voyage is not None
    seen = _review(canary, who, voyage)
    both = {voyage.body, *voyage.watched_by}
    if seen is Sight.NOWHERE and voyage.offered and who.cleared and both & who.organisations:
        return Sight.RECORD
    return seen


def _called(canary: Canary, who: Persona, voyage: Voyage | None) -> Sight:
    """A consented model's name: also what a partner calls, while both signatures stand (V12)."""
    assert voyage is not None
    calls = voyage.running and who.cleared and bool(voyage.partners & who.organisations)
    return max(_on_the_record(canary, who, voyage), _yes(calls))


def _told(canary: Canary, who: Persona, voyage: Voyage | None) -> Sight:
    """The developer's, and whom it told; the body no longer after a withdrawal. Inspectors read what the body reads."""
    assert voyage is not None
    inspects = voyage.body in canary.told and _inspects(voyage, who)
    return _yes(_own(canary, who) or _reaches(canary, voyage, who) or inspects)


def _asked(canary: Canary, who: Persona, voyage: Voyage | None) -> Sight:
    """A determination request: the developer's, and the body's from when it is asked until it is withdrawn (V10)."""
    return _yes(_own(canary, who) or (who.cleared and bool(canary.told & who.organisations)))


def _note(canary: Canary, who: Persona, voyage: Voyage | None) -> Sight:
    """An internal note is the writing side's own (V14)."""
    assert voyage is not None
    if canary.home == voyage.developer:
        return _yes(_own(canary, who))
    return _yes(_body(voyage, who))


def _body_only(canary: Canary, who: Persona, voyage: Voyage | None) -> Sight:
    """The body's own work on a review: after a withdrawal only what the ledger keeps of it."""
    assert voyage is not None
    if voyage.withdrawn and who.cleared and voyage.body in who.organisations:
        return Sight.RECORD
    return _yes(_body(voyage, who))


def _told_back(canary: Canary, who: Persona, voyage: Voyage | None) -> Sight:
    """A shared determination, its statement and the name of its evidence."""
    return max(_yes(_own(canary, who)), _body_only(canary, who, voyage))


def _item(canary: Canary, who: Persona, voyage: Voyage | None) -> Sight:
    """What was handed over: the developer's to see, and its holder's as long as the duty lasts (V9)."""
    assert voyage is not None
    holds = who.cleared and canary.home in who.organisations
    return _yes(_own(canary, who) or holds or _body(voyage, who) or _inspects(voyage, who))


def _leak(canary: Canary, who: Persona, voyage: Voyage | None) -> Sight:
    """The words of a leak: its reporter's; the developer's first; the body's once the developer has read them."""
    assert voyage is not None
    return _yes(who.key == canary.person or _own(canary, who) or _body(voyage, who) or _inspects(voyage, who))


def _leak_unread(canary: Canary, who: Persona, voyage: Voyage | None) -> Sight:
    return _yes(who.key == canary.person or _own(canary, who))


def _dossier(canary: Canary, who: Persona, voyage: Voyage | None) -> Sight:
    """What is unmarked reaches whom its twin reached; trade secrets the body; what is privileged, nobody else."""
    assert voyage is not None
    if _own(canary, who):
        return Sight.ANYWHERE
    if canary.marking in (Category.PRIVILEGED, Category.LABEL):
        return Sight.NOWHERE
    if canary.marking is None:
        return _yes(_reaches(canary, voyage, who))
    return _yes(voyage.body in canary.told and _body(voyage, who))


def _dossier_public(canary: Canary, who: Persona, voyage: Voyage | None) -> Sight:
    """A twin for the public was made to be handed to anybody."""
    return Sight.ANYWHERE if canary.marking is None else _dossier(canary, who, voyage)


def _initiated(canary: Canary, who: Persona, voyage: Voyage | None) -> Sight:
    return _yes(_own(canary, who) and who.initiated)


def _report(canary: Canary, who: Persona, voyage: Voyage | None) -> Sight:
    """A report is the clearinghouse's, and its finder's by the receipt code (V19)."""
    return _yes(who.cleared and bool(canary.told & who.organisations))


def _report_followed(canary: Canary, who: Persona, voyage: Voyage | None) -> Sight:
    return Sight.ANYWHERE if who is HOLDER else _report(canary, who, voyage)


def _body(voyage: Voyage, who: Persona) -> bool:
    return voyage.offered and not voyage.withdrawn and who.cleared and voyage.body in who.organisations


def _inspects(voyage: Voyage, who: Persona) -> bool:
    named = any(who.has(home, Role.INSPECTOR) for home in voyage.watched_by)
    return voyage.offered and who.cleared and named


def _reaches(canary: Canary, voyage: Voyage, who: Persona) -> bool:
    if not who.cleared:
        return False
    if voyage.body in canary.told and _body(voyage, who):
        return True
    return not voyage.withdrawn and bool((canary.told - {voyage.body}) & voyage.partners & who.organisations)


RULES: dict[str, Rule] = {
    "public": _public,
    "nowhere": _nowhere,
    "known": _known,
    "colleagues": _colleagues,
    "invited": _invited,
    "stewards": _stewards,
    "declared": _declared,
    "desk": _desk,
    "desk followed": _desk_followed,
    "developer": _developer,
    "review": _review,
    "on the record": _on_the_record,
    "called": _called,
    "told": _told,
    "asked": _asked,
    "note": _note,
    "body": _body_only,
    "told back": _told_back,
    "item": _item,
    "leak": _leak,
    "leak unread": _leak_unread,
    "dossier": _dossier,
    "dossier public": _dossier_public,
    "initiated": _initiated,
    "report": _report,
    "report followed": _report_followed,
}
