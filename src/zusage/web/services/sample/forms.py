"""What somebody typed about a time sample comes in, checked values or readable errors go out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django import forms

from zusage.ground.worktime.hours import WEEKDAYS
from zusage.policy.document import Blocks, Role
from zusage.web.office.forms import DayField
from zusage.web.office.models import User
from zusage.web.speech import language, said


class SampleForm(forms.Form):
    """A new time sample: on which days, how often a day, whom to invite."""

    first_on = DayField()
    last_on = DayField()
    per_day = forms.IntegerField(min_value=1, max_value=30, initial=8)
    people = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, workers: Sequence[tuple[User, Role]], today: date, **more: Any) -> None:
        super().__init__(*args, **more)
        self.workers = {str(person.pk): person for person, _ in workers}
        listed = [(str(person.pk), f"{person.name} ({role.name[language()]})") for person, role in workers]
        people = self.fields["people"]
        assert isinstance(people, forms.MultipleChoiceField)  # noqa: S101 - named above
        people.choices, people.initial = listed, [key for key, _ in listed]
        self.fields["first_on"].initial = today + timedelta(1)
        self.fields["last_on"].initial = today + timedelta(14)
        for name, field in self.fields.items():
            field.label = said(f"hours_sample_{name}")
            field.error_messages |= {"required": said("office_missing"), "invalid": said("office_missing")}

    def clean_people(self) -> list[User]:
        """The people themselves."""
        return [self.workers[key] for key in self.cleaned_data["people"]]


class TakePartForm(forms.Form):
    """Somebody says when they work, and so may be asked, and whether their role's result may be shown."""

    shown_alone = forms.BooleanField(required=False)

    def __init__(self, *args: Any, opening: Sequence[tuple[str, Blocks]], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["shown_alone"].label = said("hours_shown_alone")
        hours = dict(opening)
        for day in WEEKDAYS:
            blocks = hours.get(day, ())
            for end, clock in (("from", blocks[0][0] if blocks else ""), ("to", blocks[-1][1] if blocks else "")):
                self.fields[f"{day}_{end}"] = forms.TimeField(
                    required=False,
                    initial=clock,
                    label=said(f"hours_{end}_on", day=said(f"weekday_{day}")),
                    widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
                )

    @property
    def days(self) -> list[tuple[str, forms.BoundField, forms.BoundField]]:
        """The weekdays with their two fields."""
        return [(said(f"weekday_{day}"), self[f"{day}_from"], self[f"{day}_to"]) for day in WEEKDAYS]

    def clean(self) -> dict[str, Any]:
        """The hours as blocks by weekday."""
        weekly = {}
        for day in WEEKDAYS:
            begin, end = (self.cleaned_data.get(f"{day}_{name}") for name in ("from", "to"))
            if (begin is None) != (end is None):
                self.add_error(f"{day}_to", said("hours_from_and_to"))
            elif begin is not None and end is not None:
                weekly[day] = [[f"{begin:%H:%M}", f"{end:%H:%M}"]]
        return {"weekly": weekly, "shown_alone": self.cleaned_data.get("shown_alone", False)}
