"""What somebody typed about the office comes in, checked values or readable errors go out."""

from __future__ import annotations

import re
from secrets import compare_digest
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from zusage.policy import TEMPLATES, template
from zusage.policy.edit import set_firm
from zusage.policy.firm import states_of
from zusage.policy.load import LARGEST_CHARACTERS
from zusage.web.office.models import ROLES, THEMES, User
from zusage.web.speech import language, said

COUNTRIES = ("de", "at", "ch")
OWN = "own"
MOST_MINUTES = 24 * 60
"""Of work that is noted at once: a day."""
LARGEST_LIST = 5_000_000
"""Bytes of a list of customers: a hundred times what its most lines can hold."""
Choices = list[tuple[str, str]]


class Said(forms.Form):
    """A form whose labels stand in the word lists as `office_field_…`, and hints as `office_hint_…` for the fields in
    `hints`. Forms of other rooms say in `begins` how their texts begin.
    """

    begins = "office"
    hints: tuple[str, ...] = ()

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        for name, field in self.fields.items():
            if field.widget.is_hidden:
                continue
            field.label = said(f"{self.begins}_field_{name}")
            field.error_messages["required"] = said("office_missing")
            if name in self.hints:
                field.help_text = said(f"{self.begins}_hint_{name}")

    def choose(self, name: str, choices: Choices) -> None:
        """What can be chosen in a field."""
        choose(self, name, choices)


def field_for(part: str, key: str) -> str:
    """The name of a field for a key of the service model, which may hold spaces; the id of a field may not."""
    return f"{part}_{key.encode().hex()}"


def choose(form: forms.Form, name: str, choices: Choices) -> None:
    """Put what can be chosen into a field of a form."""
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)  # noqa: S101 - only asked for those
    field.choices = choices


class ListFileField(forms.FileField):
    """A list as a file, not larger than one can be."""

    widget = forms.FileInput(attrs={"accept": ".csv,.txt,.xlsx"})

    def clean(self, data: Any, initial: Any = None) -> Any:
        """The file as it was sent."""
        file = super().clean(data, initial)
        if (file.size or 0) > LARGEST_LIST:
            raise forms.ValidationError(said("office_file_too_large"))
        return file


class PolicyFileField(forms.FileField):
    """A service model as a file; its text comes out."""

    widget = forms.FileInput(attrs={"accept": ".yaml,.yml"})

    def clean(self, data: Any, initial: Any = None) -> str:
        """The text, from UTF-8."""
        file: UploadedFile[Any] | None = super().clean(data, initial)
        if file is None:
            return ""
        if (file.size or 0) > 4 * LARGEST_CHARACTERS:
            raise ValidationError(said("office_file_too_large"))
        try:
            return bytes(file.read()).decode("utf-8-sig")
        except UnicodeDecodeError:
            raise ValidationError(said("office_file_not_utf8")) from None


def _password_field() -> forms.CharField:
    return forms.CharField(
        strip=False, max_length=200, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )


class StartForm(Said):
    """The first page of a new office; which fields must be filled in depends on the service model that is chosen."""

    use_required_attribute = False  # a browser would not let somebody pass who chose a file of their own
    hints = ("code", "password", "policy")
    code = forms.CharField(max_length=40, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    name = forms.CharField(max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    email = forms.EmailField(widget=forms.EmailInput(attrs={"autocomplete": "username"}))
    password = _password_field()
    language = forms.ChoiceField()
    concept = forms.ChoiceField(widget=forms.RadioSelect, initial="abc")
    firm_name = forms.CharField(max_length=200, widget=forms.TextInput(attrs={"autocomplete": "organization"}))
    place = forms.ChoiceField(initial="DE-SN")
    policy = PolicyFileField()

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        own = self.data.get("concept") == OWN
        for name, needed in (("policy", own), ("firm_name", not own), ("place", not own)):
            self.fields[name].required = needed
        if not settings.OFFICE:
            del self.fields["code"]
        self.choose("language", [("de", "Deutsch"), ("en", "English")])
        self.choose("concept", [(key, said(f"office_concept_{key}")) for key in (*TEMPLATES, OWN)])
        self.fields["place"].choices = places()  # type: ignore[attr-defined]  # a field of choices, in groups
        self.fields["language"].initial = language()

    def clean_code(self) -> str:
        """The code that stands in the terminal: whoever reads it there is no stranger."""
        code = str(self.cleaned_data["code"]).strip()
        if not settings.SETUP_CODE or not compare_digest(code.encode(), settings.SETUP_CODE.encode()):
            raise ValidationError(said("office_wrong_code"))
        return code

    def clean(self) -> dict[str, Any]:
        """The password against the rules."""
        found = self.cleaned_data
        if "password" in found:
            self._check_password(found["password"], User(email=found.get("email", ""), name=found.get("name", "")))
        return found

    def _check_password(self, password: str, user: User) -> None:
        try:
            password_validation.validate_password(password, user)
        except ValidationError as error:
            self.add_error("password", error)

    def policy_text(self) -> str:
        """The service model: the one uploaded as it is, or a template with the firm in it."""
        found = self.cleaned_data
        if found["concept"] == OWN:
            return str(found["policy"])
        country, state = found["place"].split("-", 1)
        text = template(found["concept"], found["language"])
        return set_firm(text, name=found["firm_name"], country=country, state=state)


def places() -> list[tuple[str, Choices]]:
    """The states one can choose, by country."""
    return [
        (
            said(f"office_country_{country}"),
            [(f"{country.upper()}-{key}", name) for key, name in states_of(country.upper()).items()],
        )
        for country in COUNTRIES
    ]


class HoursField(forms.CharField):
    """Hours a week as people write them: 38:30, 38,5 or 38; seconds come out, None where nothing was typed."""

    def clean(self, value: Any) -> Any:
        """Seconds, at most a whole week."""
        text = str(super().clean(value)).strip()
        if not text:
            return None
        found = re.fullmatch(r"(\d{1,3})(?::([0-5]\d)|[.,](\d{1,2}))?", text)
        if not found:
            raise ValidationError(said("office_hours_wrong"))
        seconds = int(found[1]) * 3600 + int(found[2] or 0) * 60 + int((found[3] or "0").ljust(2, "0")) * 36
        if seconds > 168 * 3600:
            raise ValidationError(said("office_hours_wrong"))
        return seconds

    def prepare_value(self, value: Any) -> Any:
        """Stored seconds as hours and minutes."""
        return f"{value // 3600}:{value % 3600 // 60:02d}" if isinstance(value, int) else value


class DayField(forms.DateField):
    """A day, from the browser's own field for days."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class FirmForm(Said):
    """Name and rights of the firm."""

    hints = ("assistants_see_money", "advisers_see_own_only")
    version = forms.IntegerField(widget=forms.HiddenInput)
    name = forms.CharField(max_length=200)
    assistants_see_money = forms.BooleanField(required=False)
    advisers_see_own_only = forms.BooleanField(required=False)


class PersonForm(Said):
    """Who somebody is, what they may and when they are there."""

    hints = ("role", "works_as", "weekly_seconds", "adviser", "is_active")
    version = forms.IntegerField(widget=forms.HiddenInput, initial=1)
    name = forms.CharField(max_length=120)
    email = forms.EmailField()
    role = forms.ChoiceField(initial="assistant")
    works_as = forms.ChoiceField(required=False)
    weekly_seconds = HoursField(required=False, max_length=10)
    adviser = forms.CharField(max_length=120, required=False)
    language = forms.ChoiceField()
    is_active = forms.BooleanField(required=False, initial=True)

    def __init__(self, *args: Any, roles: Choices, new: bool = False, **more: Any) -> None:
        super().__init__(*args, **more)
        self.choose("role", [(key, said(f"office_role_{key}")) for key in ROLES])
        self.choose("works_as", [("", said("office_no_role")), *roles])
        self.choose("language", [("de", "Deutsch"), ("en", "English")])
        if new:
            del self.fields["is_active"]
            self.fields["language"].initial = language()

    def clean_email(self) -> str:
        """The way it is stored."""
        return str(self.cleaned_data["email"]).lower()


class AbsenceForm(Said):
    """Days on which somebody is away."""

    first_on = DayField()
    last_on = DayField()
    note = forms.CharField(max_length=120, required=False)


class LookForm(Said):
    """Language and colours of the reader."""

    language = forms.ChoiceField()
    theme = forms.ChoiceField()

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.choose("language", [("de", "Deutsch"), ("en", "English")])
        self.choose("theme", [(key, said(f"page_theme_{key}")) for key in THEMES])


class NewPasswordForm(Said):
    """The password that somebody chooses by their link."""

    hints = ("password",)
    password = _password_field()

    def __init__(self, *args: Any, person: User, **more: Any) -> None:
        super().__init__(*args, **more)
        self.person = person

    def clean_password(self) -> str:
        """By the rules for passwords."""
        password = str(self.cleaned_data["password"])
        password_validation.validate_password(password, self.person)
        return password


class AgainForm(Said):
    """The reader's password once more, before all data leave the machine."""

    own_password = forms.CharField(
        strip=False, max_length=200, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )

    def __init__(self, *args: Any, person: User, **more: Any) -> None:
        super().__init__(*args, **more)
        self.person = person

    def clean_own_password(self) -> str:
        """Whether it is the reader's."""
        password = str(self.cleaned_data["own_password"])
        if not self.person.check_password(password):
            raise ValidationError(said("office_password_wrong"))
        return password
