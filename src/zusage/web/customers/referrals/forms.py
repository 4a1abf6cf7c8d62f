"""What somebody typed about recommendations comes in, checked values or readable errors go out."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from zusage.web.customers.models import Customer
from zusage.web.customers.queries import customers_for
from zusage.web.customers.referrals.models import ANSWERS, STATES
from zusage.web.office.forms import Said
from zusage.web.office.models import User
from zusage.web.speech import said

DAY = {"type": "date"}


class _Day(Said):
    """A form with a day that does not lie ahead."""

    begins = "referrals"
    day = ""

    def __init__(self, data: Any = None, *, today: date, **more: Any) -> None:
        super().__init__(data, initial={self.day: today}, **more)
        self.today = today
        self.fields[self.day].widget.attrs["max"] = today.isoformat()

    def clean(self) -> dict[str, Any]:
        """Refuses a day to come."""
        values = super().clean() or self.cleaned_data
        if (day := values.get(self.day)) and day > self.today:
            self.add_error(self.day, said("referrals_day_ahead"))
        return values


class NameForm(_Day):
    """Whom a customer recommended us to."""

    day = "named_on"
    hints = ("contact",)
    prospect = forms.CharField(max_length=200)
    contact = forms.CharField(max_length=200, required=False)
    named_on = forms.DateField(widget=forms.DateInput(DAY, format="%Y-%m-%d"))

    def __init__(self, data: Any = None, *, today: date) -> None:
        super().__init__(data, today=today, auto_id="name_%s")


class AskForm(_Day):
    """That a customer was asked for a recommendation."""

    day = "asked_on"
    answer = forms.ChoiceField()
    asked_on = forms.DateField(widget=forms.DateInput(DAY, format="%Y-%m-%d"))

    def __init__(self, data: Any = None, *, today: date) -> None:
        super().__init__(data, today=today, auto_id="ask_%s")
        self.choose("answer", [(key, said(f"referrals_answer_{key}")) for key in ANSWERS])


class StateForm(Said):
    """How it stands with a recommendation: the state, the customer they became, what was given for it."""

    begins = "referrals"
    hints = ("other", "reward")
    version = forms.IntegerField(widget=forms.HiddenInput)
    state = forms.ChoiceField()
    other = forms.CharField(max_length=64, required=False)
    outcome = forms.CharField(max_length=300, required=False)
    reward = forms.DecimalField(min_value=0, max_value=100_000, decimal_places=2, required=False, localize=True)

    def __init__(self, data: Any = None, *, user: User, **more: Any) -> None:
        super().__init__(data, auto_id="state_%s", **more)
        self.user = user
        self.choose("state", [(key, said(f"referrals_state_{key}")) for key in STATES])

    def clean_other(self) -> Customer | None:
        """The customer of a number, one this reader may see."""
        number = self.cleaned_data["other"].strip()
        found = customers_for(self.user).filter(number=number).first() if number else None
        if number and found is None:
            raise ValidationError(said("referrals_other_unknown", number=number))
        return found

    def reward_cents(self) -> int:
        """What was given, in cents."""
        return int((self.cleaned_data["reward"] or 0) * 100)
