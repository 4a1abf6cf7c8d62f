"""A list of people who want no advertising comes in as an upload, checked for its size."""

from __future__ import annotations

from typing import Any

from django import forms

from zusage.web.speech import said

LARGEST = 5_000_000
"""Bytes of a list: a hundred times what its most lines can hold."""


class OptOutForm(forms.Form):
    """The file, how it was said, and whether lines about strangers are passed over."""

    list = forms.FileField(widget=forms.FileInput(attrs={"accept": ".csv,.txt,.xlsx"}))
    how = forms.CharField(max_length=200)
    leave_out = forms.BooleanField(required=False)

    def __init__(self, data: Any = None, files: Any = None) -> None:
        super().__init__(data, files, auto_id="list_%s")
        for name, field in self.fields.items():
            field.label = said(f"consent_list_field_{name}")
        for name in ("list", "how", "leave_out"):
            self.fields[name].help_text = said(f"consent_list_field_{name}_hint")

    def clean_list(self) -> Any:
        """Not larger than a list can be."""
        file = self.cleaned_data["list"]
        if (file.size or 0) > LARGEST:
            raise forms.ValidationError(said("office_file_too_large"))
        return file
