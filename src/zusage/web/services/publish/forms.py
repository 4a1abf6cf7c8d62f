"""What somebody typed comes in, checked values or readable errors go out: publishing, telling, a file of one's own."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from zusage.web.customers.queries import HOW_TOLD
from zusage.web.office.forms import DayField, PolicyFileField, Said
from zusage.web.speech import said

LONGEST_REASON = 2000


class _Said(Said):
    begins = "publish"


class PublishForm(_Said):
    """From when on a draft holds, under which label, and what its owner signs."""

    hints = ("label", "begins_on", "risk", "reduction")
    version = forms.IntegerField(widget=forms.HiddenInput)
    begins_on = DayField()
    label = forms.CharField(max_length=60)
    risk = forms.CharField(max_length=LONGEST_REASON, widget=forms.Textarea(attrs={"rows": 3}))
    reduction = forms.CharField(max_length=LONGEST_REASON, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, risk: bool, reduction: bool, today: date, **more: Any) -> None:
        super().__init__(*args, **more)
        self.today = today
        for name, needed in (("risk", risk), ("reduction", reduction)):
            if not needed:
                del self.fields[name]

    def clean_begins_on(self) -> date:
        """From today at the earliest: the past does not change."""
        day: date = self.cleaned_data["begins_on"]
        if day < self.today:
            raise forms.ValidationError(said("publish_day_past"))
        return day


class TellForm(_Said):
    """When and how customers were told."""

    said_on = DayField()
    how = forms.ChoiceField()

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        choices = [(key, said(f"people_how_{key}")) for key in HOW_TOLD]
        self.fields["how"].choices = choices  # type: ignore[attr-defined]  # a field of choices


class ImportForm(_Said):
    """A service model of one's own as a file."""

    policy = PolicyFileField()
