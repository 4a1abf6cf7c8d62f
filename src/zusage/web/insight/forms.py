"""What people expect of the years to come: fields go in, a growth and a number of years come out."""

from __future__ import annotations

from typing import Any

from django import forms

from zusage.web.speech import said

LONGEST = 10


class AheadForm(forms.Form):
    """New households (or customers) a year, empty for the growth of the book; how far to look ahead; and what freed
    hours are used for, with what an hour of that is worth in cents."""

    growth = forms.IntegerField(required=False, min_value=-100_000, max_value=100_000)
    years = forms.IntegerField(min_value=1, max_value=LONGEST, initial=5)
    use = forms.CharField(required=False, max_length=100)
    use_cents = forms.DecimalField(required=False, min_value=0, max_value=10_000, decimal_places=2, localize=True)

    def __init__(self, *given: Any, noun: str, **named: Any) -> None:
        super().__init__(*given, **named)
        self.fields["growth"].label = said(f"insight_growth_{noun}")
        self.fields["growth"].help_text = said("insight_growth_help")
        self.fields["years"].label = said("insight_years")
        self.fields["use"].label, self.fields["use"].help_text = said("insight_use"), said("insight_use_help")
        self.fields["use_cents"].label = said("insight_worth")

    def clean_use_cents(self) -> int | None:
        """Cents."""
        euro = self.cleaned_data["use_cents"]
        return None if euro is None else round(euro * 100)

    def clean(self) -> dict[str, Any]:
        """A use has a worth, and a worth a use."""
        found = super().clean() or {}
        if not self.errors and bool(found.get("use")) != (found.get("use_cents") is not None):
            self.add_error("use", said("insight_use_both"))
        return found
