"""What somebody asks the list of candidates for comes in, checked filters go out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from zusage.web.customers.choices.queries import MONEY_SORTS, SORTS, WHICH, Asked
from zusage.web.customers.forms import LONGEST_SEARCH
from zusage.web.speech import said


class CandidatesForm(forms.Form):
    """Whom of the candidates, and in which order. What cannot be read is left out: an old address still opens it."""

    q = forms.CharField(required=False, max_length=LONGEST_SEARCH, widget=forms.TextInput(attrs={"type": "search"}))
    which = forms.ChoiceField(required=False)
    adviser = forms.ChoiceField(required=False)
    sort = forms.ChoiceField(required=False)

    def __init__(self, data: Any, *, advisers: Sequence[str], money: bool) -> None:
        super().__init__(data, auto_id="filter_%s")
        orders = (*SORTS, *MONEY_SORTS) if money else SORTS
        self._choose("which", [(key, said(f"choices_which_{key}")) for key in WHICH])
        self._choose("sort", [(key, said(f"choices_sort_{key}")) for key in orders])
        self._choose("adviser", [("", said("people_any_adviser")), *((name, name) for name in advisers)])
        if not advisers:
            del self.fields["adviser"]
        for name, field in self.fields.items():
            field.label = said(f"choices_filter_{name}")

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined] # a ChoiceField

    def asked(self) -> Asked:
        """What is asked for, without what could not be read."""
        self.is_valid()
        return Asked(**{name: value for name, value in self.cleaned_data.items() if value})
