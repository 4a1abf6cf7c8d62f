"""What somebody typed to erase a customer comes in, the reason or readable errors go out."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from zusage.web.office.forms import Said
from zusage.web.speech import said


class EraseForm(Said):
    """The reason, and the customer's number once more: nothing of it can be undone."""

    begins = "erasing"
    hints = ("reason", "again")
    reason = forms.CharField(max_length=300)
    again = forms.CharField(max_length=64)

    def __init__(self, data: Any = None, *, number: str) -> None:
        super().__init__(data, auto_id="erase_%s")
        self.number = number

    def clean_again(self) -> str:
        """The number, as it stands on the page."""
        typed: str = self.cleaned_data["again"].strip()
        if typed != self.number:
            raise ValidationError(said("erasing_again_other", number=self.number))
        return typed
