"""The text of an issue as typed comes in, checked values or readable errors go out."""

from __future__ import annotations

from typing import Any

from django import forms

from zusage.web.speech import said


class IssueForm(forms.Form):
    """Subject, plain text, and a PDF if there is one."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    subject = forms.CharField(max_length=200)
    text = forms.CharField(max_length=20_000, widget=forms.Textarea(attrs={"rows": 14}))
    attachment = forms.FileField(required=False, widget=forms.ClearableFileInput(attrs={"accept": "application/pdf"}))

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        for name, field in self.fields.items():
            if name != "version":
                field.label = said(f"newsletter_field_{name}")
