"""How a rule is set comes in: months and whether it is on; never fewer than the law says."""

from __future__ import annotations

from django import forms
from django.core.validators import MinValueValidator

from zusage.web.office.forms import Said
from zusage.web.privacy.keeping.queries import MOST_MONTHS, State


class RuleForm(Said):
    """The months of a rule, and whether it is on."""

    begins = "privacy_rule"
    months = forms.IntegerField(max_value=MOST_MONTHS)
    on = forms.BooleanField(required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: object = None, *, state: State) -> None:
        initial = {"months": state.months, "on": state.on, "version": state.version}
        super().__init__(data, initial=initial, auto_id=f"{state.rule.key}_%s")
        months = self.fields["months"]
        assert isinstance(months, forms.IntegerField)  # noqa: S101 - as declared above
        months.min_value = state.rule.least
        months.validators.append(MinValueValidator(state.rule.least))
        months.widget.attrs["min"] = state.rule.least
