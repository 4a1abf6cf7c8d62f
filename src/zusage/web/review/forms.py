"""What a person decides and why comes in, checked values or readable errors go out."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms

from zusage.web.speech import counted, said

LONGEST_REASON = 2000


class ReasonForm(forms.Form):
    """The words a person signs with."""

    reason = forms.CharField(max_length=LONGEST_REASON, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, data: Any = None, *, hint: str = "", **more: Any) -> None:
        super().__init__(data, **more)
        field = self.fields["reason"]
        field.label, field.help_text = said("review_reason"), hint
        field.error_messages["required"] = said("review_reason_missing")


class DecisionForm(ReasonForm):
    """One proposal: a reduction confirmed from a day on, or the class kept; `version` is the one the page showed."""

    effective_on = forms.DateField(widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    version = forms.IntegerField(widget=forms.HiddenInput)

    field_order = ("reason", "effective_on", "version")

    def __init__(self, data: Any = None, *, today: date, version: int, reduces: bool, notice_days: int) -> None:
        initial = {"effective_on": today + timedelta(days=notice_days), "version": version}
        hint = said("review_reduction_hint" if reduces else "review_keep_hint")
        super().__init__(data, hint=hint, initial=initial)
        self.first = today + timedelta(days=1)
        if reduces:
            self._ask_for_day(notice_days)
        else:
            del self.fields["effective_on"]

    def _ask_for_day(self, notice_days: int) -> None:
        field = self.fields["effective_on"]
        field.label = said("review_effective_on")
        field.help_text = said("review_effective_hint", days=counted("day", notice_days))
        field.widget.attrs["min"] = self.first.isoformat()
        field.error_messages |= {name: said("review_day_unreadable") for name in ("required", "invalid")}

    def clean_effective_on(self) -> date:
        """The first day; tomorrow at the earliest."""
        day: date = self.cleaned_data["effective_on"]
        if day < self.first:
            raise forms.ValidationError(said("review_too_early"))
        return day
