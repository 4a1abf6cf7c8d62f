"""What somebody types of a reply on paper comes in, a reply or readable errors go out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django import forms

from zusage.ground.reasons import Refused
from zusage.ground.words import say
from zusage.web.charter.link.forms import ContactForm, OwnForm, words
from zusage.web.charter.link.queries import CHANNELS, Terms
from zusage.web.charter.link.replies.queries import Reply
from zusage.web.charter.queries import number_of
from zusage.web.office.forms import DayField, ListFileField
from zusage.web.speech import language, said


class CodeForm(OwnForm):
    """The code on a reply slip; the customer's number comes out."""

    hints = ("code",)
    code = forms.CharField(
        max_length=20, widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"})
    )

    def clean_code(self) -> str:
        """Whose code it is."""
        try:
            return number_of(self.cleaned_data["code"])
        except Refused as refused:
            raise forms.ValidationError([say(item.reason, language()) for item in refused.findings]) from None


class ReplyForm(ContactForm):
    """What was ticked and written on a reply slip."""

    hints = ("signed", "wish")
    said_on = DayField()
    package = forms.ChoiceField(required=False)
    signed = forms.BooleanField(required=False)
    objection = forms.BooleanField(required=False)
    why = words(required=False)
    wish = words(required=False)

    def __init__(self, data: Any = None, *, packages: Sequence[Terms], today: date) -> None:
        super().__init__(data, initial={"said_on": today}, auto_id="reply_%s")
        self.today = today
        self.choose("package", [("", said("link_ticked_none")), *_choices(packages)])
        ticked = [(key, said(f"link_ticked_{key or 'none'}")) for key in ("", "yes", "no")]
        for channel in CHANNELS:
            label = said("link_reply_way", name=said(f"link_channel_{channel}"))
            self.fields[f"by_{channel}"] = forms.ChoiceField(required=False, choices=ticked, label=label)
        ways = [f"by_{channel}" for channel in CHANNELS]
        self.order_fields(["said_on", "package", "signed", *ways, "objection"])

    def clean_said_on(self) -> date:
        """Nobody replied tomorrow."""
        day: date = self.cleaned_data["said_on"]
        if day > self.today:
            raise forms.ValidationError(said("people_day_ahead"))
        return day

    def clean(self) -> dict[str, Any]:
        """A reply says something."""
        found = self.cleaned_data
        if not self.errors and self.reply("").empty:
            raise forms.ValidationError(said("link_list_nothing"))
        return found

    def reply(self, number: str) -> Reply:
        """The reply of a customer."""
        given = self.cleaned_data
        what, _, place = given["package"].partition(" ")
        return Reply(
            number=number,
            said_on=given["said_on"],
            chosen=int(place) if what == "chosen" else None,
            declined=int(place) if what == "declined" else None,
            signed=given["signed"],
            ways={channel: said == "yes" for channel in CHANNELS if (said := given[f"by_{channel}"])},
            objection=given["objection"],
            contact=self.lines(),
            why=given["why"],
            text=given["wish"],
        )


def _choices(packages: Iterable[Terms]) -> list[tuple[str, str]]:
    listed = list(packages)
    chosen = [(f"chosen {item.place}", said("people_chose_chosen", name=item.name)) for item in listed]
    return chosen + [(f"declined {item.place}", said("people_chose_declined", name=item.name)) for item in listed]


class ListForm(OwnForm):
    """A list of replies."""

    hints = ("list",)
    list = ListFileField()
