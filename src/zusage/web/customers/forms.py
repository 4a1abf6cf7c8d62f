"""What somebody typed comes in, checked values or readable errors go out: filters of the list, saved views."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django import forms

from zusage.ground.words import texts
from zusage.policy.document import Policy, Promise
from zusage.web.customers.models import CHOICE_STATES
from zusage.web.customers.queries import HOW_TOLD, MONEY_SORTS, SORTS, Filters
from zusage.web.office.forms import DayField
from zusage.web.office.models import PolicyVersion
from zusage.web.office.queries import policy_of
from zusage.web.speech import class_name, language, said

Choices = list[tuple[str, str]]
LONGEST_SEARCH = 100
FIRST = ("q", "class_key", "promise", "sort")
"""The filters that stand before the others."""


def amount_field() -> forms.IntegerField:
    """An amount in whole euros that a list is narrowed by."""
    return forms.IntegerField(required=False, min_value=-(10**9), max_value=10**9)


class NarrowForm(forms.Form):
    """What every list of customers is narrowed by. What cannot be read is left out: an old address still opens it."""

    q = forms.CharField(required=False, max_length=LONGEST_SEARCH, widget=forms.TextInput(attrs={"type": "search"}))
    adviser = forms.ChoiceField(required=False)
    least = amount_field()

    def asked(self) -> dict[str, Any]:
        """What is asked for, without what could not be read."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value not in ("", None)}


class FilterForm(NarrowForm):
    """The filters of the list."""

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
    class_key = forms.ChoiceField(required=False)
    promise = forms.ChoiceField(required=False)
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

    @property
    def first(self) -> list[forms.BoundField]:
        """What is asked for most; always in sight."""
        return [self[name] for name in FIRST]

    @property
    def further(self) -> list[forms.BoundField]:
        """The other filters; in sight where one of them is used."""
        return [self[name] for name in self.fields if name not in FIRST]

    @property
    def narrowed_further(self) -> bool:
        """Whether one of the other filters is used."""
        return any(self.cleaned_data.get(field.name) not in ("", None, False) for field in self.further)

    def filters(self) -> Filters:
        """What is asked for, without what could not be read."""
        return Filters(**self.asked())


class ViewForm(forms.Form):
    """A name for filters."""

    name = forms.CharField(max_length=60)
    query = forms.CharField(max_length=500, required=False)


LONGEST_NOTE = 4000


class _PastForm(forms.Form):
    """Something that happened: not after today."""

    def __init__(self, data: Any = None, *, today: date, **more: Any) -> None:
        super().__init__(data, **more)
        self.today = today

    def not_later(self, name: str) -> date:
        """The day of a field; an error where it lies ahead."""
        day: date = self.cleaned_data[name]
        if day > self.today:
            raise forms.ValidationError(said("people_day_ahead"))
        return day


class ToldForm(_PastForm):
    """That a customer was told `news`: when and how."""

    told_on = DayField()
    how = forms.ChoiceField()

    def __init__(self, data: Any = None, *, today: date, news: tuple[PolicyVersion, str, date]) -> None:
        super().__init__(data, today=today, initial={"told_on": today}, auto_id="told_%s")
        version, key, _ = news
        policy = policy_of(version)
        name, days = policy.service_class(key).name[language()], policy.review.notice_days
        self.fields["told_on"].label = said("people_told_on")
        self.fields["told_on"].help_text = said("people_told_what", name=name, days=days)
        self.fields["how"].label = said("people_told_how")
        self.fields["how"].choices = [(key, said(f"people_how_{key}")) for key in HOW_TOLD]  # type: ignore[attr-defined] # a ChoiceField

    def clean_told_on(self) -> date:
        """Nobody was told tomorrow."""
        return self.not_later("told_on")


class ChoiceForm(_PastForm):
    """A package offered, declined or chosen."""

    state = forms.ChoiceField()
    class_key = forms.ChoiceField()
    chosen_on = DayField()
    evidence = forms.CharField(max_length=200)

    def __init__(self, data: Any = None, *, today: date, classes: Iterable[str]) -> None:
        super().__init__(data, today=today, initial={"chosen_on": today}, auto_id="choice_%s")
        states = [(key, said(f"people_choice_{key}")) for key in CHOICE_STATES]
        self.fields["state"].choices = states  # type: ignore[attr-defined] # a ChoiceField
        self.fields["class_key"].choices = [(key, class_name(key)) for key in classes]  # type: ignore[attr-defined] # the same
        for name in ("state", "class_key", "chosen_on", "evidence"):
            self.fields[name].label = said(f"people_choice_{name}")
        self.fields["evidence"].help_text = said("people_choice_evidence_hint")

    def clean_chosen_on(self) -> date:
        """Nobody chose tomorrow."""
        return self.not_later("chosen_on")


class AgreementForm(forms.Form):
    """A promise agreed by contract: a service, as promised to a class; from when, until when, where it is written."""

    service = forms.ChoiceField()
    class_key = forms.ChoiceField()
    since = DayField()
    until = DayField(required=False)
    source = forms.CharField(max_length=200)

    def __init__(self, data: Any = None, *, policy: Policy, today: date) -> None:
        super().__init__(data, initial={"since": today}, auto_id="agreement_%s")
        self.policy = policy
        promised = {item.service for _, promises in policy.promises for item in promises}
        services = [item for item in policy.services if item.key in promised and item.kind != "floor"]
        classes = [item for item in policy.classes if not item.provisional]
        self.fields["service"].choices = [(item.key, item.name[language()]) for item in services]  # type: ignore[attr-defined] # a ChoiceField
        self.fields["class_key"].choices = [(item.key, item.name[language()]) for item in classes]  # type: ignore[attr-defined] # the same
        for name, field in self.fields.items():
            field.label = said(f"people_agreement_{name}")
        for name in ("class_key", "until", "source"):
            self.fields[name].help_text = said(f"people_agreement_{name}_hint")

    @property
    def promise(self) -> Promise | None:
        """The chosen service as it is promised to the chosen class."""
        promises = dict(self.policy.promises).get(self.cleaned_data.get("class_key", ""), ())
        return next((item for item in promises if item.service == self.cleaned_data.get("service")), None)

    def clean(self) -> dict[str, Any]:
        """The class promises the service, and the last day is not before the first."""
        given = self.cleaned_data
        if {"service", "class_key"} <= given.keys() and self.promise is None:
            self.add_error("class_key", said("people_agreement_not_promised"))
        if given.get("since") and given.get("until") and given["until"] < given["since"]:
            self.add_error("until", said("people_agreement_reversed"))
        return given


class AgreementEndForm(forms.Form):
    """The last day of an agreement, not before today: what it promised until now was promised."""

    until = DayField()
    source = forms.CharField(max_length=200)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, since: date, today: date, version: int) -> None:
        self.first = max(since, today)
        super().__init__(data, initial={"until": self.first, "version": version}, auto_id="agreement_end_%s")
        self.fields["until"].label = said("people_agreement_last")
        self.fields["until"].widget.attrs["min"] = self.first.isoformat()
        self.fields["source"].label = said("people_agreement_end_source")
        self.fields["source"].help_text = said("people_agreement_end_source_hint")

    def clean_until(self) -> date:
        """Nothing ends in the past."""
        day: date = self.cleaned_data["until"]
        if day < self.first:
            raise forms.ValidationError(said("people_agreement_past"))
        return day


class NoteForm(forms.Form):
    """A note; words one would not want read back need a second look before they are kept."""

    text = forms.CharField(max_length=LONGEST_NOTE, widget=forms.Textarea(attrs={"rows": 3}))
    anyway = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="note_%s")
        self.fields["text"].label = said("people_note_text")
        self.fields["text"].help_text = said("people_note_hint")

    @property
    def careful(self) -> list[str]:
        """The words to think about again; none once the person has said to keep the note anyway."""
        return [] if self.cleaned_data["anyway"] else careful_words(self.cleaned_data["text"])


def careful_words(text: str) -> list[str]:
    """Words of a note that a customer would not like to read, in both languages, each once.

    The customer may ask to see what is kept; words on health, belief or origin may not be kept without need at all.
    """
    stems = ", ".join(texts()["people_careful_words"].values()).split(", ")
    pattern = rf"\b(?:{'|'.join(re.escape(stem) for stem in stems)})\w*"
    return list(dict.fromkeys(re.findall(pattern, text, re.IGNORECASE)))


class OverrideForm(forms.Form):
    """A class set by a person, why, and until when."""

    class_key = forms.ChoiceField()
    reason = forms.CharField(max_length=LONGEST_NOTE, widget=forms.Textarea(attrs={"rows": 3}))
    until = DayField()

    def __init__(self, data: Any = None, *, classes: Iterable[str]) -> None:
        super().__init__(data, auto_id="override_%s")
        self.fields["class_key"].choices = [(key, class_name(key)) for key in classes]  # type: ignore[attr-defined] # a ChoiceField
        for name in ("class_key", "reason", "until"):
            self.fields[name].label = said(f"people_override_{name}")
