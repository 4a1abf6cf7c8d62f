"""What somebody typed about messages comes in, checked values or readable errors go out."""

from __future__ import annotations

from typing import Any

from django import forms

from zusage.web.charter.outbox.models import NOTICES
from zusage.web.office.forms import DayField, Said
from zusage.web.speech import said


class _Outbox(Said):
    begins = "outbox"


class ReasonForm(_Outbox):
    """Why somebody decides something."""

    reason = forms.CharField(max_length=300)


class ArrivedForm(ReasonForm):
    """That an unclear message arrived: the day, and how one knows."""

    on_day = DayField()


class DayForm(_Outbox):
    """The day on which a lot left."""

    on_day = DayField()


class AddressForm(_Outbox):
    """Where a mail is sent to."""

    address = forms.CharField(max_length=254, required=False)


class NoticeForm(_Outbox):
    """What came back, by number or by address."""

    kind = forms.ChoiceField()
    who = forms.CharField(max_length=254)
    why = forms.CharField(max_length=300, required=False)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        kinds = self.fields["kind"]
        assert isinstance(kinds, forms.ChoiceField)  # noqa: S101 - it stands above
        kinds.choices = [(name, said(f"outbox_notice_{name}")) for name in NOTICES]
