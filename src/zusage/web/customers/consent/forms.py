"""What somebody typed about consents comes in, checked values or readable errors go out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any

from django import forms
from django.utils import timezone

from zusage.promises.consent import CHANNELS, CONDITIONS, GROUNDS, LOCKS, PURPOSES
from zusage.web.office.forms import DayField
from zusage.web.speech import said

LONGEST_WORDING = 4000
COMBINED = [f"{purpose} {channel}" for purpose in PURPOSES for channel in CHANNELS]
"""What a consent or an objection is about, as one choice: purpose and channel."""
EVERYTHING = "advertising "
"""An objection to advertising on any way."""


def name_of(what: str) -> str:
    """Purpose and channel in words: `Werbung, Telefon`."""
    purpose, channel = what.split(" ")
    return f"{said(f'consent_purpose_{purpose}')}, {said(f'channel_{channel}')}"


class _Said(forms.Form):
    """Something a customer said on a day, about one purpose and channel; `named` holds what may be chosen."""

    what = forms.ChoiceField()
    on = DayField()

    def __init__(self, data: Any = None, *, today: date, named: Iterable[tuple[str, str]], prefix: str) -> None:
        super().__init__(data, initial={"on": today}, auto_id=f"{prefix}_%s")
        self.fields["what"].choices = list(named)  # type: ignore[attr-defined] # a ChoiceField
        self.fields["on"].widget.attrs["max"] = today.isoformat()
        for name, field in self.fields.items():
            field.label = said(f"consent_field_{name}")

    @property
    def about(self) -> dict[str, str]:
        """Channel and purpose of what was chosen."""
        purpose, channel = self.cleaned_data["what"].split(" ")
        return {"purpose": purpose, "channel": channel}


class GrantForm(_Said):
    """A consent with its proof: to what, when, in which words, on what ground, where it is written down."""

    field_order = ("what", "on", "clock", "wording", "source", "proof", "ground", "conditions")
    clock = forms.TimeField(required=False, widget=forms.TimeInput({"type": "time"}, format="%H:%M"))
    wording = forms.CharField(max_length=LONGEST_WORDING, widget=forms.Textarea({"rows": 3}))
    source = forms.CharField(max_length=200)
    proof = forms.CharField(max_length=200, required=False)
    ground = forms.ChoiceField()
    conditions = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, data: Any = None, *, today: date) -> None:
        super().__init__(data, today=today, named=[(what, name_of(what)) for what in COMBINED], prefix="grant")
        self.fields["ground"].choices = [(key, said(f"consent_ground_{key}")) for key in GROUNDS]  # type: ignore[attr-defined] # a ChoiceField
        self.fields["conditions"].choices = [(key, said(f"consent_condition_{key}")) for key in CONDITIONS]  # type: ignore[attr-defined] # the same
        for name in ("wording", "source", "proof", "conditions"):
            self.fields[name].help_text = said(f"consent_field_{name}_hint")

    def given(self, now: datetime) -> dict[str, Any]:
        """What `actions.grant` needs. Without a clock time a consent of today was given now, another one at noon."""
        values = self.cleaned_data
        at = timezone.make_aware(datetime.combine(values["on"], values["clock"] or time(12)))
        if not values["clock"] and values["on"] == timezone.localdate(now):
            at = now
        kept = {name: values[name] for name in ("wording", "source", "proof", "ground", "conditions")}
        return {**self.about, **kept, "granted_at": at}


class WithdrawForm(_Said):
    """A withdrawal: of what, when, how it was said."""

    how = forms.CharField(max_length=200)

    def __init__(self, data: Any = None, *, today: date, named: Iterable[str]) -> None:
        super().__init__(data, today=today, named=[(what, name_of(what)) for what in named], prefix="withdraw")


class ObjectForm(_Said):
    """An objection: to what, when, how it was said."""

    how = forms.CharField(max_length=200)

    def __init__(self, data: Any = None, *, today: date) -> None:
        named = [(EVERYTHING, said("consent_everything")), *((what, name_of(what)) for what in COMBINED)]
        super().__init__(data, today=today, named=named, prefix="object")


class BackForm(forms.Form):
    """How a customer took an objection back."""

    how = forms.CharField(max_length=200)

    def __init__(self, data: Any = None, *, pk: int = 0) -> None:
        super().__init__(data, auto_id=f"back_{pk}_%s")
        self.fields["how"].label = said("consent_back_how")


class LockForm(forms.Form):
    """Why a customer is locked, and since when."""

    why = forms.ChoiceField()
    since = DayField()
    text = forms.CharField(max_length=200, required=False)

    def __init__(self, data: Any = None, *, today: date) -> None:
        super().__init__(data, initial={"since": today}, auto_id="lock_%s")
        known = [(key, said(f"consent_lock_{key}")) for key in LOCKS]
        self.fields["why"].choices = [("", ""), *known]  # type: ignore[attr-defined] # nobody is dead by a slip
        self.fields["since"].widget.attrs["max"] = today.isoformat()
        for name, field in self.fields.items():
            field.label = said(f"consent_lock_field_{name}")
        self.fields["text"].help_text = said("consent_lock_field_text_hint")


class ProofForm(forms.Form):
    """The period whose consents the sheet of proof lists."""

    first = DayField()
    last = DayField()

    def __init__(self, data: Any = None, *, today: date) -> None:
        initial = {"first": today.replace(month=1, day=1), "last": today}
        super().__init__(data, initial=initial, auto_id="proof_%s")
        self.fields["first"].label, self.fields["last"].label = said("consent_first"), said("consent_last")

    def clean(self) -> dict[str, Any]:
        """The last day is not before the first."""
        given = self.cleaned_data
        if given.get("first") and given.get("last") and given["last"] < given["first"]:
            self.add_error("last", said("consent_reversed"))
        return given
