"""What somebody typed in the calendar comes in, checked values go out."""

from __future__ import annotations

from django import forms

MOST_MINUTES = 24 * 60


class DoneForm(forms.Form):
    """The minutes a touchpoint took; where nothing is typed, the time it was planned with."""

    minutes = forms.IntegerField(required=False, min_value=0, max_value=MOST_MINUTES)
