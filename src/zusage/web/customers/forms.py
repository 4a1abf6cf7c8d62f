"""What somebody typed comes in, checked values or readable errors go out: filters of the list, saved views."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms

from zusage.web.customers.queries import MONEY_SORTS, SORTS, Filters
from zusage.web.speech import class_name, said

Choices = list[tuple[str, str]]
LONGEST_SEARCH = 100


class FilterForm(forms.Form):
    """The filters of the list. What cannot be read is left out: an old address still opens the list."""

    field_order = (
        "q",
        "class_key",
        "promise",
        "adviser",
        "least",
        "sort",
        "negative",
        "differs",
        "undecided",
        "former",
    )
    q = forms.CharField(required=False, max_length=LONGEST_SEARCH, widget=forms.TextInput(attrs={"type": "search"}))
    class_key = forms.ChoiceField(required=False)
    least = forms.IntegerField(required=False, min_value=-(10**9), max_value=10**9)
    promise = forms.ChoiceField(required=False)
    adviser = forms.ChoiceField(required=False)
    sort = forms.ChoiceField(required=False)
    negative = forms.BooleanField(required=False)
    differs = forms.BooleanField(required=False)
    undecided = forms.BooleanField(required=False)
    former = forms.BooleanField(required=False)

    def __init__(
        self, data: Any, *, classes: Iterable[str], promises: Iterable[str], advisers: Sequence[str], money: bool
    ) -> None:
        super().__init__(data, auto_id="filter_%s")
        self._choose("class_key", "people_any_class", [(key, class_name(key)) for key in classes])
        self._choose("promise", "people_any_promise", [(key, said(f"people_promise_{key}")) for key in promises])
        self._choose("adviser", "people_any_adviser", [(name, name) for name in advisers])
        orders = (*SORTS, *MONEY_SORTS) if money else SORTS
        self._choice("sort").choices = [(key, said(f"people_sort_{key}")) for key in orders]
        hidden = [] if money else ["negative", "least"]
        hidden += [] if advisers else ["adviser"]
        for name in hidden:
            del self.fields[name]
        for name, field in self.fields.items():
            field.label = said(f"people_filter_{name}")
        self.fields["q"].widget.attrs |= {"placeholder": said("people_search_hint"), "autocomplete": "off"}

    def _choice(self, name: str) -> forms.ChoiceField:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - only asked for those above
        return field

    def _choose(self, name: str, everything: str, choices: Choices) -> None:
        self._choice(name).choices = [("", said(everything)), *choices]

    def filters(self) -> Filters:
        """What is asked for, without what could not be read."""
        self.is_valid()
        asked = {name: value for name, value in self.cleaned_data.items() if value not in ("", None)}
        return Filters(**asked)


class ViewForm(forms.Form):
    """A name for filters."""

    name = forms.CharField(max_length=60)
    query = forms.CharField(max_length=500, required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, query: str = "") -> None:
        super().__init__(data, initial={"query": query}, auto_id="view_%s")
        self.fields["name"].label = said("people_view_name")
