"""The text of an issue as typed comes in, checked values or readable errors go out."""

from __future__ import annotations

from django import forms

from zusage.web.office.forms import Said


class IssueForm(Said):
    """Subject, plain text, and a PDF if there is one."""

    begins = "newsletter"
    version = forms.IntegerField(widget=forms.HiddenInput)
    subject = forms.CharField(max_length=200)
    text = forms.CharField(max_length=20_000, widget=forms.Textarea(attrs={"rows": 14}))
    attachment = forms.FileField(required=False, widget=forms.ClearableFileInput(attrs={"accept": "application/pdf"}))
