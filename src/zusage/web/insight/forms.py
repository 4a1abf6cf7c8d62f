"""What people expect of the years to come: fields go in, a growth and a number of years come out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django import forms

from zusage.policy.document import Policy, ServiceClass
from zusage.web.insight.models import CapacityStudy
from zusage.web.office.forms import field_for
from zusage.web.speech import language, said

LONGEST = 10
PLAIN = ("growth", "years", "use", "use_cents")
PARTS = ("new", "up", "down")


class AheadForm(forms.Form):
    """New households (or customers) a year, empty for the growth of the book, or by class; which share of a class
    changes to the next one; how far to look ahead; and what freed hours are used for, with what an hour of that is
    worth in cents."""

    growth = forms.IntegerField(required=False, min_value=-100_000, max_value=100_000)
    years = forms.IntegerField(min_value=1, max_value=LONGEST, initial=5)
    use = forms.CharField(required=False, max_length=100)
    use_cents = forms.DecimalField(required=False, min_value=0, max_value=10_000, decimal_places=2, localize=True)

    def __init__(self, *given: Any, policy: Policy | None, **named: Any) -> None:
        super().__init__(*given, **named)
        noun = "household" if policy is not None and policy.household_together else "customer"
        self.fields["growth"].label = said(f"insight_growth_{noun}")
        self.fields["growth"].help_text = said("insight_growth_help")
        self.fields["years"].label = said("insight_years")
        self.fields["use"].label, self.fields["use"].help_text = said("insight_use"), said("insight_use_help")
        self.fields["use_cents"].label = said("insight_worth")
        self.classes = _classes(policy)
        for item in self.classes:
            self.fields[field_for("new", item.key)] = forms.IntegerField(
                required=False, min_value=-100_000, max_value=100_000, widget=_figure("insight_by_class_new", item)
            )
        for part, one, _ in _changes(self.classes):
            self.fields[field_for(part, one.key)] = forms.DecimalField(
                required=False, min_value=0, max_value=100, decimal_places=1, localize=True,
                widget=_figure(f"insight_by_class_{part}", one),
            )  # fmt: skip

    @property
    def plain(self) -> list[forms.BoundField]:
        """The fields above the table of classes."""
        return [self[name] for name in PLAIN]

    @property
    def rows(self) -> list[tuple[str, list[tuple[str, forms.BoundField | None]]]]:
        """Each class by name with its fields and their heads: new ones a year, who rises, who falls."""
        fields = {name: self[name] for name in self.fields}
        return [
            (
                item.name[language()],
                [(f"insight_by_class_{part}", fields.get(field_for(part, item.key))) for part in PARTS],
            )
            for item in self.classes
        ]

    @property
    def by_class_open(self) -> bool:
        """Whether something stands in the table of classes."""
        return any(self[name].value() not in (None, "") for name in self.fields if name not in PLAIN)

    def clean_use_cents(self) -> int | None:
        """Cents."""
        euro = self.cleaned_data["use_cents"]
        return None if euro is None else round(euro * 100)

    def clean(self) -> dict[str, Any]:
        """A use has a worth, and a worth a use; growth is one figure or one for each class, never both."""
        found = super().clean() or {}
        if not self.errors and bool(found.get("use")) != (found.get("use_cents") is not None):
            self.add_error("use", said("insight_use_both"))
        typed = {name: found.pop(name, None) for name in [*found] if name not in PLAIN}
        by_class = {item.key: typed.get(field_for("new", item.key)) for item in self.classes}
        found["by_class"] = {key: count for key, count in by_class.items() if count is not None}
        found["drift"] = [
            [one.key, other.key, round(share * 10)]
            for part, one, other in _changes(self.classes)
            if (share := typed.get(field_for(part, one.key)))
        ]
        if found["by_class"] and found.get("growth") is not None:
            self.add_error("growth", said("insight_growth_twice"))
        return found


def typed_of(study: CapacityStudy, policy: Policy | None) -> dict[str, Any]:
    """What was typed for an answer, as the form shows it under a service model."""
    found: dict[str, Any] = {name: getattr(study, name) for name in ("growth", "years", "use")}
    if study.use_cents is not None:
        found["use_cents"] = Decimal(study.use_cents) / 100
    shares = {(one, other): Decimal(permille) / 10 for one, other, permille in study.drift}
    changes = ((field_for(part, one.key), (one.key, other.key)) for part, one, other in _changes(_classes(policy)))
    found |= {name: shares[pair] for name, pair in changes if pair in shares}
    return found | {field_for("new", key): count for key, count in study.by_class.items()}


def _classes(policy: Policy | None) -> list[ServiceClass]:
    return [item for item in (policy.classes if policy else ()) if not item.provisional]


def _changes(classes: Sequence[ServiceClass]) -> Iterator[tuple[str, ServiceClass, ServiceClass]]:
    """Who may change to which class, as far as the page asks: to the next better and to the next lower one."""
    for better, lower in pairwise(classes):
        yield "up", lower, better
        yield "down", better, lower


def _figure(code: str, item: ServiceClass) -> forms.TextInput:
    label = f"{item.name[language()]}: {said(code)}"
    return forms.TextInput(
        attrs={"class": "figure", "inputmode": "decimal", "aria-label": label, "autocomplete": "off"}
    )
