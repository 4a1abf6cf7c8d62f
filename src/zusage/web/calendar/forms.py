"""What somebody typed in the calendar comes in, checked values go out."""

from __future__ import annotations

from django import forms

from zusage.web.office.forms import MOST_MINUTES


class DoneForm(forms.Form):
    """The minutes a touchpoint took; where nothing is typed, the time it was planned with."""

    minutes = forms.IntegerField(required=False, min_value=0, max_value=MOST_MINUTES)
