"""What a person decides and why comes in, checked values or readable errors go out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django import forms

from zusage.report.judged import metric_name
from zusage.web.customers.forms import NarrowForm, amount_field
from zusage.web.office.forms import DayField
from zusage.web.speech import class_name, count, counted, language, on_day, said

LONGEST_REASON = 2000


class ReasonForm(forms.Form):
    """The words a person signs with."""

    reason = forms.CharField(max_length=LONGEST_REASON, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, data: Any = None, *, hint: str = "", **more: Any) -> None:
        super().__init__(data, **more)
        field = self.fields["reason"]
        field.label, field.help_text = said("review_reason"), hint
        field.error_messages["required"] = said("review_reason_missing")


class FilterForm(NarrowForm):
    """The filters of the proposals, each choice with its number."""

    field_order = ("q", "from_key", "to_key", "adviser", "because", "criterion", "wave_on", "least", "most")
    from_key = forms.ChoiceField(required=False)
    to_key = forms.ChoiceField(required=False)
    because = forms.ChoiceField(required=False)
    criterion = forms.ChoiceField(required=False)
    wave_on = forms.ChoiceField(required=False)
    most = amount_field()

    def __init__(self, data: Any, *, known: Mapping[str, Mapping[Any, int]]) -> None:
        super().__init__(data, auto_id="filter_%s")
        for name, sizes in known.items():
            if not sizes:
                del self.fields[name]
                continue
            choices = [(str(key), f"{_named(name, key)} ({count(size)})") for key, size in sizes.items()]
            self.fields[name].choices = [("", said("review_filter_any")), *choices]  # type: ignore[attr-defined] # a ChoiceField
        for name, field in self.fields.items():
            field.label = said(f"review_filter_{name}")


def _named(name: str, key: Any) -> str:
    """A choice in words."""
    if name in ("from_key", "to_key"):
        return class_name(key)
    if name == "because":
        return said(f"review_because_{key}")
    if name == "wave_on":
        return on_day(key)
    return metric_name(key, language()) if name == "criterion" else str(key)


class DecisionForm(ReasonForm):
    """One proposal: a reduction confirmed from a day on, or the class kept; `version` is the one the page showed."""

    effective_on = DayField()
    version = forms.IntegerField(widget=forms.HiddenInput)

    field_order = ("reason", "effective_on", "version")

    def __init__(
        self, data: Any = None, *, today: date, version: int, reduces: bool, usual_on: date, days: int
    ) -> None:
        initial = {"effective_on": usual_on, "version": version}
        hint = said("review_reduction_hint" if reduces else "review_keep_hint")
        super().__init__(data, hint=hint, initial=initial)
        self.first = today + timedelta(days=1)
        if reduces:
            self._ask_for_day(days)
        else:
            del self.fields["effective_on"]

    def _ask_for_day(self, days: int) -> None:
        field = self.fields["effective_on"]
        field.label = said("review_effective_on")
        field.help_text = said("review_effective_hint", days=counted("day", days))
        field.widget.attrs["min"] = self.first.isoformat()
        field.error_messages |= {name: said("review_day_unreadable") for name in ("required", "invalid")}

    def clean_effective_on(self) -> date:
        """The first day; tomorrow at the earliest."""
        day: date = self.cleaned_data["effective_on"]
        if day < self.first:
            raise forms.ValidationError(said("review_too_early"))
        return day
