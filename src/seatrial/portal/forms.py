"""Forms: they read what was typed and say beside the field what to mend. They write nothing.

The one call that writes is made ``with objections(to=form)``: what a rule says against it stands on the form.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms

from seatrial.kernel.errors import Misuse, NotFound, Refused

_CLASSES: tuple[tuple[type[forms.Widget], str], ...] = (
    (forms.CheckboxSelectMultiple, "usa-checkbox__input"),
    (forms.RadioSelect, "usa-radio__input"),
    (forms.CheckboxInput, "usa-checkbox__input"),
    (forms.Select, "usa-select"),
    (forms.Textarea, "usa-textarea"),
    (forms.widgets.Input, "usa-input"),
)


class PortalForm(forms.Form):
    """A form in the design system's markup."""

    template_name = "portal/form.html"
    says_optional = True  # beside each field that may stay empty

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        for field in self.fields.values():
            for kind, name in _CLASSES:
                if isinstance(field.widget, kind):
                    field.widget.attrs.setdefault("class", name)
                    break


class MomentField(forms.DateTimeField):
    """A date and time in UTC, in the browser's own picker."""

    def __init__(self, **named: Any) -> None:
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        super().__init__(widget=widget, **named)

    def clean(self, value: Any) -> datetime | None:
        try:
            moment: datetime | None = super().clean(value)
            return moment
        except forms.ValidationError as error:
            if error.code == "invalid":
                raise forms.ValidationError("Write a date and a time, such as 2026-07-01 09:00.") from error
            raise


def exactly(typed: datetime, known: datetime | None) -> datetime:
    """``known`` itself if ``typed`` is what the form showed of it: the form shows minutes, and nobody moved it."""
    return known if known is not None and known.replace(second=0, microsecond=0) == typed else typed


def long_text(rows: int = 6) -> forms.Textarea:
    """A text area of that many rows."""
    return forms.Textarea(attrs={"rows": rows})


class objections:  # noqa: N801 - reads as a phrase: with objections(to=form)
    """Puts a rule's refusal, or a mistake it found, on the form, where what was typed still stands.

    ``NotFound`` passes through, for that is a page of its own.
    """

    def __init__(self, *, to: forms.Form) -> None:
        self._form = to

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if isinstance(error, Refused | Misuse) and not isinstance(error, NotFound):
            self._form.add_error(None, error.message)
            return True
        return False
