"""The forms of what parties do in a case, and the one call that each of them makes.

A form is made for a case and, if the move is a party's, for that party: what cannot be chosen is not in it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import forms

from seatrial.clearinghouse.coordination import api as coordination
from seatrial.clearinghouse.coordination.types import (
    CaseEnd,
    CoordinationView,
    EndReason,
    MilestoneKind,
    PartyRole,
    PartyView,
)
from seatrial.parties import api as parties
from seatrial.parties.types import Actor
from seatrial.portal.forms import MomentField, PortalForm, long_text
from seatrial.portal.templatetags.cases import ENDS, MILESTONES, REASONS, ROLES


class MoveForm(PortalForm):
    """Nothing is asked. ``party`` is whose move it is, if it is not the case's."""

    def __init__(
        self,
        *arguments: Any,
        asking: Actor,
        view: CoordinationView | None,
        party: PartyView | None,
        at: datetime,
        **named: Any,
    ) -> None:
        super().__init__(*arguments, **named)
        self.furnish(asking, view, party, at)

    def furnish(self, asking: Actor, view: CoordinationView | None, party: PartyView | None, at: datetime) -> None:
        """Fill what there is to choose from, and take out what there is not."""

    def choose(self, name: str, choices: Iterable[tuple[str, Any]]) -> None:
        """Give a field its choices."""
        self.fields[name].choices = list(choices)  # type: ignore[attr-defined]


class Join(MoveForm):
    """What one accepts by taking part."""

    accept = forms.ChoiceField(
        label="The date until which nothing is published",
        choices=[
            ("yes", "We accept it, and read the report now"),
            ("later", "We take part, and decide about the date before we read the report"),
        ],
        widget=forms.RadioSelect,
    )


class Why(MoveForm):
    why = forms.CharField(label="Why", max_length=2_000, required=False, widget=long_text(3))


class Answered(MoveForm):
    accepts = forms.ChoiceField(
        label="Your answer",
        choices=[("yes", "We accept this date"), ("no", "We do not accept this date")],
        widget=forms.RadioSelect,
    )


class Proposed(MoveForm):
    """A date, and why."""

    until = MomentField(label="Nothing is published before (UTC)")
    why = forms.CharField(label="Why", max_length=5_000, required=False, widget=long_text(3))

    def furnish(self, asking: Actor, view: CoordinationView | None, party: PartyView | None, at: datetime) -> None:
        if view is not None:
            self.fields["until"].help_text = f"At the latest {view.embargo.bound:%Y-%m-%d %H:%M}."


class Note(MoveForm):
    note = forms.CharField(label="Note", max_length=5_000, required=False, widget=long_text(3))


class Spoken(MoveForm):
    """A move of somebody who may speak for several parties."""

    party = forms.ChoiceField(label="Whose word it is", required=False)

    def furnish(self, asking: Actor, view: CoordinationView | None, party: PartyView | None, at: datetime) -> None:
        voices = [(one.id, one.name) for one in view.parties if one.told and one.id in view.mine] if view else []
        if len(voices) > 1:
            self.choose("party", voices)
        else:
            del self.fields["party"]


class Known(Spoken):
    """What the world knows."""

    note = forms.CharField(
        label="Where, and what is known",
        max_length=5_000,
        required=False,
        widget=long_text(3),
        help_text="An address or a sentence is enough.",
    )


class Said(Spoken):
    """Words for all parties, or for some."""

    text = forms.CharField(label="Your words", max_length=50_000, widget=long_text(8))
    to = forms.MultipleChoiceField(
        label="Only to",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Tick nobody to write to all parties that are told.",
    )

    def furnish(self, asking: Actor, view: CoordinationView | None, party: PartyView | None, at: datetime) -> None:
        super().furnish(asking, view, party, at)
        others = [(one.id, one.name) for one in view.parties if one.told] if view else []
        self.choose("to", others)


class Reached(MoveForm):
    """A milestone."""

    kind = forms.ChoiceField(label="Milestone", choices=[(kind.value, words) for kind, words in MILESTONES.items()])
    party = forms.ChoiceField(label="Whose it is", required=False)
    note = forms.CharField(label="Note", max_length=5_000, required=False, widget=long_text(3))

    def furnish(self, asking: Actor, view: CoordinationView | None, party: PartyView | None, at: datetime) -> None:
        named = [(one.id, one.name) for one in view.parties] if view else []
        self.choose("party", [("", "The whole case"), *named])


class Invited(MoveForm):
    """An organisation here, or a contact outside."""

    role = forms.ChoiceField(label="As", choices=[(role.value, words) for role, words in ROLES.items()])
    who = forms.ChoiceField(label="Whom")
    chain = forms.IntegerField(
        label="Place in the reporter chain",
        min_value=0,
        max_value=1000,
        initial=0,
        help_text="For reporters and finders: 0 is the nearest. Others leave it.",
    )

    def furnish(self, asking: Actor, view: CoordinationView | None, party: PartyView | None, at: datetime) -> None:
        self.fields["role"].initial = PartyRole.VENDOR.value
        here = [(f"organisation {one.id}", one.name) for one in parties.organisations(asking)]
        outside = [
            (f"contact {one.id}", f"{one.name}{' (its security.txt expired)' if one.expired else ''}")
            for one in coordination.contacts(asking, at)
        ]
        groups = [("Organisations here", here), ("Contacts outside", outside)]
        self.choose("who", [("", "Choose one"), *(group for group in groups if group[1])])


class Ended(MoveForm):
    """Why the embargo ends before its date."""

    reason = forms.ChoiceField(
        label="Because",
        choices=[(one.value, words) for one, words in REASONS.items() if one is not EndReason.LAPSED],
    )
    why = forms.CharField(label="What shows it", max_length=5_000, widget=long_text(3))


class Closed(MoveForm):
    """Why the case ends."""

    reason = forms.ChoiceField(label="Because", choices=[(one.value, words) for one, words in ENDS.items()])
    duplicate_of = forms.ChoiceField(label="The case that goes on", required=False)
    why = forms.CharField(label="In words", max_length=5_000, widget=long_text(3))

    def furnish(self, asking: Actor, view: CoordinationView | None, party: PartyView | None, at: datetime) -> None:
        here = view.id if view else ""
        others = [(one.id, one.title) for one in coordination.cases(asking, at, 500) if one.id != here]
        self.choose("duplicate_of", [("", "None; only a duplicate names one"), *others])


class Reopened(MoveForm):
    why = forms.CharField(label="Why", max_length=5_000, widget=long_text(3))


FORMS: dict[str, type[MoveForm]] = {
    "join": Join,
    "decline": Why,
    "answer": Answered,
    "propose": Proposed,
    "fix_ready": Note,
    "fix_deployed": Note,
    "say": Said,
    "invite": Invited,
    "milestone": Reached,
    "public": Known,
    "exploit_public": Known,
    "attacks": Known,
    "terminate": Ended,
    "close": Closed,
    "reopen": Reopened,
}


def act_for_party(by: Actor, party: str, word: str, typed: dict[str, Any], at: datetime, case: str = "") -> None:
    """The one call of a party's move. ``case`` is named for what becomes known in it."""
    pressed = {"adhere": coordination.adhere, "tell": coordination.tell, "heard": coordination.heard}
    if word == "join":
        coordination.join(by=by, party=party, accept_embargo=typed.get("accept") == "yes", at=at)
    elif word == "answer":
        coordination.answer(by=by, party=party, accepts=typed["accepts"] == "yes", at=at)
    elif word == "decline":
        coordination.decline(by=by, party=party, why=typed["why"], at=at)
    elif word == "propose":
        coordination.propose(by=by, party=party, until=typed["until"], why=typed["why"], at=at)
    elif word.startswith("report:"):
        coordination.move_report(by=by, party=party, event=word.removeprefix("report:"), at=at)
    elif word in pressed:
        pressed[word](by=by, party=party, at=at)
    else:
        coordination.record_event(by=by, case=case, event=word, party=party, at=at, **typed)


def act_for_case(by: Actor, case: str, word: str, typed: dict[str, Any], at: datetime) -> None:
    """The one call of a case's move."""
    if word == "say":
        coordination.say(by=by, case=case, at=at, **{**typed, "to": typed["to"] or None})
    elif word == "invite":
        kind, _, name = typed["who"].partition(" ")
        whom = {kind: name}
        coordination.invite(by=by, case=case, role=PartyRole(typed["role"]), chain=typed["chain"], at=at, **whom)
    elif word == "milestone":
        kind = MilestoneKind(typed["kind"])
        coordination.reach_milestone(by=by, case=case, kind=kind, party=typed["party"], note=typed["note"], at=at)
    elif word == "terminate":
        coordination.terminate(by=by, case=case, reason=EndReason(typed["reason"]), why=typed["why"], at=at)
    elif word == "close":
        end = {"reason": CaseEnd(typed["reason"]), "why": typed["why"], "duplicate_of": typed["duplicate_of"]}
        coordination.close_case(by=by, case=case, at=at, **end)
    elif word == "reopen":
        coordination.reopen_case(by=by, case=case, why=typed["why"], at=at)
    else:
        coordination.record_event(by=by, case=case, event=word, at=at, **typed)
