"""A list of people who want no advertising comes in as an upload, checked for its size."""

from __future__ import annotations

from typing import Any

from django import forms

from zusage.web.office.forms import ListFileField
from zusage.web.speech import said


class OptOutForm(forms.Form):
    """The file, how it was said, and whether lines about strangers are passed over."""

    list = ListFileField()
    how = forms.CharField(max_length=200)
    leave_out = forms.BooleanField(required=False)

    def __init__(self, data: Any = None, files: Any = None) -> None:
        super().__init__(data, files, auto_id="list_%s")
        for name, field in self.fields.items():
            field.label = said(f"consent_list_field_{name}")
        for name in ("list", "how", "leave_out"):
            self.fields[name].help_text = said(f"consent_list_field_{name}_hint")
