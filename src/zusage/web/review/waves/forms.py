"""How many a week, from which Monday, and how many more days, come in; checked values or readable errors go out."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from zusage.web.review.models import WavePlan
from zusage.web.review.waves.queries import WEEK, monday_of
from zusage.web.speech import said

MOST_A_WEEK, MOST_GRACE, USUAL_A_WEEK = 500, 365, 15


class WavesForm(forms.Form):
    """How many reductions a week and the Monday of the first week; `version` is the plan the page showed."""

    per_week = forms.IntegerField(min_value=1, max_value=MOST_A_WEEK)
    first_on = forms.DateField(widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "step": "7"}))
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, plan: WavePlan | None, today: date) -> None:
        self.earliest = monday_of(today)
        following = self.earliest if today == self.earliest else self.earliest + WEEK
        initial: dict[str, Any] = {
            "per_week": plan.per_week if plan else USUAL_A_WEEK,
            "version": plan.version if plan else 0,
        }
        initial["first_on"] = max(plan.first_on, following) if plan else following
        super().__init__(data, initial=initial, auto_id="waves_%s")
        for name in ("per_week", "first_on"):
            self.fields[name].label = said(f"waves_{name}")
            self.fields[name].help_text = said(f"waves_{name}_hint")
        self.fields["first_on"].widget.attrs["min"] = self.earliest.isoformat()

    def clean_first_on(self) -> date:
        """A Monday, of this week at the earliest."""
        day: date = self.cleaned_data["first_on"]
        if day.weekday() or day < self.earliest:
            raise forms.ValidationError(said("waves_not_monday"))
        return day


class GraceForm(forms.Form):
    """More days for the customers of a wave."""

    wave_on = forms.DateField(widget=forms.HiddenInput)
    days = forms.IntegerField(min_value=0, max_value=MOST_GRACE)
