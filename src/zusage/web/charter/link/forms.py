"""What customers type on their own page, and persons about it, comes in; checked values or readable errors go out."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms

from zusage.web.charter.queries import LINK_DAYS
from zusage.web.customers.choices.models import CONTACT
from zusage.web.office.forms import DayField, Said
from zusage.web.speech import said

LONGEST_WORDS = 2000
CONTRACT = 80
"""Characters for where a contract lies: it stands before price and term in the source of an agreement."""
LONGEST_LINK = timedelta(days=3 * 366)


def words(**more: Any) -> forms.CharField:
    """A text of some lines."""
    return forms.CharField(max_length=LONGEST_WORDS, widget=forms.Textarea(attrs={"rows": 4}), **more)


class OwnForm(Said):
    """A form of a customer's own page."""

    begins = "link"


class OrderForm(OwnForm):
    """A package is asked for: the terms that were read, and what else the customer wants to say."""

    mark = forms.CharField(max_length=64, widget=forms.HiddenInput)
    text = words(required=False)


class WhyForm(OwnForm):
    """A question about the package, or an objection to it."""

    why = words()


class ContactForm(OwnForm):
    """Other contact data; what is left as it is changes nothing."""

    email = forms.EmailField(required=False, max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"}))
    phone = forms.CharField(required=False, max_length=32, widget=forms.TextInput(attrs={"autocomplete": "tel"}))
    street = forms.CharField(
        required=False, max_length=120, widget=forms.TextInput(attrs={"autocomplete": "street-address"})
    )
    postcode = forms.CharField(
        required=False, max_length=12, widget=forms.TextInput(attrs={"autocomplete": "postal-code"})
    )
    city = forms.CharField(
        required=False, max_length=80, widget=forms.TextInput(attrs={"autocomplete": "address-level2"})
    )

    def lines(self) -> dict[str, str]:
        """What was typed, without what was left empty."""
        return {name: self.cleaned_data[name] for name in CONTACT if self.cleaned_data.get(name)}


# --- the office


class LinkForm(OwnForm):
    """The last day on which a new link opens the customer's page."""

    expires_on = DayField()

    def __init__(self, data: Any = None, *, today: date) -> None:
        super().__init__(data, initial={"expires_on": today + LINK_DAYS}, auto_id="link_%s")
        self.today = today

    def clean_expires_on(self) -> date:
        """Not in the past, and not for ever."""
        day: date = self.cleaned_data["expires_on"]
        if not self.today <= day <= self.today + LONGEST_LINK:
            raise forms.ValidationError(
                said("link_expires_wrong", first_on=self.today, last_on=self.today + LONGEST_LINK)
            )
        return day


class AcceptForm(OwnForm):
    """A person accepts a wish: from when on, where the contract lies that costs something, words for the customer."""

    hints = ("effective_on", "contract", "words")
    version = forms.IntegerField(widget=forms.HiddenInput)
    effective_on = DayField()
    contract = forms.CharField(max_length=CONTRACT)
    words = words(required=False)

    def __init__(
        self, data: Any = None, *, version: int, first_on: date, less: bool, with_day: bool, with_price: bool
    ) -> None:
        super().__init__(data, initial={"version": version, "effective_on": first_on}, auto_id="accept_%s")
        if not with_day:
            del self.fields["effective_on"]
        elif not less:
            self.fields["effective_on"].help_text = ""
        if not with_price:
            del self.fields["contract"]


class RefuseForm(OwnForm):
    """A person does not accept a wish, and tells the customer why."""

    hints = ("refusal",)
    version = forms.IntegerField(widget=forms.HiddenInput)
    refusal = words()

    def __init__(self, data: Any = None, *, version: int) -> None:
        super().__init__(data, initial={"version": version}, auto_id="refuse_%s")


class AnswerForm(OwnForm):
    """The answer to a customer's question about the package, with the minutes it took."""

    hints = ("answer",)
    version = forms.IntegerField(widget=forms.HiddenInput)
    answer = forms.CharField(max_length=2 * LONGEST_WORDS, widget=forms.Textarea(attrs={"rows": 10}))
    minutes = forms.IntegerField(min_value=0, max_value=24 * 60)

    def __init__(self, data: Any = None, *, version: int, draft: str, minutes: int) -> None:
        first = {"version": version, "answer": draft, "minutes": minutes}
        super().__init__(data, initial=first, auto_id="answer_%s")
