"""What somebody asked for about letters comes in, checked values or readable errors go out."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from zusage.promises.recipients import KINDS, ORDERS
from zusage.web.charter.outbox.models import CHANNELS
from zusage.web.office.forms import DayField, Said
from zusage.web.review.waves.queries import WEEK, monday_of
from zusage.web.speech import said

MOST_A_WEEK, USUAL_A_WEEK = 1000, 25
LANGUAGES = [("de", "Deutsch"), ("en", "English")]
LONGEST_REASON, LONGEST_TEXT = 2000, 20_000


class _Letters(Said):
    begins = "mailing"


class WaveForm(_Letters):
    """What kind of letter, on which way, so many a week from a Monday on."""

    hints = ("channel", "order")
    kind = forms.ChoiceField()
    channel = forms.ChoiceField(initial="post")
    language = forms.ChoiceField(choices=LANGUAGES)
    per_week = forms.IntegerField(min_value=1, max_value=MOST_A_WEEK, initial=USUAL_A_WEEK)
    first_on = DayField()
    order = forms.ChoiceField(initial="postal")

    def __init__(self, *args: Any, today: date, language: str, kind: str = "", **more: Any) -> None:
        self.earliest = monday_of(today)
        following = self.earliest if today == self.earliest else self.earliest + WEEK
        super().__init__(*args, initial={"first_on": following, "language": language, "kind": kind}, **more)
        self.choose("kind", _said("kind", KINDS))
        self.choose("channel", _said("channel", CHANNELS))
        self.choose("order", _said("order", ORDERS))
        self.fields["first_on"].widget.attrs["min"] = self.earliest.isoformat()

    def clean_first_on(self) -> date:
        """A Monday, of this week at the earliest."""
        day: date = self.cleaned_data["first_on"]
        if day.weekday() or day < self.earliest:
            raise forms.ValidationError(said("mailing_not_monday"))
        return day


def _said(what: str, keys: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(key, said(f"mailing_{what}_{key}")) for key in keys]


class SingleForm(_Letters):
    """A letter to one customer."""

    kind = forms.ChoiceField()
    channel = forms.ChoiceField(initial="post")
    language = forms.ChoiceField(choices=LANGUAGES)

    def __init__(self, *args: Any, language: str, **more: Any) -> None:
        super().__init__(*args, initial={"language": language}, **more)
        self.choose("kind", _said("kind", KINDS))
        self.choose("channel", _said("channel", CHANNELS))


class ReleaseForm(_Letters):
    """Whether letters may leave; why, where the hours do not reach or are not known."""

    hints = ("signed",)
    version = forms.IntegerField(widget=forms.HiddenInput)
    signed = forms.CharField(max_length=LONGEST_REASON, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, sign: bool, **more: Any) -> None:
        super().__init__(*args, **more)
        if not sign:
            del self.fields["signed"]


class HandedForm(_Letters):
    """The day on which letters were given to the post."""

    on_day = DayField()


class TextForm(_Letters):
    """The firm's own text of a letter."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    text = forms.CharField(max_length=LONGEST_TEXT, strip=False, widget=forms.Textarea(attrs={"rows": 24, "lang": ""}))

    def clean_text(self) -> str:
        """With the ends of lines of files, however a browser sends them."""
        return str(self.cleaned_data["text"]).replace("\r\n", "\n")
