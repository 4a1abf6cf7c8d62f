"""What the firm typed about itself comes in, checked lines and texts or readable errors go out."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError

from zusage.ground.reasons import Refused
from zusage.policy.document import Policy
from zusage.report.differing import metric_name
from zusage.report.mark import LARGEST, mark_of
from zusage.web.charter.models import LINE, Sheet
from zusage.web.charter.queries import has_public_address
from zusage.web.charter.sheet.queries import metrics_of
from zusage.web.office.forms import Said, field_for
from zusage.web.office.queries import refused_words
from zusage.web.speech import finding_text, language, said

TEXT = 4000
"""Characters of a text of the charter; it is one sheet of paper."""
ENCLOSURE = 20_000
WORDS, WORD = 200, 60
SENDER = ("name", "street", "postcode", "city", "phone", "mail", "web", "managing", "opening_de", "opening_en")
CHARTER = ("intro_de", "intro_en", "closing_de", "closing_en")
NOTICE = ("notice_de", "notice_en")
RECORD = ("receivers_de", "receivers_en", "keeping_de", "keeping_en")


class LineField(forms.CharField):
    """One line: whatever would break it, such as a line break in the head of a mail, is refused."""

    def __init__(self, *, max_length: int = LINE, **more: Any) -> None:
        super().__init__(max_length=max_length, required=False, **more)

    def clean(self, value: Any) -> str:
        """The text without spaces around it."""
        text = str(super().clean(value))
        if not text.isprintable():
            raise ValidationError(said("sheet_not_a_line"))
        return text


def _text(most: int, rows: int) -> forms.CharField:
    return forms.CharField(required=False, max_length=most, widget=forms.Textarea(attrs={"rows": rows}))


class SheetForm(Said):
    """The lines of the firm, the texts of its charter, and how each package is reached in its own words."""

    begins = "sheet"
    hints = ("name", "managing", "opening_de", "intro_de", "shown", "refused", "notice_de", "receivers_de", "links")
    version = forms.IntegerField(widget=forms.HiddenInput)
    name = LineField(widget=forms.TextInput(attrs={"autocomplete": "organization"}))
    street = LineField(widget=forms.TextInput(attrs={"autocomplete": "street-address"}))
    postcode = LineField(max_length=20, widget=forms.TextInput(attrs={"autocomplete": "postal-code"}))
    city = LineField(widget=forms.TextInput(attrs={"autocomplete": "address-level2"}))
    phone = LineField(max_length=60, widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}))
    mail = forms.EmailField(required=False)
    web = LineField(widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "url"}))
    managing = LineField()
    opening_de = LineField()
    opening_en = LineField()
    intro_de = _text(TEXT, 3)
    intro_en = _text(TEXT, 3)
    closing_de = _text(TEXT, 3)
    closing_en = _text(TEXT, 3)
    shown = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)
    refused = forms.CharField(required=False, max_length=WORDS * WORD, widget=forms.Textarea(attrs={"rows": 4}))
    notice_de = _text(ENCLOSURE, 8)
    notice_en = _text(ENCLOSURE, 8)
    receivers_de = _text(TEXT, 3)
    receivers_en = _text(TEXT, 3)
    keeping_de = _text(TEXT, 3)
    keeping_en = _text(TEXT, 3)
    links = forms.BooleanField(required=False)

    def __init__(self, *args: Any, policy: Policy, found: Sheet, **more: Any) -> None:
        super().__init__(*args, initial=facts_of(found), **more)
        self.choose_shown(policy, found)
        if not has_public_address():
            del self.fields["links"]
        self.packages = [item for item in policy.classes if not item.provisional]
        for item in self.packages:
            for spoken in ("de", "en"):
                field = LineField(max_length=300, label=said(f"sheet_field_way_{spoken}", name=item.name[language()]))
                self.fields[_way(item.key, spoken)] = field
                pair = found.ways.get(item.key, ("", ""))
                self.initial[_way(item.key, spoken)] = pair[("de", "en").index(spoken)]

    def choose_shown(self, policy: Policy, found: Sheet) -> None:
        """What the service model decides by, and what the firm has chosen before and may bring back."""
        keys = dict.fromkeys([*metrics_of(policy), *found.shown])
        self.fields["shown"].choices = [(key, metric_name(key, language())) for key in keys]  # type: ignore[attr-defined]  # a field of choices

    def clean_web(self) -> str:
        """The address of the firm's own pages, with or without https."""
        text = str(self.cleaned_data["web"])
        if text and not _of_the_web(text):
            raise ValidationError(said("sheet_not_web"))
        return text

    def clean_refused(self) -> list[str]:
        """One word a line, each once."""
        words = [line.strip() for line in str(self.cleaned_data["refused"]).splitlines()]
        if len(words) > WORDS or any(len(word) > WORD for word in words):
            raise ValidationError(said("sheet_words_too_long", most=WORDS, longest=WORD))
        return list(dict.fromkeys(filter(None, words)))

    def clean(self) -> dict[str, Any]:
        """The ways together, as they are kept; only those somebody wrote."""
        found = self.cleaned_data
        pairs = {item.key: [found.pop(_way(item.key, key), "") for key in ("de", "en")] for item in self.packages}
        found["ways"] = {key: [de or en, en or de] for key, (de, en) in pairs.items() if de or en}
        return found

    def part(self, names: tuple[str, ...]) -> list[forms.BoundField]:
        """Some fields, for a group of the page."""
        return [self[name] for name in names]

    @property
    def sender(self) -> list[forms.BoundField]:
        return self.part(SENDER)

    @property
    def charter(self) -> list[forms.BoundField]:
        return self.part(CHARTER)

    @property
    def ways(self) -> list[forms.BoundField]:
        return [self[_way(item.key, key)] for item in self.packages for key in ("de", "en")]

    @property
    def notice(self) -> list[forms.BoundField]:
        return self.part(NOTICE)

    @property
    def record(self) -> list[forms.BoundField]:
        return self.part(RECORD)


def _way(key: str, spoken: str) -> str:
    return field_for(f"way_{spoken}", key)


def _of_the_web(text: str) -> bool:
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        return parts.scheme in ("http", "https") and "." in (parts.hostname or "") and " " not in text
    except ValueError:
        return False


def facts_of(found: Sheet) -> dict[str, Any]:
    """A sheet as the form shows it."""
    names = ("version", *SENDER, *CHARTER, *NOTICE, *RECORD, "shown", "links")
    return {name: getattr(found, name) for name in names} | {"refused": "\n".join(refused_words())}


class MarkForm(Said):
    """The file of the firm's picture; what comes out is what is kept of it."""

    begins, hints = "sheet", ("mark",)
    version = forms.IntegerField(widget=forms.HiddenInput)
    mark = forms.FileField(widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg"}))

    def clean_mark(self) -> bytes:
        """The picture as a PNG, decoded and written anew."""
        try:
            return mark_of(self.cleaned_data["mark"].read(LARGEST + 1))
        except Refused as refused:
            raise ValidationError([finding_text(item) for item in refused.findings]) from None
