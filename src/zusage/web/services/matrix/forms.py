"""What somebody typed about a promise comes in, the cell as it is written in the service model goes out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, get_args

from django import forms
from django.utils.html import escape

from zusage.ground.words import LANGUAGES
from zusage.ground.worktime.hours import WEEKDAYS
from zusage.policy import values
from zusage.policy.classes import PLACES_AT_MOST
from zusage.policy.document import Per, Policy, Service, ServiceClass, Text, UsedUp
from zusage.policy.edit import Change, Drop, Put
from zusage.policy.requests import MONTHS
from zusage.policy.terms import CHANNELS, LATER, MODES, NONE, Mode, spread
from zusage.web.speech import language, said

LIKE = "like"
"""The choice of a class that is like another one: no cell of its own."""
LONGEST = 500
Choices = list[tuple[str, str]]

TIMED = tuple(
    measure for measure, modes in MODES.items() if any("per_year" in (*m.needs, *m.may) for m in modes.values())
)
"""Measures whose promises are done so often a year, and take time each."""
BY_SOMEONE = ("response", *TIMED)
ON_CHANNELS = ("response", "cadence", "occasion", "channel")
_WRITTEN = {"opens": "from", "closes": "to"}
"""Fields that have another name in the service model, where it would be a word of the language here."""
ORDER = (
    *("mode", "number", "per", "per_year", "weekdays", "opens", "closes", "role", "channels", "minutes", "used_up"),
    *(f"{later}{part}" for later in LATER for part in ("", "_number", "_weekdays", "_opens", "_closes")),
    *("wording_de", "wording_en"),
)
"""The fields of a cell as they stand one after the other."""


def plain(text: str) -> int | float | str:
    """A figure as it is written in the service model; what is none (`1:30`) stays a text."""
    if not re.fullmatch(r"\d{1,9}([.,]\d{1,9})?", text, re.ASCII):
        return text
    number = Decimal(text.replace(",", "."))
    return int(number) if number == int(number) else float(number)


class Figure(forms.CharField):
    """A number as people write it, within bounds; comes out as it is written in the service model."""

    def __init__(self, read: Callable[[Any], int], code: str, most: int, least: int = 1, **more: Any) -> None:
        marks = {"inputmode": "decimal", "class": "short figure", "autocomplete": "off"}
        super().__init__(max_length=20, widget=forms.TextInput(attrs=marks), **more)
        self.read, self.code, self.most, self.least = read, code, most, least

    def clean(self, value: Any) -> int | float | str | None:
        """The figure; nothing where nothing was typed."""
        text = super().clean(value)
        if not text:
            return None
        written = plain(text)
        try:
            amount = self.read(written)
        except ValueError:
            amount = -1
        if not self.least <= amount <= self.most:
            raise forms.ValidationError(said(self.code))
        return written


class Line(forms.CharField):
    """A sentence in one line, without anything that cannot be seen."""

    def __init__(self, **more: Any) -> None:
        widget = more.pop("widget", forms.Textarea(attrs={"rows": 2}))
        super().__init__(max_length=more.pop("max_length", LONGEST), widget=widget, **more)

    def clean(self, value: Any) -> str:
        """The sentence, its white space put in order."""
        return one_line(super().clean(value))


def one_line(text: str) -> str:
    """A text in one line, as it can stand in the service model."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


class Said(forms.Form):
    """A form whose labels stand in the word lists as `matrix_field_…`, and hints, where there are any."""

    use_required_attribute = False  # a browser would not let somebody pass who wants to choose another mode
    hints: Sequence[str] = ()

    def name_fields(self) -> None:
        """Give every field its label."""
        for name, field in self.fields.items():
            field.label = said(f"matrix_field_{part_of(name)}")
            field.error_messages["required"] = said("office_missing")
            if name in self.hints and not field.help_text:
                field.help_text = said(f"matrix_hint_{name}")


# --- a cell


def kind_of(measure: str, mode: str) -> Mode | None:
    """The fields of a mode; None for none and for being like another class."""
    return MODES[measure].get(mode)


def shown_fields(measure: str, given: Mapping[str, Any]) -> list[str]:
    """The fields that a mode needs or may have, in their order; what is written already is shown too."""
    kind = kind_of(measure, str(given.get("mode")))
    if kind is None:
        return ["mode"]
    found = {"mode", "wording_de", "wording_en", *(_inside(name) for name in (*kind.needs, *kind.may))}
    usual = {"role": measure in BY_SOMEONE, "channels": measure in ON_CHANNELS, "minutes": measure in TIMED}
    found |= {name for name, wanted in usual.items() if wanted or given.get(name)}
    for later in LATER:
        inner = MODES["response"].get(str(given.get(later)))
        if later in found and inner:
            found |= {f"{later}_{_inside(name)}" for name in inner.needs}
    return [name for name in ORDER if name in found]


def part_of(name: str) -> str:
    """The field of a response that a field of a later answer stands for: `reply_number` is a number."""
    return next((name[len(later) + 1 :] for later in LATER if name.startswith(f"{later}_")), name)


def _inside(name: str) -> str:
    return {"from": "opens", "to": "closes"}.get(name, name)


def initial_of(cell: Mapping[str, Any] | None) -> dict[str, Any]:
    """What stands in the fields for a written cell."""
    given = _shown(cell or {"mode": NONE})
    for later in LATER:
        inner = spread(given.pop(later, None), MODES["response"])
        if inner and inner["mode"] != NONE:
            given |= {later if name == "mode" else f"{later}_{name}": value for name, value in _shown(inner).items()}
    wording = given.pop("wording", None)
    said_in = wording if isinstance(wording, Mapping) else {"de": wording, "en": wording}
    return given | {f"wording_{key}": said_in.get(key) or "" for key in ("de", "en")}


def _shown(cell: Mapping[str, Any]) -> dict[str, Any]:
    return {
        _inside(name): shown(value) if name not in ("reply", "completion") else value for name, value in cell.items()
    }


def shown(value: Any) -> Any:
    """A written value as the reader's language writes it."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    return str(value).replace(".", ",") if language() == "de" else str(value)


class CellForm(Said):
    """What a class is promised of a service: the mode, and only what that mode needs."""

    hints = ("per_year", "minutes")

    def __init__(self, data: Any = None, *, policy: Policy, service: Service, like: str, **more: Any) -> None:
        super().__init__(data, **more)
        self.policy, self.service, self.like = policy, service, like
        given = self.initial if data is None else {name: data.get(name) for name in ORDER}
        self.mode = str(given.get("mode"))
        self.kind = kind_of(service.measure, self.mode)
        needs = {_inside(name) for name in self.kind.needs} if self.kind else set()
        for name in shown_fields(service.measure, given):
            self.fields[name] = self._field(name, required=name in needs or self._needed_later(name))
        self.name_fields()

    @staticmethod
    def _needed_later(name: str) -> bool:
        return name == "mode" or any(name.startswith(f"{later}_") for later in LATER)

    def _field(self, name: str, *, required: bool) -> forms.Field:
        part = part_of(name)
        made: dict[str, Callable[[], forms.Field]] = {
            "weekdays": lambda: _several(WEEKDAYS, "weekday", required=required),
            "channels": lambda: _several(CHANNELS, "channel", required=required),
            "number": lambda: self._number(part == name, required=required),
            "per_year": lambda: Figure(values.milli, "matrix_not_per_year", 366_000, required=required),
            "minutes": lambda: Figure(values.minutes, "matrix_not_minutes", 24 * 3600, 0, required=required),
            "opens": lambda: _clock(required=required),
            "closes": lambda: _clock(required=required),
        }
        if part in made:
            return made[part]()
        if part.startswith("wording"):
            return Line(required=False)
        return forms.ChoiceField(choices=self._choices(name), required=required)

    def _number(self, first: bool, *, required: bool) -> Figure:
        if first and self.mode == "hours":
            return Figure(values.hours, "matrix_not_hours", 8760 * 3600, required=required)
        return Figure(values.count, "matrix_not_count", 366, required=required)

    def _choices(self, name: str) -> Choices:
        measure = self.service.measure
        if name == "mode":
            like = [(LIKE, said("matrix_mode_like", name=self.like))] if self.like else []
            modes = [(mode, said(f"matrix_mode_{measure}_{mode}")) for mode in MODES[measure]]
            return [*like, *modes, (NONE, said("matrix_mode_none"))]
        if name == "role":
            own = next((item.name[language()] for item in self.policy.roles if item.key == self.service.role), None)
            usual = said("matrix_role_usual", name=own) if own else said("matrix_role_none")
            roles = [(item.key, item.name[language()]) for item in self.policy.roles]
            return roles if self.kind and "role" in self.kind.needs else [("", usual), *roles]
        if name == "per":
            return [(key, said(f"matrix_per_{key}")) for key in get_args(Per)]
        if name == "used_up":
            return [
                ("", said("matrix_used_up_usual")),
                *((key, said(f"matrix_used_up_{key}")) for key in get_args(UsedUp)),
            ]
        later = [(mode, said(f"matrix_mode_response_{mode}")) for mode in MODES["response"]]
        return [("", said("matrix_later_none")), *later]

    @property
    def first(self) -> list[forms.BoundField]:
        """What is promised."""
        return [field for field in self if field.name not in self._rare]

    @property
    def rare(self) -> list[forms.BoundField]:
        """What is seldom changed; open where something stands in it."""
        return [field for field in self if field.name in self._rare]

    @property
    def _rare(self) -> set[str]:
        needed = {_inside(name) for name in self.kind.needs} if self.kind else set()
        later = {name for name in self.fields if name.startswith(LATER)}
        return ({"role", "channels", "minutes", "used_up"} | later) - needed

    @property
    def opened(self) -> bool:
        """Whether what is seldom changed holds something, or a mistake."""
        return any(field.value() or field.errors for field in self.rare)

    def hint(self, key: str, sentence: str) -> None:
        """What the customer is told in a language where no wording of one's own stands."""
        field = self.fields.get(f"wording_{key}")
        if field and sentence:
            field.help_text = escape(said("matrix_hint_drafted", text=sentence))

    def clean(self) -> dict[str, Any]:
        """A window of time ends after it begins."""
        found = super().clean() or {}
        for opens, closes in [("opens", "closes"), *((f"{later}_opens", f"{later}_closes") for later in LATER)]:
            if found.get(opens) and found.get(closes) and found[opens] >= found[closes]:
                self.add_error(closes, said("matrix_window_order"))
        return found

    def written(self) -> Any:
        """The cell for the service model; None where the class is like another one again."""
        given = {name: value for name, value in self.cleaned_data.items() if value not in (None, "", [])}
        mode = given.pop("mode")
        if mode == LIKE:
            return None
        for later in LATER:
            if later in given:
                given[later] = _short({"mode": given.pop(later), **_taken(given, f"{later}_")})
        if wording := _taken(given, "wording_"):
            given["wording"] = wording
        return _short({"mode": mode} | {_WRITTEN.get(name, name): value for name, value in given.items()})

    def put_errors(self, found: Iterable[tuple[str, str]]) -> None:
        """Refusals of the service model at their fields; what belongs to none stands above all."""
        for name, text in found:
            field = _inside(name)
            self.add_error(field if field in self.fields else None, text)


def _taken(given: dict[str, Any], prefix: str) -> dict[str, Any]:
    """The fields with a prefix, taken out and named as they are written."""
    names = [name for name in given if name.startswith(prefix)]
    return {_WRITTEN.get(name[len(prefix) :], name[len(prefix) :]): given.pop(name) for name in names}


def _short(cell: dict[str, Any]) -> Any:
    """A cell of a mode alone is written as that word."""
    return cell["mode"] if len(cell) == 1 else cell


def _several(keys: Sequence[str], prefix: str, *, required: bool) -> forms.MultipleChoiceField:
    choices = [(key, said(f"{prefix}_{key}")) for key in keys]
    return forms.MultipleChoiceField(choices=choices, widget=forms.CheckboxSelectMultiple, required=required)


def _clock(*, required: bool) -> forms.RegexField:
    widget = forms.TextInput(attrs={"type": "time", "class": "short"})
    field = forms.RegexField(r"^([01]?\d|2[0-3]):[0-5]\d$", widget=widget, required=required)
    field.error_messages["invalid"] = said("matrix_not_clock")
    return field


# --- a service


UNASKED = ("cadence", "publication", "invitation", "occasion")
"""Measures that are planned over the year: some months may be better than others."""
_OF_TIMED = ("minutes", "around", "per_issue", "travel", "materials")
_DAY = 24 * 3600


class ServiceForm(Said):
    """What a service is and what a delivery takes; fields that mean nothing to its measure are not shown."""

    hints = ("name_en", "kind", "measure", "around", "per_issue", "travel", "materials", "legal", "avoid", "prefer")
    name_de = Line(max_length=80, widget=forms.TextInput)
    name_en = Line(max_length=80, widget=forms.TextInput, required=False)
    description_de = Line(required=False)
    description_en = Line(required=False)
    kind = forms.ChoiceField()
    measure = forms.ChoiceField()
    role = forms.ChoiceField(required=False)
    wording_de = Line(required=False)
    wording_en = Line(required=False)
    avoid = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)
    prefer = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)
    legal = forms.ChoiceField()

    field_order = (
        *("name_de", "name_en", "description_de", "description_en", "kind", "measure", "role", *_OF_TIMED),
        *("avoid", "prefer", "legal", "wording_de", "wording_en"),
    )

    def __init__(
        self, data: Any = None, *, policy: Policy, service: Service, wording: Text | None, **more: Any
    ) -> None:
        self.service = service
        super().__init__(data, initial=facts_of(service, wording), **more)
        for name in _OF_TIMED:
            self.fields[name] = _fact(name)
        self.order_fields(self.field_order)
        choices = {
            "kind": [(key, said(f"matrix_kind_{key}")) for key in OWN_KINDS],
            "measure": [(key, said(f"matrix_measure_{key}")) for key in MODES],
            "role": [("", said("matrix_role_none")), *((item.key, item.name[language()]) for item in policy.roles)],
            "legal": [(key, said(f"matrix_legal_{key}")) for key in ("extra", "to_check")],
            "avoid": [(key, said(f"month_{number}")) for number, key in enumerate(MONTHS, 1)],
        }
        for name, listed in (choices | {"prefer": choices["avoid"]}).items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101 - only asked for those
            field.choices = listed
        self._leave_out()
        self.name_fields()

    def _leave_out(self) -> None:
        """What a service of this kind and measure has no use for, unless something stands there."""
        measure, useless = self.service.measure, list[str]()
        if self.service.kind == "floor":
            useless += ["kind", "measure", "legal"]
        if measure not in TIMED:
            useless += [name for name in _OF_TIMED if not self.initial.get(name)]
        if measure not in UNASKED:
            useless += [name for name in ("avoid", "prefer") if not self.initial.get(name)]
        for name in useless:
            del self.fields[name]

    def changes(self) -> list[Change]:
        """What was changed of the service; with another measure its promises begin anew."""
        key, changed = self.service.key, set(self.changed_data)
        found: list[Change] = []
        for name in ("name", "description", "wording"):
            if changed & {f"{name}_de", f"{name}_en"}:
                found.append(_put(("services", key, name), self._both(name)))
        for name in ("kind", "measure", "role", *_OF_TIMED, "legal", "avoid", "prefer"):
            if name in changed:
                found.append(_put(("services", key, name), self.cleaned_data[name]))
        if "measure" in changed:
            found += [Drop(("services", key, "promise")), Drop(("matrix", key))]
        return found

    def _both(self, name: str) -> Any:
        """A text in both languages; where only one was typed, it stands for both."""
        given = {key: self.cleaned_data[f"{name}_{key}"] for key in LANGUAGES if self.cleaned_data[f"{name}_{key}"]}
        return given if len(set(given.values())) > 1 else next(iter(given.values()), None)

    def others(self) -> list[tuple[str, str]]:
        """What stands otherwise in the draft than it was typed: name of the field, and how it is now."""
        return [(str(self[name].label), self._now(name)) for name in self.changed_data]

    def _now(self, name: str) -> str:
        now = self.initial.get(name)
        choices = dict(getattr(self.fields[name], "choices", ()))
        if isinstance(now, bool):
            return said("matrix_yes" if now else "matrix_no")
        return (
            ", ".join(str(choices.get(item, item)) for item in (now if isinstance(now, list) else [now]) if item) or "–"
        )


OWN_KINDS = ("standard", "on_request", "exclusive")
"""Kinds that a firm may choose: what everyone is owed is not its to choose."""


def _put(path: tuple[str, ...], value: Any) -> Change:
    return Drop(path) if value in (None, "", [], False) else Put(path, value)


def _fact(name: str) -> forms.Field:
    if name == "travel":
        return forms.BooleanField(required=False)
    if name == "materials":
        return Figure(values.cost, "matrix_not_euro", 10_000_00, 0, required=False)
    most = 400 * 3600 if name == "per_issue" else _DAY
    return Figure(values.minutes, "matrix_not_minutes", most, 0, required=False)


def facts_of(service: Service, wording: Text | None) -> dict[str, Any]:
    """What stands in the fields for a service as it is."""
    minutes = {"minutes": service.seconds, "around": service.around_seconds, "per_issue": service.issue_seconds}
    return {
        **_texts("name", service.name),
        **_texts("description", service.description),
        **_texts("wording", wording or Text("", "")),
        **{name: _amount(seconds, 60) for name, seconds in minutes.items()},
        "materials": _amount(service.materials_cents, 100),
        "kind": service.kind,
        "measure": service.measure,
        "role": service.role or "",
        "travel": service.travel,
        "legal": service.legal,
        "avoid": [MONTHS[number - 1] for number in service.avoid_months],
        "prefer": [MONTHS[number - 1] for number in service.prefer_months],
    }


def _texts(name: str, text: Text) -> dict[str, str]:
    return {f"{name}_de": text.de, f"{name}_en": text.en if text.en != text.de else ""}


def _amount(whole: int, unit: int) -> str:
    """So many minutes or euro; empty for none."""
    return str(shown(plain(f"{Decimal(whole) / unit:f}"[:12]))) if whole else ""


class NewForm(Said):
    """A new service: what it is, its name, and among which it stands."""

    name = Line(max_length=80, widget=forms.TextInput)
    measure = forms.ChoiceField(widget=forms.RadioSelect)
    kind = forms.ChoiceField(widget=forms.RadioSelect, initial="standard")

    field_order = ("measure", "name", "kind")

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        for name, keys in (("measure", tuple(MODES)), ("kind", OWN_KINDS)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101 - of this form
            field.choices = [(key, said(f"matrix_{name}_{key}")) for key in keys]
        self.name_fields()

    def entry(self, policy: Policy) -> dict[str, Any]:
        """The service as it is written; who does most of the others is taken to do this one too."""
        given = {name: self.cleaned_data[name] for name in ("name", "kind", "measure")}
        does = [item.role for item in policy.services if item.role]
        role = max(does, key=does.count) if does else policy.roles[0].key
        return given | ({"role": role} if given["measure"] in BY_SOMEONE else {})


class PlacesForm(Said):
    """How many may be in a class at most; empty: whoever reaches it."""

    count = Figure(values.count, "matrix_not_places", PLACES_AT_MOST, required=False)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.name_fields()

    def change(self, item: ServiceClass) -> Change:
        """The places of a class; who brings more comes first, unless the service model says otherwise already."""
        path = ("classes", "best_first", item.key, "places")
        if self.cleaned_data["count"] is None:
            return Drop(path)
        order = list(item.places.order) if item.places else ["yield"]
        return Put(path, {"count": self.cleaned_data["count"], "order": order})
